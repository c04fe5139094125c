/** A customer's health as customers knows it: what insights last told. */
export interface HeldHealth {
  score: number | null
  /** Where it is going; null while insights cannot say. */
  trend: keyof typeof TRENDS | null
  asOf: Date
}

/** What insights says of a customer. */
export interface ToldHealth {
  score: string | null
  trend?: HeldHealth['trend'] | undefined
  asOf: string
}

/** How HubSpot's companies say it. */
const TRENDS = { RISING: 'growing', STEADY: 'stable', FALLING: 'declining' } as const

/** What is known after insights has told once more; undefined when it tells of an earlier moment. */
export const afterHealth = (held: HeldHealth | undefined, told: ToldHealth): HeldHealth | undefined => {
  const asOf = new Date(told.asOf)
  if (held && held.asOf > asOf) return undefined
  return { score: told.score === null ? null : Number(told.score), trend: told.trend ?? null, asOf }
}

/** What HubSpot's companies are to say of a customer's health. */
export const healthFields = ({ score, trend }: HeldHealth): Record<string, string | null> => ({
  cscx_health_score: score === null ? null : String(score),
  cscx_health_trend: trend && TRENDS[trend],
})
