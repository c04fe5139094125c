/** When a customer will probably buy next. */
import type { Method } from '../findings.ts'
import { DAY } from '../measuring.ts'
import { normalQuantile } from '../statistics/normal.ts'
import { frequencyOf, gapsOf } from './frequency.ts'
import type { BuyingModel } from './learning.ts'
import { dayText, type Purchases, purchasesOf } from './purchases.ts'
import { reliance } from './reliance.ts'
import { nextPurchase, probabilityAlive } from './repeat-buying.ts'
import { historyOf, silenceOf } from './value.ts'

export interface NextOrder {
  on: string
  earliest: string
  latest: string
  method: string
  confidence: number
}

const OWN_RHYTHM = 'own-rhythm@1'
const LEARNED = { 0: 'bg-nbd@1', 1: 'mbg-nbd@1' } as const
/** A rhythm of its own is one kept so often, and so well. */
const GAPS_NEEDED = 5
const REGULAR = 0.5
/** Left out on either side. */
const OUTSIDE = 0.1
/** Whoever more probably has stopped is not expected. */
const ALIVE = 0.5
/** Farther than this nobody looks, in days. */
const FARTHEST = 5 * 365

interface Days {
  on: number
  earliest: number
  latest: number
}

export const nextOrder: Method<NextOrder> = {
  find: (known, { settings: { health }, models: { buying: model } }) => {
    const bought = purchasesOf(known)
    if (!bought) return { value: null, dueAt: null }
    const relied = reliance(bought.systems.length, health.ceilings)
    const today = Math.floor(known.asOf.getTime() / DAY)
    const rhythm = ownRhythm(bought)
    if (rhythm && today <= rhythm.days.latest)
      return {
        value: written(rhythm.days, OWN_RHYTHM, relied.byCount(bought.list.length - 1, rhythm.regularity)),
        dueAt: new Date((rhythm.days.latest + 1) * DAY),
      }
    return model?.kind === bought.kind
      ? learned(bought, model, known.asOf, relied.byCount)
      : { value: null, dueAt: null }
  },
  told: ({ on, confidence }, asOf) => ({
    nextOrderOn: { value: on, confidence: confidence.toFixed(2), asOf },
  }),
}

/**
 * The days a customer's own intervals point to: they are taken as log-normal, and the next one lies as far from their mean as one that is not yet
 * among them does (Student's t: its quantile from the normal one by R. A. Fisher and E. A. Cornish, Technometrics 2, 1960, first term).
 */
const ownRhythm = ({ list }: Purchases): { days: Days; regularity: number } | null => {
  const gaps = gapsOf(list)
  const { regularity } = frequencyOf(gaps)
  if (gaps.length < GAPS_NEEDED || regularity === null || regularity < REGULAR) return null
  const logs = gaps.map(Math.log)
  const mean = logs.reduce((t, x) => t + x, 0) / logs.length
  const spread = Math.sqrt(logs.reduce((t, x) => t + (x - mean) ** 2, 0) / (logs.length - 1))
  const z = normalQuantile(1 - OUTSIDE)
  const t = z + (z ** 3 + z) / (4 * (logs.length - 1))
  const far = t * spread * Math.sqrt(1 + 1 / logs.length)
  const last = list.at(-1)!.day
  const at = (log: number) => last + Math.min(FARTHEST, Math.round(Math.exp(log)))
  return { days: { on: at(mean), earliest: at(mean - far), latest: at(mean + far) }, regularity }
}

/** The days the model points to for a customer that still buys; counted from where its silence is counted to. */
const learned = (
  bought: Purchases,
  model: BuyingModel,
  asOf: Date,
  byCount: (count: number, share: number) => number,
) => {
  const lastDay = bought.list.at(-1)!.day
  const { weeks, changesAt } = silenceOf(lastDay, asOf)
  const history = historyOf(bought, weeks)
  const alive = probabilityAlive(model.repeat, history)
  const at = (share: number) => lastDay + Math.round(7 * (weeks + nextPurchase(model.repeat, history, share)))
  const days = { on: at(0.5), earliest: at(OUTSIDE), latest: at(1 - OUTSIDE) }
  const isExpected = alive >= ALIVE && days.on - lastDay <= FARTHEST
  return {
    value: isExpected
      ? written(
          { ...days, latest: Math.min(days.latest, lastDay + 2 * FARTHEST) },
          LEARNED[model.repeat.firstMayBeLast],
          byCount(bought.list.length, alive * (1 - model.error)),
        )
      : null,
    dueAt: changesAt,
  }
}

const written = ({ on, earliest, latest }: Days, method: string, confidence: number): NextOrder => ({
  ...{ on: dayText(on), earliest: dayText(earliest), latest: dayText(latest) },
  ...{ method, confidence },
})
