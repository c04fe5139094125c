import { BadInput } from '#kernel/errors.ts'
import type { MutationResolvers, QuerySignalsArgs, SignalKind } from '#schema/generated/insights.types.ts'
import { connection, isMoment, isText, keyset, placeOf } from '#service/connection.ts'
import { invalid } from '#service/refusal.ts'
import { ingestSignals } from '../commands/ingest-signals.ts'
import type { Context } from '../context.ts'
import { kindOf, signalKinds } from '../domain/kinds.ts'
import { countKinds, newestSignals } from '../store/evidence.ts'

const MOST_SIGNALS = 1_000

export const signalQueries = {
  signals: async (_: unknown, asked: QuerySignalsArgs, ctx: Context) => {
    const { customerId, kind = null, system = null, ...args } = asked
    if (kind !== null && !kindOf(kind))
      throw BadInput.with({ field: 'kind', reason: 'is no kind of fact; insightsSettings lists them' })
    const page = keyset(args, 4)
    const after = placeOf(page.after, isMoment, isText, isText, isText)
    const choice = { kind, system, limit: page.limit, after }
    const rows = await ctx.db.read(ctx.orgId, (tx) => newestSignals(tx, ctx.orgId, customerId, choice))
    const listed = connection(rows, page, (row) => [row.place, row.system, row.kind, row.recordId])
    const kinds = async () => {
      const known = await ctx.db.read(ctx.orgId, (tx) => countKinds(tx, ctx.orgId, customerId))
      return [...known].flatMap(([name, count]) => {
        const title = kindOf(name)?.title
        return title ? [{ kind: name, title, known: count }] : []
      })
    }
    return { ...listed, kinds }
  },
}

/** Every kind of fact, as the graph shows it. */
export const shownKinds = (): SignalKind[] =>
  Object.keys(signalKinds).map((name) => {
    const { title, shape, systems, holds, sending } = kindOf(name)!
    return {
      ...{ kind: name, title, shape, systems: [...systems] },
      holds: Object.entries(holds).map(([part, value]) => ({ name: part, value })),
      units: (sending?.units ?? []).filter((unit) => unit !== 'CURRENCY'),
      isSent: sending !== undefined,
    }
  })

export const signalMutations: Pick<MutationResolvers, 'ingestSignals'> = {
  ingestSignals: async (_, { signals }, ctx) => {
    if (signals.length > MOST_SIGNALS)
      return invalid(
        'signals',
        `Send at most ${MOST_SIGNALS} facts at once, or POST them to /api/v1/signals.`,
      )
    const sent = signals.map((told, index) => ({ index, told }))
    return { __typename: 'SignalsIngested', ...(await ingestSignals(ctx, sent)) }
  },
}
