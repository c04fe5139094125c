/** How a connection is kept in step, whichever system it leads to: words and rules that the graph has for all of them. */
/** How a connection is kept in step, as somebody wants it. */
export const DIRECTIONS = ['BIDIRECTIONAL', 'IN', 'OUT'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** REALTIME: as the other system tells, and looked at every five minutes in case it did not. */
export const FREQUENCIES = ['REALTIME', 'FIVE_MINUTES', 'HOURLY', 'DAILY', 'MANUAL'] as const
export type Frequency = (typeof FREQUENCIES)[number]

const MINUTE_MS = 60_000

/** How long after a run the next one is due; null: only when somebody asks. */
export const everyMs = (frequency: Frequency): number | null =>
  ({
    REALTIME: 5 * MINUTE_MS,
    FIVE_MINUTES: 5 * MINUTE_MS,
    HOURLY: 60 * MINUTE_MS,
    DAILY: 24 * 60 * MINUTE_MS,
    MANUAL: null,
  })[frequency]

/** Whether records come in under a direction, or go out. */
export const allows = (direction: Direction, way: 'IN' | 'OUT'): boolean =>
  direction === 'BIDIRECTIONAL' || direction === way

/** A pause of one direction; type `*` holds every kind of record. */
export interface Pause {
  direction: 'IN' | 'OUT'
  type: string
  paused_at: Date
}

export const EVERY_TYPE = '*'

export const isPaused = (pauses: readonly Pause[], direction: 'IN' | 'OUT', type: string): boolean =>
  pauses.some((pause) => pause.direction === direction && (pause.type === type || pause.type === EVERY_TYPE))

const MOST_NAME = 100

/** What stands in the way of a change, and in which input field. */
export interface KeepingFlaw {
  field: string
  message: string
}

/** What is wrong with how a connection is to be kept in step; undefined when nothing is. */
export const flawInKeeping = (given: {
  name?: string
  direction?: Direction
  frequency?: Frequency
  deletePercent?: number
  changePercent?: number
}): KeepingFlaw | undefined => {
  const { name, direction, frequency } = given
  if (name !== undefined && (name === '' || name.length > MOST_NAME))
    return { field: 'name', message: `A name has one to ${MOST_NAME} letters.` }
  if (direction && !DIRECTIONS.includes(direction))
    return { field: 'direction', message: `The direction is one of ${spelt(DIRECTIONS)}.` }
  if (frequency && !FREQUENCIES.includes(frequency))
    return { field: 'frequency', message: `The frequency is one of ${spelt(FREQUENCIES)}.` }
  for (const field of ['deletePercent', 'changePercent'] as const) {
    const share = given[field]
    if (share !== undefined && (share < 0 || share > 100))
      return { field, message: 'A share is 0 (always ask) to 100 (never ask).' }
  }
  return undefined
}

const spelt = (words: readonly string[]) => words.map((word) => word.toLowerCase()).join(', ')
