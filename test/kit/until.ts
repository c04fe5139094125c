import { setTimeout } from 'node:timers/promises'

const SELDOM_MS = 500

/**
 * Waits for a condition instead of for a time: calls `fn` until it answers something truthy, and answers that.
 * An error of `fn` counts as "not yet".
 * @throws Error after `timeoutMs`, with the last error of `fn` as its cause
 */
export const until = async <T>(
  fn: () => T | Promise<T | undefined | false>,
  { timeoutMs = 100_000, everyMs = 20 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Exclude<T, false | undefined | null>> => {
  const deadline = performance.now() + timeoutMs
  let last: unknown
  for (;;) {
    const since = performance.now()
    try {
      const value = await fn()
      if (value) return value as Exclude<T, false | undefined | null>
      last = undefined
    } catch (error) {
      last = error
    }
    if (performance.now() >= deadline)
      throw new Error(`not so within ${timeoutMs} ms: ${String(fn).slice(0, 200)}`, { cause: last })
    // A look that costs much is seldom: what is waited for needs the machine too.
    await setTimeout(Math.max(everyMs, Math.min(3 * (performance.now() - since), SELDOM_MS)))
  }
}
