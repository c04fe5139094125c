import type { Clock } from '#kernel/clock.ts'
import { isTimeToRead } from './cadence.ts'
import { mayPush as isPushApproved } from './plans/may-push.ts'

/** A connection that works, as far as it matters what is done over it without anybody asking. */
export interface Working {
  comesIn: boolean
  goesOut: boolean
  /** Whether somebody has paused a way, for all kinds of record when none is named. */
  isPaused(way: 'IN' | 'OUT', type?: string): boolean
  /** Whether the other system lets us read a kind, or write it. */
  mayRead(type: string): boolean
  mayWrite(type: string): boolean | Promise<boolean>
  isRealtime: boolean
  lastSyncAt: Date | null
}

type Ask = (tx: object, orgId: string, connectionId: string, type: string) => Promise<boolean>

/**
 * What may be done over connections now.
 * @param working undefined when it waits for credentials, is paused as a whole, or was ended
 */
export const mayRun = (
  working: (tx: object, orgId: string, connectionId: string) => Promise<Working | undefined>,
) => {
  /** Whether it is read without anybody asking: not while it is paused, or only goes out. */
  const isActive = async (
    tx: object,
    orgId: string,
    connectionId: string,
    type?: string,
  ): Promise<boolean> => {
    const found = await working(tx, orgId, connectionId)
    return found ? found.comesIn && !found.isPaused('IN', type) : false
  }

  /**
   * Whether what the other system has told of is read now: at once in real time; else together with the runs that its frequency asks
   * for, so that nothing comes over in between.
   */
  const maySignal =
    (clock: Clock): Ask =>
    async (tx, orgId, connectionId, type) => {
      const found = await working(tx, orgId, connectionId)
      if (!found?.comesIn || found.isPaused('IN', type) || !found.mayRead(type)) return false
      return isTimeToRead(found.isRealtime, found.lastSyncAt, clock.now())
    }

  /** Whether changes of a kind that were made here are written there now. What is not stays noted. */
  const mayPush: Ask = async (tx, orgId, connectionId, type) => {
    const found = await working(tx, orgId, connectionId)
    if (!found?.goesOut || found.isPaused('OUT', type) || !(await found.mayWrite(type))) return false
    // The first writes of a connection wait until somebody has approved a plan of them.
    return await isPushApproved(tx, orgId, connectionId)
  }

  return { isActive, maySignal, mayPush }
}
