/** A language, made ready for looking words up. */
import { type Language, listed } from './language/language.ts'
import { apart, stemsOf, type Token } from './words.ts'

/** Phrases by their first stem, the longest first. */
export type Phrasebook<T> = ReadonlyMap<string, readonly { stems: readonly string[]; of: T }[]>

export interface Lexicon {
  language: Language
  concepts: Phrasebook<string>
  deeds: ReadonlySet<string>
  foreign: Phrasebook<true>
  foreignDeeds: ReadonlySet<string>
  openers: Phrasebook<true>
  negations: ReadonlySet<string>
  questions: ReadonlySet<string>
  prepositions: ReadonlySet<string>
  breaksOff: ReadonlySet<string>
  joins: ReadonlySet<string>
  anaphora: Phrasebook<true>
  /** Words of the language that do not count by themselves. */
  fillers: ReadonlySet<string>
  /** Words that stand for values. */
  valued: ReadonlySet<string>
  /** Every word that is known, as its stem. */
  known: ReadonlySet<string>
  /** Words for the values of enums by `Type.VALUE`, and for places by their last part and yes or no. */
  valueWords(type: string, value: string): readonly (readonly string[])[]
  phrases(words: string): readonly (readonly string[])[]
}

export const phrasebook = <T>(
  entries: Iterable<readonly [words: string, of: T]>,
  language: Language,
): Phrasebook<T> => {
  const book = new Map<string, { stems: string[]; of: T }[]>()
  for (const [words, of] of entries)
    for (const phrase of listed(words)) {
      const stems = stemsOf(phrase, language)
      const [first] = stems
      if (first === undefined) continue
      const there = book.get(first)
      if (there) there.push({ stems, of })
      else book.set(first, [{ stems, of }])
    }
  for (const phrases of book.values()) phrases.sort((a, b) => b.stems.length - a.stems.length)
  return book
}

/** Makes a language ready. */
export const openLexicon = (language: Language): Lexicon => {
  const kept = new Map<string, readonly (readonly string[])[]>()
  const phrases = (words: string) => {
    const there = kept.get(words)
    if (there) return there
    const made = listed(words)
      .map((phrase) => stemsOf(phrase, language))
      .sort((a, b) => b.length - a.length)
    kept.set(words, made)
    return made
  }
  const stems = (words: string): Set<string> => new Set(phrases(words).flat())
  const concepts = phrasebook(
    Object.entries(language.concepts).map(([of, words]) => [words, of] as const),
    language,
  )
  const valueWords = (type: string, value: string) =>
    phrases(language.values[`${type}.${value}`] ?? value.toLowerCase().replaceAll('_', ' '))
  const known = new Set<string>()
  const everything = [
    ...Object.values(language.concepts),
    ...[
      language.fillers,
      language.openers,
      language.foreign,
      language.foreignDeeds,
      language.prepositions,
      language.questions,
    ],
    ...[language.negations, language.joins, language.anaphora, language.continuations, language.agreements],
    ...[
      language.atLeast,
      language.below,
      language.tops,
      language.orderedBy,
      ...Object.values(language.values),
    ],
    ...Object.values(language.booleans).flatMap(({ yes, no }) => [yes, no]),
    ...Object.values(language.measures),
    ...[
      Object.keys(language.numbers).join(','),
      Object.keys(language.ordinals).join(','),
      Object.keys(language.currencies).join(','),
    ],
  ]
  for (const words of everything) for (const stem of stems(words)) known.add(stem)
  return {
    language,
    concepts,
    deeds: new Set(language.deeds),
    foreignDeeds: new Set(listed(language.foreignDeeds)),
    foreign: phrasebook([[language.foreign, true as const]], language),
    openers: phrasebook([[language.openers, true as const]], language),
    negations: stems(language.negations),
    questions: stems(language.questions),
    prepositions: stems(language.prepositions),
    breaksOff: stems(language.breaksOff),
    joins: new Set(
      phrases(language.joins)
        .filter(({ length }) => length === 1)
        .flat(),
    ),
    anaphora: phrasebook([[language.anaphora, true as const]], language),
    fillers: stems(
      `${language.fillers},${language.openers},${language.prepositions},${language.questions},${language.anaphora}`,
    ),
    known,
    valued: new Set(
      [
        ...Object.values(language.values),
        ...Object.values(language.booleans).flatMap(({ yes, no }) => [yes, no]),
      ].flatMap((words) => [...stems(words)]),
    ),
    valueWords,
    phrases,
  }
}

/** How many words that do not count may stand between the words of a phrase. */
const MOST_BETWEEN = 3
const BETWEEN = new Set(
  'a an the do is are be to of our us we i you your my any some all for it that this their them how much many trunk most more have has will would can could on in with at so much'.split(
    ' ',
  ),
)

/** The tokens of a phrase that begins at a place; undefined when it does not. */
export const phraseAt = (
  tokens: readonly Token[],
  at: number,
  stems: readonly string[],
): number[] | undefined => {
  const found: number[] = []
  let next = at
  for (const stem of stems) {
    let between = 0
    while (tokens[next] && tokens[next]!.stem !== stem) {
      if (
        found.length === 0 ||
        !(BETWEEN.has(tokens[next]!.stem) || tokens[next]!.taken === 'name') ||
        ++between > MOST_BETWEEN
      )
        return undefined
      next++
    }
    const token = tokens[next]
    if (!token || token.taken) return undefined
    found.push(next)
    next++
  }
  return found
}

/** All phrases of a book in a sentence, the longest first, none of whose words is in two. */
export const phrasesIn = <T>(tokens: readonly Token[], book: Phrasebook<T>): { of: T; at: number[] }[] => {
  const found: { of: T; at: number[] }[] = []
  for (let place = 0; place < tokens.length; place++) {
    const token = tokens[place]!
    if (token.taken) continue
    for (const { stems, of } of book.get(token.stem) ?? []) {
      const at = phraseAt(tokens, place, stems)
      if (at) found.push({ of, at })
    }
  }
  found.sort((a, b) => b.at.length - a.at.length || spread(a.at) - spread(b.at) || a.at[0]! - b.at[0]!)
  const used = new Set<number>()
  return found.filter(({ at }) => {
    if (at.some((one) => used.has(one))) return false
    for (const one of at) used.add(one)
    return true
  })
}

const spread = (at: readonly number[]): number => at.at(-1)! - at[0]!

/** The known word that an unknown one was most likely meant to be; undefined when none is near. */
export const meant = (lexicon: Lexicon, token: Token): string | undefined => {
  const { stem, lower } = token
  if (stem.length < 3 || /\d/.test(stem)) return undefined
  const most = lower.length >= 7 ? 2 : 1
  let best: string | undefined
  let least = most + 1
  for (const known of lexicon.known) {
    if (known.length < 3 || (stem.length === 3 && known.length !== 4)) continue
    if (known[0] !== stem[0] && (known[0] !== stem[1] || stem.length < 5)) continue
    const distance = apart(stem, known, most)
    const isBetter =
      distance < least || (distance === least && best !== undefined && isLikelier(lexicon, known, best))
    if (distance <= most && isBetter) {
      least = distance
      best = known
    }
  }
  return best
}

const isLikelier = ({ concepts, fillers }: Lexicon, one: string, other: string): boolean =>
  Number(concepts.has(one)) * 2 + Number(fillers.has(one)) >
  Number(concepts.has(other)) * 2 + Number(fillers.has(other))
