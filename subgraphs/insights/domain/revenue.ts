import { ordersOf } from './churn-factors.ts'
import type { Known } from './facts.ts'
import { DAY, type Measurement, measured, sum, within } from './measuring.ts'
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

const INTERACTION_DAYS = 90

/** Kinds of facts of which each is one time that somebody was in touch. An order is none: who orders and talks to nobody is to be talked to. */
export const INTERACTIONS = ['contact', 'ticket', 'rfq', 'deal'] as const

/**
 * How often somebody was in touch in the last 90 days: people who were active, tickets and deals opened, prices asked for. Null when there
 * is no such record at all: nobody may have noted any.
 */
export const interactions = ({ facts, asOf }: Known): (Measurement & { facts: readonly Signal[] }) | null => {
  const all = INTERACTIONS.flatMap((kind) => facts(kind))
  if (all.length === 0) return null
  const { kept, changesAt } = within(all, (fact) => fact.happenedAt, INTERACTION_DAYS, asOf)
  return { ...measured(kept.length, all, changesAt), facts: kept }
}

/** The last time anybody was in touch, in milliseconds. Null when nobody has noted one. */
export const lastActivity = ({ facts }: Known): { at: number; facts: readonly Signal[] } | null => {
  const active = [...facts('company'), ...facts('contact')].filter((fact) => fact.happenedAt !== null)
  if (active.length === 0) return null
  return {
    at: active.reduce((last, { happenedAt }) => Math.max(last, happenedAt!.getTime()), 0),
    facts: active,
  }
}

/** Whole and broken days since a moment. */
export const daysSince = (at: number, asOf: Date): number => (asOf.getTime() - at) / DAY
