import { ordersOf } from './churn-factors.ts'
import type { Known } from './facts.ts'
import { type Measurement, measured, sum, within } from './measuring.ts'
import type { Signal } from './signal.ts'

/** What a customer brings in a year, and the facts that say so. */
export interface Revenue extends Measurement {
  facts: readonly Signal[]
}

const YEAR_DAYS = 365

const inDollars = (fact: Signal): boolean => fact.amount !== null && fact.unit === 'USD'

/**
 * What a customer brings in a year, in US dollars: twelve times its monthly revenue, or what it bought in the last 365 days, whichever is
 * more: its orders, or the deals won of a customer without orders. They are not added up, since what is won as a deal is often what is then
 * billed by the month. Amounts of other currencies are left
 * out. Null when no amount is known.
 */
export const yearlyRevenue = (known: Known): Revenue | null => {
  const { facts, asOf } = known
  const billed = facts('billing').filter(inDollars)
  const orders = ordersOf(known)
  const won = (orders.length > 0 ? orders : facts('deal').filter(({ label }) => label === 'won')).filter(
    inDollars,
  )
  if (billed.length + won.length === 0) return null
  const boughtAt = (fact: Signal) => (fact.kind === 'order' ? fact.happenedAt : fact.endedAt)
  const { kept, changesAt } = within(won, boughtAt, YEAR_DAYS, asOf)
  const [monthly, yearly] = [12 * sum(billed), sum(kept)]
  const isBilled = won.length === 0 || (billed.length > 0 && monthly >= yearly)
  const from = isBilled ? billed : won
  // While the monthly revenue is more, deals that drop out change nothing.
  return {
    ...measured(Math.max(monthly, yearly, 0), from, isBilled ? null : changesAt),
    facts: isBilled ? billed : kept,
  }
}
