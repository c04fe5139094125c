/** Fills the variables of an operation with what a sentence says. */
import type { Intent, Place, Subject } from './contract.ts'
import type { Forms } from './language/language.ts'
import { type Lexicon, phraseAt } from './lexicon.ts'
import { has, lastOf, put } from './paths.ts'
import type { Reading } from './reading.ts'
import { beginOf, dayOf } from './times.ts'
import { fillTold } from './told.ts'

export interface Filled {
  variables: Record<string, unknown>
  /** The tokens that it took up. */
  used: ReadonlySet<number>
  usesTime: boolean
  subjects: Subject[]
  /** Subjects that have no place in the operation. */
  left: Subject[]
  /** How many values that were told have a place. */
  told: number
  /** How many values were denied: `not suspended`. */
  denied: number
  /** What has to be said and was not. */
  lacks: Place[]
  /** Places that hold one value, of which the sentence said several. */
  split: Split[]
}

/** A place that holds one value, and the several that were said for it. */
export interface Split {
  place: Place
  values: unknown[]
}

const SINCE = /(^|\.)(from|since|dueFrom|receivedFrom|atOrAfter)$/
const BEFORE = /(^|\.)(to|before|until|dueBefore|receivedBefore)$/
const DAYS_BACK = 30
const DAYS_IN_MONTH = 30.4
/** The day on which clocks are set back. */
const LONGEST_DAY_MS = 25 * 3_600_000

const two = (n: number): string => String(n).padStart(2, '0')

/** Fills what can be filled. Pure. */
export const fill = (
  intent: Intent,
  reading: Reading,
  lexicon: Lexicon,
  around: { now: Date; timeZone: string },
): Filled => {
  const variables: Record<string, unknown> = {}
  const used = new Set<number>()
  const tellsOf = (at: readonly number[]) => {
    for (const one of at) used.add(one)
  }
  const { subjects, left } = fillSlots(intent, reading.subjects, variables)
  const told = fillTold(intent.places, reading, lexicon, variables, tellsOf)
  const usesTime = fillTime(intent.places, reading, variables, around)
  fillComparisons(intent.places, reading, lexicon, variables, tellsOf)
  const { split, denied } = fillWords(intent.places, reading, lexicon, variables, tellsOf)
  const first = intent.places.find(({ path }) => path === 'first')
  if (first && reading.amounts.first) {
    variables.first = reading.amounts.first.count
    tellsOf(reading.amounts.first.at)
  }
  const lacks = intent.places.filter(({ path, isRequired }) => isRequired && !has(variables, path))
  const unsaid = intent.needs?.filter(({ path }) => !has(variables, path)) ?? []
  return { variables, used, usesTime, subjects, left, lacks: [...lacks, ...unsaid], split, denied, told }
}

const fillSlots = (intent: Intent, named: readonly Subject[], variables: Record<string, unknown>) => {
  const subjects: Subject[] = []
  const left: Subject[] = []
  for (const subject of named) {
    const free = intent.places.filter(({ slot, path }) => slot === subject.kind && !has(variables, path))
    const place =
      free.find(({ isRequired }) => isRequired) ?? free.find(({ path }) => !path.includes('.')) ?? free[0]
    if (!place) left.push(subject)
    else {
      put(variables, place.path, place.isList ? [subject.id] : subject.id)
      subjects.push(subject)
    }
  }
  return { subjects, left }
}

const asText = (at: Date, { type, path }: Place, timeZone: string): unknown => {
  if (type === 'DateTime') return at.toISOString()
  // A span ends before its last moment; a day that is named as its end is in it.
  const { y, m, d } = dayOf(BEFORE.test(path) && type === 'Date' ? new Date(at.getTime() - 1) : at, timeZone)
  return type === 'Date' ? `${y}-${two(m)}-${two(d)}` : `${y}-${two(m)}`
}

