/**
 * How long to wait before try number `attempt` (1 = first retry): exponential with full jitter, capped.
 * "Full jitter" as in the AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
 * @param random a number in [0, 1): chance is an input
 * @returns milliseconds, at least `baseMs / 2`
 */
export const backoff = (attempt: number, random: number, baseMs = 200, capMs = 30_000): number => {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1))
  return Math.round(Math.max(baseMs / 2, ceiling * random))
}
