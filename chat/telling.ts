/**
 * telling   a value that a sentence says in so many words, beside what it is the value of: `set the amount of … to 42000`,
 *           `with subject Portal is down`, `numbers beginning with +1415`. Nothing else is read in it.
 */
import { conceptsIn, type Lexicon, phraseAt } from './lexicon.ts'
import type { Token } from './words.ts'

export interface Telling {
  /** The last part of the paths that it may fill, such as `amount`. */
  field: string
  /** As it was said. */
  value: string
  at: number[]
}

/** How a language begins a value that is told. Words are written with commas. */
export interface Teller {
  field: string
  /** What stands before the value. */
  words: string
  /** The value is one word, the words of a name, or all that follows. */
  takes: 'word' | 'name' | 'rest'
  /** Only where the sentence wishes something done. */
  isOfDeeds: boolean
}

/** What a language says of values that are told. */
export interface Tells {
  tellers: readonly Teller[]
  /** What a value is of, by the last part of its path. */
  fields: Readonly<Record<string, string>>
  /** Deeds that say by themselves what they change, by the words for them. */
  changing: Readonly<Record<string, string>>
  /** Words that begin a change. */
  changes: string
  /** Words between what is changed and its value. */
  becomes: readonly string[]
  /** Words that end a sentence and belong to no value. */
  endings: ReadonlySet<string>
  /** What is told behind a colon, by what the sentence makes. */
  behindColon: Readonly<Record<string, string>>
  /** Words for a value that is one of few, by field and value: `high priority`. */
  known: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Words before an id that another system has given. */
  ids: ReadonlySet<string>
  /** The systems that give ids. */
  systems: Readonly<Record<string, string>>
}

/** Finds the values that are told, and takes their words. */
export const tellingsIn = (text: string, tokens: Token[], lexicon: Lexicon): Telling[] => {
  const { tells } = lexicon.language
  const found: Telling[] = []
  const isFree = (from: number, to: number) =>
    from <= to && tokens.slice(from, to + 1).every(({ taken }) => !taken || taken === 'time')
  const tell = (field: string, from: number, to: number, signs: readonly number[]) => {
    let end = to
    while (end > from && tells.endings.has(tokens[end]!.lower)) end--
    if (!isFree(from, end) || found.some(({ at }) => signs.some((one) => at.includes(one)))) return
    const own = Array.from({ length: end - from + 1 }, (_, n) => from + n)
    for (const at of [...own, ...signs]) tokens[at]!.taken = 'amount'
    const value = rawOf(text, tokens, from, end)
    found.push({ field, value, at: [...own, ...signs] })
  }
  const { concepts } = conceptsIn(tokens, lexicon)
  const deedAt = concepts.find(({ of }) => lexicon.deeds.has(of))?.at[0]
  const last = tokens.length - 1
  if (deedAt !== undefined) changed(tokens, lexicon, tell)
  for (const { field, words, takes, isOfDeeds } of tells.tellers) {
    if (isOfDeeds && deedAt === undefined) continue
    for (const stems of lexicon.phrases(words))
      for (let at = isOfDeeds ? 1 : 0; at < last; at++) {
        const signs =
          tokens[at]!.stem === stems[0] && !tokens[at]!.taken
            ? phraseAt(tokens, at, stems, lexicon)
            : undefined
        if (!signs || signs.at(-1)! >= last || signs.length !== signs.at(-1)! - signs[0]! + 1) continue
        const from = signs.at(-1)! + 1
        tell(
          field,
          from,
          takes === 'rest' ? last : takes === 'word' ? from : nameFrom(tokens, from, lexicon),
          signs,
        )
      }
  }
  for (const [field, values] of Object.entries(tells.known))
    for (const [value, words] of Object.entries(values))
      for (const stems of lexicon.phrases(words))
        for (let at = 0; at <= last; at++) {
          const own = phraseAt(tokens, at, stems, lexicon)
          if (!own || own.length !== own.at(-1)! - at + 1) continue
          for (const one of own) tokens[one]!.taken = 'amount'
          found.push({ field, value, at: own })
        }
  found.push(...outsideIds(tokens, lexicon))
  const colon = text.indexOf(': ')
  const behind = tokens.findIndex(({ start }) => start > colon)
  const makes = concepts.map(({ of }) => tells.behindColon[of]).find((field) => field !== undefined)
  if (colon > 0 && behind > 0 && makes && deedAt !== undefined && deedAt < behind)
    tell(makes, behind, last, [])
  return found
}

