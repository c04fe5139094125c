/**
 * next action   what to do about an open insight, with until when and what it is worth
 *
 * Worth = how likely the insight is right × what is at stake in a year × how urgent it is. Likely: its confidence. Urgent: 7 / (7 + the days
 * within which it is to be done), so that what can wait a week counts half as much as what cannot wait.
 */
import Big from 'big.js'
import { IMPACTS, type Impact } from './detecting.ts'
import { detectors, isDetector } from './detectors.ts'
import type { Insight } from './insights.ts'
import { DAY } from './measuring.ts'

export type Priority = 'HIGH' | 'MEDIUM' | 'LOW'

export interface NextAction<I extends Insight = Insight> {
  insight: I
  action: string
  reason: string
  priority: Priority
  expectedOutcome: string
  dueAt: Date
  /** US dollars, as a decimal; null when it is not known what is at stake. */
  expectedValue: string | null
}

const WEEK_DAYS = 7
/** What is less sure is to be looked at before anybody acts, unless somebody has accepted it. */
const LEAST_SURE = 50

const priorityOf = (impact: Impact, withinDays: number): Priority => {
  if (impact === 'CRITICAL') return 'HIGH'
  if (impact === 'HIGH') return withinDays <= WEEK_DAYS ? 'HIGH' : 'MEDIUM'
  return impact
}

/** What to do about one insight; null when there is nothing to do about it any more, or not before somebody has looked at it. */
export const nextActionOf = <I extends Insight>(insight: I): NextAction<I> | null => {
  const { detector, state, confidence } = insight
  const isOpen = state === 'ACCEPTED' || (state === 'NEW' && confidence >= LEAST_SURE)
  return isOpen && isDetector(detector) ? adviceOn(insight) : null
}

/** What there is or was to do about an insight, whatever has become of it. */
export const adviceOn = <I extends Insight>(insight: I): NextAction<I> | null => {
  const { detector, impact, confidence, valueAtStake, raisedAt, sentence } = insight
  if (!isDetector(detector)) return null
  const { actions, withinDays, expects } = detectors[detector]
  return {
    insight,
    action: actions[0]!,
    reason: sentence,
    priority: priorityOf(impact, withinDays),
    expectedOutcome: expects,
    dueAt: new Date(raisedAt.getTime() + withinDays * DAY),
    expectedValue:
      valueAtStake === null
        ? null
        : new Big(valueAtStake)
            .times(confidence)
            .times(WEEK_DAYS)
            .div(100 * (WEEK_DAYS + withinDays))
            .toFixed(2),
  }
}

/** What to do for a customer, what is worth most first; what nobody knows the worth of comes last. */
export const nextActions = <I extends Insight>(insights: readonly I[]): NextAction<I>[] =>
  insights
    .flatMap((insight) => nextActionOf(insight) ?? [])
    .sort(
      (a, b) =>
        Number(b.expectedValue ?? -1) - Number(a.expectedValue ?? -1) ||
        IMPACTS.indexOf(b.insight.impact) - IMPACTS.indexOf(a.insight.impact) ||
        b.insight.confidence - a.insight.confidence ||
        (a.insight.detector < b.insight.detector ? -1 : 1),
    )
