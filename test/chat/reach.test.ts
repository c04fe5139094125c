import { describe, expect, it } from 'vitest'
import { loadIntents } from '#operations/intents.ts'
import { loadManifest } from '#operations/manifest.ts'
import { meaningOf } from '../../bench/chat/utterances.ts'

/** Reads that ask for what no sentence holds: an id that nobody says, a list, a draft of settings, two accounts at once. */
const UNSAID = [
  ...['BulkJob', 'Conversation', 'PartnerDeliveries', 'CustomerInsights'],
  ...['CustomerOfAccount', 'ExplainMatch', 'PersonData', 'InterpretCommand'],
  ...['PreviewAssignments', 'PreviewGoldenRules', 'PreviewInclusion', 'PreviewMapping'],
  'RfqByExternalId',
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

describe('an id that is said as it is', () => {
  it.each([
    ['acknowledge alert AL-17', 'AcknowledgeAlert', { id: 'AL-17' }],
    ['cancel the port order PO-771', 'CancelPort', { id: 'PO-771' }],
    ['undo C3 sync run 4711', 'UndoC3Run', { id: '4711' }],
    [
      'please delete note 4c1f6f0e-9d5b-4e0c-8a54-0f6f6b0d9a11',
      'DeleteNote',
      { id: '4c1f6f0e-9d5b-4e0c-8a54-0f6f6b0d9a11' },
    ],
    ['show invoice INV-2026-118', 'Invoice', { id: 'INV-2026-118' }],
  ])('is the value of the variable: "%s"', async (text, operation, variables) => {
    expect(await meaningOf(text)).toMatchObject({
      kind: 'OPERATION',
      intent: { name: operation },
      variables,
    })
  })

  it.each(['cancel the meeting with Acme', 'delete all notes', 'acknowledge everything'])(
    'is not made up where none is said: "%s"',
    async (text) => {
      expect((await meaningOf(text)).kind).not.toBe('OPERATION')
    },
  )
})

describe('a value that is said in so many words', () => {
  it.each([
    [
      'set the priority of ticket TK-88 to high',
      'UpdateTicket',
      { id: 'TK-88', input: { priority: 'HIGH' } },
    ],
    [
      'rename trunk Frankfurt-1 to Lisbon-Main',
      'ChangeTrunk',
      { id: 'fra1', changes: { name: 'Lisbon-Main' } },
    ],
    ['the contact with HubSpot id 1234', 'ContactByExternalId', { system: 'HUBSPOT', value: '1234' }],
    [
      'create a ticket for Acme with subject Portal is down',
      'CreateTicket',
      { input: { customerId: 'acme', subject: 'Portal is down' } },
    ],
  ])('fills its place: "%s"', async (text, operation, variables) => {
    expect(await meaningOf(text)).toMatchObject({ kind: 'OPERATION', intent: { name: operation }, variables })
  })

  it('is refused where nothing takes it', async () => {
    expect((await meaningOf('show the trunks beginning with +1415')).kind).not.toBe('OPERATION')
  })
})