const fillTime = (
  places: readonly Place[],
  { time }: Reading,
  variables: Record<string, unknown>,
  { now, timeZone }: { now: Date; timeZone: string },
): boolean => {
  const timely = places.filter(
    ({ path, type, slot }) =>
      !slot && ['DateTime', 'Date', 'String'].includes(type) && (SINCE.test(path) || BEFORE.test(path)),
  )
  const from = timely.find(({ path }) => SINCE.test(path))
  const to = timely.find(({ path }) => BEFORE.test(path))
  const month = places.find(({ path, type }) => lastOf(path) === 'month' && type === 'String')
  const days = places.find(({ path, type }) => lastOf(path) === 'days' && type === 'Int')
  const moment = places.find(({ path, type }) => lastOf(path) === 'asOf' && type === 'DateTime')
  const today = dayOf(now, timeZone)
  if (!time) {
    if (from?.isRequired && to?.isRequired) {
      const isMonth = from.type === 'String'
      const begin = new Date(now.getTime() - (isMonth ? 335 : DAYS_BACK) * 86_400_000)
      const day = dayOf(begin, timeZone)
      put(
        variables,
        from.path,
        isMonth
          ? `${day.y}-${two(day.m)}`
          : from.type === 'Date'
            ? asText(begin, from, timeZone)
            : startOf(begin, timeZone),
      )
      put(variables, to.path, isMonth ? `${today.y}-${two(today.m)}` : asText(now, to, timeZone))
    }
    return false
  }
  const months = places.find(({ path, type }) => lastOf(path) === 'months' && type === 'Int')
  if (months && time.days !== undefined && time.days >= 28) {
    put(variables, months.path, Math.round(time.days / DAYS_IN_MONTH))
    return true
  }
  if (days && time.days !== undefined) {
    put(variables, days.path, time.days)
    return true
  }
  if (month && time.from && time.to) {
    put(variables, month.path, asText(time.from, { ...month, path: 'from' }, timeZone))
    return true
  }
  if (from || to) {
    const end = time.to ?? (to?.isRequired ? now : null)
    const start = time.from ?? (from?.isRequired ? new Date(now.getTime() - DAYS_BACK * 86_400_000) : null)
    if (from && start) put(variables, from.path, asText(start, from, timeZone))
    // "The last 30 days" end now: nothing is gained by saying so where it may be left out.
    if (to && end && (to.isRequired || end.getTime() !== now.getTime()))
      put(
        variables,
        to.path,
        to.type === 'String' ? asText(new Date(end.getTime() - 1), to, timeZone) : asText(end, to, timeZone),
      )
    return true
  }
  const isMoment = time.from && time.to && time.to.getTime() - time.from.getTime() <= LONGEST_DAY_MS
  if (moment && time.from && isMoment) {
    put(variables, moment.path, time.from.toISOString())
    return true
  }
  return false
}

const startOf = (at: Date, timeZone: string): string => {
  const { y, m, d } = dayOf(at, timeZone)
  return beginOf({ y, m, d }, timeZone).toISOString()
}
const fillComparisons = (
  places: readonly Place[],
  { amounts, tokens }: Reading,
  lexicon: Lexicon,
  variables: Record<string, unknown>,
  tellsOf: (at: readonly number[]) => void,
): void => {
  for (const comparison of amounts.comparisons) {
    const near = Object.entries(lexicon.language.measures).flatMap(([measure, words]) => {
      const place = places.find(({ path }) => path.endsWith(`.${measure}.${comparison.side}`))
      if (!place) return []
      return lexicon.phrases(words).flatMap((stems) =>
        tokens.flatMap((token, at) => {
          if (token.stem !== stems[0]) return []
          const found = phraseAt(tokens, at, stems, lexicon)
          return found ? [{ place, found, away: Math.abs(found[0]! - comparison.at[0]!) - found.length }] : []
        }),
      )
    })
    const [best] = near.sort((a, b) => a.away - b.away || b.found.length - a.found.length)
    if (!best) continue
    const { place } = best
    put(variables, place.path, place.type === 'Int' ? Number(comparison.amount) : comparison.amount)
    const currency = places.find(({ path }) => path === place.path.replace(/\w+$/, 'currency'))
    if (currency && comparison.currency) put(variables, currency.path, comparison.currency)
    // `paying … a month` says the same measure twice.
    tellsOf([...comparison.at, ...near.filter((one) => one.place === place).flatMap(({ found }) => found)])
  }
}

