/**
 * claim     one plain sentence about a customer with the figures and days in it, and the records it rests on
 *
 * A claim holds nothing that somebody wrote: words of records (names, notes, stages of somebody's own making) are in none, so that they
 * can neither be told on nor be taken for an instruction. It names days, never how long ago they are: what nobody has changed reads the
 * same tomorrow.
 */
import Big from 'big.js'
import type { Known } from './facts.ts'
import type { SignalKind } from './kinds.ts'
import { stagePoints } from './metrics/crm.ts'
import { DECIDED } from './metrics/usage.ts'
import type { DimensionName } from './metrics.ts'
import type { Signal } from './signal.ts'

export interface Evidence {
  system: string
  kind: string
  recordId: string
}

export interface Claim {
  /** What it is about, such as `deals.open`. Each once. */
  key: string
  text: string
  /** Which are said first, and which are left out when there are many: 1 is the most telling. */
  rank: number
  /** Newest first, at most `MOST_EVIDENCE`. */
  evidence: readonly Evidence[]
  /** Of how many records there are in all. */
  evidenceCount: number
}

export const MOST_EVIDENCE = 5
const LARGEST = 1e15

/** What a customer's last score says, as far as a sentence needs it. */
export interface Judged {
  /** 0 to 100, as text; null when nothing is known. */
  score: string | null
  dimensions: readonly { name: DimensionName; score: number | null }[]
}

const SIDES: Record<DimensionName, { said: string; kinds: SignalKind[] }> = {
  CRM: { said: 'the sales relationship', kinds: ['company', 'contact'] },
  PAYMENT: { said: 'payment', kinds: ['billing', 'deal'] },
  USAGE: { said: 'use', kinds: ['account-status', 'trunk', 'rfq'] },
  SUPPORT: { said: 'support', kinds: ['ticket', 'usage-alert'] },
}
/** Kinds of facts that something is said of. */
export const kindsClaimed = [...new Set(Object.values(SIDES).flatMap(({ kinds }) => kinds))]

/**
 * Everything that can be said of a customer, the most telling first. What is not known is not said.
 * @param judged its last score; null when it never had one
 */
export const claimsOf = (known: Known<SignalKind>, judged: Judged | null): Claim[] => {
  const { facts } = known
  const all = (kinds: readonly SignalKind[]) => kinds.flatMap((kind) => facts(kind))
  return [
    ...healthClaims(judged, all),
    ...accountClaims(facts('billing'), facts('account-status')),
    ...ticketClaims(facts('ticket')),
    ...dealClaims(facts('deal')),
    ...requestClaims(facts('rfq')),
    ...trunkClaims(facts('trunk')),
    ...relationClaims(facts('company'), facts('contact')),
  ].sort((a, b) => a.rank - b.rank)
}

const healthClaims = (
  judged: Judged | null,
  all: (kinds: readonly SignalKind[]) => readonly Signal[],
): Claim[] => {
  if (judged === null || judged.score === null) return []
  const sides = judged.dimensions.flatMap(({ name, score }) => (score === null ? [] : [{ name, score }]))
  const weakest = sides.reduce((low, side) => (side.score < low.score ? side : low), sides[0]!)
  const isOne = sides.length < 2 || sides.every(({ score }) => score === weakest.score)
  return [
    claim('health.score', 1, `Health stands at ${whole(judged.score)} of 100.`, all(kindsClaimed)),
    ...(isOne
      ? []
      : [
          claim(
            'health.weakest',
            2,
            `Its weakest side is ${SIDES[weakest.name].said}, at ${whole(weakest.score)} of 100.`,
            all(SIDES[weakest.name].kinds),
          ),
        ]),
  ]
}

const accountClaims = (billing: readonly Signal[], statuses: readonly Signal[]): Claim[] => {
  const known = billing.filter((s) => s.label !== null)
  const late = known.filter((s) => s.label === 'PAST_DUE')
  const paid = known.filter((s) => s.label === 'CURRENT')
  const [churned, suspended] = ['CHURNED', 'SUSPENDED'].map((status) =>
    statuses.filter((s) => s.label === status),
  ) as [Signal[], Signal[]]
  const revenue = moneyOf(billing)
  return [
    ...some(late, 'payment.late', 3, `${late.length} of ${many(known, 'billing account')} past due.`),
    ...(paid.length > 0 && paid.length === known.length
      ? [claim('payment.paid', 9, `${many(paid, 'billing account')} paid up.`, paid)]
      : []),
    ...some(churned, 'accounts.left', 4, `${many(churned, 'billing account')} closed.`),
    ...some(suspended, 'accounts.suspended', 5, `${many(suspended, 'billing account')} suspended.`),
    ...(revenue === null ? [] : [claim('revenue.monthly', 7, `Its monthly revenue is ${revenue}.`, billing)]),
  ]
}

