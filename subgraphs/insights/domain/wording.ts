/** Numbers and days as sentences say them. */
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })

/** 54321.5 as 54,322. */
export const amount = (value: number): string => whole.format(value)
/** 2.5 as 2.5. */
export const number = (value: number): string => fine.format(value)
/** 0.254 as 25 %. */
export const share = (value: number): string => `${whole.format(100 * value)} %`
/** Such as 2026-11-22, in UTC. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10)
