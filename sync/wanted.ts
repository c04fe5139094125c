import { cadenceOfChanges, isTimeZone, minuteOfNight } from './cadence.ts'
import type { Wanted } from './schedules.ts'

/** A connection as far as it matters what is done for it by the clock. */
export interface Clocked {
  id: string
  /** Where its nights are; null while nobody has said, and then they are those of UTC. */
  timeZone: string | null
  /** Somebody has ended it. */
  isEnded: boolean
  /** How long after a reading the next one is due; null: only when somebody asks. */
  everyMs: number | null
  /** What is done with everything each night. */
  nightly: 'FULL' | 'RECONCILE'
  /** Why nothing comes in; undefined when it does. */
  pausedBecause: string | undefined
}

/**
 * What is done by the clock for a connection: changes as often as its settings say (also where the other system tells of them, in case it
 * did not), everything each night, and forgetting of what is kept no longer.
 * @param shortest how often changes are read at most
 */
export const wantedOf = (connection: Clocked, shortest: number): Wanted[] => {
  const { id, isEnded, everyMs, nightly, pausedBecause } = connection
  const timeZone = connection.timeZone && isTimeZone(connection.timeZone) ? connection.timeZone : 'UTC'
  const minute = minuteOfNight(id)
  const forgetting: Wanted = { name: 'RETENTION', cadence: { dailyMinute: minute + 60, timeZone } }
  if (isEnded) return [forgetting]
  // The greater one first: it does for the smaller one.
  return [
    { name: nightly, cadence: { dailyMinute: minute, timeZone }, pausedBecause },
    { name: 'CHANGES', cadence: cadenceOfChanges(everyMs, shortest, timeZone), pausedBecause },
    forgetting,
  ]
}

/** Why nothing comes in by the clock; undefined when it does. @param connection.signedOut why the other system does not let us in, and what to do */
export const whyNotRead = (connection: {
  isAsked: boolean
  signedOut: string | undefined
  isHeld: boolean
  comesIn: boolean
}): string | undefined => {
  if (connection.isAsked) return 'It is read only when somebody asks.'
  if (connection.signedOut !== undefined) return connection.signedOut
  if (connection.isHeld) return 'It is paused.'
  return connection.comesIn ? undefined : 'Its records only go out.'
}
