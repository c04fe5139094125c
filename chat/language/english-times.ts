/** Spans of time as they are said in English. Explicit dates are read by chrono. */
import * as chrono from 'chrono-node'
import { type Around, beginOf, type Day, dayOf, offsetAt, type Span, unitSpan } from '../times.ts'
import { NUMBERS } from './english-numbers.ts'

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const SHORT = MONTHS.map((month) => month.slice(0, 3))
const monthOf = (word: string): number => SHORT.indexOf(word.slice(0, 3)) + 1
const MONTH = `(?:${MONTHS.join('|')}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)`
/** Those that a sentence may end with and mean nothing else: no `may`, no names of people. */
const SOLE_MONTH = 'january|february|july|september|october|november|december|feb|jul|sept?|oct|nov|dec'
/** Besides the numbers: words for a few that only spans of time are counted with. */
const COUNTS: Readonly<Record<string, number>> = { ...NUMBERS, 'couple of': 2, few: 3, a: 1 }
const NUMBER = `(\\d{1,3}|${Object.keys(COUNTS)
  .sort((one, other) => other.length - one.length)
  .join('|')})`
type Rule = [RegExp, (match: RegExpMatchArray, around: Around) => Omit<Span, 'start' | 'end'> | undefined]

const DAYS_OF: Record<string, number> = { day: 1, week: 7, month: 30, quarter: 91, year: 365 }
/** `last 30d`, `past 2w`. */
const UNIT_OF: Readonly<Record<string, string>> = { d: 'day', w: 'week', m: 'month', q: 'quarter', y: 'year' }
const unitOf = (word: string): string => UNIT_OF[word.toLowerCase()] ?? word.toLowerCase()
/** `09/2026`, `2026-09`. */
const MONTH_NUMBER = String.raw`(?<![\d./-])(?:(?:(0?[1-9]|1[0-2])[/.-]((?:19|20)\d\d))|(?:((?:19|20)\d\d)[/-](0[1-9]|1[0-2])))(?![\d./-]*\d)`
/** Before a month that is meant as a whole. */
const NO_DAY = String.raw`(?<!\d(?:st|nd|rd|th)?(?: of)? )`
const monthNumbered = ([first, firstYear, yearAhead, behind]: (string | undefined)[]): Pick<
  Day,
  'y' | 'm'
> => ({
  y: Number(firstYear ?? yearAhead),
  m: Number(first ?? behind),
})
const fromMonth = ({ y, m }: Pick<Day, 'y' | 'm'>, months: number, timeZone: string) => ({
  from: beginOf({ y, m, d: 1 }, timeZone),
  to: beginOf({ y, m: m + months, d: 1 }, timeZone),
})
/** What has no year: the last one that has begun, or the next one for what lies ahead. */
const lastOrAhead = (inYear: (y: number) => Pick<Span, 'from' | 'to'>, { now, timeZone }: Around) => {
  const { y } = dayOf(now, timeZone)
  const isToCome = (inYear(y).from ?? inYear(y).to)! > now
  return isToCome ? { ...inYear(y - 1), ahead: inYear(y) } : { ...inYear(y), ahead: inYear(y + 1) }
}
/** The year of a quarter, as `2026`, `'26`. */
const yearOf = (said: string | undefined, { now, timeZone }: Around): number =>
  said === undefined ? dayOf(now, timeZone).y : said.length === 2 ? 2000 + Number(said) : Number(said)
const YEAR = String.raw`(?:(?:\s+(?:of\s+)?|\s*[/-]\s*)((?:19|20)\d\d)|(?:\s*'|/)(\d\d)(?!\d))?`

