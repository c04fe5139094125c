import type { SyncPlanItemResolvers, SyncPlanResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import type { SyncPlanItemRow } from '../store/plans.ts'

type Fields = SyncPlanItemRow['fields']

const spelt = (value: Fields[string]['from'] | undefined): string | null =>
  value === undefined || value === null ? null : typeof value === 'object' ? value.join(';') : String(value)

const shownFields = (fields: Fields) =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, { from, to, theirs, policy, outcome }]) => ({
      ...{ field, from: spelt(from), to: spelt(to), theirs: spelt(theirs) },
      ...{ policy: policy ?? null, outcome: outcome ?? null },
    }))

export const SyncPlan: SyncPlanResolvers = {
  integrationId: (plan) => plan.connectionId,
  counts: (plan) => plan.counts,
  items: async ({ id }, { filter, ...args }, ctx) => {
    const page = keyset(args, 3)
    const { limit, after } = page
    const { type, action, direction, state } = filter ?? {}
    const wanted = { type: type ?? undefined, action: action ?? undefined }
    const rows = await ctx.planItems.load(id, {
      ...{ ...wanted, direction: direction ?? undefined, state: state ?? undefined, limit, after },
    })
    return connection(rows ?? [], page, (row) => [row.type, row.externalId, row.direction])
  },
}

export const SyncPlanItem: SyncPlanItemResolvers = {
  recordId: (item) => item.externalId,
  fields: (item) => shownFields(item.fields),
  sourceModifiedAt: (item) => item.sourceAt,
  hubVersion: (item) => item.ours,
  movedTo: ({ movedTo }) => movedTo && { action: movedTo.action, fields: shownFields(movedTo.fields) },
}
