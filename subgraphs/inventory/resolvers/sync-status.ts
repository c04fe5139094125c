import { conflictPage, contestFilter } from '#control/answers/conflicts.ts'
import type { C3SyncStatusResolvers, QueryResolvers } from '#schema/generated/inventory.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { namedConnection } from '../commands/name-connection.ts'
import { standingsIn } from '../domain/standings.ts'

export const statusQueries = {
  c3SyncStatus: async (_, { integrationId }, ctx) => {
    const found = await namedConnection(ctx, integrationId ?? null)
    if (isRefusal(found)) return null
    const [counts, noted] = await Promise.all([
      ctx.recordCounts.load(found.id),
      ctx.standingCounts.load(found.id),
    ])
    return {
      integration: { id: found.id },
      lastSync: found.lastSyncAt,
      entities: standingsIn(counts ?? [], noted ?? []),
    } as never
  },
} satisfies QueryResolvers

export const C3SyncStatus: C3SyncStatusResolvers = {
  conflicts: ({ integration }, args, ctx) =>
    conflictPage(ctx, contestFilter({ integrationId: integration.id, state: 'OPEN' }, null), args) as never,
}
