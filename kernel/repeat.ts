import { sleep } from './clock.ts'

export interface Repeating {
  /** Rest between two rounds, in milliseconds. */
  everyMs: number
  /** Told of a round's error, which does not keep the next one from its turn. */
  failed(error: unknown): void
}

/**
 * Does something round after round, the first at once. Disposing ends the rest, or waits for the round under way.
 * @param round gets a signal that aborts on disposal, and its number, counted from 0
 */
export const repeat = (
  round: (signal: AbortSignal, number: number) => Promise<unknown>,
  { everyMs, failed }: Repeating,
): AsyncDisposable => {
  const stopping = new AbortController()
  const loop = async () => {
    for (let number = 0; !stopping.signal.aborted; number++) {
      await round(stopping.signal, number).catch(failed)
      await sleep(everyMs, stopping.signal)
    }
  }
  const looping = loop()
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await looping
    },
  }
}
