/** Which operations a sentence can mean, the likeliest first. What an operation is called comes from its phrases, read as sentences are. */
import { amountsIn } from './amounts.ts'
import type { Intent } from './contract.ts'
import { type Filled, fill } from './fill.ts'
import { conceptsIn, type Lexicon } from './lexicon.ts'
import type { Reading } from './reading.ts'
import { cleaned, tokensOf } from './words.ts'

/** What an operation is made of, by one of its phrases. */
interface Frame {
  concepts: ReadonlySet<string>
  isQuestion: boolean
  /** A value is part of it, such as `failed`. */
  hasValue: boolean
  /** The variables that its values are of. */
  fills: readonly string[]
}

interface Ranked {
  intent: Intent
  filled: Filled
  /** From 0 to 1. */
  score: number
  /** How much of the sentence speaks for it. */
  weight: number
}

export interface Ranking {
  of(reading: Reading, around: { now: Date; timeZone: string }): Ranked[]
  /** The concepts of an operation's phrases: for the check that no two operations are called the same. */
  frames: ReadonlyMap<string, readonly Frame[]>
}

export type { Ranked }

const SLOT = 1.6
/** Among how many operations a word is rare that only few are called by. Fixed: sentences mean the same while the catalogue grows. */
const AMONG = 195
const TOLD = 1.2
const TIME = 0.8
const COMPARED = 0.8
/** Of what is as likely, that which takes up more of the sentence is meant. */
const NAMED = 3
const USED = 0.8
/** What a word costs that the language knows but the operation has no use for, one that it does not know, and a denial. */
const COST = {
  missing: 0.75,
  missingOfChange: 1.4,
  missingDeed: 3,
  extra: 0.7,
  extraOfChange: 1.9,
  strange: 3.2,
  ordinary: 3.2,
  left: 3,
  deed: 4,
  denied: 2,
  amount: 0.35,
  compared: 2,
  time: 2.0,
  lacks: 0.9,
  stray: 1.3,
  /** A word that stands for a value which the operation cannot take up: `won` beside deals. */
  unheard: 2.2,
  faint: 0.1,
  /** A word that says little, where nothing but a name says what is wanted. */
  faintBeside: 1.3,
  unvalued: 1,
}
/** Words that only help to tell operations apart. */
const LIGHT = new Set(['verify', 'number_of', 'why', 'when', 'due'])

/** Words that do not say by themselves what is wanted. */
const ASIDE = new Set([...LIGHT, 'status', 'hubspot'])

/** The concepts of a phrase; `@time` when it names a time. */
export const conceptsOf = (
  phrase: string,
  lexicon: Lexicon,
): {
  concepts: Set<string>
  found: { of: string; at: number[] }[]
  isQuestion: boolean
  unknown: string[]
} => {
  const text = cleaned(phrase, lexicon.language)
  const tokens = tokensOf(text, lexicon.language)
  const around = { now: new Date('2026-01-15T12:00:00Z'), timeZone: 'UTC' }
  const time = lexicon.language.spanIn(text, around)
  for (const token of tokens)
    if (time && token.start >= time.start && token.end <= time.end) token.taken = 'time'
  const { concepts: found, idle } = conceptsIn(tokens, lexicon)
  const concepts = new Set(found.map(({ of }) => of))
  if (time) concepts.add('@time')
  const used = new Set([...found.flatMap(({ at }) => at), ...idle])
  const counted = new Set(amountsIn(tokens, lexicon).first?.at ?? [])
  const unknown = tokens
    .filter(({ stem, taken }, at) => !taken && !used.has(at) && !counted.has(at) && !lexicon.known.has(stem))
    .map(({ word }) => word)
  return { concepts, found, isQuestion: lexicon.questions.has(tokens[0]?.stem ?? ''), unknown }
}

const AROUND = { now: new Date('2026-01-15T12:00:00Z'), timeZone: 'UTC' }

const fillOf = (intent: Intent, phrase: string, lexicon: Lexicon): Filled => {
  const text = cleaned(phrase, lexicon.language)
  const tokens = tokensOf(text, lexicon.language)
  const mood = {
    ...{ begins: 0, isQuestion: false, isOfYesOrNo: false },
    ...{ isDemand: false, isNegated: false, isSeveral: false },
  }
  const nothing = {
    subjects: [],
    time: undefined,
    tellings: [],
    isOpen: false,
    ...{ strange: [], stray: [], faint: [] },
    denied: [],
    amounts: amountsIn(tokens, lexicon),
  }
  return fill(
    intent,
    { text, tokens, concepts: conceptsIn(tokens, lexicon).concepts, mood, ...nothing },
    lexicon,
    AROUND,
  )
}

