/**
 * A customer's health as customers knows it: what insights last told, and where it has stood of late.
 *
 * mean   of the scores, each weighing as long as it held and half as much for every month that it lies back
 * trend  where the score is going: it stands above its mean, below it, or about there
 */
export interface HeldHealth {
  score: number | null
  mean: number | null
  asOf: Date
}

/** What insights says of a customer. */
export interface ToldHealth {
  customerId: string
  score: string | null
  previousScore: string | null
  asOf: string
}

const HALF_LIFE_MS = 30 * 86_400_000
/** Points around the mean that are no movement. */
const STILL = 3

export type HealthTrend = 'growing' | 'stable' | 'declining'

/** The mean as it is at a later moment, while the score has held since. Null when there was no score. */
const meanAt = ({ score, mean, asOf }: HeldHealth, at: Date): number | null => {
  if (score === null) return null
  const age = Math.max(0, at.getTime() - asOf.getTime())
  return score + ((mean ?? score) - score) * 2 ** (-age / HALF_LIFE_MS)
}

/** What is known after insights has told once more; undefined when it tells of an earlier moment. */
export const afterHealth = (held: HeldHealth | undefined, told: ToldHealth): HeldHealth | undefined => {
  const asOf = new Date(told.asOf)
  if (held && held.asOf > asOf) return undefined
  const score = told.score === null ? null : Number(told.score)
  const before = held ? meanAt(held, asOf) : told.previousScore === null ? null : Number(told.previousScore)
  return { score, mean: before ?? score, asOf }
}

/** Where a score is going, at a moment. Null without a score. */
const trendAt = (held: HeldHealth, at: Date): HealthTrend | null => {
  const mean = meanAt(held, at)
  if (held.score === null || mean === null) return null
  const above = held.score - mean
  return above >= STILL ? 'growing' : above <= -STILL ? 'declining' : 'stable'
}

/** What HubSpot's companies are to say of a customer's health. */
export const healthFields = (held: HeldHealth, at: Date): Record<string, string | null> => ({
  cscx_health_score: held.score === null ? null : String(held.score),
  cscx_health_trend: trendAt(held, at),
})
