/** What a sentence says about what was said before. */
import type { Choice, Intent, Subject, Turn } from './contract.ts'
import { meaningIn } from './language/language.ts'
import { type Lexicon, phraseAt, phrasesIn } from './lexicon.ts'
import { nearness } from './nearness.ts'
import type { Token } from './words.ts'

const wordsOf = (tokens: readonly Token[], lexicon: Lexicon): Token[] =>
  tokens.filter(({ stem }) => !lexicon.language.forms.choosing.has(stem) || stem in lexicon.language.ordinals)

/** Whether it is nothing but agreement: what is to be done is not said, so nothing is. */
export const isAgreement = (tokens: readonly Token[], lexicon: Lexicon): boolean =>
  lexicon
    .phrases(lexicon.language.agreements)
    .some((stems) => stems.length === tokens.length && phraseAt(tokens, 0, stems, lexicon) !== undefined)

/** The choice that a sentence takes of those that were offered: by its place, or by its name. */
export const chosen = (
  text: string,
  tokens: readonly Token[],
  turn: Turn | undefined,
  lexicon: Lexicon,
): Choice | undefined => {
  if (!turn || turn.choices.length === 0) return undefined
  const words = wordsOf(tokens, lexicon)
  if (words.length === 1) {
    const { lower } = words[0]!
    const place =
      meaningIn(lexicon.language.ordinals, lower) ??
      (/^\d{1,2}$/.test(lower) ? Number(lower) : meaningIn(lexicon.language.numbers, lower))
    if (place !== undefined) return turn.choices.at(place < 0 ? place : place - 1)
  }
  if (!turn.isAsked) return undefined
  const near = turn.choices
    .map((choice) => ({ choice, nearness: nearness(text, choice.label) }))
    .sort((a, b) => b.nearness - a.nearness)
  return near[0] && near[0].nearness >= 0.9 && near[0].nearness > (near[1]?.nearness ?? 0)
    ? near[0].choice
    : undefined
}

/** Whether it goes on from before: `and`, `what about`. */
export const isContinuing = (tokens: readonly Token[], lexicon: Lexicon): boolean =>
  lexicon
    .phrases(lexicon.language.continuations)
    .some((stems) => phraseAt(tokens, 0, stems, lexicon)?.at(-1) === stems.length - 1)

/** The words for what was spoken of before. */
export const anaphoraIn = (
  tokens: readonly Token[],
  lexicon: Lexicon,
): { at: number[]; isStrong: boolean }[] =>
  phrasesIn(tokens, lexicon.anaphora, lexicon).map(({ at }) => ({
    at,
    isStrong: lexicon.strongAnaphora.has(tokens[at[0]!]!.lower),
  }))

/** What was spoken of last, by kind. */
export const spokenOf = (turns: readonly Turn[]): Subject[] => {
  const found = new Map<string, Subject>()
  for (const turn of turns) for (const subject of turn.subjects) found.set(subject.kind, subject)
  return [...found.values()]
}

/** The operation of the last turn that had one. */
export const lastIntent = (
  turns: readonly Turn[],
  intents: ReadonlyMap<string, Intent>,
): { intent: Intent; turn: Turn } | undefined => {
  for (const turn of [...turns].reverse()) {
    const intent = turn.operation === null ? undefined : intents.get(turn.operation)
    if (intent) return { intent, turn }
  }
  return undefined
}