/** Makes operations ready to be ranked. */
export const openRanking = (intents: readonly Intent[], lexicon: Lexicon): Ranking => {
  const { heads } = lexicon.language
  const headConcepts = new Set(Object.values(heads).flat())
  const frames = new Map<string, Frame[]>()
  const within = new Map<string, Set<string>>()
  for (const intent of intents) {
    const needed = intent.places.filter(({ isRequired, slot }) => isRequired && slot).map(({ slot }) => slot!)
    const own = intent.phrases.map((phrase) => {
      const { concepts, isQuestion, found } = conceptsOf(phrase, lexicon)
      // Its kind is said by the name itself.
      for (const slot of needed) for (const head of heads[slot] ?? []) concepts.delete(head)
      const { used, variables } = fillOf(intent, phrase, lexicon)
      for (const { of, at } of found) if (at.every((one) => used.has(one))) concepts.delete(of)
      const counted =
        amountsIn(tokensOf(cleaned(phrase, lexicon.language), lexicon.language), lexicon).first?.at ?? []
      const hasValue = [...used].some((at) => !counted.includes(at))
      return { concepts, isQuestion, hasValue, fills: hasValue ? Object.keys(variables) : [] }
    })
    frames.set(intent.name, own)
    for (const { concepts } of own)
      for (const concept of concepts) {
        const owners = within.get(concept) ?? new Set()
        within.set(concept, owners.add(intent.name))
      }
  }
  const weights = new Map(
    [...within].map(([concept, owners]) => [
      concept,
      Math.max(0.6, Math.min(2.4, Math.log2(1 + AMONG / owners.size) / 2.4)),
    ]),
  )
  weights.set('@time', TIME)
  for (const light of ['number_of', 'why', 'status', 'when', 'due', 'verify']) weights.set(light, 0.55)
  for (const light of ['hubspot', 'customer']) weights.set(light, 0.7)
  const weightOf = (concept: string): number => weights.get(concept) ?? 1.3

  const of: Ranking['of'] = (reading, around) =>
    intents
      .flatMap((intent) => {
        const ranked = rankOne(intent, reading, around)
        return ranked && ranked.score > 0 ? [ranked] : []
      })
      .sort((a, b) => b.score - a.score || b.weight - a.weight)

  const rankOne = (
    intent: Intent,
    reading: Reading,
    around: { now: Date; timeZone: string },
  ): Ranked | undefined => {
    const { mood, time, amounts } = reading
    const own = frames.get(intent.name)!
    const filled = fill(intent, reading, lexicon, around)
    const isUsed = (at: readonly number[]) => at.length > 0 && at.every((one) => filled.used.has(one))
    const named = new Set(filled.subjects.flatMap(({ kind }) => heads[kind] ?? []))
    const strange = reading.strange
      .filter((at) => !filled.used.has(at))
      .reduce(
        (sum, at) => sum + (lexicon.ordinary.has(reading.tokens[at]!.stem) ? COST.ordinary : COST.strange),
        0,
      )
    const denied = reading.denied.filter((at) => !filled.used.has(at)).length
    const needsName =
      filled.subjects.length > 0 && intent.places.some(({ slot, isRequired }) => slot && isRequired)
    const isUnwished = !mood.isQuestion && !mood.isDemand && !wishesAt(mood.begins, reading)
    const isOpen = reading.isOpen && !filled.used.has(reading.tokens.length - 1)
    const isCompared = amounts.comparisons.some(({ at }) => at.some((one) => filled.used.has(one)))
    let [best, weight] = [0, 0]
    for (const frame of own) {
      const isAskable = intent.isChange && frame.isQuestion
      if (intent.isChange && mood.isQuestion && !isAskable) continue
      if (intent.isChange && isToldOf(frame, reading)) continue
      let [inter, against] = [0, 0]
      const said = new Set<string>()
      if (frame.hasValue && ![...filled.used].some((at) => !amounts.first?.at.includes(at)))
        against += COST.unvalued
      for (const { of: concept, at } of reading.concepts) {
        const isIn = frame.concepts.has(concept)
        if (isIn) {
          said.add(concept)
          // Whoever wishes does not ask.
          if (!intent.isChange && frame.isQuestion && !mood.isQuestion && lexicon.deeds.has(concept))
            against += 1
          continue
        }
        const isTold =
          at[0]! > mood.begins &&
          !mood.isDemand &&
          lexicon.language.forms.done.test(reading.tokens[at.at(-1)!]!.lower)
        if (isUsed(at) || (isTold && at.some((one) => filled.used.has(one)))) continue
        if (named.has(concept)) {
          if (needsName) said.add(concept)
          continue
        }
        const isDeed = lexicon.deeds.has(concept) && !mood.isQuestion && !isTold
        const extra = LIGHT.has(concept) ? 0.25 : weightOf(concept) * COST.extra
        // `sync progress`: who names a deed beside something else does not wish it.
        const isBeside = intent.isChange && at[0]! > mood.begins && !LIGHT.has(concept) && isUnwished
        against += isDeed ? COST.deed : isBeside ? Math.max(extra, COST.extraOfChange) : extra
      }
      if (time && frame.concepts.has('@time')) said.add('@time')
      // Values alone, such as `pending`, do not say of what.
      const telling = [...frame.concepts].filter((concept) => concept !== '@time' && !ASIDE.has(concept))
      if (frame.concepts.size === 0 && !frame.fills.every((name) => name in filled.variables)) continue
      if (telling.length > 0 && !telling.some((concept) => said.has(concept)) && !isCompared) continue
      for (const concept of said) inter += weightOf(concept)
      for (const concept of frame.concepts)
        if (!said.has(concept))
          against +=
            weightOf(concept) *
            (!intent.isChange
              ? COST.missing
              : lexicon.deeds.has(concept)
                ? COST.missingDeed
                : COST.missingOfChange)
      inter += filled.subjects.length * SLOT + filled.told * TOLD
      against += (reading.tellings.length - filled.told) * COST.left
      if (filled.usesTime && !frame.concepts.has('@time')) inter += TIME
      if (time && !filled.usesTime) against += COST.time
      against += filled.left.length * COST.left + strange + denied * COST.denied + filled.denied * COST.left
      // A value that the operation takes up speaks for it.
      inter += [...filled.used].length > 0 ? 0.5 : 0
      inter += isCompared ? COMPARED : 0
      const compared = amounts.comparisons.filter(({ at }) => !at.some((one) => filled.used.has(one))).length
      against += compared * COST.compared
      if (amounts.first && !isUsed(amounts.first.at)) against += COST.amount
      const lacks = filled.lacks.filter(({ slot }) => slot !== undefined).length
      // A sentence that breaks off before a name means what takes one.
      if (!isOpen) against += lacks * COST.lacks
      else if (lacks === 0) against += COST.lacks
      const stray = reading.stray
        .filter((at) => !filled.used.has(at))
        .reduce(
          (sum, at) => sum + (lexicon.valued.has(reading.tokens[at]!.stem) ? COST.unheard : COST.stray),
          0,
        )
      const isBare = filled.subjects.length > 0 && ![...said].some((concept) => !headConcepts.has(concept))
      const faint = reading.faint.filter((at) => !filled.used.has(at)).length
      against +=
        (isBare ? Math.max(stray, Math.sign(stray) * COST.strange) : stray) +
        faint * (isBare ? COST.faintBeside : COST.faint)
      if (isBare && amounts.first && !isUsed(amounts.first.at)) against += COST.strange
      // `Acme yesterday`, `is Acme fine`: something is asked of what is named, and it is not known what.
      if (isBare && (time ? !filled.usesTime : mood.isOfYesOrNo && said.size === 0)) against += COST.strange
      // A time alone is nobody's wish.
      const isSaid =
        filled.subjects.length > 0 || filled.used.size > 0 || [...said].some((concept) => concept !== '@time')
      const score = isSaid && inter > 0 ? inter / (inter + against) : 0
      if (score > best || (score === best && inter > weight)) [best, weight] = [score, inter]
    }
    // What cannot be asked without a name is meant rather than what only may have one.
    weight += (needsName ? NAMED : 0) + filled.used.size * USED
    return best > 0 ? { intent, filled, score: best, weight } : undefined
  }
  const wishesAt = (begins: number, { concepts, tokens }: Reading): boolean =>
    concepts.some(({ of, at }) => at[0] === begins && (lexicon.deeds.has(of) || of === 'verify')) ||
    lexicon.fillers.has(tokens[begins]?.stem ?? '')
  const isToldOf = ({ concepts }: Frame, reading: Reading): boolean => {
    const deeds = [...concepts].filter((concept) => lexicon.deeds.has(concept))
    return deeds.length > 0 && deeds.every((deed) => isOnlyTold(deed, reading))
  }
  /** A deed behind what it was done to was done, and several are things: `the requests we won`, `failed syncs`. */
  const isOnlyTold = (deed: string, { concepts, tokens, mood }: Reading): boolean => {
    const said = concepts.filter(({ of }) => of === deed)
    return (
      said.length > 0 &&
      !mood.isDemand &&
      said.every(
        ({ at }) =>
          at[0]! > mood.begins &&
          (lexicon.language.forms.done.test(tokens[at.at(-1)!]!.lower) ||
            lexicon.language.forms.many.test(tokens[at.at(-1)!]!.lower)) &&
          !tokens.some((token, place) => place < at[0]! && token.taken === 'name'),
      )
    )
  }
  return { of, frames }
}
