import { isId } from '#kernel/ids.ts'
import type { HubSpotIntegrationResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { typeOfObject } from '../domain/showing-mappings.ts'
import { listChanges, listProperties } from '../store/catalog.ts'
import { shownKinds } from './company-kind-rules.ts'
import { connectionFields } from './connection-fields.ts'
import { shownMappings } from './mapping-answers.ts'
import { policyFields } from './policy.ts'
import { twinFields } from './twins.ts'
import { writerFields } from './writers.ts'

export const HubSpotIntegration: HubSpotIntegrationResolvers = {
  __resolveReference: (reference) => reference,
  portalId: async ({ id }, _, ctx) => (id ? ((await ctx.integrations.load(id))?.portal_id ?? null) : null),
  webhooks: async ({ id }, _, ctx) => (id ? ((await ctx.webhookSummaries.load(id)) ?? null) : null),
  schedules: async ({ id }, _, ctx) => (id ? ((await ctx.schedules.load(id)) ?? []) : []),
  ...twinFields,
  counts: async ({ id }, _, ctx) => (id ? ((await ctx.recordCounts.load(id)) ?? []) : []),

  companyKinds: async ({ id = '' }, _, ctx) => {
    const rules = isId(id) ? await ctx.companyKinds.load(id) : null
    return rules && { version: rules.version, rules: shownKinds(rules.decided) }
  },

  renewalStages: async ({ id = '' }, _, ctx) => {
    const rules = isId(id) ? await ctx.renewalStages.load(id) : null
    return (
      rules && {
        version: rules.version,
        stages: rules.stages.map((rule) => ({
          pipelineId: rule.pipeline_id,
          pipelineLabel: rule.pipeline_label,
          stageId: rule.stage_id,
          stageLabel: rule.label,
          decided: rule.decided,
          suggested: rule.suggested,
          isAboutRenewals: rule.renews,
        })),
      }
    )
  },

  fieldCatalog: async ({ id = '' }, { objectType, text, ...args }, ctx) => {
    const page = keyset(args, 1)
    const after = page.after === null ? null : String(page.after[0])
    const ask = { type: typeOfObject(objectType), text: text ?? null, limit: page.limit, after }
    const place = { orgId: ctx.orgId, integrationId: id }
    const rows = isId(id) ? await ctx.db.read(ctx.orgId, (tx) => listProperties(tx, place, ask)) : []
    return connection(rows, page, (row) => [row.name])
  },

  fieldChanges: async ({ id = '' }, args, ctx) => {
    const page = keyset(args, 2)
    const place = { orgId: ctx.orgId, integrationId: id }
    const rows = isId(id) ? await ctx.db.read(ctx.orgId, (tx) => listChanges(tx, place, page)) : []
    return connection(rows, page, (row) => [row.at.toISOString(), row.id])
  },

  ...connectionFields,
  ...policyFields,
  ...writerFields,

  mappings: ({ id = '' }, { objectType }, ctx) =>
    shownMappings(ctx, id, objectType ? [typeOfObject(objectType)] : undefined),
}
