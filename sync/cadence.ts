/**
 * cadence  how often something is done by the clock
 * slot     one moment at which it is to be done: the same for everybody who computes it
 */
export type Cadence =
  /** Every so many milliseconds, counted from 1970: whoever starts late finds the same slots. */
  | { everyMs: number }
  /** Once a day at this minute of the day, as clocks on the wall there show it. */
  | { dailyMinute: number; timeZone: string }

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The first slot after a moment. */
export const nextSlot = (cadence: Cadence, after: Date): Date => {
  if ('everyMs' in cadence)
    return new Date((Math.floor(after.getTime() / cadence.everyMs) + 1) * cadence.everyMs)
  return daysAround(after, [-1, 0, 1, 2])
    .map((day) => instantOf(day, cadence))
    .find((slot) => slot > after) as Date
}

/** The last slot at or before a moment. */
export const lastSlot = (cadence: Cadence, at: Date): Date => {
  if ('everyMs' in cadence) return new Date(Math.floor(at.getTime() / cadence.everyMs) * cadence.everyMs)
  return daysAround(at, [1, 0, -1, -2])
    .map((day) => instantOf(day, cadence))
    .find((slot) => slot <= at) as Date
}

/** Midnights in UTC, which stand for days of any zone. */
const daysAround = (at: Date, days: readonly number[]): number[] =>
  days.map((day) => Math.floor(at.getTime() / DAY_MS) * DAY_MS + day * DAY_MS)

// A minute that a day leaves out, when clocks go ahead, is the same number of minutes later; of one that comes twice it is the first.
const instantOf = (
  day: number,
  { dailyMinute, timeZone }: { dailyMinute: number; timeZone: string },
): Date => {
  const wall = day + dailyMinute * MINUTE_MS
  const before = wall - offsetMs(timeZone, wall - DAY_MS)
  const after = wall - offsetMs(timeZone, wall + DAY_MS)
  const fits = [Math.min(before, after), Math.max(before, after)].find(
    (instant) => instant + offsetMs(timeZone, instant) === wall,
  )
  return new Date(fits ?? before)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** How far a zone's clocks are ahead of UTC. */
const offsetMs = (timeZone: string, instant: number): number => {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset', hour: 'numeric' })
  formats.set(timeZone, format)
  const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes = '0'] = /GMT([+-])(\d+):?(\d+)?/.exec(name) ?? []
  return sign ? (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS) : 0
}

/** Whether clocks of a zone are known here. */
export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** A minute of the night from two to three, the same for the same id: not everybody at once. */
export const minuteOfNight = (id: string): number =>
  120 + ([...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7) % 60)

/** What is told to be done daily is done early in the morning, after the night's comparison. */
const MORNING_MINUTE = 5 * 60 + 30
const SOON_MS = 5 * MINUTE_MS

/**
 * How often the changes of a connection are read by the clock.
 * @param own how long after a reading the next one is due; null: only when somebody asks
 * @param shortest how often changes are read at most
 */
export const cadenceOfChanges = (own: number | null, shortest: number, timeZone: string): Cadence => {
  const every = own ?? DAY_MS
  if (every >= DAY_MS) return { dailyMinute: MORNING_MINUTE, timeZone }
  return { everyMs: every <= SOON_MS ? shortest : every }
}

/** For so long after a run what the other system has told of is read too, where changes do not come over at once. */
const AFTER_RUN_MS = 60_000

/**
 * Whether what the other system has told of is read now: at once in real time; else together with the runs that its frequency asks
 * for, so that nothing comes over in between.
 */
export const isTimeToRead = (isRealtime: boolean, lastRunAt: Date | null, now: Date): boolean =>
  isRealtime || now.getTime() - (lastRunAt?.getTime() ?? Number.NEGATIVE_INFINITY) < AFTER_RUN_MS

/** How often something is done, for people. */
export const cadenceWords = (cadence: { everyMs: number | null; dailyMinute: number | null }): string => {
  const { everyMs, dailyMinute } = cadence
  if (everyMs === null) {
    const minute = dailyMinute ?? 0
    const two = (n: number) => String(n).padStart(2, '0')
    return `daily at ${two(Math.floor(minute / 60))}:${two(minute % 60)}`
  }
  const [count, unit] =
    everyMs % HOUR_MS === 0
      ? [everyMs / HOUR_MS, 'hour']
      : everyMs % MINUTE_MS === 0
        ? [everyMs / MINUTE_MS, 'minute']
        : [everyMs / 1000, 'second']
  return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`
}
