/**
 * What is learned of buying from all customers of an organisation, and how well that does.
 *
 * holdout   the newest part of the time: what was learned from before it is compared with what then happened
 */
import { standardErrors } from '../statistics/curvature.ts'
import { type Least, minimise } from '../statistics/minimise.ts'
import type { PurchaseKind, Purchases } from './purchases.ts'
import {
  expectedPurchases,
  type History,
  logChanceOf,
  logLikelihood,
  type RepeatBuying,
} from './repeat-buying.ts'
import { dependence, logLikelihoodOfSpent, type Spending, type Spent } from './spending.ts'

/** What was learned of buying. */
export interface BuyingModel {
  version: number
  /** What the purchases it was learned from are: it says nothing of customers of another kind. */
  kind: PurchaseKind
  repeat: RepeatBuying
  /** Null when too few customers bought again in one currency, or those that buy often spend otherwise than the others. */
  spending: (Spending & { currency: string }) | null
  /** Of the purchases of the holdout, how many too few or too many were expected: 0.1 is a tenth. */
  error: number
}

/** A history that several customers share, and what they did in the holdout. */
export interface Counted {
  history: History
  customers: number
}

interface Held {
  history: History
  /** Purchases in the holdout. */
  count: number
}

/** What is gathered from the purchases of all customers: a few numbers of each. */
export interface Gathered {
  kind: PurchaseKind
  purchases: number
  histories: readonly Counted[]
  /** The same as of the beginning of the holdout. */
  before: readonly Counted[]
  held: readonly Held[]
  holdoutWeeks: number
  /** Of customers that bought more than once, by currency. */
  spent: ReadonlyMap<string, readonly Spent[]>
}

export const REPEAT_BUYERS_NEEDED = 50
export const HOLDOUT_DAYS = 182
/** Beyond it how much and how often have to do with each other, and the spending of frequent buyers would be mistaken. */
const DEPENDENT = 0.3

const counting = () => {
  const found = new Map<string, { history: History; customers: number }>()
  return {
    found,
    add: (history: History) => {
      const key = `${history.again} ${history.last} ${history.age}`
      const held = found.get(key)
      if (held) held.customers++
      else found.set(key, { history, customers: 1 })
    },
  }
}

const historyAt = (days: readonly number[], today: number): History => ({
  again: days.length - 1,
  last: (days.at(-1)! - days[0]!) / 7,
  age: (today - days[0]!) / 7,
})

/** Takes one customer after another. @param today the day it is learned on, in days since 1970 */
export const gatherer = (kind: PurchaseKind, today: number) => {
  const [histories, before] = [counting(), counting()]
  const held: Held[] = []
  const spent = new Map<string, Spent[]>()
  const from = today - HOLDOUT_DAYS
  let purchases = 0
  return {
    take: ({ list, currency }: Pick<Purchases, 'list' | 'currency'>): void => {
      const days = list.map(({ day }) => day)
      purchases += days.length
      histories.add(historyAt(days, today))
      const earlier = days.filter((day) => day < from)
      if (earlier.length > 0) {
        const history = historyAt(earlier, from)
        before.add(history)
        held.push({ history, count: days.length - earlier.length })
      }
      const amounts = list.flatMap(({ amount }) => (amount === null ? [] : [amount]))
      if (currency === null || amounts.length < 2) return
      const mean = amounts.reduce((t, amount) => t + amount, 0) / amounts.length
      const others = spent.get(currency)
      if (others) others.push({ purchases: amounts.length, mean })
      else spent.set(currency, [{ purchases: amounts.length, mean }])
    },
    gathered: (): Gathered => ({
      ...{ kind, purchases, held, spent, holdoutWeeks: HOLDOUT_DAYS / 7 },
      histories: [...histories.found.values()],
      before: [...before.found.values()],
    }),
  }
}

/** A parameter with the bounds in which it lies in 95 of 100 cases; null where the data do not say. */
export interface Bounds {
  low: number
  high: number
}

export interface Fitted<P extends string> {
  values: Record<P, number>
  bounds: Record<P, Bounds> | null
  logLikelihood: number
}

// Natural logarithms: beyond them a parameter is no longer one that data tell from its neighbours.
const FARTHEST = 10

/** Looks for positive parameters under which what was seen is most likely; they are sought as logarithms. */
function* seek<P extends string>(
  names: readonly P[],
  start: readonly number[],
  minusLogLikelihood: (values: Record<P, number>) => number,
): Generator<void, Fitted<P> | null> {
  const valuesOf = (logs: readonly number[]) =>
    Object.fromEntries(names.map((name, n) => [name, Math.exp(logs[n]!)])) as Record<P, number>
  const f = (logs: readonly number[]) =>
    logs.some((x, n) => Math.abs(x - start[n]!) > FARTHEST)
      ? Number.POSITIVE_INFINITY
      : minusLogLikelihood(valuesOf(logs))
  // A second time from where the first ended: a simplex may have folded up on the way.
  const rough: Least = yield* minimise(f, start, { size: 0.7, close: 1e-7 })
  const least: Least = yield* minimise(f, rough.at, { size: 0.2 })
  if (!least.isSettled) return null
  const errors = standardErrors(f, least.at)
  const bounds =
    errors &&
    (Object.fromEntries(
      names.map((name, n) => [
        name,
        { low: Math.exp(least.at[n]! - 1.96 * errors[n]!), high: Math.exp(least.at[n]! + 1.96 * errors[n]!) },
      ]),
    ) as Record<P, Bounds>)
  return { values: valuesOf(least.at), bounds, logLikelihood: -least.value }
}

export type FittedRepeatBuying = Fitted<'r' | 'alpha' | 'a' | 'b'> & { model: RepeatBuying }

