/** What is noticed about customers that are in trouble, or that we are in trouble with. */
import { factors } from '../churn-factors.ts'
import { type Detector, judged } from '../detecting.ts'
import { measured } from '../measuring.ts'
import { overdueInvoices, pastDueAccounts } from '../paying.ts'
import { urgentTickets as urgentOf } from '../tickets.ts'
import { lastWeeks } from '../weeks.ts'
import { amount, number, share } from '../wording.ts'

export const poorHealth: Detector = {
  type: 'CLIENT_HEALTH',
  version: 1,
  title: 'Health is low',
  description: 'The health score is below this.',
  thresholds: { score: { value: 40, unit: 'points' } },
  impact: 'HIGH',
  reads: ['company', 'billing'],
  actions: [
    'See what the health score is made up of, and call',
    'Agree with the customer on what has to become better',
  ],
  withinDays: 3,
  expects: 'The health score rises again.',
  look: ({ known, health }, bounds) => {
    const found = health.score === null ? null : judged(known, health.score)
    if (!found) return null
    return {
      conditions: [
        {
          ...{ name: 'healthScore', unit: 'points', is: 'BELOW', bound: bounds.score! },
          found,
        },
      ],
      facts: [...known.facts('company'), ...known.facts('billing')],
      say: () => `Health is ${number(found.value)} of 100.`,
      atMost: health.confidence,
    }
  },
}

export const fallingHealth: Detector = {
  type: 'CLIENT_HEALTH',
  version: 1,
  title: 'Health is falling',
  description: 'The health score falls, by at least so many points in 30 days.',
  thresholds: { points: { value: 5, unit: 'points' } },
  impact: 'MEDIUM',
  reads: ['company', 'billing'],
  actions: ['See which facts have moved the health score, and call', 'Ask the customer what has changed'],
  withinDays: 7,
  expects: 'The health score stops falling.',
  look: ({ known, health }, bounds) => {
    const { trend, slope } = health
    // In whole points: what moves less from day to day is no news.
    const lost = trend === 'FALLING' ? Math.round(-(slope ?? 0)) : 0
    const found = trend ? judged(known, lost) : null
    return (
      found && {
        conditions: [{ name: 'healthLost', unit: 'points', is: 'AT_LEAST', bound: bounds.points!, found }],
        facts: [...known.facts('company'), ...known.facts('billing')],
        say: () => `Health falls by about ${lost} points in 30 days.`,
        atMost: health.confidence,
      }
    )
  },
}

export const paymentOverdue: Detector = {
  type: 'PAYMENT',
  version: 2,
  title: 'Payment is overdue',
  description:
    'So many billing accounts of the customer are past due, suspended for it, or have an unpaid invoice that has been past due for so many days.',
  thresholds: { accounts: { value: 1, unit: 'accounts' }, days: { value: 7, unit: 'days' } },
  impact: 'HIGH',
  reads: ['billing'],
  actions: ['Ask the customer when it pays', 'Agree on a plan of payment'],
  withinDays: 3,
  expects: 'The account is current again.',
  look: ({ known }, bounds) => {
    const all = [...known.facts('billing'), ...known.facts('invoice')]
    if (all.length === 0) return null
    const invoices = overdueInvoices(known, bounds.days!)
    const overdue = [...pastDueAccounts(known), ...invoices.overdue]
    const [accounts, late] = [all, overdue].map((facts) => new Set(facts.map((s) => s.accountId)).size)
    const unpaid = invoices.overdue.length
    return {
      conditions: [
        {
          ...{ name: 'overdueAccounts', unit: 'accounts', is: 'AT_LEAST', bound: bounds.accounts! },
          found: measured(late!, overdue.length > 0 ? overdue : all, invoices.changesAt),
        },
      ],
      facts: overdue,
      say: () =>
        `${late} of ${accounts} billing accounts past due or suspended${unpaid > 0 ? `, ${unpaid} ${unpaid === 1 ? 'invoice' : 'invoices'} past due for ${number(bounds.days!)} days or more` : ''}.`,
    }
  },
}

export const urgentTickets: Detector = {
  type: 'SUPPORT',
  version: 1,
  title: 'Urgent tickets are open',
  description: 'So many tickets of high or urgent priority are open.',
  thresholds: { tickets: { value: 1, unit: 'tickets' } },
  impact: 'MEDIUM',
  reads: ['ticket'],
  actions: ['See to it that the tickets are answered', 'Tell the customer who looks after them'],
  withinDays: 2,
  expects: 'The tickets are closed.',
  look: ({ known }, bounds) => {
    const tickets = known.facts('ticket')
    if (tickets.length === 0) return null
    const urgent = urgentOf(known)
    return {
      conditions: [
        {
          ...{ name: 'urgentTickets', unit: 'tickets', is: 'AT_LEAST', bound: bounds.tickets! },
          found: measured(urgent.length, urgent.length > 0 ? urgent : tickets),
        },
      ],
      facts: urgent,
      say: () => `${urgent.length} urgent ${urgent.length === 1 ? 'ticket is' : 'tickets are'} open.`,
    }
  },
}

export const usageDrop: Detector = {
  type: 'USAGE',
  version: 2,
  title: 'Usage has dropped',
  description:
    'The minutes talked in the last four whole weeks that were told are fewer than in the four before, by at least this share. Who talks no more is held against the last four weeks in which it did.',
  thresholds: { drop: { value: 0.4, unit: 'share' } },
  impact: 'HIGH',
  reads: ['billing'],
  actions: ['Ask the customer what has changed', 'Look whether calls fail'],
  withinDays: 3,
  expects: 'The customer talks as much as before, or we know why not.',
  look: ({ known }, bounds) => {
    const found = factors.FALLING_USAGE.measure(known)
    if (!found) return null
    return {
      conditions: [{ name: 'usageDrop', unit: 'share', is: 'AT_LEAST', bound: bounds.drop!, found }],
      facts: found.facts,
      say: () => {
        const { now, before } = lastWeeks(known, 'usage-minutes')!
        return now.total > 0
          ? `${amount(now.total)} minutes in four weeks, after ${amount(before.total)}: ${share(found.value)} less.`
          : `No minutes in four weeks, after ${amount(before.total)} in the four until ${before.until}.`
      },
    }
  },
}