const fillWords = (
  places: readonly Place[],
  reading: Reading,
  lexicon: Lexicon,
  variables: Record<string, unknown>,
  tellsOf: (at: readonly number[]) => void,
): { split: Split[]; denied: number } => {
  const { tokens } = reading
  const { forms } = lexicon.language
  const said = new Set(tokens.map(({ stem }) => stem))
  const taken = new Map<number, Place>()
  // What is part of a longer phrase is not said by itself.
  const isPart = (at: readonly number[]) =>
    reading.concepts.some(
      (one) =>
        one.at.length > at.length &&
        at.some((word) => one.at.includes(word)) &&
        // `on stock` says no more than `stock`.
        !(at.length === one.at.length - 1 && lexicon.prepositions.has(tokens[one.at[0]!]!.stem)) &&
        !(
          lexicon.deeds.has(one.of) &&
          one.at[0]! > reading.mood.begins &&
          lexicon.language.forms.done.test(tokens[one.at.at(-1)!]!.lower)
        ),
    )
  // `in stock` says what is asked of a part that is named, not which of them.
  const isThing = (at: readonly number[]) =>
    reading.subjects.length > 0 && reading.concepts.some((one) => at.every((word) => one.at.includes(word)))
  const isOpening = (at: number) =>
    at === reading.mood.begins &&
    ((tokens[at]!.stem === forms.opening && isDetermined(reading, at + 1, forms)) ||
      // A deed that is wished is no state: `suspend the trunk` asks for none that are suspended.
      (!reading.mood.isQuestion &&
        reading.concepts.some((one) => one.at[0] === at && lexicon.deeds.has(one.of)) &&
        !forms.done.test(tokens[at]!.lower)))
  // `opened by Acme`, `did Acme open any` tells who did it, not how it is.
  const isOpened = (at: number) =>
    tokens[at]!.stem === forms.opening &&
    (tokens[at]!.lower !== forms.opening
      ? forms.done.test(tokens[at]!.lower)
      : tokens[at - 1]?.taken === 'name' && isDetermined(reading, at + 1, forms))
  const wordsAt = (phrases: readonly (readonly string[])[]): number[] | undefined => {
    for (const stems of phrases) {
      if (!said.has(stems[0]!)) continue
      for (let at = 0; at < tokens.length; at++) {
        const found = phraseAt(tokens, at, stems, lexicon)
        if (found && !isPart(found) && !isOpening(at) && !isOpened(at)) return found
      }
    }
    return undefined
  }
  const take = (at: readonly number[], place: Place) => {
    for (const one of at) taken.set(one, place)
    tellsOf(at)
  }
  // The opposite of what is said must never be shown.
  const denialOf = (at: readonly number[]) => {
    let before = at[0]! - 1
    while (tokens[before] && forms.untilNow.has(tokens[before]!.lower)) before--
    return reading.denied.includes(before) ? before : undefined
  }
  const denials = new Set<number>()
  const options: { place: Place; value: unknown; at: number[] }[] = []
  for (const place of places) {
    const name = lastOf(place.path)
    if (place.values && !(name === 'orderBy')) {
      for (const value of place.values) {
        const at = wordsAt(lexicon.valueWords(place.type, value))
        const denial = at && denialOf(at)
        const opposite = lexicon.language.opposites[`${place.type}.${value}`]
        if (at && denial === undefined) options.push({ place, value, at })
        else if (at && denial !== undefined && opposite !== undefined)
          options.push({ place, value: opposite, at: [denial, ...at] })
        else if (denial !== undefined) denials.add(denial)
      }
    } else if (place.type === 'Boolean') {
      const words = lexicon.language.booleans[name]
      const saying = (phrases = ''): { at: number[]; isDenied: boolean } | undefined => {
        const at = wordsAt(lexicon.phrases(phrases))
        const denial = at && denialOf(at)
        return at && { at: denial === undefined ? at : [denial, ...at], isDenied: denial !== undefined }
      }
      const [no, yes, undone] = [saying(words?.no), saying(words?.yes), saying(words?.undone)]
      if (no) options.push({ place, value: no.isDenied, at: no.at })
      if (yes && !isThing(yes.at)) options.push({ place, value: !yes.isDenied, at: yes.at })
      // Who answered a ticket has not closed it: only what was not done tells that it is open.
      if (undone?.isDenied) options.push({ place, value: true, at: undone.at })
    } else if (name === 'orderBy') {
      const by = tokens.findIndex((token, at) =>
        lexicon
          .phrases(lexicon.language.orderedBy)
          .some((stems) => stems[0] === token.stem && phraseAt(tokens, at, stems, lexicon)),
      )
      const ordering = tokens.flatMap(({ stem, taken }, at) =>
        !taken && at < by && lexicon.ordering.has(stem) ? [at] : [],
      )
      for (const value of by >= 0 ? (place.values ?? []) : [])
        for (const stems of lexicon.valueWords(place.type, value))
          for (let at = by; at < tokens.length; at++) {
            const found = phraseAt(tokens, at, stems, lexicon)
            if (found && !found.includes(by)) options.push({ place, value, at: [...ordering, by, ...found] })
          }
    }
  }
  // What takes up more of the sentence counts; of two places for the same, the one that is nearer to the operation.
  options.sort(
    (a, b) => b.at.length - a.at.length || a.place.path.split('.').length - b.place.path.split('.').length,
  )
  const values = new Map<Place, { value: unknown; at: number[] }[]>()
  for (const { place, value, at } of options) {
    if (has(variables, place.path)) continue
    const before = values.get(place) ?? []
    // A second value for one place counts where the two are listed: `sales and returns`.
    if (before.length > 0 && !place.isList && !before.some((one) => isListed(one.at, at, reading, lexicon)))
      continue
    // The same words may say two things of different kinds: what waits for a review is new, and little relied on.
    const by = at.map((one) => taken.get(one))
    if (
      by.some(
        (other) =>
          other !== undefined &&
          (other.type === place.type || by.includes(undefined) || place.type === 'Boolean' || at.length < 2),
      )
    )
      continue
    take(at, place)
    values.set(place, [...before, { value, at }])
  }
  const split: Split[] = []
  for (const [place, found] of values) {
    const inOrder = found.sort((a, b) => a.at[0]! - b.at[0]!).map(({ value }) => value)
    const rest = putValues(place, inOrder, places, variables)
    if (rest) split.push(rest)
  }
  return { split, denied: [...denials].filter((at) => !taken.has(at)).length }
}

