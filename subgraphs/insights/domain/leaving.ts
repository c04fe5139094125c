/**
 * leaving  when a customer is one no longer. Of one that has billing accounts: all of them are closed. Of one that has none: a renewal of its
 *          contract was lost, and nothing came after it; or it has bought at least twice, and then neither asked, nor bought, nor had a deal
 *          for half a year
 */
import { businessOf, HALF_YEAR_DAYS, ordersOf, renewalsOf } from './churn-factors.ts'
import type { Known } from './facts.ts'
import { DAY, largest } from './measuring.ts'
import type { Signal } from './signal.ts'

/** For how many days ahead a likelihood of leaving is said. */
export const HORIZON_DAYS = 90

const LEAST_PURCHASES = 2

/** Null for a company that never was a customer; `leftAt` null while it stays; `changesAt`: when it has left by time alone. */
export interface Standing {
  leftAt: Date | null
  changesAt: Date | null
}

/** When a billing account was closed; of one whose source does not say it: when its record last changed. */
export const closedAt = ({ endedAt, observedAt }: Signal): Date => endedAt ?? observedAt

/** Whether a company is a customer, was one, or never was. */
export const standingOf = (known: Known): Standing | null => {
  const accounts = known.facts('account-status')
  if (accounts.length > 0) {
    const isClosed = accounts.every(({ label }) => label === 'CHURNED')
    const last = isClosed ? new Date(largest(accounts.map((account) => closedAt(account).getTime()))) : null
    return { leftAt: last, changesAt: null }
  }
  const business = businessOf(known)
  const orders = ordersOf(known)
  const renewals = renewalsOf(known)
  // What was won is what was then ordered: where orders are known, they are counted alone.
  const bought =
    orders.length > 0 ? orders : business.filter(({ label }) => label === 'WON' || label === 'won')
  // Who has a contract to renew is a customer, whatever else is known.
  if (bought.length < LEAST_PURCHASES && renewals.length === 0) return null
  const moments = business.flatMap(({ happenedAt, endedAt }) =>
    [happenedAt, endedAt].flatMap((at) => at?.getTime() ?? []),
  )
  if (moments.length === 0) return null
  const last = largest(moments)
  const isTalking = known.facts('deal').some(({ label }) => label === 'open')
  const lost = renewals.some(({ label, endedAt }) => label === 'lost' && endedAt?.getTime() === last)
  if (lost && !isTalking) return { leftAt: new Date(last), changesAt: null }
  const over = new Date(last + HALF_YEAR_DAYS * DAY)
  return over <= known.asOf ? { leftAt: over, changesAt: null } : { leftAt: null, changesAt: over }
}
