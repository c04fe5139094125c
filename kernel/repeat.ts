import { sleep } from './clock.ts'

export interface Repeating {
  /** Rest between two rounds, in milliseconds. */
  everyMs: number
  /** Rest that no wake shortens, so that what comes in handfuls is one round. Default none. */
  gatherMs?: number
  /** Told of a round's error, which does not keep the next one from its turn. */
  failed(error: unknown): void
}

/** Rounds that go on until they are disposed, which ends the rest or waits for the round under way. */
export interface Rounds extends AsyncDisposable {
  /** Has the next round begin now, or right after the one under way. */
  wake(): void
}

/**
 * Does something round after round, the first at once.
 * @param round gets a signal that aborts on disposal, and its number, counted from 0
 */
export const repeat = (
  round: (signal: AbortSignal, number: number) => Promise<unknown>,
  { everyMs, gatherMs = 0, failed }: Repeating,
): Rounds => {
  const stopping = new AbortController()
  let resting = new AbortController()
  const loop = async () => {
    for (let number = 0; !stopping.signal.aborted; number++) {
      resting = new AbortController()
      await round(stopping.signal, number).catch(failed)
      await sleep(everyMs, resting.signal)
      if (gatherMs > 0) await sleep(gatherMs, stopping.signal)
    }
  }
  const looping = loop()
  return {
    wake: () => resting.abort(),
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      resting.abort()
      await looping
    },
  }
}
