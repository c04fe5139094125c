import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import type {
  CustomerResolvers,
  InsightConnectionResolvers,
  InsightFilter,
  InsightResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/insights.types.ts'
import {
  connection,
  counted,
  isMoment,
  isText,
  isWhole,
  type Keyset,
  keyset,
  type Position,
  placeOf,
} from '#service/connection.ts'
import { today } from '#service/noticing.ts'
import { isRefusal } from '#service/refusal.ts'
import { fromLog } from '#service/subscriptions.ts'
import { decideInsight } from '../commands/decide-insight.ts'
import type { Context } from '../context.ts'
import { calibrate } from '../domain/calibration.ts'
import { BANDS, bandOf } from '../domain/confidence.ts'
import { detectors, isDetector } from '../domain/detectors.ts'
import { DAY } from '../domain/measuring.ts'
import {
  countInsights,
  type InsightChoice,
  type InsightOrder,
  insightCounts,
  isOpen,
  judgedInsights,
  listInsights,
  type Placed,
} from '../store/insight-pages.ts'
import { insightsById } from '../store/insights.ts'

const SUPPLY = {
  title: 'The supply is threatened',
  actions: ['Look at the recommendation, and decide on it', 'Ask a second supplier'],
}
const of = (detector: string): { title: string; actions: readonly string[] } =>
  isDetector(detector) ? detectors[detector] : SUPPLY

export const Insight: InsightResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.insights.load(id),

  id: ({ insightId }) => insightId,
  customer: ({ customerId }) => (customerId === null ? null : { id: customerId }),
  title: ({ detector }) => of(detector).title,
  actions: ({ detector }) => [...of(detector).actions],
  band: ({ confidence }) => bandOf(confidence),
  needsReview: ({ confidence, state }) => state === 'NEW' && bandOf(confidence) === 'REVIEW',
  valueAtStake: ({ valueAtStake: amount }) => (amount === null ? null : { amount, currency: 'USD' }),
}

export const InsightConnection: InsightConnectionResolvers = counted

const ABOVE_ALL = 101

/** Confidence from the first on, and below the second. @throws BAD_INPUT when `least` is none */
const between = (
  least: number | null | undefined,
  band: InsightFilter['band'],
): { from: number; below: number } => {
  if (least !== null && least !== undefined && (least < 0 || least > 100))
    throw BadInput.with({ field: 'minConfidence', reason: 'is a number from 0 to 100' })
  const bounds = Object.values(BANDS)
  const from = Math.max(least ?? 0, band ? BANDS[band] : 0)
  const below = band ? (bounds[bounds.indexOf(BANDS[band]) - 1] ?? ABOVE_ALL) : ABOVE_ALL
  return { from, below }
}

const choiceOf = (filter: InsightFilter | null | undefined): InsightChoice => ({
  types: filter?.types ?? null,
  detectors: filter?.detectors ?? null,
  impacts: filter?.impacts ?? null,
  states: filter?.states ?? null,
  ...between(filter?.minConfidence, filter?.band),
})

/** @throws BAD_INPUT when the cursor is of another list */
const placeIn = (orderBy: InsightOrder, after: Position | null) => {
  const place =
    orderBy === 'NEWEST' ? placeOf(after, isMoment, isInsight) : placeOf(after, isWhole, isInsight)
  return place && { place: place[0], insightId: place[1] }
}
const isInsight = (value: string | number | null): value is string => isText(value) && isId(value)

const pageOf = (rows: readonly Placed[], page: Keyset, count: () => Promise<number>) => ({
  ...connection(rows, page, ({ place, insightId }) => [place, insightId]),
  count,
})

export const customerInsights: NonNullable<CustomerResolvers['insights']> = async ({ id }, args, ctx) => {
  const page = keyset(args, 2)
  const { minConfidence, impact, type, states } = args
  const narrowed = { types: type ? [type] : null, impacts: impact ? [impact] : null }
  const choice = choiceOf({ ...narrowed, minConfidence: minConfidence ?? null, states: states ?? null })
  const after = placeIn('NEWEST', page.after)
  const rows = (await ctx.insightPages.load(id!, { choice, limit: page.limit, after })) ?? []
  return pageOf(rows, page, async () => (await ctx.insightCounts.load(id!, choice)) ?? 0)
}

const ENDED_DAYS = 90

export const insightQueries: Pick<
  QueryResolvers,
  'insight' | 'insights' | 'insightCalibration' | 'insightCounts'
> = {
  insight: (_, { id }, ctx) => ctx.insights.load(id),

  insights: async (_, args, ctx) => {
    const page = keyset(args, 2)
    const { orderBy } = args
    const choice = choiceOf(args.filter)
    if (orderBy !== 'NEWEST' && isOpen(choice.states) === null)
      throw BadInput.with({
        field: 'filter.states',
        reason: `are all open or all ended when listed by ${orderBy}`,
      })
    const after = placeIn(orderBy, page.after)
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      listInsights(tx, ctx.orgId, orderBy, { choice, limit: page.limit, after }),
    )
    return pageOf(rows, page, () => ctx.db.read(ctx.orgId, (tx) => countInsights(tx, ctx.orgId, choice)))
  },

  insightCalibration: async (_, _args, ctx) =>
    calibrate(await ctx.db.read(ctx.orgId, (tx) => judgedInsights(tx, ctx.orgId))),

  insightCounts: (_, _args, ctx) => {
    const since = new Date(today(ctx.clock).getTime() - ENDED_DAYS * DAY)
    return ctx.db.read(ctx.orgId, (tx) => insightCounts(tx, ctx.orgId, since))
  },
}

export const insightMutations: Pick<
  MutationResolvers,
  'acceptInsight' | 'dismissInsight' | 'completeInsight' | 'reopenInsight'
> = {
  acceptInsight: async (_, ask, ctx) => {
    const decided = await decideInsight(ctx, { ...ask, decision: { to: 'ACCEPTED' } })
    return isRefusal(decided) ? decided : { __typename: 'InsightDecided', ...decided }
  },
  dismissInsight: async (_, { reason, ...ask }, ctx) => {
    const decided = await decideInsight(ctx, { ...ask, decision: { to: 'DISMISSED', reason } })
    return isRefusal(decided) ? decided : { __typename: 'InsightDecided', ...decided }
  },
  completeInsight: async (_, { outcome, ...ask }, ctx) => {
    const decided = await decideInsight(ctx, { ...ask, decision: { to: 'DONE', outcome } })
    return isRefusal(decided) ? decided : { __typename: 'InsightDecided', ...decided }
  },
  reopenInsight: async (_, ask, ctx) => {
    const decided = await decideInsight(ctx, { ...ask, decision: { to: 'REOPENED' } })
    return isRefusal(decided) ? decided : { __typename: 'InsightDecided', ...decided }
  },
}

const RAISED = 'insights.insight.raised'

export const insightRaised = {
  subscribe: (
    _: unknown,
    {
      customerId,
      minConfidence,
      after,
    }: { customerId?: string | null; minConfidence?: number | null; after?: string | null },
    ctx: Context,
  ) => {
    const { from } = between(minConfidence, null)
    return fromLog(ctx, {
      names: [RAISED],
      after,
      accept: (event) => {
        const told = readEvent(RAISED, event.version, event.payload)
        return told.confidence >= from && (!customerId || told.customerId === customerId)
      },
      // As it is by now: what has moved since is not told here.
      toValue: async ({ key }) =>
        (await ctx.db.read(ctx.orgId, (tx) => insightsById(tx, ctx.orgId, [key]))).get(key) ?? null,
    })
  },
}
