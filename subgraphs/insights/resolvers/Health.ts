import type { HealthRow } from '../store/health.ts'

/** A score as the graph shows it; a customer never scored has no score and no confidence, which is not a score of 0. */
export const shown = (customerId: string, row: HealthRow | null, recomputing: boolean) => ({
  score: row?.score ?? null,
  confidence: row?.confidence ?? '0',
  coverage: row?.coverage ?? '0',
  dimensions: row?.dimensions ?? [],
  contributions: row?.contributions ?? [],
  recomputing,
  asOf: row?.asOf ?? null,
  customer: { id: customerId },
})