/** Puts the values that were said where they fit. @returns what one place cannot hold */
const putValues = (
  place: Place,
  values: unknown[],
  places: readonly Place[],
  variables: Record<string, unknown>,
): Split | undefined => {
  const { path, isList, fallback, type } = place
  if (isList) put(variables, path, values)
  else if (values.length === 1) {
    if (values[0] !== fallback) put(variables, path, values[0])
  } else if (values.length === (place.values?.length ?? 2)) {
    // All that there are: nothing is left out.
    if (fallback !== undefined) put(variables, path, null)
  } else {
    const list = places.find((other) => other.isList && other.type === type && !has(variables, other.path))
    if (!list) return { place, values }
    put(variables, list.path, values)
  }
  return undefined
}

/** Whether two words of a sentence are parts of one list: `sales and returns`, `sales, returns`. */
const isListed = (
  one: readonly number[],
  other: readonly number[],
  { tokens, text }: Reading,
  { listing }: Lexicon,
): boolean => {
  const [first, second] = one[0]! < other[0]! ? [one, other] : [other, one]
  const between = tokens.slice(first.at(-1)! + 1, second[0])
  if (between.some(({ taken }) => taken)) return false
  const isComma = /^\s*[,/]\s*$/.test(text.slice(tokens[first.at(-1)!]!.end, tokens[second[0]!]!.start))
  return isComma || between.some(({ stem }) => listing.has(stem))
}

/** Whether `open` is said of a thing that is to be shown. */
const isDetermined = ({ tokens }: Reading, at: number, forms: Forms): boolean =>
  !!tokens[at] && (tokens[at]!.taken === 'name' || forms.beforeOpened.has(tokens[at]!.lower))
