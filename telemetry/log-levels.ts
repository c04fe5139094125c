import { repeat } from '#kernel/clock.ts'
import { areas, asPattern, type Log, living, ownLevel } from '#kernel/log.ts'

/** From which level on an area is written; the first one that fits holds. */
export interface AreaLevel {
  area: string
  level: string
}

const ASKED_EVERY_MS = 5_000

/** Has the logs of this process written from these levels on, and all others as they are by themselves. */
export const setLevels = (levels: readonly AreaLevel[]): void => {
  const wanted = levels.map(({ area, level }) => ({ level, pattern: asPattern(area) }))
  for (const ref of living) {
    const log = ref.deref()
    const own = log && areas.get(log)
    if (!log || !own) living.delete(ref)
    else log.level = wanted.find(({ pattern }) => pattern.test(own.path))?.level ?? ownLevel(own)
  }
}

/**
 * Follows the levels that administrators set, in this process. While nobody answers they stay as they are.
 * @param ask what holds now
 */
export const followLevels = (
  ask: () => Promise<readonly AreaLevel[]>,
  { log, everyMs = ASKED_EVERY_MS }: { log: Log; everyMs?: number },
): AsyncDisposable => {
  const rounds = repeat(async () => setLevels(await ask()), {
    everyMs,
    failed: (error) => log.debug({ err: error }, 'levels of the log stay as they are'),
  })
  return {
    [Symbol.asyncDispose]: async () => {
      await rounds[Symbol.asyncDispose]()
      setLevels([])
    },
  }
}