/** The words as they were said, with the sign before the first one: `+1415`. */
const rawOf = (text: string, tokens: readonly Token[], from: number, to: number): string => {
  const { start } = tokens[from]!
  const sign = text[start - 1] === '+' ? 1 : 0
  return text.slice(start - sign, tokens[to]!.end)
}

/** Where a name ends: before a preposition, a comma's clause or a word for another value. */
const nameFrom = (
  tokens: readonly Token[],
  from: number,
  { prepositions, language, phrases }: Lexicon,
): number => {
  const starts = new Set(
    [...Object.values(language.tells.fields), ...language.tells.tellers.map(({ words }) => words)].flatMap(
      (words) => phrases(words).map(([first]) => first),
    ),
  )
  let to = from
  while (tokens[to + 1] && !tokens[to + 1]!.taken) {
    const { stem, isQuoted } = tokens[to + 1]!
    if (!isQuoted && (prepositions.has(stem) || starts.has(stem))) break
    to++
  }
  return to
}

/** How many words may stand between a system and an id of it. */
const MOST_BETWEEN = 3

/** `with HubSpot id 1234`, `id 1234 in HubSpot`: the words for it stay, as they say that it is looked up by one. */
const outsideIds = (tokens: readonly Token[], { language: { tells } }: Lexicon): Telling[] => {
  const before = tokens.findIndex(({ lower }) => tells.ids.has(lower))
  const at = before + 1
  if (before < 0 || !tokens[at] || tokens[at]!.taken || !/\d/.test(tokens[at]!.word)) return []
  const near = tokens.slice(Math.max(0, before - MOST_BETWEEN), at + MOST_BETWEEN)
  const system = Object.keys(tells.systems).find((one) =>
    near.some(({ lower }) => lower === tells.systems[one]),
  )
  if (!system) return []
  tokens[at]!.taken = 'name'
  return [
    { field: 'system', value: system, at: [at] },
    { field: 'value', value: tokens[at]!.word, at: [at] },
  ]
}

type Tell = (field: string, from: number, to: number, signs: readonly number[]) => void

/** `set X of … to Z`, `rename … to Z`, `move … to stage Z`. */
const changed = (tokens: readonly Token[], lexicon: Lexicon, tell: Tell): void => {
  const { tells } = lexicon.language
  const last = tokens.length - 1
  const fieldAt = (at: number): { field: string; signs: number[] } | undefined => {
    for (const [field, words] of Object.entries(tells.fields))
      for (const stems of lexicon.phrases(words)) {
        const signs = phraseAt(tokens, at, stems, lexicon)
        if (signs && signs.at(-1)! - at === stems.length - 1) return { field, signs }
      }
    return undefined
  }
  for (let at = 0; at < last; at++) {
    const own = Object.entries(tells.changing).find(([, words]) =>
      lexicon.phrases(words).some(([stem]) => stem === tokens[at]!.stem),
    )
    const isChange = lexicon.phrases(tells.changes).some(([stem]) => stem === tokens[at]!.stem)
    if (tokens[at]!.taken || (!own && !isChange)) continue
    const next = lexicon.language.articles.includes(tokens[at + 1]!.lower) ? at + 2 : at + 1
    const said = fieldAt(next)
    const becomes = tokens.findIndex(
      ({ lower, taken }, place) => place > at && !taken && tells.becomes.includes(lower),
    )
    if (becomes < 0 || becomes >= last) return
    const from = lexicon.language.articles.includes(tokens[becomes + 1]!.lower) ? becomes + 2 : becomes + 1
    const first = fieldAt(from)
    if (said && said.signs.at(-1)! < becomes) tell(said.field, from, last, [...said.signs, becomes])
    else if (first && first.signs.at(-1)! < last)
      tell(first.field, first.signs.at(-1)! + 1, last, [...first.signs, becomes])
    else if (own) tell(own[0], from, last, [becomes])
    else
      for (let end = last; end > from; end--) {
        const after = fieldAt(end)
        if (after?.signs.at(-1) !== last) continue
        tell(after.field, from, end - 1, [...after.signs, becomes])
        return
      }
    return
  }
}
