/**
 * rules    each factor makes a customer leave by itself with a chance that the settings say, and something unknown does with another (the
 *          leak): it stays when none of them does (a noisy or, Pearl 1988)
 * learned  the same factors, weighed by what the organisation's own customers did (domain/churn-model.ts). Of some nothing could be learned,
 *          such as those that no record dates: they go on by rules, each with its chance beside what was learned of the others
 */
import {
  type FactorName,
  type FoundFactor,
  factorNames,
  factorsOf,
  type Likelihood,
  strengthsOf,
} from './churn-factors.ts'
import { type ChurnModel, likelihoodBy } from './churn-model.ts'
import { confidenceOf, freshUntil } from './confidence.ts'
import type { Known } from './facts.ts'
import type { Beside, Method } from './findings.ts'
import type { SourceSystem } from './kinds.ts'
import { standingOf } from './leaving.ts'
import { earliest } from './measuring.ts'
import type { RiskSettings } from './risk-settings.ts'
import { weekEnds } from './weeks.ts'

// What nobody has compared with what happened is not relied on further than the word of one system.
const MOST_BY_RULES = 69

export type ChurnMethod = 'RULES' | 'LEARNED'

export interface ChurnFactor {
  name: FactorName
  strength: number
  /** Whether its weight was learned. */
  method: ChurnMethod
  /** By how many points the percentage would be less without it. */
  points: number
  /** The likelihood if nothing else spoke for it, 0 to 1. */
  alone: number
  value: number
  sources: SourceSystem[]
}

/** How likely a customer leaves; `percentage` null once it has left. */
export interface Churn {
  percentage: number | null
  leftOn: string | null
  confidence: number
  method: ChurnMethod
  version: number | null
  /** Those that show, what weighs most first. */
  factors: ChurnFactor[]
}

/** By rules. */
export const likelihoodByRules =
  ({ leak, factors }: RiskSettings): Likelihood =>
  (strengths) =>
    1 - factorNames.reduce((stays, name) => stays * (1 - factors[name] * (strengths[name] ?? 0)), 1 - leak)

/** By what was learned, and of factors of which nothing was, by rules. */
export const likelihoodOf = (model: ChurnModel | undefined, settings: RiskSettings): Likelihood => {
  if (!model) return likelihoodByRules(settings)
  const learned = likelihoodBy(model)
  const others = factorNames.filter((name) => !model.factors.includes(name))
  return (strengths) =>
    1 -
    others.reduce(
      (stays, name) => stays * (1 - settings.factors[name] * (strengths[name] ?? 0)),
      1 - learned(strengths),
    )
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits
const percent = (likelihood: number): number => round(100 * likelihood, 1)

/** How likely a customer leaves within `HORIZON_DAYS`. */
export const churn: Method<Churn> = {
  find: (known, beside) => {
    const standing = standingOf(known)
    if (!standing) return { value: null, dueAt: known.nextAt }
    const found = factorsOf(known)
    const { leftAt } = standing
    const value: Churn =
      leftAt === null
        ? staying(found, known, beside)
        : {
            ...nothing,
            leftOn: leftAt.toISOString().slice(0, 10),
            confidence: sureness(found, known, beside),
          }
    return {
      value,
      dueAt: earliest([
        known.nextAt,
        weekEnds(known),
        standing.changesAt,
        ...found.flatMap(({ found: { changesAt, observedAt } }) => [
          changesAt,
          freshUntil(observedAt, known.asOf),
        ]),
      ]),
    }
  },
  told: ({ percentage, confidence }, asOf) => ({
    churnRisk: {
      value: percentage === null ? null : percentage.toFixed(1),
      confidence: confidence.toFixed(2),
      asOf,
    },
  }),
}

const nothing: Churn = {
  ...{ percentage: null, leftOn: null, confidence: 0, method: 'RULES', version: null },
  factors: [],
}

const sureness = (found: readonly FoundFactor[], known: Known, { settings }: Beside<Churn>): number =>
  confidenceOf(
    found.map((each) => ({ weight: 1, found: each.found })),
    found.length / factorNames.length,
    settings.health.ceilings,
    known.asOf,
  )

const staying = (found: readonly FoundFactor[], known: Known, beside: Beside<Churn>): Churn => {
  const { settings, models } = beside
  const likelihood = likelihoodOf(models.churn, settings.risk)
  const strengths = strengthsOf(found)
  const all = likelihood(strengths)
  const showing = found.flatMap(({ name, strength, found: { value, sources } }): ChurnFactor[] => {
    if (strength === 0) return []
    const { [name]: own, ...others } = strengths
    return [
      {
        ...{ name, strength, method: models.churn?.factors.includes(name) ? 'LEARNED' : 'RULES' },
        points: round(100 * (all - likelihood(others)), 1),
        alone: round(likelihood({ [name]: own ?? 0 }), 3),
        ...{ value: round(value, 2), sources },
      },
    ]
  })
  const confidence = sureness(found, known, beside)
  const isLearned = models.churn !== undefined && showing.every(({ method }) => method === 'LEARNED')
  return {
    percentage: percent(all),
    leftOn: null,
    confidence: isLearned ? confidence : Math.min(MOST_BY_RULES, confidence),
    method: models.churn ? 'LEARNED' : 'RULES',
    version: models.churn?.version ?? null,
    factors: showing.sort((a, b) => b.points - a.points || (a.name < b.name ? -1 : 1)),
  }
}
