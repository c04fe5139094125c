/** What is answered when a sentence is not done: what it lacks, what it may mean, and what is nearest to it. */
import type { Choice, Intent, Meaning, Why } from './contract.ts'
import { listed } from './language/language.ts'
import type { Lexicon } from './lexicon.ts'
import { put } from './paths.ts'
import type { Ranked, Ranking } from './rank.ts'
import type { Reading } from './reading.ts'

/** Nearer than this, and it is asked back. */
export const TIE = 0.05
export const MOST_CHOICES = 3

/** What sentences are understood by. */
export interface Ground {
  lexicon: Lexicon
  ranking: Ranking
  intents: ReadonlyMap<string, Intent>
  nearest(text: string): Choice[]
}

/** What is not done, and why. */
export const turnedDown = (
  why: Why,
  sentence: string,
  rest: Partial<Extract<Meaning, { why: Why }>> = {},
): Meaning => ({ kind: 'REFUSAL', why, sentence, choices: [], subjects: [], confidence: 0, ...rest })

/** Offers what is nearest. */
export const notUnderstood = (reading: Reading, ranked: readonly Ranked[], ground: Ground): Meaning => {
  const near = ranked.filter(({ score }) => score > 0.25).slice(0, MOST_CHOICES)
  const choices =
    near.length > 0
      ? near.map(({ intent }) => ({ label: intent.description, operation: intent.name }))
      : ground.nearest(reading.text)
  const { nearly, notUnderstood: nothing } = ground.lexicon.language.replies
  const sentence = choices.length > 0 ? nearly : nothing
  return turnedDown('NOT_UNDERSTOOD', sentence, { choices, confidence: ranked[0]?.score ?? 0 })
}

/** Asks which of the operations is meant that are as likely. */
export const either = (
  top: Ranked,
  second: Ranked,
  ranked: readonly Ranked[],
  { lexicon }: Ground,
): Meaning => {
  const { replies } = lexicon.language
  const close = ranked.filter(({ score }) => top.score - score < TIE).slice(0, MOST_CHOICES)
  return {
    ...(turnedDown('AMBIGUOUS', replies.ambiguous) as Extract<Meaning, { why: Why }>),
    kind: 'QUESTION',
    choices: (close.length > 1 ? close : [top, second]).map(({ intent, filled }) => ({
      label: intent.description,
      operation: intent.name,
      variables: filled.variables,
    })),
    subjects: top.filled.subjects,
    confidence: top.score,
  }
}

/** The operation itself; or what is still to be said for it. */
export const meantBy = ({ intent, filled, score }: Ranked, { lexicon }: Ground): Meaning => {
  const { variables, subjects, lacks, split } = filled
  const [lack] = lacks
  const [several] = split
  if (several) {
    const { place, values } = several
    const choices = values.map((value) => {
      const [words] = listed(lexicon.language.values[`${place.type}.${value}`] ?? '')
      const own = structuredClone(variables)
      put(own, place.path, value)
      return { label: words ?? String(value).toLowerCase(), operation: intent.name, variables: own }
    })
    const sentence = lexicon.language.replies.whichValue(choices.map(({ label }) => label))
    return {
      ...(turnedDown('AMBIGUOUS', sentence) as Extract<Meaning, { why: Why }>),
      ...{ kind: 'QUESTION' as const, choices, intent, variables, subjects, confidence: score },
    }
  }
  if (!lack) return { kind: 'OPERATION', intent, variables, subjects, confidence: score }
  const asks = lack.slot === undefined ? undefined : lexicon.language.asks[lack.slot]
  const plainly = lexicon.language.replies.lacks(
    lacks.map(({ path }) => path),
    intent.name,
  )
  return {
    ...(turnedDown('LACKS', asks ?? plainly) as Extract<Meaning, { why: Why }>),
    kind: 'QUESTION',
    choices: [{ label: intent.description, operation: intent.name }],
    intent,
    variables,
    subjects,
    confidence: score,
  }
}
