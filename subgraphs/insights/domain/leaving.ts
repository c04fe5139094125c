/**
 * leaving  when a customer is one no longer. Of one that has billing accounts: all of them are closed. Of one that has none: it has
 *          bought at least twice, and then neither asked, nor bought, nor had a deal for half a year
 */
import { businessOf, HALF_YEAR_DAYS, ordersOf } from './churn-factors.ts'
import type { Known } from './facts.ts'
import { DAY, largest } from './measuring.ts'

/** For how many days ahead a likelihood of leaving is said. */
export const HORIZON_DAYS = 90

const LEAST_PURCHASES = 2

/** Null for a company that never was a customer; `leftOn` null while it stays; `changesAt`: when it has left by time alone. */
export interface Standing {
  leftAt: Date | null
  changesAt: Date | null
}

/** Whether a company is a customer, was one, or never was. */
export const standingOf = (known: Known): Standing | null => {
  const accounts = known.facts('account-status')
  if (accounts.length > 0) {
    const isClosed = accounts.every(({ label }) => label === 'CHURNED')
    // The source says when the record last changed: a later change of a closed account moves its leaving.
    const last = isClosed ? new Date(largest(accounts.map((s) => s.observedAt.getTime()))) : null
    return { leftAt: last, changesAt: null }
  }
  const business = businessOf(known)
  const orders = ordersOf(known)
  // What was won is what was then ordered: where orders are known, they are counted alone.
  const bought =
    orders.length > 0 ? orders : business.filter(({ label }) => label === 'WON' || label === 'won')
  if (bought.length < LEAST_PURCHASES) return null
  const moments = business.flatMap(({ happenedAt, endedAt }) =>
    [happenedAt, endedAt].flatMap((at) => at?.getTime() ?? []),
  )
  if (moments.length === 0) return null
  const over = new Date(largest(moments) + HALF_YEAR_DAYS * DAY)
  return over <= known.asOf ? { leftAt: over, changesAt: null } : { leftAt: null, changesAt: over }
}
