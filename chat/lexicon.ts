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
  messages: ReadonlySet<string>
  openers: Phrasebook<true>
  negations: ReadonlySet<string>
  questions: ReadonlySet<string>
  prepositions: ReadonlySet<string>
  breaksOff: ReadonlySet<string>
  joins: ReadonlySet<string>
  /** Words that wish a list to be in an order. */
  ordering: ReadonlySet<string>
  /** Words between the parts of a list. */
  listing: ReadonlySet<string>
  anaphora: Phrasebook<true>
  /** Those of them that always point at something that was said. */
  strongAnaphora: ReadonlySet<string>
  /** Words that stand for whom a sentence goes on to speak of. */
  antecedents: ReadonlySet<string>
  /** Words of the language that do not count by themselves. */
  fillers: ReadonlySet<string>
  /** Words that say little. */
  faint: ReadonlySet<string>
  /** Words that time is counted in. */
  units: ReadonlySet<string>
  /** Words that may stand between the words of a phrase. */
  between: ReadonlySet<string>
  /** Phrases that say nothing. */
  idle: Phrasebook<true>
  /** Words that are no slips of typing, and mean nothing. */
  ordinary: ReadonlySet<string>
  /** Words that hold a sentence together: they need no place in an operation. */
  glue: ReadonlySet<string>
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
      const stems = withoutArticles(stemsOf(phrase, language), language)
      const [first] = stems
      if (first === undefined) continue
      const there = book.get(first)
      if (there) there.push({ stems, of })
      else book.set(first, [{ stems, of }])
    }
  for (const phrases of book.values()) phrases.sort((a, b) => b.stems.length - a.stems.length)
  return book
}

