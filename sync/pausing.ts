import type { PausePlace, pausesIn } from './pauses.ts'
import type { readingOn } from './read-on.ts'

/** A pause that somebody makes or ends, and what it means. */
export interface PauseTurn extends PausePlace {
  isPause: boolean
  /** Whether records come in at all by the connection's direction. */
  comesIn: boolean
}

const EVERY_TYPE = '*'

/**
 * Makes or ends a pause. What reads the connection stops at its next checkpoint, and what is not paused is read on; what is noted
 * meanwhile is kept.
 * @returns whether it was news
 */
export const pausing =
  (pauses: ReturnType<typeof pausesIn>, { stopReading, readOn }: ReturnType<typeof readingOn>) =>
  async (tx: object, turn: PauseTurn, clock: { now(): Date }): Promise<boolean> => {
    const { orgId, integrationId, direction, isPause, comesIn } = turn
    const isNews = isPause
      ? await pauses.writePause(tx, turn, clock.now())
      : (await pauses.endPauses(tx, turn)) > 0
    if (!isNews || direction === 'OUT') return isNews
    const held = (await pauses.pausesOf(tx, orgId, [integrationId])).get(integrationId) ?? []
    const stands = held.some((pause) => pause.direction === 'IN' && pause.type === EVERY_TYPE)
    // A run has opened the kinds it reads: it ends, and another one begins with those that are left.
    if (isPause) await stopReading(tx, { orgId, integrationId, clock })
    const mode = stands || !comesIn ? null : 'INCREMENTAL'
    await readOn(tx, { orgId, integrationId, mode, clock })
    return isNews
  }
