import { setImmediate } from 'node:timers/promises'

/**
 * Works something out in steps, and lets others have the thread between any two.
 * @returns null when it was broken off
 */
export const inTurns = async <T>(
  steps: Generator<void, T>,
  signal?: AbortSignal,
): Promise<{ found: T } | null> => {
  for (;;) {
    if (signal?.aborted) return null
    const step = steps.next()
    if (step.done) return { found: step.value }
    await setImmediate()
  }
}
