import { type FactorName, factorNames, type Strengths } from '../subgraphs/insights/domain/churn-factors.ts'
import type { Case } from '../subgraphs/insights/domain/churn-model.ts'
import { sigmoid } from '../subgraphs/insights/domain/statistics/logistic.ts'

/** How much each factor moves the odds of leaving in a made-up world; in the world of the settings they are others. */
export const TRUTH = {
  intercept: -3.4,
  weights: {
    SILENCE: 1.1,
    PEOPLE_INACTIVE: 0.3,
    PAYMENT_OVERDUE: 1.6,
    NO_BUSINESS: 0.8,
    FALLING_USAGE: 2.4,
    FALLING_ANSWERS: 0.5,
    URGENT_TICKETS: 0,
    LOST_DEALS: -0.4,
    FEWER_REQUESTS: 1.3,
    LOST_RENEWAL: 2.8,
    CONTRACT_ENDING: 0.9,
  } satisfies Record<FactorName, number>,
}

/** How likely somebody leaves in that world. */
export const trueLikelihood = (strengths: Strengths): number =>
  sigmoid(
    factorNames.reduce((sum, name) => sum + TRUTH.weights[name] * (strengths[name] ?? 0), TRUTH.intercept),
  )

/** Customers of that world, who leave or stay by lot. */
export const simulated = (random: () => number, count: number, likelihood = trueLikelihood): Case[] =>
  Array.from({ length: count }, () => {
    const strengths: Strengths = Object.fromEntries(
      factorNames.flatMap((name) => (random() < 0.3 ? [[name, Math.ceil(4 * random()) / 4]] : [])),
    )
    return { strengths, left: random() < likelihood(strengths) }
  })
