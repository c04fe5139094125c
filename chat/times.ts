/** Days and spans of time by the clock and zone of who speaks. How they are said is a language's: `language/`. */

/** A span of time: from its first moment up to, not including, `to`. */
export interface Span {
  from: Date | null
  to: Date | null
  /** Where it stands in the sentence. */
  start: number
  end: number
  /** `last 90 days`: how many. */
  days?: number
  /** Where a day or month without its year means the last one: the next one. */
  ahead?: Pick<Span, 'from' | 'to'>
  months?: number
}

/** A calendar day of a zone. */
export interface Day {
  y: number
  m: number
  d: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const there = formats.get(timeZone)
  if (there) return there
  const made = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  formats.set(timeZone, made)
  return made
}

/** How far the clocks of a zone are from UTC at a moment, in milliseconds. */
export const offsetAt = (at: number, timeZone: string): number => {
  const parts = formatOf(timeZone).formatToParts(at)
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return wall - Math.floor(at / 1000) * 1000
}

/** The moment at which a day begins in a zone. Months and days may overflow. */
export const beginOf = ({ y, m, d }: Day, timeZone: string): Date => {
  const wall = Date.UTC(y, m - 1, d)
  const guess = wall - offsetAt(wall, timeZone)
  return new Date(wall - offsetAt(guess, timeZone))
}

/** The calendar day of a moment in a zone. */
export const dayOf = (at: Date, timeZone: string): Day => {
  const wall = new Date(at.getTime() + offsetAt(at.getTime(), timeZone))
  return { y: wall.getUTCFullYear(), m: wall.getUTCMonth() + 1, d: wall.getUTCDate() }
}

/** Whose clock and whose days are meant. */
export interface Around {
  now: Date
  timeZone: string
}

/** A calendar unit, so many before or after the one that is now. */
export const unitSpan = (
  unit: string,
  shift: number,
  { now, timeZone }: Around,
): Pick<Span, 'from' | 'to'> => {
  const { y, m, d } = dayOf(now, timeZone)
  const weekday = (new Date(Date.UTC(y, m - 1, d)).getUTCDay() + 6) % 7
  const quarter = Math.floor((m - 1) / 3) * 3 + 1
  const between = (one: Day, other: Day) => ({ from: beginOf(one, timeZone), to: beginOf(other, timeZone) })
  switch (unit) {
    case 'day':
      return between({ y, m, d: d + shift }, { y, m, d: d + shift + 1 })
    case 'week':
      return between({ y, m, d: d - weekday + 7 * shift }, { y, m, d: d - weekday + 7 * shift + 7 })
    case 'month':
      return between({ y, m: m + shift, d: 1 }, { y, m: m + shift + 1, d: 1 })
    case 'quarter':
      return between({ y, m: quarter + 3 * shift, d: 1 }, { y, m: quarter + 3 * shift + 3, d: 1 })
    default:
      return between({ y: y + shift, m: 1, d: 1 }, { y: y + shift + 1, m: 1, d: 1 })
  }
}
