/**
 * purchase   what a customer bought on one day (UTC): what is bought twice on a day was bought at one go
 * kind       what purchases are read from: orders, or won deals for a customer that has no order. Never both: an order mostly has a deal of
 *            its own in HubSpot, and the same money would count twice. Requests for prices are no purchases: what was won of them is
 *            ordered, and comes as orders
 */
import type { Known } from '../facts.ts'
import type { SignalKind, SourceSystem } from '../kinds.ts'
import { DAY } from '../measuring.ts'
import type { OrderLine, Signal } from '../signal.ts'

export type PurchaseKind = 'ORDER' | 'DEAL'

export interface Purchase {
  /** Days since 1970. */
  day: number
  /** In the currency that most purchases are in; null when there is no amount in it. */
  amount: number | null
  recordId: string
}

export interface Purchases {
  kind: PurchaseKind
  /** One for each day, oldest first; at least one. */
  list: readonly Purchase[]
  /** The currency of the amounts; null when no amount is known. */
  currency: string | null
  /** Purchases of which no amount in that currency is known. */
  leftOut: number
  /** What was given back, in that currency. */
  returned: number
  /** What was bought part by part, in that currency, with its day. */
  lines: readonly (OrderLine & { day: number })[]
  systems: SourceSystem[]
}

const dayOf = (at: Date): number => Math.floor(at.getTime() / DAY)

/** The day as text, such as 2026-11-22. */
export const dayText = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10)

const isBought = (signal: Signal): boolean =>
  signal.happenedAt !== null && (signal.amount === null || signal.amount > 0)

// Several methods ask for the purchases of one customer, one after the other.
const read = new WeakMap<object, Purchases | null>()

/** What a customer has bought; null when that is nothing. */
export const purchasesOf = (known: Pick<Known, 'facts'>): Purchases | null => {
  const held = read.get(known)
  if (held !== undefined) return held
  const found = readPurchases(known)
  read.set(known, found)
  return found
}

const readPurchases = ({ facts }: Pick<Known, 'facts'>): Purchases | null => {
  const orders = facts('order').filter((s) => s.label === 'SALE' && isBought(s))
  if (orders.length > 0)
    return gather(
      'ORDER',
      orders,
      (s) => s.happenedAt!,
      facts('order').filter((s) => s.label === 'RETURN'),
    )
  const deals = facts('deal').filter(
    (s) => s.label === 'won' && s.endedAt !== null && (s.amount === null || s.amount > 0),
  )
  return deals.length > 0 ? gather('DEAL', deals, (s) => s.endedAt!, []) : null
}

const gather = (
  kind: PurchaseKind,
  bought: readonly Signal[],
  at: (s: Signal) => Date,
  back: readonly Signal[],
): Purchases => {
  const currency = mostUsed(bought)
  const isOurs = (s: Signal) => s.amount !== null && s.unit === currency
  const days = new Map<number, Signal[]>()
  for (const signal of bought) {
    const day = dayOf(at(signal))
    const held = days.get(day)
    if (held) held.push(signal)
    else days.set(day, [signal])
  }
  const list = [...days]
    .sort(([a], [b]) => a - b)
    .map(([day, signals]): Purchase => {
      const amounts = signals.filter(isOurs).map((s) => s.amount!)
      return {
        day,
        amount: amounts.length > 0 ? added(amounts) : null,
        recordId: signals.reduce(
          (first, s) => (s.recordId < first ? s.recordId : first),
          signals[0]!.recordId,
        ),
      }
    })
  return {
    ...{ kind, list, currency },
    leftOut: list.filter(({ amount }) => amount === null).length,
    returned: added(back.filter((s) => s.happenedAt !== null && isOurs(s)).map((s) => s.amount!)),
    lines: bought
      .filter(isOurs)
      .flatMap((s) => (s.details?.lines ?? []).map((line) => ({ ...line, day: dayOf(at(s)) }))),
    systems: [...new Set(bought.map((s) => s.system))].sort(),
  }
}

/** The currency that most amounts are in; of several the first by name. */
const mostUsed = (signals: readonly Signal[]): string | null => {
  const counts = new Map<string, number>()
  for (const { amount, unit } of signals)
    if (amount !== null && unit !== null) counts.set(unit, (counts.get(unit) ?? 0) + 1)
  let found: string | null = null
  for (const [unit, count] of counts)
    if (found === null || count > counts.get(found)! || (count === counts.get(found) && unit < found))
      found = unit
  return found
}

/** Added up in one order, so that facts in another give the same to the last bit. */
export const added = (amounts: readonly number[]): number =>
  [...amounts].sort((a, b) => a - b).reduce((total, amount) => total + amount, 0)

const RECORDS_NAMED = 3

/** The purchases that something rests on, short enough to be kept with it. */
export interface Evidence {
  kind: PurchaseKind
  purchases: number
  firstOn: string
  lastOn: string
  newestRecords: string[]
  sources: SourceSystem[]
}

export const evidenceOf = ({ kind, list, systems }: Purchases): Evidence => ({
  kind,
  purchases: list.length,
  firstOn: dayText(list[0]!.day),
  lastOn: dayText(list.at(-1)!.day),
  newestRecords: list
    .slice(-RECORDS_NAMED)
    .map(({ recordId }) => recordId)
    .reverse(),
  sources: systems,
})

/** The kinds of facts that purchases are read from. */
export const PURCHASE_KINDS = ['order', 'deal'] as const satisfies readonly SignalKind[]

const LEARNED_EVERY_DAYS = 30
const GROWN = 1.1
/** Fewer facts cannot hold what a model needs. */
const LEAST_FACTS = 100

/**
 * Whether there is something to be learned from purchases.
 * @param facts how many there are
 * @param last how many there were when it was last tried, and when; null when it never was
 */
export const isWorthLearning = (
  facts: number,
  last: { facts: number; at: Date } | null,
  now: Date,
): boolean =>
  facts >= LEAST_FACTS &&
  (last === null ||
    facts >= GROWN * last.facts ||
    now.getTime() - last.at.getTime() >= LEARNED_EVERY_DAYS * DAY)