/** `the latest data` is also said without `the`: between the words of a phrase such words may stand anyway. */
const withoutArticles = (stems: string[], { articles }: Language): string[] => {
  const rest = stems.filter((stem) => !articles.includes(stem))
  return rest.length > 1 ? rest : stems
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
      language.faint,
      language.idle,
      language.openers,
      language.foreign,
      language.foreignDeeds,
      language.prepositions,
      language.questions,
    ],
    ...[
      language.negations,
      language.joins,
      language.listing,
      language.anaphora,
      language.continuations,
      language.agreements,
    ],
    ...[
      language.atLeast,
      language.below,
      language.tops,
      language.orderedBy,
      language.ordering,
      ...Object.values(language.values),
    ],
    ...Object.values(language.booleans).flatMap(({ yes, no, undone = '' }) => [yes, no, undone]),
    ...Object.values(language.measures),
    ...[
      Object.keys(language.numbers).join(','),
      Object.keys(language.ordinals).join(','),
      Object.keys(language.currencies).join(','),
    ],
  ]
  for (const words of everything) for (const stem of stems(words)) known.add(stem)
  const fillers = stems(
    `${language.fillers},${language.openers},${language.prepositions},${language.questions},${language.anaphora}`,
  )
  const glue = stems(
    [
      ...[language.negations, language.joins, language.listing, language.continuations, language.tops],
      ...[language.atLeast, language.below, language.orderedBy],
      ...[language.numbers, language.ordinals, language.currencies].map((words) =>
        Object.keys(words).join(','),
      ),
    ].join(','),
  )
  return {
    language,
    concepts,
    deeds: new Set(language.deeds),
    foreignDeeds: new Set(listed(language.foreignDeeds)),
    messages: new Set(listed(language.messages)),
    foreign: phrasebook([[language.foreign, true as const]], language),
    openers: phrasebook([[language.openers, true as const]], language),
    negations: stems(language.negations),
    questions: stems(language.questions),
    prepositions: stems(language.prepositions),
    breaksOff: new Set(listed(language.breaksOff)),
    joins: new Set(
      phrases(language.joins)
        .filter(({ length }) => length === 1)
        .flat(),
    ),
    listing: stems(language.listing),
    ordering: stems(language.ordering),
    strongAnaphora: new Set(listed(language.strongAnaphora)),
    antecedents: stems(language.antecedents),
    anaphora: phrasebook([[language.anaphora, true as const]], language),
    fillers,
    faint: stems(language.faint),
    idle: phrasebook([[language.idle, true as const]], language),
    units: stems(language.units),
    between: stems(language.between),
    ordinary: new Set([...stems(language.ordinary)].filter((stem) => !known.has(stem))),
    glue: new Set([...glue, ...fillers, ...stems(language.faint)]),
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

/** The tokens of a phrase that begins at a place; undefined when it does not. */
export const phraseAt = (
  tokens: readonly Token[],
  at: number,
  stems: readonly string[],
  { between: mayStand }: Pick<Lexicon, 'between'>,
): number[] | undefined => {
  const found: number[] = []
  let next = at
  for (const stem of stems) {
    let between = 0
    while (tokens[next] && tokens[next]!.stem !== stem) {
      if (
        found.length === 0 ||
        !(mayStand.has(tokens[next]!.stem) || tokens[next]!.taken === 'name') ||
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
export const phrasesIn = <T>(
  tokens: readonly Token[],
  book: Phrasebook<T>,
  lexicon: Pick<Lexicon, 'between'>,
): { of: T; at: number[] }[] => {
  const found: { of: T; at: number[] }[] = []
  for (let place = 0; place < tokens.length; place++) {
    const token = tokens[place]!
    if (token.taken) continue
    for (const { stems, of } of book.get(token.stem) ?? []) {
      const at = phraseAt(tokens, place, stems, lexicon)
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

/** The things and deeds of a sentence, and the tokens of phrases that say nothing. */
export const conceptsIn = (
  tokens: readonly Token[],
  lexicon: Lexicon,
): { concepts: { of: string; at: number[] }[]; idle: number[] } => {
  const idle = phrasesIn(tokens, lexicon.idle, lexicon)
  const all = phrasesIn(tokens, lexicon.concepts, lexicon)
  // A phrase that says nothing hides shorter ones that would say something, and is hidden by longer ones.
  const hiding = idle.filter(
    ({ at }) =>
      !all.some(
        (one) => one.at.length >= at.length && one.at.length > 1 && at.some((word) => one.at.includes(word)),
      ),
  )
  const hidden = new Set(hiding.flatMap(({ at }) => at))
  const open = tokens.map((token, at) => (hidden.has(at) ? { ...token, taken: 'idle' as const } : token))
  return { concepts: hidden.size > 0 ? phrasesIn(open, lexicon.concepts, lexicon) : all, idle: [...hidden] }
}

const spread = (at: readonly number[]): number => at.at(-1)! - at[0]!

/** The known word that an unknown one was most likely meant to be; undefined when none is near. */
export const meant = (lexicon: Lexicon, token: Token): string | undefined => {
  const { stem, lower } = token
  if (stem.length < 3 || /\d/.test(stem) || lexicon.ordinary.has(stem)) return undefined
  const most = lower.length >= 7 ? 2 : 1
  let best: string | undefined
  let least = most + 1
  for (const known of lexicon.known) {
    if (known.length < 3 || (stem.length === 3 && known.length !== 4)) continue
    if (known[0] !== stem[0] && (known[0] !== stem[1] || stem.length < 5)) continue
    // Taken for a word that says nothing, a word would be lost: then it has to be nearly the same.
    const limit = lexicon.glue.has(known) ? 1 : most
    const distance = apart(stem, known, limit)
    if (distance > limit || (lexicon.glue.has(known) && isAnother(stem, known))) continue
    const isBetter =
      distance < least || (distance === least && best !== undefined && isLikelier(lexicon, known, best))
    if (isBetter) {
      least = distance
      best = known
    }
  }
  return best
}

/** Whether a short word has a letter in the place of another one, as `slow` beside `show`: that is no slip. */
const isAnother = (one: string, other: string): boolean =>
  one.length === other.length && one.length < 5 && [...one].sort().join('') !== [...other].sort().join('')

const isLikelier = ({ concepts, fillers }: Lexicon, one: string, other: string): boolean =>
  Number(concepts.has(one)) * 2 + Number(fillers.has(one)) >
  Number(concepts.has(other)) * 2 + Number(fillers.has(other))
