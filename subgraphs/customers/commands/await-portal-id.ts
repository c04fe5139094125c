import { sleep } from '#kernel/clock.ts'

const LOOK_EVERY_MS = 100

/**
 * Waits until a record has the id that its portal gives it, in real time, since somebody waits. A look that takes longer than there is
 * left is not waited for: the answer comes in time, whatever is slow.
 * @param look answers the id, null while there is none
 * @returns null when there is none by then
 */
export const awaitPortalId = async (
  look: () => Promise<string | null>,
  waitMs: number,
): Promise<string | null> => {
  const over = new AbortController()
  const looking = async (): Promise<string | null> => {
    for (;;) {
      const id = await look()
      if (id !== null || over.signal.aborted) return id
      await sleep(LOOK_EVERY_MS, over.signal)
      if (over.signal.aborted) return null
    }
  }
  const ended = sleep(waitMs, over.signal).then(() => null)
  try {
    return await Promise.race([looking(), ended])
  } finally {
    over.abort()
  }
}
