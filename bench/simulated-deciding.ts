import { assess } from '../subgraphs/insights/domain/assess.ts'
import { type Calibration, calibrate, type JudgedCount } from '../subgraphs/insights/domain/calibration.ts'
import type { DetectorName } from '../subgraphs/insights/domain/detectors.ts'
import type { SignalKind } from '../subgraphs/insights/domain/kinds.ts'
import { DAY } from '../subgraphs/insights/domain/measuring.ts'
import type { Models } from '../subgraphs/insights/domain/models.ts'
import { settingsOf } from '../subgraphs/insights/domain/settings.ts'
import type { Signal } from '../subgraphs/insights/domain/signal.ts'
import { type JudgedOf, learnTrust } from '../subgraphs/insights/domain/trust.ts'
import { type Chance, chanceFrom } from './simulated-buying.ts'

/**
 * How often what each detector notices is so, in a made-up world: records are late, calls are not noted, tickets stay open after they were
 * solved. No confidence is worked out from these.
 */
const IS_SO: Readonly<Partial<Record<DetectorName, number>>> = {
  inactive: 0.72,
  'high-value-low-engagement': 0.55,
  'declining-engagement': 0.42,
  'churn-risk': 0.64,
  upsell: 0.3,
  'poor-health': 0.78,
  'payment-overdue': 0.93,
  'urgent-tickets': 0.86,
}

const NOW = new Date('2026-11-20T12:00:00Z')
const settings = settingsOf({})

const pick = <T>(chance: Chance, from: readonly T[]): T => from[Math.floor(chance() * from.length)]!

/** Facts of a customer of that world: of one to three systems, more or less complete, new or old. */
const factsOf = (chance: Chance, customer: number): Signal[] => {
  const ago = (most: number) => new Date(NOW.getTime() - chance() * most * DAY)
  const facts: Signal[] = []
  const say = (system: 'HUBSPOT' | 'C3' | 'WARP', kind: SignalKind, said: Partial<Signal>) =>
    facts.push({
      ...{ system, accountSystem: system, accountId: `${customer}`, kind, recordId: `${facts.length}` },
      ...{ amount: null, unit: null, label: null, happenedAt: null, endedAt: null },
      ...{ observedAt: ago(chance() < 0.7 ? 50 : 400), ...said },
    })
  const some = (most: number) => Array.from({ length: Math.floor(chance() * (most + 1)) })
  if (chance() < 0.85) {
    say('HUBSPOT', 'company', { label: pick(chance, ['lead', 'customer']), happenedAt: ago(70) })
    for (const _ of some(4)) say('HUBSPOT', 'contact', { happenedAt: ago(150) })
    for (const _ of some(2))
      say('HUBSPOT', 'ticket', { label: pick(chance, ['LOW', 'URGENT']), happenedAt: ago(30) })
    for (const _ of some(2))
      say('HUBSPOT', 'deal', {
        ...{ label: pick(chance, ['open', 'won', 'lost']), amount: 9_000 * chance(), unit: 'USD' },
        ...{ happenedAt: ago(200), endedAt: ago(100) },
      })
  }
  if (chance() < 0.6)
    for (const _ of some(8))
      say('C3', 'rfq', {
        label: pick(chance, ['OPEN', 'WON', 'LOST', 'EXPIRED', 'EXPIRED']),
        happenedAt: ago(170),
      })
  if (chance() < 0.6) {
    say('WARP', 'billing', {
      ...{ label: pick(chance, ['CURRENT', 'CURRENT', 'PAST_DUE']), amount: 3_000 * chance(), unit: 'USD' },
    })
    say('WARP', 'account-status', { label: 'ACTIVE' })
    say('WARP', 'trunk', { label: pick(chance, ['ACTIVE', 'SUSPENDED']) })
  }
  return facts
}

/** What people decide on what is noticed about so many customers, by confidence and by detector. */
export const decided = (
  seed: number,
  customers: number,
  models: Partial<Models> = {},
): { byConfidence: JudgedCount[]; byDetector: JudgedOf[] } => {
  const chance = chanceFrom(seed)
  const byConfidence = new Map<number, JudgedCount>()
  const byDetector = new Map<string, JudgedOf>()
  for (let n = 0; n < customers; n++) {
    const { found } = assess(factsOf(chance, n), [], { settings, models }, NOW)
    for (const { detector, methodVersion, confidence } of found.insights.newest) {
      const isSo = IS_SO[detector as DetectorName]
      if (isSo === undefined) continue
      const right = chance() < isSo ? 1 : 0
      const one = byConfidence.get(confidence) ?? { confidence, judged: 0, right: 0 }
      byConfidence.set(confidence, { ...one, judged: one.judged + 1, right: one.right + right })
      const its = byDetector.get(detector) ?? { detector, methodVersion, judged: 0, right: 0 }
      byDetector.set(detector, { ...its, judged: its.judged + 1, right: its.right + right })
    }
  }
  return { byConfidence: [...byConfidence.values()], byDetector: [...byDetector.values()] }
}

/** How far what came true is from what was promised, in points, in the band in which it is farthest; of bands with so many decisions. */
export const farthest = (bands: readonly Calibration[], leastJudged = 400): number =>
  Math.max(
    ...bands
      .filter(({ judged }) => judged >= leastJudged)
      .map(({ promised, observed }) => Math.abs(Number(promised) - Number(observed))),
  )

/**
 * Has people decide on what is noticed about customers, learns from it, and has them decide on what is noticed about as many others: how
 * well confidence keeps its word before and after.
 */
export const replay = (seed: number, customers: number): { before: Calibration[]; after: Calibration[] } => {
  const first = decided(seed, customers)
  const trust = { ...learnTrust(first.byDetector), version: 1 }
  return {
    before: calibrate(first.byConfidence),
    after: calibrate(decided(seed + 1, customers, { trust }).byConfidence),
  }
}
