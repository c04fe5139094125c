import { isId } from '#kernel/ids.ts'
import type {
  HubSpotIntegrationResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { keyset } from '#service/connection.ts'
import { isRefusal, missing } from '#service/refusal.ts'
import { openAutoTicket } from '../commands/open-auto-ticket.ts'
import { openLeadDeals } from '../commands/open-lead-deals.ts'
import { previewAssignments } from '../commands/preview-assignments.ts'
import { previewLeadDeals } from '../commands/preview-lead-deals.ts'
import { pushHealth } from '../commands/push-health.ts'
import { setAssignmentRules } from '../commands/set-assignment-rules.ts'

/** What can be asked about what the hub would write of its own accord. */
export const writerQueries = {
  previewLeadDeals: async (_, { integrationId, first }, ctx) => {
    const preview = await previewLeadDeals(ctx, { integrationId, most: keyset({ first }, 0).first })
    if (isRefusal(preview)) return preview
    const leads = preview.leads.map(async ({ customerId, externalId, score }) => ({
      customer: (await ctx.customers.load(customerId)) ?? null,
      hubspotCompanyId: externalId,
      score: score ?? 0,
    }))
    return { __typename: 'LeadDealPreview', ...preview, leads: await Promise.all(leads) }
  },

  previewAssignments: async (_, { integrationId, rules, first }, ctx) => {
    const ask = { integrationId, rules: rules ?? null, most: keyset({ first }, 0).first }
    const preview = await previewAssignments(ctx, ask)
    if (isRefusal(preview)) return preview
    const examples = preview.examples.map(async ({ contactId, ownerId }) => ({
      contact: (await ctx.records.contacts.byId.load(contactId)) ?? null,
      owner: (await ctx.owners.load(ownerId)) ?? null,
    }))
    return { __typename: 'AssignmentPreview', ...preview, examples: await Promise.all(examples) }
  },
} satisfies QueryResolvers

/** What the hub writes into portals of its own accord, asked for now. */
export const writerMutations = {
  pushHealthScores: async (_, { integrationId }, ctx) => {
    const pushed = await pushHealth(ctx, integrationId ?? null)
    if (isRefusal(pushed)) return pushed
    const { integrationId: id, ...rest } = pushed
    return { __typename: 'HealthScoresPushed', ...rest, integration: { id } }
  },

  openAutoTicket: async (_, { input }, ctx) => {
    const opened = await openAutoTicket(ctx, input)
    if (isRefusal(opened)) return opened
    const ticket = await ctx.records.tickets.byId.load(opened.ticketId)
    if (!ticket) return missing('The ticket')
    const { isNew, receipt } = opened
    // Waited for where it is asked for.
    return { __typename: 'AutoTicketOpened', ticket, isNew, receipt, hubspotTicketId: null }
  },

  openLeadDeals: async (_, { integrationId }, ctx) => {
    const done = await openLeadDeals(ctx, integrationId)
    if (isRefusal(done)) return done
    const { opened, receipt } = done
    return { __typename: 'LeadDealsOpened', integration: { id: integrationId }, opened, receipt }
  },

  setAssignmentRules: async (_, ask, ctx) => {
    const set = await setAssignmentRules(ctx, ask)
    if (isRefusal(set)) return set
    const { assigned, receipt } = set
    return { __typename: 'AssignmentRulesSet', integration: { id: ask.integrationId }, assigned, receipt }
  },
} satisfies MutationResolvers

/** What a connection shows of it. */
export const writerFields = {
  healthScores: async ({ id = '' }, _, ctx) =>
    (isId(id) && (await ctx.healthProgress.load(id))) || { companies: 0, waiting: 0 },

  assetRecords: async ({ id = '' }, _, ctx) => (isId(id) && (await ctx.assetProgress.load(id))) || [],

  assigning: async ({ id = '' }, _, ctx) => {
    const run = isId(id) ? await ctx.assignmentRuns.load(id) : null
    if (!run) return null
    const { contacts, looked_at: lookedAt, assigned, started_at: startedAt, ended_at: endedAt } = run
    return { contacts, lookedAt, assigned, startedAt, endedAt }
  },

  assignmentRules: async ({ id = '' }, _, ctx) => {
    const held = isId(id) ? await ctx.assignmentRules.load(id) : null
    if (!held) return null
    const rules = held.rules.map(async ({ ownerId, territories, industries }) => ({
      ...{ territories: [...territories], industries: [...industries] },
      owner: (await ctx.owners.load(ownerId)) ?? null,
    }))
    return { version: held.version, rules: await Promise.all(rules) }
  },
} satisfies HubSpotIntegrationResolvers
