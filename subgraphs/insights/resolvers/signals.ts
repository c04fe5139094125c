import { BadInput } from '#kernel/errors.ts'
import type { MutationResolvers, QuerySignalsArgs, SignalKind } from '#schema/generated/insights.types.ts'
import { connection, keyset, type Position } from '#service/connection.ts'
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
    const choice = { kind, system, limit: page.limit, after: placeOf(page.after) }
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

/** @throws BAD_INPUT when the cursor is of another list */
const placeOf = (after: Position | null): readonly [string, string, string, string] | null => {
  if (after === null) return null
  const [at, ...key] = after
  if (typeof at === 'string' && !Number.isNaN(Date.parse(at)) && key.every((one) => typeof one === 'string'))
    return [at, ...key] as unknown as readonly [string, string, string, string]
  throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' })
}