const ticketClaims = (tickets: readonly Signal[]): Claim[] => {
  const open = tickets.filter((s) => s.endedAt === null)
  const oldest = edge(open, (s) => s.happenedAt, -1)
  return some(
    open,
    'tickets.open',
    6,
    `${many(open, 'ticket')} open${oldest ? `, the oldest since ${day(oldest)}` : ''}.`,
  )
}

const dealClaims = (deals: readonly Signal[]): Claim[] => {
  const open = deals.filter((s) => s.label === 'open')
  const won = deals.filter((s) => s.label === 'won')
  const worth = moneyOf(open)
  const last = edge(won, (s) => s.endedAt, 1)
  return [
    ...some(open, 'deals.open', 8, `${many(open, 'deal')} open${worth ? `, worth ${worth}` : ''}.`),
    ...some(won, 'deals.won', 13, `${did(won, 'deal')} won${last ? `, the last on ${day(last)}` : ''}.`),
  ]
}

const requestClaims = (requests: readonly Signal[]): Claim[] => {
  const decided = requests.filter((s) => DECIDED.includes(s.label ?? ''))
  const won = decided.filter((s) => s.label === 'WON')
  const last = edge(requests, (s) => s.happenedAt, 1)
  return [
    ...some(
      requests,
      'requests.made',
      10,
      `${count(requests, 'request')} for prices ${was(requests)} made${last ? `, the last on ${day(last)}` : ''}.`,
    ),
    ...some(
      decided,
      'requests.won',
      11,
      `${won.length} of ${count(decided, 'decided request')} for prices ${was(decided)} won.`,
    ),
  ]
}

const trunkClaims = (trunks: readonly Signal[]): Claim[] => {
  const active = trunks.filter((s) => s.label === 'ACTIVE')
  return some(active, 'trunks.active', 12, `${many(active, 'trunk')} active.`)
}

const relationClaims = (companies: readonly Signal[], contacts: readonly Signal[]): Claim[] => {
  const active = [...companies, ...contacts].filter((s) => s.happenedAt !== null)
  const last = edge(active, (s) => s.happenedAt, 1)
  const stages = companies.filter((s) => stagePoints.has(s.label ?? ''))
  const stage = [...new Set(stages.map((s) => s.label!))].sort().join(' and ')
  return [
    ...(last ? [claim('activity.last', 14, `The last sales activity was on ${day(last)}.`, active)] : []),
    ...some(stages, 'stage', 15, `Its lifecycle stage is ${stage}.`),
  ]
}

const claim = (key: string, rank: number, text: string, from: readonly Signal[]): Claim => ({
  ...{ key, text, rank, evidenceCount: from.length },
  evidence: [...from]
    .sort((a, b) => b.observedAt.getTime() - a.observedAt.getTime() || (a.recordId < b.recordId ? -1 : 1))
    .slice(0, MOST_EVIDENCE)
    .map(({ system, kind, recordId }) => ({ system, kind, recordId })),
})

const some = (from: readonly Signal[], key: string, rank: number, text: string): Claim[] =>
  from.length > 0 ? [claim(key, rank, text, from)] : []

const whole = (score: string | number): string => new Big(score).toFixed(0)
const count = ({ length }: readonly unknown[], noun: string): string =>
  `${length} ${noun}${length === 1 ? '' : 's'}`
const many = (list: readonly unknown[], noun: string): string =>
  `${count(list, noun)} ${list.length === 1 ? 'is' : 'are'}`
const was = ({ length }: readonly unknown[]): string => (length === 1 ? 'was' : 'were')
const did = (list: readonly unknown[], noun: string): string => `${count(list, noun)} ${was(list)}`
const day = (at: Date): string => at.toISOString().slice(0, 10)

/** The latest (1) or the first (-1) of these moments. */
const edge = (from: readonly Signal[], at: (s: Signal) => Date | null, sign: 1 | -1): Date | null =>
  from.reduce<Date | null>((found, signal) => {
    const one = at(signal)
    return one !== null && (found === null || (one.getTime() - found.getTime()) * sign > 0) ? one : found
  }, null)

/** What they come to, currency by currency; null when none of them says. */
const moneyOf = (from: readonly Signal[]): string | null => {
  const sums = new Map<string, Big>()
  for (const { amount, unit } of from)
    if (amount !== null && /^[A-Z]{3}$/.test(unit ?? ''))
      sums.set(unit!, (sums.get(unit!) ?? new Big(0)).plus(amount))
  // Beyond it a number is a slip of somebody's pen.
  if ([...sums.values()].some((sum) => sum.abs().gt(LARGEST))) return null
  const said = [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, sum]) => `${grouped(sum.toFixed(2))} ${currency}`)
  return said.length > 0 ? said.join(' and ') : null
}

const grouped = (amount: string): string => amount.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',')
