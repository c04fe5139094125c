/** What others are told of insights. */
import { type EventPayload, event, type ProfileFields } from '#schema/events.ts'
import type { Insight, InsightOutcome } from './insights.ts'
import { adviceOn, type NextAction, nextActions } from './next-actions.ts'
import { changedParts } from './settings.ts'

/** An insight with its id, and whose it is. */
export interface Named extends Insight {
  insightId: string
  customerId: string | null
}

type Recommendation = EventPayload<'insights.recommendation.changed'>

const MOST_TOLD = 5

/**
 * What has become of a customer's insights, told once: what was raised, what has moved, what is to be done about it, and what is to be done
 * for the customer now.
 * @param before the newest of each detector as they were
 * @param after the same as they are; what has not moved is the very same object
 * @param known others that were told of before, by their ids
 */
export const tellInsights = (
  customerId: string,
  before: readonly Named[],
  after: readonly Named[],
  at: Date,
  known: ReadonlyMap<string, Named> = new Map(),
) => {
  const was = new Map([...known, ...before.map((insight) => [insight.insightId, insight] as const)])
  const moved = after.filter((insight) => was.get(insight.insightId) !== insight)
  return [
    ...moved.map((insight) => tellInsight(insight, was.has(insight.insightId))),
    ...moved.flatMap((insight) => {
      const told = recommendationOf(customerId, insight)
      const last = was.get(insight.insightId)
      const earlier = last && recommendationOf(customerId, last)
      const isNews = told && textOf(told) !== (earlier ? textOf(earlier) : null)
      return isNews ? [event('insights.recommendation.changed', customerId, told)] : []
    }),
    ...(moved.length > 0 ? tellActions(customerId, nextActions(before), nextActions(after), at) : []),
  ]
}

/** One insight that has moved. */
export const tellInsight = (insight: Named, isKnown: boolean) =>
  event(isKnown ? 'insights.insight.changed' : 'insights.insight.raised', insight.insightId, {
    ...{ insightId: insight.insightId, customerId: insight.customerId, detector: insight.detector },
    ...{ type: insight.type, state: insight.state, confidence: insight.confidence, impact: insight.impact },
    valueAtStake: insight.valueAtStake === null ? null : { amount: insight.valueAtStake, currency: 'USD' },
    sentence: insight.sentence,
    raisedAt: insight.raisedAt.toISOString(),
    validUntil: insight.validUntil?.toISOString() ?? null,
    observedAt: insight.asOf.toISOString(),
  })

/** What is to be done for a customer, for somebody who knows nothing of it. */
export const tellToDo = (customerId: string, newest: readonly Named[], at: Date) => {
  const actions = nextActions(newest)
  const recommended = newest.flatMap((insight) => recommendationOf(customerId, insight) ?? [])
  return [
    ...recommended.map((told) => event('insights.recommendation.changed', customerId, told)),
    ...(actions.length > 0
      ? [event('insights.profile.changed', customerId, { customerId, fields: actionFields(actions, at) })]
      : []),
  ]
}

const STATES = {
  NEW: 'OPEN',
  ACCEPTED: 'OPEN',
  DISMISSED: 'DISMISSED',
  DONE: 'DONE',
  EXPIRED: 'EXPIRED',
} as const
const OUTCOMES: Readonly<Record<InsightOutcome, string>> = {
  POSITIVE: 'It helped.',
  NEUTRAL: 'It changed nothing.',
  WRONG: 'It turned out not to be so.',
}

/** What somebody is asked to do about it: null while nobody has accepted it and no rule asks for it. */
const recommendationOf = (customerId: string, insight: Named): Recommendation | null => {
  const advice = insight.isRecommended ? adviceOn(insight) : null
  return (
    advice && {
      ...{ recommendationId: insight.insightId, customerId, action: advice.action, reasoning: advice.reason },
      ...{ requiresHumanAction: insight.needsPerson, priority: advice.priority },
      dueAt: advice.dueAt.toISOString(),
      state: STATES[insight.state],
      outcome: insight.outcome && OUTCOMES[insight.outcome],
      observedAt: insight.asOf.toISOString(),
    }
  )
}

const textOf = ({ observedAt: _, ...told }: Recommendation): string => JSON.stringify(told)

const tellActions = (
  customerId: string,
  before: readonly NextAction<Named>[],
  after: readonly NextAction<Named>[],
  at: Date,
) => {
  const [was, is] = [before, after].map((actions) =>
    JSON.stringify(actions.slice(0, MOST_TOLD).map(toldAction)),
  )
  if (was === is) return []
  return [event('insights.profile.changed', customerId, { customerId, fields: actionFields(after, at) })]
}

const toldAction = ({ insight, action, priority, dueAt }: NextAction<Named>) => ({
  recommendationId: insight.insightId,
  ...{ action, priority, dueAt: dueAt.toISOString() },
})

/** What is to be done for a customer, as its profile says it; both null when that is nothing. */
const actionFields = (actions: readonly NextAction<Named>[], at: Date): ProfileFields => {
  const told = actions.slice(0, MOST_TOLD).map(toldAction)
  const said = {
    // As sure as the first of them.
    confidence: (actions[0]?.insight.confidence ?? 0).toFixed(2),
    asOf: at.toISOString(),
  }
  return {
    recommendedActions: { value: told.length > 0 ? told : null, ...said },
    nextActions: { value: told.length > 0 ? told.map(({ action }) => action) : null, ...said },
  }
}

/** What others are told of settings. */
export const settingsChanged = (
  { version, document }: { version: number; document: Parameters<typeof changedParts>[0] },
  changedAt: Date,
) =>
  event('insights.settings.changed', 'settings', {
    version,
    changed: changedParts(document),
    changedAt: changedAt.toISOString(),
  })
