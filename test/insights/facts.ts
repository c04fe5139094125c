import { knownAt } from '#subgraphs/insights/domain/facts.ts'
import { type Health, health } from '#subgraphs/insights/domain/health.ts'
import { HEALTH_SETTINGS, type HealthSettings } from '#subgraphs/insights/domain/health-settings.ts'
import { type SeriesKind, type SignalKind, signalKinds } from '#subgraphs/insights/domain/kinds.ts'
import type { AccountSystem, Details, Series, Signal } from '#subgraphs/insights/domain/signal.ts'
import { weekOf } from '#subgraphs/insights/domain/weeks.ts'

export const DAY = 86_400_000
/** The moment the tests of scores stand at. */
export const NOW = new Date('2026-11-20T12:00:00.000Z')
export const ago = (days: number, from = NOW): Date => new Date(from.getTime() - days * DAY)

/** Whose account a fact of a kind is about, where nothing else is said. */
export const systemOf = (kind: SignalKind): AccountSystem =>
  ACCOUNTS.find((system) => signalKinds[kind].systems.some((each) => each === system)) ?? 'HUBSPOT'
const ACCOUNTS = ['HUBSPOT', 'C3', 'WARP'] as const

let made = 0
/** A fresh fact of a kind that says nothing but what is given. */
export const fact = (kind: SignalKind, says: Partial<Signal> = {}): Signal => ({
  system: systemOf(kind),
  accountSystem: systemOf(kind),
  accountId: 'account-1',
  kind,
  recordId: `${kind}-${++made}`,
  amount: null,
  unit: null,
  label: null,
  happenedAt: null,
  endedAt: null,
  observedAt: NOW,
  ...says,
})

/** Repeatable chance: numbers in [0, 1) (mulberry32). */
export const chance = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const pick = <T>(random: () => number, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)]!

/** The same list in another order. */
export const shuffled = <T>(random: () => number, list: readonly T[]): T[] => {
  const all = [...list]
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[all[i], all[j]] = [all[j]!, all[i]!]
  }
  return all
}

const LABELS: Partial<Record<SignalKind, readonly (string | null)[]>> = {
  company: ['lead', 'customer', 'evangelist', '39182', 'constructor', null],
  deal: ['open', 'won', 'lost'],
  ticket: ['LOW', 'HIGH', 'URGENT', null],
  rfq: ['OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED'],
  order: ['SALE', 'RETURN'],
  invoice: ['ISSUED', 'PAID', 'OVERDUE'],
  billing: ['CURRENT', 'PAST_DUE', 'SUSPENDED'],
  'account-status': ['ACTIVE', 'SUSPENDED', 'CHURNED'],
  trunk: ['PENDING', 'ACTIVE', 'SUSPENDED'],
  'usage-alert': ['HIGH ANSWER_RATIO', 'MEDIUM MINUTES'],
  payment: ['COMPLETED', 'FAILED', 'REFUNDED'],
  seats: ['ACTIVE', 'CANCELLED'],
  news: ['HIRING', 'FUNDING', 'EXPANSION', 'LEADERSHIP', 'PRODUCT'],
}
export const KINDS = (Object.keys(signalKinds) as (SignalKind | SeriesKind)[]).filter(
  (kind): kind is SignalKind => signalKinds[kind].shape !== 'DAILY',
)

/** Facts as they might be: of any kinds, up to two years old, some of them dated into the future, some amounts absurd. */
export const randomFacts = (random: () => number, most = 25): Signal[] => {
  const kinds = KINDS.filter(() => random() < 0.6)
  if (kinds.length === 0) return []
  const moment = () =>
    random() < 0.2 ? null : new Date(Math.round(NOW.getTime() + (random() * 1.15 - 1) * 730 * DAY))
  return Array.from({ length: Math.floor(random() * most) }, () => {
    const kind = pick(random, kinds)
    const amount = random() < 0.3 ? null : pick(random, [0, 0.1, 99.99, 1234.56, 7e5, 1e300, -50]) * random()
    const details = randomDetails(kind, random, moment)
    return fact(kind, {
      ...(details ? { details } : {}),
      accountId: pick(random, ['account-1', 'account-2']),
      amount,
      unit: amount === null ? null : pick(random, ['USD', 'USD', 'EUR']),
      label: pick(random, LABELS[kind] ?? [null]),
      happenedAt: moment(),
      endedAt: ENDING.includes(kind) ? moment() : null,
      observedAt: moment() ?? NOW,
    })
  })
}

/** What invoices say of when they are due, and deals and accounts may say of contracts. */
const randomDetails = (
  kind: SignalKind,
  random: () => number,
  moment: () => Date | null,
): Details | undefined => {
  if (kind === 'invoice') return { dueOn: dayOf(moment() ?? NOW) }
  if (random() < 0.5) return undefined
  if (kind === 'deal') return { renewal: true }
  const contractEnd = moment()?.toISOString().slice(0, 10)
  return kind === 'account-status' && contractEnd ? { contractEnd } : undefined
}

const ENDING: readonly SignalKind[] = ['deal', 'ticket', 'invoice', 'usage-alert', 'account-status']
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10)

const DAILY = (Object.keys(signalKinds) as (SignalKind | SeriesKind)[]).filter(
  (kind): kind is SeriesKind => signalKinds[kind].shape === 'DAILY',
)

/** Days of an account of any kinds, some of them missing, up to five months back. */
export const randomSeries = (random: () => number): Series[] =>
  DAILY.flatMap((kind): Series[] => {
    if (random() < 0.4) return []
    const [from, to] = [150 * random(), 20 * random()]
    const silentFor = random() < 0.5 ? 0 : 120 * random()
    const days = Array.from({ length: 150 }, (_, i) => 150 - i)
      .filter((i) => i <= from && i >= to && random() < 0.8)
      .map((i) => ({ day: dayOf(ago(i)), amount: amountOf(kind, random, i <= silentFor) }))
      // Of calls that nobody made no share was answered: nothing is told of it.
      .flatMap(({ day, amount }) => (amount === null ? [] : [{ day, amount }]))
    return days.length === 0 ? [] : [seriesOf(kind, days)]
  })

const amountOf = (kind: SeriesKind, random: () => number, isSilent: boolean): number | null => {
  if (kind === 'answer-ratio') return isSilent ? null : random()
  return isSilent ? 0 : Math.floor(random() * 200) * Number(random() < 0.8)
}

/** A number for each day of the last four whole weeks, and of the four before. */
export const eightWeeks = (kind: SeriesKind, now: number, before: number): Series =>
  seriesOf(
    kind,
    Array.from({ length: 56 }, (_, i) => ({
      day: dayOf(new Date(weekOf(NOW).getTime() - (56 - i) * DAY)),
      amount: i < 28 ? before : now,
    })),
  )

/** What was told of these days of an account. */
export const seriesOf = (kind: SeriesKind, days: Series['days']): Series => ({
  ...{ system: signalKinds[kind].systems[0]!, accountSystem: 'WARP', accountId: 'account-1' },
  ...{ kind, unit: 'number', days },
})

/** The health that facts give at a moment, by the hub's own settings unless others are given. */
export const healthOf = (
  signals: readonly Signal[],
  asOf: Date,
  settings: HealthSettings = HEALTH_SETTINGS,
  series: readonly Series[] = [],
): Health => health(knownAt(signals, asOf, series), settings)
