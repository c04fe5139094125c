import { type FactorName, factorNames } from './churn-factors.ts'
import type { Flaw } from './flaw.ts'

/** How likely each factor makes a customer leave by itself, and something unknown does; 0 to 1. */
export interface RiskSettings {
  leak: number
  factors: Readonly<Record<FactorName, number>>
}

/** What an organisation says itself; the rest is as the hub has it. */
export interface OwnRiskSettings {
  leak?: number
  factors?: Partial<Record<FactorName, number>>
}

/**
 * As the hub has it. These are judgements and not measured: a lost renewal, falling usage and unpaid bills are the customer's own doing and
 * weigh most, what may have many reasons weighs less. They hold until enough of the organisation's own customers have left.
 */
export const RISK_SETTINGS: RiskSettings = {
  leak: 0.02,
  factors: {
    SILENCE: 0.15,
    PEOPLE_INACTIVE: 0.08,
    PAYMENT_OVERDUE: 0.25,
    NO_BUSINESS: 0.12,
    FALLING_USAGE: 0.3,
    FALLING_ANSWERS: 0.1,
    URGENT_TICKETS: 0.12,
    LOST_DEALS: 0.08,
    FEWER_REQUESTS: 0.15,
    LOST_RENEWAL: 0.4,
    CONTRACT_ENDING: 0.15,
  },
}

/** What holds for an organisation that says this itself. */
export const riskSettingsOf = (own: OwnRiskSettings): RiskSettings => ({
  leak: own.leak ?? RISK_SETTINGS.leak,
  factors: { ...RISK_SETTINGS.factors, ...own.factors },
})

/** A change as somebody asks for it; what is null or left out stays. Numbers are decimals, as text. */
export interface AskedRiskSettings {
  leak?: string | null | undefined
  factors?: readonly { factor: FactorName; probability: string }[] | null | undefined
}

const MOST_LEAK = 0.5
// Nothing alone is certain.
const MOST_PROBABILITY = 0.95

const isBetween = (value: number, most: number): boolean =>
  Number.isFinite(value) && value >= 0 && value <= most

/** @returns what an organisation then says itself, or what is wrong with the change */
export const changeRisk = (
  own: OwnRiskSettings,
  { leak, factors }: AskedRiskSettings,
): OwnRiskSettings | Flaw => {
  const changed: OwnRiskSettings = { ...own }
  if (typeof leak === 'string') {
    changed.leak = Number(leak)
    if (!isBetween(changed.leak, MOST_LEAK))
      return { field: 'risk.leak', problem: `is a number from 0 to ${MOST_LEAK}` }
  }
  for (const [place, { factor, probability }] of (factors ?? []).entries()) {
    const field = `risk.factors.${place}`
    if (!factorNames.includes(factor))
      return { field: `${field}.factor`, problem: `is one of ${factorNames.join(', ')}` }
    if (!isBetween(Number(probability), MOST_PROBABILITY))
      return { field: `${field}.probability`, problem: `is a number from 0 to ${MOST_PROBABILITY}` }
    changed.factors = { ...changed.factors, [factor]: Number(probability) }
  }
  return changed
}
