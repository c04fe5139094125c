/** What a customer will probably still spend. */
import type { Method } from '../findings.ts'
import { DAY } from '../measuring.ts'
import { dayText, type Purchases, purchasesOf } from './purchases.ts'
import { reliance } from './reliance.ts'
import { expectedPurchases, type History, probabilityAlive } from './repeat-buying.ts'
import { predictSpend, type Spent } from './spending.ts'

/** Decimal texts. */
export interface Horizon {
  expected: string
  low: string
  high: string
  purchases: string
}

export interface Value {
  currency: string
  year: Horizon
  threeYears: Horizon
  alive: number
  /** The day it is for. */
  on: string
  confidence: number
  method: string
  modelVersion: number
}

export const VALUE_METHODS = { 0: 'bg-nbd+gamma-gamma@1', 1: 'mbg-nbd+gamma-gamma@1' } as const

const YEAR = 52
const WEEK = 7
const SLOW_FROM = 26
const SLOW_WEEKS = 4
/** Five years of silence: it has long been nothing. */
const LAST_WEEK = 260

/**
 * How long a customer is known, in steps: of a week since its last purchase, of four weeks behind half a year, and none behind five years. What it
 * still will spend falls with every moment of silence; told so often it would be judged anew all the time for nothing.
 */
export const silenceOf = (lastDay: number, asOf: Date): { weeks: number; changesAt: Date | null } => {
  const passed = Math.max(0, Math.floor((asOf.getTime() / DAY - lastDay) / WEEK))
  const slow = passed - ((passed - SLOW_FROM) % SLOW_WEEKS)
  const weeks =
    passed < SLOW_FROM ? passed : Math.min(slow, LAST_WEEK + ((SLOW_FROM - LAST_WEEK) % SLOW_WEEKS))
  const next = weeks + (weeks < SLOW_FROM ? 1 : SLOW_WEEKS)
  return { weeks, changesAt: next > LAST_WEEK ? null : new Date((lastDay + next * WEEK) * DAY) }
}

/** What a customer's past is to a model, so many weeks behind its last purchase. */
export const historyOf = ({ list }: Pick<Purchases, 'list'>, silentWeeks: number): History => {
  const last = (list.at(-1)!.day - list[0]!.day) / WEEK
  return { again: list.length - 1, last, age: last + silentWeeks }
}

/** What was spent in the purchases' currency, what was given back taken off; null when nothing is left. */
const spentOf = ({ list, returned }: Purchases): Spent | null => {
  const amounts = list.flatMap(({ amount }) => (amount === null ? [] : [amount]))
  const total = amounts.reduce((t, amount) => t + amount, 0) - returned
  return amounts.length > 0 && total > 0 ? { purchases: amounts.length, mean: total / amounts.length } : null
}

export const value: Method<Value> = {
  find: (known, { settings: { health }, models: { buying: model } }) => {
    const bought = model && purchasesOf(known)
    if (!bought || bought.kind !== model.kind) return { value: null, dueAt: null }
    const spent = model.spending?.currency === bought.currency ? spentOf(bought) : null
    if (!model.spending || !spent) return { value: null, dueAt: null }
    const lastDay = bought.list.at(-1)!.day
    const { weeks, changesAt } = silenceOf(lastDay, known.asOf)
    const history = historyOf(bought, weeks)
    const within = (horizon: number): Horizon | null => {
      const expected = expectedPurchases(model.repeat, history, horizon)
      const spend = predictSpend(model.spending!, spent, expected)
      return (
        spend && {
          expected: spend.expected.toFixed(2),
          ...{ low: spend.low.toFixed(2), high: spend.high.toFixed(2), purchases: expected.mean.toFixed(2) },
        }
      )
    }
    const [year, threeYears] = [within(YEAR), within(3 * YEAR)]
    if (!year || !threeYears) return { value: null, dueAt: null }
    return {
      value: {
        ...{ currency: model.spending.currency, year, threeYears },
        alive: Math.round(probabilityAlive(model.repeat, history) * 100) / 100,
        on: dayText(lastDay + weeks * WEEK),
        confidence: reliance(bought.systems.length, health.ceilings).byCount(
          bought.list.length,
          1 - model.error,
        ),
        method: VALUE_METHODS[model.repeat.firstMayBeLast],
        modelVersion: model.version,
      },
      dueAt: changesAt,
    }
  },
  told: ({ threeYears, currency, confidence }, asOf) => ({
    lifetimeValue: {
      value: { amount: threeYears.expected, currency },
      confidence: confidence.toFixed(2),
      asOf,
    },
  }),
}