/** The model of one kind under which the histories are most likely; null when none is found. */
export function* fitRepeatBuying(
  histories: readonly Counted[],
  firstMayBeLast: 0 | 1,
): Generator<void, FittedRepeatBuying | null> {
  const of = ({ r, alpha, a, b }: Record<'r' | 'alpha' | 'a' | 'b', number>): RepeatBuying => ({
    r,
    alpha,
    a,
    b,
    firstMayBeLast,
  })
  const customers = histories.reduce((t, each) => t + each.customers, 0)
  const weeks = histories.reduce((t, { history, customers: n }) => t + n * history.age, 0) / customers
  const again = histories.reduce((t, { history, customers: n }) => t + n * history.again, 0) / customers
  // As if everybody bought at the same rate throughout.
  const start = [0, Math.log(Math.max(weeks, 1) / Math.max(again, 0.1)), 0, 1]
  const found = yield* seek(['r', 'alpha', 'a', 'b'], start, (values) => {
    const likely = logLikelihood(of(values))
    let total = 0
    for (const each of histories) total -= each.customers * likely(each.history)
    return total
  })
  return found && { ...found, model: of(found.values) }
}

/** Both kinds, and the one under which the histories are more likely. */
function* fitEither(histories: readonly Counted[]): Generator<void, FittedRepeatBuying | null> {
  const first = yield* fitRepeatBuying(histories, 0)
  const second = yield* fitRepeatBuying(histories, 1)
  return !first || (second && second.logLikelihood > first.logLikelihood) ? second : first
}

/** The spending under which what was spent is most likely. */
export function* fitSpending(spent: readonly Spent[]): Generator<void, Fitted<'p' | 'q' | 'gamma'> | null> {
  const mean = spent.reduce((t, each) => t + each.mean, 0) / spent.length
  return yield* seek(['p', 'q', 'gamma'], [1, 1, Math.log(mean)], (values) => {
    const likely = logLikelihoodOfSpent(values)
    let total = 0
    for (const each of spent) total -= likely(each)
    return total
  })
}

/** How well a model does on the holdout. */
export const judge = (
  model: RepeatBuying,
  { held, holdoutWeeks }: Pick<Gathered, 'held' | 'holdoutWeeks'>,
) => {
  let [expected, observed, chance] = [0, 0, 0]
  for (const { history, count } of held) {
    expected += expectedPurchases(model, history, holdoutWeeks).mean
    observed += count
    chance += logChanceOf(model, history, holdoutWeeks, count)
  }
  return { expected, observed, meanLogChance: held.length > 0 ? chance / held.length : 0 }
}

/** A model that foretells the holdout worse than this is not held. */
const WORST_ERROR = 0.5
/** How much worse the logarithm of a customer's chance may be on average: less is chance. */
const WORSE = 0.01

export interface Learned {
  model: Omit<BuyingModel, 'version'>
  report: Record<string, number>
  /** Whether it is to be held: it foretells the holdout well enough, and not worse than what is held. */
  isBetter: boolean
}

const repeatBuyersOf = (histories: readonly Counted[]): number =>
  histories.reduce((t, { history, customers }) => t + (history.again > 0 ? customers : 0), 0)

/**
 * Learns from what was gathered. It yields between steps, since with many customers it takes seconds.
 * @param now what is held so far; it has seen some of the holdout, which is in its favour
 * @returns null for too few repeat buyers, or when the data do not say enough
 */
export function* learnBuying(gathered: Gathered, now: BuyingModel | null): Generator<void, Learned | null> {
  const { kind, histories, before, purchases } = gathered
  if (repeatBuyersOf(before) < REPEAT_BUYERS_NEEDED) return null
  const whole = yield* fitEither(histories)
  const earlier = yield* fitEither(before)
  if (!whole || !earlier) return null
  const found = judge(earlier.model, gathered)
  if (found.observed === 0) return null
  const error = Math.abs(found.expected - found.observed) / found.observed
  const spending = yield* learnSpending(gathered)
  const held = now && now.kind === kind ? judge(now.repeat, gathered).meanLogChance : null
  const customers = histories.reduce((t, each) => t + each.customers, 0)
  return {
    model: {
      kind,
      repeat: whole.model,
      spending: spending?.model ?? null,
      error: Math.round(error * 10_000) / 10_000,
    },
    report: {
      ...{
        customers,
        repeatBuyers: repeatBuyersOf(histories),
        purchases,
        logLikelihood: whole.logLikelihood,
      },
      ...{ holdoutExpected: found.expected, holdoutObserved: found.observed, holdoutError: error },
      holdoutLogChance: found.meanLogChance,
      ...(held === null ? {} : { heldLogChance: held }),
      ...(spending ? spending.report : {}),
      ...Object.fromEntries(
        Object.entries(whole.bounds ?? {}).flatMap(([name, { low, high }]) => [
          [`${name}Low`, low],
          [`${name}High`, high],
        ]),
      ),
    },
    isBetter: error <= WORST_ERROR && (held === null || found.meanLogChance >= held - WORSE),
  }
}

function* learnSpending({
  spent,
}: Gathered): Generator<void, { model: BuyingModel['spending']; report: Record<string, number> } | null> {
  // Of the currency that most customers pay in; of several the first by name.
  const [most] = [...spent].sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1))
  if (!most || most[1].length < REPEAT_BUYERS_NEEDED) return null
  const [currency, list] = most
  const related = dependence(list)
  const report = { spenders: list.length, spendingDependence: related }
  if (Math.abs(related) > DEPENDENT) return { model: null, report }
  const found = yield* fitSpending(list)
  return { model: found && { ...found.values, currency }, report }
}
