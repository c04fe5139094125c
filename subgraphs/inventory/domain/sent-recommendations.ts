import type { RecommendationKind } from './recommendations.ts'

/** What C3 takes recommendations as, by the last part of the path: lanes of what goes out. */
export const SENT_AS = {
  PRICING: 'price-recommendations',
  ALTERNATIVE: 'price-recommendations',
  STOCK_LEVEL: 'inventory-recommendations',
  SUPPLY_RISK: 'supplier-alerts',
} as const satisfies Record<RecommendationKind, string>
export type SentType = (typeof SENT_AS)[RecommendationKind]
export const SENT_TYPES: readonly SentType[] = [...new Set(Object.values(SENT_AS))]
