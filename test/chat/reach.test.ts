import { describe, expect, it } from 'vitest'
import { loadIntents } from '#operations/intents.ts'
import { loadManifest } from '#operations/manifest.ts'
import { meaningOf } from '../../bench/chat/utterances.ts'

/** Reads that ask for what no sentence holds: an id that nobody says, a list, a draft of settings, two accounts at once. */
const UNSAID = [
  ...['AutoTicket', 'BulkJob', 'Campaign', 'Conversation', 'Insight', 'Invoice', 'PartnerDeliveries'],
  ...['PartnerWebhook', 'Port', 'RatePlan', 'SyncPlan', 'C3SyncPlan', 'CustomerInsights'],
  ...['CustomerOfAccount', 'ExplainMatch', 'PersonData', 'InterpretCommand'],
  ...['PreviewAssignments', 'PreviewGoldenRules', 'PreviewInclusion', 'PreviewMapping'],
  ...[
    'CompanyByExternalId',
    'ContactByExternalId',
    'DealByExternalId',
    'TicketByExternalId',
    'RfqByExternalId',
  ],
  ...['SimulateC3Policy', 'SimulatePolicy', 'SimulateSettings'],
]
/** Reads for callers of an earlier product: the ones that took their place are asked. */
const OLD = ['CrmIntegrations', 'CrmSyncLogs']

describe('what the chat reaches', () => {
  it('is every read of the catalogue, but those that ask for what no sentence holds', () => {
    const asked = new Set(loadIntents().map(({ name }) => name))
    const silent = loadManifest()
      .operations.filter(({ kind, name }) => kind === 'query' && !asked.has(name))
      .map(({ name }) => name)
    expect(silent.sort()).toEqual([...UNSAID, ...OLD].sort())
  })
})

describe('a thing and a deed that are called alike', () => {
  it.each([
    ['list the sync plans', 'SyncPlans'],
    ['plan a sync with HubSpot', 'PlanSync'],
    ['C3 sync status', 'C3SyncStatus'],
    ['onboard Acme', 'StartOnboarding'],
    ['how far is the onboarding of Acme', 'Onboarding'],
    ['count the insights', 'InsightCounts'],
    ['show insights', 'Insights'],
    ['which webhooks have our partners', 'PartnerWebhooks'],
    ['show webhook deliveries', 'WebhookDeliveries'],
    ['which organisations do I belong to', 'Memberships'],
    ['who am I', 'Viewer'],
    ['take Frankfurt-1 down for good', 'DeleteTrunk'],
    ['suspend trunk Frankfurt-1', 'SuspendTrunk'],
    ['enrich Acme', 'EnrichCustomer'],
    ['status of the enrichment', 'EnrichmentStatus'],
  ])('are told apart: "%s"', async (text, operation) => {
    const meaning = await meaningOf(text)
    expect(meaning).toMatchObject({ kind: 'OPERATION', intent: { name: operation } })
  })
})
