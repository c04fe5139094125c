import type { DismissalReason, Insight, InsightOutcome, InsightState } from './insights.ts'
import { teaches } from './insights.ts'
import { DAY } from './measuring.ts'

/** What somebody decides on an insight. */
export type Decision =
  | { to: 'ACCEPTED' }
  | { to: 'DISMISSED'; reason: DismissalReason }
  | { to: 'DONE'; outcome: InsightOutcome }
  | { to: 'REOPENED' }

/** To what an insight may go from where it is, as people decide. */
export const moves = {
  NEW: ['ACCEPTED', 'DISMISSED', 'DONE'],
  ACCEPTED: ['DISMISSED', 'DONE', 'REOPENED'],
  DISMISSED: ['REOPENED'],
  DONE: ['REOPENED'],
  EXPIRED: [],
} as const satisfies Record<InsightState, readonly Decision['to'][]>

/** Why a decision cannot be made, as a sentence that says what to do. */
export type Objection = { objection: string }
export const isObjection = (value: object): value is Objection => 'objection' in value

/**
 * What becomes of an insight by somebody's decision.
 * @param isNewest whether its detector has not noticed the same anew since
 * @param validDays how long an insight is valid that nobody decides on
 */
export const decide = <I extends Insight>(
  insight: I,
  decision: Decision,
  isNewest: boolean,
  at: Date,
  validDays: number,
): I | Objection => {
  const { state } = insight
  if (!(moves[state] as readonly string[]).includes(decision.to))
    return { objection: whyNot(state, decision) }
  if (decision.to === 'REOPENED' && !isNewest)
    return { objection: 'The same was noticed anew since. Decide on that one.' }
  const next = { ...insight, version: insight.version + 1, decidedAt: at, asOf: at }
  switch (decision.to) {
    case 'ACCEPTED':
      return { ...next, state: 'ACCEPTED', isRecommended: true }
    case 'DONE':
      return { ...next, state: 'DONE', outcome: decision.outcome }
    case 'DISMISSED': {
      const dismissed = { ...next, state: 'DISMISSED' as const, dismissedFor: decision.reason }
      if (!teaches(decision.reason)) return dismissed
      return { ...dismissed, dismissals: insight.dismissals + 1, dismissedAt: at }
    }
    case 'REOPENED':
      return { ...next, ...reopened(insight, at, validDays) }
  }
}

/** As it was before somebody decided, and valid for as long as a new one. */
const reopened = (
  { dismissedFor, dismissals, dismissedAt, validUntil }: Insight,
  at: Date,
  validDays: number,
) => {
  const left = dismissedFor && teaches(dismissedFor) ? dismissals - 1 : dismissals
  return {
    ...({ state: 'NEW', decidedAt: null, dismissedFor: null, outcome: null, dismissals: left } as const),
    dismissedAt: left > 0 ? dismissedAt : null,
    validUntil: validUntil && new Date(at.getTime() + validDays * DAY),
  }
}

const whyNot = (state: InsightState, { to }: Decision): string => {
  const is = `It is ${state.toLowerCase()}`
  if (to === 'REOPENED') return `${is}: there is no decision to take back.`
  if (state === 'EXPIRED') return `${is}: its reason is gone. Look for a newer one.`
  return state === 'ACCEPTED' ? `${is} already.` : `${is}. Take that back first.`
}