const RULES: Rule[] = [
  [
    new RegExp(
      `\\b(?:in |over |within |during |for |of )?(?:the )?(?:last|past|previous|recent)\\s+${NUMBER}(?:\\s+(day|week|month|quarter|year)s?|\\s*([dwmqy]))\\b`,
      'i',
    ),
    ([, count, long, short], { now, timeZone }) => {
      const n = Number(count) || COUNTS[count!.toLowerCase()]!
      const { y, m, d } = dayOf(now, timeZone)
      const by: Record<string, Day> = {
        day: { y, m, d: d - n },
        week: { y, m, d: d - 7 * n },
        month: { y, m: m - n, d },
        quarter: { y, m: m - 3 * n, d },
        year: { y: y - n, m, d },
      }
      const key = unitOf((long ?? short)!)
      const days = DAYS_OF[key]! * n
      return { from: beginOf(by[key]!, timeZone), to: now, days, ...(key === 'month' ? { months: n } : {}) }
    },
  ],
  [
    new RegExp(`\\bwithin\\s+(?:the )?${NUMBER}\\s+(day|week|month)s?\\b`, 'i'),
    ([, count, unit], { now, timeZone }) => {
      const n = Number(count) || COUNTS[count!.toLowerCase()]!
      const { y, m, d } = dayOf(now, timeZone)
      const key = unit!.toLowerCase()
      const off = (by: number): Day =>
        key === 'month' ? { y, m: m + by, d } : { y, m, d: d + by * DAYS_OF[key]! }
      const ahead = { from: beginOf({ y, m, d }, timeZone), to: beginOf(off(n), timeZone) }
      return { from: beginOf(off(-n), timeZone), to: now, days: n * DAYS_OF[key]!, ahead }
    },
  ],
  [
    new RegExp(
      `\\b(?:in |over |within |during |for )?(?:the )?(?:last|past|previous)\\s+(?:${NUMBER}\\s*(?:hours?|h)|hour)\\b`,
      'i',
    ),
    ([, count], { now }) => {
      const n = count === undefined ? 1 : Number(count) || COUNTS[count.toLowerCase()]!
      return {
        from: new Date(now.getTime() - n * 3_600_000),
        to: now,
        ...(n % 24 === 0 ? { days: n / 24 } : {}),
      }
    },
  ],
  [
    new RegExp(`\\b(?:in |within |over |during )?(?:the )?next\\s+${NUMBER}\\s+(day|week|month)s?\\b`, 'i'),
    ([, count, unit], { now, timeZone }) => {
      const n = Number(count) || COUNTS[count!.toLowerCase()]!
      const { y, m, d } = dayOf(now, timeZone)
      const key = unit!.toLowerCase()
      const end = key === 'month' ? { y, m: m + n, d } : { y, m, d: d + n * DAYS_OF[key]! }
      return { from: beginOf({ y, m, d }, timeZone), to: beginOf(end, timeZone) }
    },
  ],
  [
    /\b(?:in |during |of |for |over |from )?(?:the )?(this|current|last|past|previous|next|coming|upcoming)\s+(week|month|quarter|year)(?:'s)?\b/i,
    ([, which, unit], around) => {
      const shift = /this|current/i.test(which!) ? 0 : /next|coming/i.test(which!) ? 1 : -1
      const span = unitSpan(unit!.toLowerCase(), shift, around)
      const sofar = Math.ceil((around.now.getTime() - span.from!.getTime()) / 86_400_000)
      // What only knows days back to now takes the length of what was said.
      const days = shift === 0 ? sofar : shift < 0 ? DAYS_OF[unit!.toLowerCase()]! : undefined
      return { ...span, ...(days === undefined ? {} : { days }) }
    },
  ],
  [
    /\b(?:month to date|mtd|so far this month)\b/i,
    (_, around) => ({ from: unitSpan('month', 0, around).from, to: around.now }),
  ],
  [
    /\b(?:year to date|ytd|so far this year)\b/i,
    (_, around) => ({ from: unitSpan('year', 0, around).from, to: around.now }),
  ],
  [
    /\b(?:quarter to date|qtd|so far this quarter)\b/i,
    (_, around) => ({ from: unitSpan('quarter', 0, around).from, to: around.now }),
  ],
  [/\b(?:for |by |until )?(today|tonight)(?:'s)?\b/i, (_, around) => unitSpan('day', 0, around)],
  [/\b(?:from )?yesterday(?:'s)?\b/i, (_, around) => unitSpan('day', -1, around)],
  [/\b(?:by |for )?tomorrow(?:'s)?\b/i, (_, around) => unitSpan('day', 1, around)],
  [
    new RegExp(
      `\\b(?:(since) |in |for |of |during )?(?:the )?(?:q([1-4])|(first|second|third|fourth) quarter)${YEAR}(?!\\w)`,
      'i',
    ),
    ([, since, digit, word, year, short], around) => {
      const quarter = digit
        ? Number(digit)
        : ['first', 'second', 'third', 'fourth'].indexOf(word!.toLowerCase()) + 1
      const span = fromMonth({ y: yearOf(year ?? short, around), m: quarter * 3 - 2 }, 3, around.timeZone)
      return since ? { ...span, to: null } : span
    },
  ],
  [
    new RegExp(
      `\\b(?:(since) |in |for |of |during )?(?:the )?(?:h([12])|(first|second) half)(?: of the year)?${YEAR}(?!\\w)`,
      'i',
    ),
    ([, since, digit, word, year, short], around) => {
      const isSecond = digit === '2' || word?.toLowerCase() === 'second'
      const span = fromMonth({ y: yearOf(year ?? short, around), m: isSecond ? 7 : 1 }, 6, around.timeZone)
      return since ? { ...span, to: null } : span
    },
  ],
  [
    new RegExp(
      `(?:\\b(?:from|between) )?${MONTH_NUMBER}(?: (?:to|until|till|through|and) |\\s*-\\s*)${MONTH_NUMBER}`,
      'i',
    ),
    ([, ...said], { timeZone }) => ({
      from: fromMonth(monthNumbered(said.slice(0, 4)), 1, timeZone).from,
      to: fromMonth(monthNumbered(said.slice(4)), 1, timeZone).to,
    }),
  ],
  [
    new RegExp(
      `(?:\\b(since|from|before|until|till|in|for|of|during|on) )?${MONTH_NUMBER}( on(?:wards)?\\b)?`,
      'i',
    ),
    ([, before, ...said], { timeZone }) => {
      const { from, to } = fromMonth(monthNumbered(said.slice(0, 4)), 1, timeZone)
      const how = before?.toLowerCase()
      if (how === 'since' || said[4]) return { from, to: null }
      if (how === 'before') return { from: null, to: from }
      return how === 'until' || how === 'till' ? { from: null, to } : { from, to }
    },
  ],
  [
    new RegExp(
      `\\bsince (?:(?:the )?(?:beginning|start|first|1st)(?: of)? |early |mid |late )?(${MONTH})(?:\\s+((?:19|20)\\d\\d))?(?!\\s+\\d|\\w)|\\bfrom (${MONTH})(?:\\s+((?:19|20)\\d\\d))? on(?:wards?)?\\b`,
      'i',
    ),
    ([, sinceMonth, sinceYear, onMonth, onYear], { now, timeZone }) => {
      const [month, year] = [sinceMonth ?? onMonth, sinceYear ?? onYear]
      const today = dayOf(now, timeZone)
      const m = monthOf(month!.toLowerCase())
      const y = year ? Number(year) : m > today.m ? today.y - 1 : today.y
      return { from: beginOf({ y, m, d: 1 }, timeZone), to: null }
    },
  ],
  [
    new RegExp(
      `\\b(?:(?:from|between) (${MONTH})(?:\\s+((?:19|20)\\d\\d))? (?:to|until|till|through|and) (${MONTH})(?:\\s+((?:19|20)\\d\\d))?|${NO_DAY}(${MONTH})(?:\\s+((?:19|20)\\d\\d))?(?: (?:to|until|till|through) |\\s*[-–—]\\s*)(${MONTH})\\s+((?:19|20)\\d\\d))(?!\\s+\\d|\\w)`,
      'i',
    ),
    ([, ...said], { now, timeZone }) => {
      const [first, firstYear, last, lastYear] = said[0] === undefined ? said.slice(4) : said
      const y = Number(lastYear ?? dayOf(now, timeZone).y)
      return {
        from: beginOf({ y: Number(firstYear ?? y), m: monthOf(first!.toLowerCase()), d: 1 }, timeZone),
        to: beginOf({ y, m: monthOf(last!.toLowerCase()) + 1, d: 1 }, timeZone),
      }
    },
  ],
  [
    new RegExp(
      `\\b(?:from|between) (?:the )?(\\d\\d?)(?:st|nd|rd|th)? (?:and|to|until|till) (?:the )?(\\d\\d?)(?:st|nd|rd|th)?(?: of)? (${MONTH})(?:\\s+((?:19|20)\\d\\d))?(?!\\w)`,
      'i',
    ),
    ([, first, last, month, year], around) => {
      const m = monthOf(month!.toLowerCase())
      const inYear = (y: number) => ({
        from: beginOf({ y, m, d: Number(first) }, around.timeZone),
        to: beginOf({ y, m, d: Number(last) + 1 }, around.timeZone),
      })
      return year ? inYear(Number(year)) : lastOrAhead(inYear, around)
    },
  ],
  [
    new RegExp(`\\b(?:in |for |of |during |from )?(last|this|next) (${MONTH})\\b`, 'i'),
    ([, which, month], { now, timeZone }) => {
      const today = dayOf(now, timeZone)
      const m = monthOf(month!.toLowerCase())
      const by = { last: m < today.m ? 0 : -1, this: 0, next: m > today.m ? 0 : 1 }
      return fromMonth({ y: today.y + by[which!.toLowerCase() as keyof typeof by], m }, 1, timeZone)
    },
  ],
  [
    new RegExp(
      `\\b(before|until|till|by the end of) (${MONTH})(?:\\s+((?:19|20)\\d\\d))?(?!\\s+\\d|\\w)`,
      'i',
    ),
    ([, how, month, year], { now, timeZone }) => {
      const today = dayOf(now, timeZone)
      const m = monthOf(month!.toLowerCase())
      const inYear = (y: number) => {
        const { from, to } = fromMonth({ y, m }, 1, timeZone)
        return { from: null, to: /before/i.test(how!) ? from : to }
      }
      const y = year ? Number(year) : m > today.m ? today.y - 1 : today.y
      return { ...inYear(y), ...(year || m === today.m ? {} : { ahead: inYear(y + 1) }) }
    },
  ],
  [
    new RegExp(
      `${NO_DAY}\\b(?:in|for|of|during|from)\\s+(?:the month of )?(${MONTH})(?:'s)?(?:\\s+(?:of\\s+)?((?:19|20)\\d\\d))?(?!\\s+\\d|\\w)|${NO_DAY}\\b(${MONTH})\\s+((?:19|20)\\d\\d)\\b|${NO_DAY}(?<=\\S )(${SOLE_MONTH})(?='s|\\s*[?.!]*$)`,
      'i',
    ),
    ([, inMonth, yearBehind, month, year, sole], { now, timeZone }) => {
      const today = dayOf(now, timeZone)
      const m = monthOf((inMonth ?? month ?? sole)!.toLowerCase())
      const said = yearBehind ?? year
      const y = said ? Number(said) : m > today.m ? today.y - 1 : today.y
      const inYear = (y: number) => ({
        from: beginOf({ y, m, d: 1 }, timeZone),
        to: beginOf({ y, m: m + 1, d: 1 }, timeZone),
      })
      return { ...inYear(y), ...(said || m === today.m ? {} : { ahead: inYear(y + 1) }) }
    },
  ],
  [
    /\b(?:in|for|during|of|from) ((?:19|20)\d\d)\b(?![-/.]\d)/i,
    ([, year], { timeZone }) => ({
      from: beginOf({ y: Number(year), m: 1, d: 1 }, timeZone),
      to: beginOf({ y: Number(year) + 1, m: 1, d: 1 }, timeZone),
    }),
  ],
  [
    /\bsince (yesterday|(?:the )?(?:last|this) (?:week|month|year|quarter))\b/i,
    ([, what], around) => {
      const unit = /week|month|year|quarter/i.exec(what!)?.[0].toLowerCase() ?? 'day'
      return { from: unitSpan(unit, /this/i.test(what!) ? 0 : -1, around).from, to: null }
    },
  ],
]
// What begins with "since" is longer than what stands behind it.
const ORDERED = [...RULES.slice(-1), ...RULES.slice(0, -1)]

const DATED = new RegExp(
  `\\d{4}-\\d\\d?-\\d\\d?|\\d\\d?[./]\\d\\d?|\\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\\b|\\b\\d\\d?(?:st|nd|rd|th)?(?: of)? ${MONTH}\\b|\\b${MONTH} \\d\\d?`,
  'i',
)

const byChrono = (text: string, around: Around): Span | undefined => {
  const { now, timeZone } = around
  if (!DATED.test(text)) return undefined
  const timezone = offsetAt(now.getTime(), timeZone) / 60_000
  // Of as many letters, so that places in the text stay what they are.
  const ranged = text.replace(/(?<=\bbetween\b.{3,30}) and /i, ' to  ')
  const [found] = chrono.en.GB.parse(ranged, { instant: now, timezone }, { forwardDate: false })
  if (!found || !(found.start.isCertain('day') || found.start.isCertain('weekday'))) return undefined
  const day = (at: chrono.ParsedComponents): Day => ({
    y: at.get('year')!,
    m: at.get('month')!,
    d: at.get('day')!,
  })
  const last = day(found.end ?? found.start)
  const first = day(found.start)
  const isLastSaid = found.end?.isCertain('year') === true && !found.start.isCertain('year')
  if (isLastSaid) first.y = first.m > last.m ? last.y - 1 : last.y
  const before =
    /(\b(?:since|from|after|starting|starting from|as of|before|until|till|up to|on|by|between)(?: the)?\s*)$/i.exec(
      text.slice(0, found.index),
    )?.[1] ?? ''
  // From the first of one month to the first of another are the months between.
  const isOfMonths = found.end !== null && first.d === 1 && last.d === 1 && first.m !== last.m
  const place = { start: found.index - before.length, end: found.index + found.text.length }
  const ofYear = (shift: number): Pick<Span, 'from' | 'to'> => {
    const from = beginOf({ ...first, y: first.y + shift }, timeZone)
    const to = beginOf({ ...last, y: last.y + shift, d: last.d + (isOfMonths ? 0 : 1) }, timeZone)
    if (found.end) return { from, to }
    if (/since|from|after|starting|as of/i.test(before)) return { from, to: null }
    if (/before|until|till|up to|by/i.test(before))
      return { from: null, to: /before/i.test(before) ? from : to }
    return { from, to }
  }
  const isSaid = isLastSaid || found.start.isCertain('year') || !found.start.isCertain('month')
  return isSaid
    ? { ...ofYear(0), ...place }
    : { ...lastOrAhead((of) => ofYear(of - first.y), around), ...place }
}

/** The span of time that an English sentence names; undefined when it names none. */
export const englishSpan = (text: string, around: Around): Span | undefined => {
  for (const [pattern, read] of ORDERED) {
    const match = pattern.exec(text)
    const span = match && read(match, around)
    if (match && span) return { ...span, start: match.index, end: match.index + match[0].length }
  }
  return byChrono(text, around)
}
