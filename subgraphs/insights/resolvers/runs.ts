import { z } from 'zod'
import { BadInput } from '#kernel/errors.ts'
import type { QueryResolvers } from '#schema/generated/insights.types.ts'
import { connection, keyset, type Position } from '#service/connection.ts'
import { engineState, runsBefore } from '../store/runs.ts'

const place = z.tuple([z.iso.datetime(), z.uuid()])

/** @throws BAD_INPUT when the cursor is of another list */
const placeOf = (after: Position | null): { at: string; id: string } | null => {
  if (after === null) return null
  const read = place.safeParse(after)
  if (!read.success) throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' })
  const [at, id] = read.data
  return { at, id }
}

export const runQueries: Pick<QueryResolvers, 'insightRuns' | 'insightEngine'> = {
  insightRuns: async (_, { kinds, ...args }, ctx) => {
    const page = keyset(args, 2)
    const [before, { limit }] = [placeOf(page.after), page]
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      runsBefore(tx, ctx.orgId, { kinds: kinds ?? null, before, limit }),
    )
    return connection(rows, page, ({ startedAt, id }) => [startedAt.toISOString(), id])
  },

  insightEngine: (_, _args, ctx) =>
    ctx.db.read(ctx.orgId, async (tx) => {
      const newest = { kinds: ['RECOMPUTE'] as const, before: null, limit: 1 }
      const [recompute = null] = await runsBefore(tx, ctx.orgId, newest)
      return { ...(await engineState(tx, ctx.orgId, ctx.clock.now())), recompute }
    }),
}
