/** From a sentence to an operation: grammar first, ranking second, and a refusal with what is nearest third. */
import MiniSearch from 'minisearch'
import { amountsIn } from './amounts.ts'
import { either, type Ground, MOST_CHOICES, meantBy, notUnderstood, TIE, turnedDown } from './asking.ts'
import {
  type Choice,
  type Intent,
  LONGEST_SENTENCE,
  type Meaning,
  type Said,
  type Subject,
  type Turn,
  type Why,
} from './contract.ts'
import { fill } from './fill.ts'
import { anaphoraIn, chosen, isAgreement, isContinuing, lastIntent, spokenOf } from './following.ts'
import type { Language } from './language/language.ts'
import { conceptsIn, type Lexicon, meant, openLexicon, phrasesIn } from './lexicon.ts'
import { type Masked, masked } from './masking.ts'
import { moodOf } from './mood.ts'
import { type Named, namesIn } from './names.ts'
import { openRanking, type Ranked } from './rank.ts'
import type { Reading } from './reading.ts'
import { tellingsIn } from './telling.ts'
import { cleaned, type Token, tokensOf } from './words.ts'

export interface Interpreter {
  interpret(said: Said): Promise<Meaning>
  /** A sentence without the names in it. */
  masked(text: string): Masked
  intents: ReadonlyMap<string, Intent>
  /** The language whose sentences it understands, and answers are told in. */
  language: Language
}

/** Sure enough to be taken at its word. */
const SURE = 0.53
/** The same for a question that nothing else comes near. */
const SURE_ALONE = 0.5
/** What is near has more than this share of its score. */
const FAR = 0.8
/** More of the sentence speaks for it than for what is as likely. */
const HEAVIER = 0.12

/** Makes an interpreter of operations in a language. */
export const openInterpreter = (intents: readonly Intent[], language: Language): Interpreter => {
  const lexicon = openLexicon(language)
  const index = new MiniSearch<{ id: string; phrases: string; description: string }>({
    fields: ['phrases', 'description'],
    processTerm: (term) => language.stem(term.toLowerCase()),
    searchOptions: { fuzzy: 0.2, prefix: true, boost: { phrases: 2 } },
  })
  index.addAll(
    intents.map(({ name, phrases, description }) => ({ id: name, phrases: phrases.join(' '), description })),
  )
  const byName = new Map(intents.map((intent) => [intent.name, intent]))
  const choiceOf = (name: string): Choice => ({ label: byName.get(name)!.description, operation: name })
  const ground: Ground = {
    lexicon,
    ranking: openRanking(intents, lexicon),
    intents: byName,
    nearest: (text) => {
      const words = tokensOf(text, language).filter(({ stem }) => !lexicon.fillers.has(stem))
      return index
        .search(words.map(({ word }) => word).join(' '))
        .slice(0, MOST_CHOICES)
        .map(({ id }) => choiceOf(id as string))
    },
  }
  return {
    intents: byName,
    language,
    interpret: (said) => interpret(said, ground),
    masked: (text) => masked(text, lexicon),
  }
}

const interpret = async (said: Said, ground: Ground): Promise<Meaning> => {
  const { lexicon } = ground
  const { replies } = lexicon.language
  if (said.text.length > LONGEST_SENTENCE) return turnedDown('TOO_LONG', replies.tooLong(LONGEST_SENTENCE))
  const text = cleaned(said.text, lexicon.language)
  const tokens = tokensOf(text, lexicon.language)
  if (tokens.length === 0) return turnedDown('EMPTY', replies.empty)
  if (isAgreement(tokens, lexicon)) return turnedDown('CONFIRM_BY_TOKEN', replies.confirmByToken)
  const last = said.turns.at(-1)
  const choice = chosen(text, tokens, last, lexicon)
  if (choice && last) return taken(choice, last, ground)
  const time = lexicon.language.spanIn(text, said)
  for (const token of tokens)
    if (time && token.start >= time.start && token.end <= time.end) token.taken = 'time'
  const tellings = tellingsIn(text, tokens, lexicon)
  const named = await namesIn(text, tokens, lexicon, said.find)
  const reading = { ...read(text, tokens, named, time, lexicon), tellings }
  return judge(reading, named, said, ground)
}

/** What somebody has chosen of what was offered. */
const taken = (choice: Choice, last: Turn, { intents, lexicon }: Ground): Meaning => {
  const intent = intents.get(choice.operation ?? last.operation ?? '')
  const subjects = choice.subject ? [choice.subject] : last.subjects
  const isOpen = intent?.places.find(
    ({ slot, path }) => slot === choice.subject?.kind && (last.isAsked || !(path in last.variables)),
  )
  const use = choice.subject && !isOpen ? ofKind(choice.subject, intents) : intent
  if (!use) return turnedDown('NOT_UNDERSTOOD', lexicon.language.replies.aboutIt, { subjects })
  const place = use.places.find(({ slot }) => slot === choice.subject?.kind)
  const kept = use === intent && last.isAsked ? last.variables : {}
  const variables = {
    ...kept,
    ...(choice.variables ?? {}),
    ...(choice.subject && place && !place.path.includes('.') ? { [place.path]: choice.subject.id } : {}),
  }
  return { kind: 'OPERATION', intent: use, variables, subjects, confidence: 0.95 }
}

/** What shows one thing of a kind: the operation that needs nothing but it. */
const ofKind = ({ kind }: Subject, intents: Ground['intents']): Intent | undefined =>
  intents.get(
    {
      customer: 'Customer',
      trunk: 'Trunk',
      deal: 'Deal',
      rfq: 'RfqDeals',
      'phone number': 'PhoneNumber',
      'part number': 'Component',
    }[kind] ?? '',
  )

const read = (
  text: string,
  tokens: Token[],
  named: Named,
  time: Reading['time'],
  lexicon: Lexicon,
): Omit<Reading, 'tellings'> => {
  const unknownName = new Set(named.unknown.flatMap(({ from, to }) => tokens.slice(from, to + 1)))
  for (const token of tokens) {
    if (token.taken || lexicon.known.has(token.stem) || unknownName.has(token)) continue
    const likely = meant(lexicon, token)
    if (likely !== undefined) token.stem = likely
  }
  const amounts = amountsIn(tokens, lexicon)
  const { concepts, idle } = conceptsIn(tokens, lexicon)
  const deedAt = (at: number): string | undefined => {
    const deed = concepts.find((one) => one.at[0] === at && lexicon.deeds.has(one.of))?.of
    return deed
  }
  const counted = new Set([...(amounts.first?.at ?? []), ...amounts.comparisons.flatMap(({ at }) => at)])
  const inConcept = new Set([...concepts.flatMap(({ at }) => at), ...idle])
  const strange = tokens.flatMap((token, at) => {
    const isPlaced = token.taken || counted.has(at) || inConcept.has(at) || unknownName.has(token)
    return isPlaced || lexicon.known.has(token.stem) || token.lower === '&' ? [] : [at]
  })
  const denied = tokens.flatMap(({ stem, taken }, at) =>
    !taken && lexicon.negations.has(stem) && !inConcept.has(at) ? [at] : [],
  )
  const stray = tokens.flatMap(({ stem, taken }, at) =>
    taken ||
    counted.has(at) ||
    inConcept.has(at) ||
    lexicon.glue.has(stem) ||
    strange.includes(at) ||
    unknownName.has(tokens[at]!)
      ? []
      : [at],
  )
  const faint = tokens.flatMap(({ stem, taken }, at) =>
    !taken && lexicon.faint.has(stem) && !lexicon.fillers.has(stem) && !counted.has(at) && !inConcept.has(at)
      ? [at]
      : [],
  )
  const isAhead = concepts.some(({ of }) => lexicon.language.ahead.includes(of))
  const mood = moodOf(text, tokens, lexicon, deedAt)
  const end = tokens.at(-1)
  const isOpen = !!end && !end.taken && lexicon.breaksOff.has(end.lower) && named.subjects.length === 0
  return {
    text,
    tokens,
    concepts,
    subjects: named.subjects,
    time: time?.ahead && isAhead ? { ...time, ...time.ahead } : time,
    amounts,
    mood,
    isOpen,
    strange,
    stray,
    faint,
    denied,
  }
}

const judge = async (reading: Reading, named: Named, said: Said, ground: Ground): Promise<Meaning> => {
  const { lexicon, ranking } = ground
  const { replies } = lexicon.language
  const { tokens, concepts, mood } = reading
  const foreign = phrasesIn(tokens, lexicon.foreign, lexicon).filter(
    ({ at }) =>
      !concepts.some((one) => one.at.length > at.length && at.every((word) => one.at.includes(word))),
  )
  const first = tokens[mood.begins]
  const isForeign =
    !!first &&
    !first.taken &&
    !mood.isQuestion &&
    isForeignDeed(tokens, mood.begins, lexicon) &&
    // What is done to nothing else is no part of the hub: `cancel the port order PO-1` is one.
    !reading.subjects.some(({ kind }) => lexicon.language.idOnly.includes(kind)) &&
    !concepts.some(({ at }) => at.length > 1 && at[0] === mood.begins)
  if (foreign.length > 0 || isForeign)
    return turnedDown('OUT_OF_SCOPE', replies.outOfScope, {
      choices: ground.nearest(reading.text),
    })
  if (mood.isNegated) return turnedDown('NEGATED', replies.negated)
  if (mood.isSeveral) return turnedDown('SEVERAL', replies.several, { choices: ground.nearest(reading.text) })

  const following = follow(reading, said, ground)
  if ('kind' in following) return following
  const subjects = following.subjects
  const ranked = ranking.of({ ...reading, subjects }, said)
  const [top, second] = ranked
  if (named.unclear.length > 0) {
    const [{ kind, words, candidates }] = named.unclear as [Named['unclear'][number]]
    // Read as if the nearest were meant: which operation it is does not depend on which one it is.
    const guess = ranking.of({ ...reading, subjects: [...subjects, { kind, ...candidates[0]! }] }, said)[0]
    return {
      ...(turnedDown('AMBIGUOUS', replies.whichOne(words)) as Extract<Meaning, { why: Why }>),
      kind: 'QUESTION',
      choices: candidates.map(({ id, label }) => ({ label, subject: { kind, id, label } })),
      ...(guess && guess.score >= SURE ? { intent: guess.intent, variables: guess.filled.variables } : {}),
      subjects,
    }
  }
  if (named.unknown.length > 0 && top && top.score >= SURE - 0.1) {
    const [{ words, kind }] = named.unknown as [Named['unknown'][number]]
    return turnedDown('NOT_FOUND', replies.notFound(kind, words), { subjects })
  }
  if (!top || !isSure(top, second) || named.unknown.length > 0 || isHalf(reading, lexicon))
    return notUnderstood(reading, ranked, ground)
  if (
    second &&
    top.score - second.score < TIE &&
    top.weight - second.weight < HEAVIER &&
    second.intent.name !== top.intent.name
  )
    return either(top, second, ranked, ground)
  return meantBy(top, ground)
}

/** Whether it can be taken at its word: a question that nothing else comes near needs less than one that something does. */
const isSure = (top: Ranked, second: Ranked | undefined): boolean =>
  top.score >= SURE ||
  (!top.intent.isChange && top.score >= SURE_ALONE && (second?.score ?? 0) <= top.score * FAR)

/** Whether it is but a piece of a sentence: `for Acme`, or a deed without saying what is to be done, such as `sync`. */
const isHalf = ({ tokens, concepts }: Reading, lexicon: Lexicon): boolean => {
  const [first, ...rest] = tokens
  if (!first || first.taken) return false
  if (rest.length === 0) return concepts.some(({ of }) => lexicon.deeds.has(of)) && first.lower === first.stem
  return (
    lexicon.prepositions.has(first.stem) &&
    !lexicon.questions.has(first.stem) &&
    rest.every(({ taken }) => taken === 'name')
  )
}

/** Whether a sentence begins with a deed that no part of the hub does, or passes something on to whom it names: `give Acme a discount`. */
const isForeignDeed = (tokens: readonly Token[], begins: number, lexicon: Lexicon): boolean => {
  const [first, second] = [tokens[begins]!, tokens[begins + 1]]
  if (!second) return false
  if (lexicon.messages.has(first.lower) && second.taken === 'name') {
    const end = tokens.findIndex(({ taken }, at) => at > begins && taken !== 'name')
    return !tokens[(end < 0 ? tokens.length : end) - 1]!.isOwner
  }
  const isDeed =
    second.taken !== undefined ||
    lexicon.language.articles.includes(second.lower) ||
    !lexicon.concepts.has(second.stem)
  return isDeed && lexicon.foreignDeeds.has(first.lower)
}

/** Takes what was spoken of before into a sentence that refers to it. */
const follow = (reading: Reading, said: Said, ground: Ground): { subjects: Subject[] } | Meaning => {
  const { lexicon, intents } = ground
  const { tokens, subjects, concepts } = reading
  const spoken = spokenOf(said.turns)
  const heads = new Set(Object.values(lexicon.language.heads).flat())
  const refers = anaphoraIn(tokens, lexicon).filter(
    ({ at }) => !hasAntecedent(reading, at[0]!, heads, lexicon),
  )
  const continues = isContinuing(tokens, lexicon)
  const before = lastIntent(said.turns, intents)
  const isBare = concepts.every(({ of }) => heads.has(of)) && reading.strange.length === 0
  const hasNew = subjects.length > 0 || reading.time !== undefined || reading.amounts.first !== undefined
  const isAnswer = said.turns.at(-1)?.isAsked === true && subjects.length > 0
  if (before && isBare && hasNew && (continues || isAnswer)) {
    const { intent, turn } = before
    const filled = fill(intent, reading, lexicon, said)
    const slots = new Set(intent.places.filter(({ slot }) => slot).map(({ path }) => path))
    const timed =
      reading.time === undefined
        ? Object.keys(filled.variables).filter((name) => !slots.has(name) && name in turn.variables)
        : []
    const fresh = Object.fromEntries(
      Object.entries(filled.variables).filter(([name]) => !timed.includes(name)),
    )
    const variables = { ...turn.variables, ...fresh }
    const lacks = intent.places.filter(
      ({ path, isRequired }) => isRequired && !(path.split('.')[0]! in variables),
    )
    if (filled.left.length === 0 && lacks.length === 0)
      return {
        kind: 'OPERATION',
        intent,
        variables,
        subjects: filled.subjects.length > 0 ? filled.subjects : turn.subjects,
        confidence: 0.9,
      }
  }
  if (subjects.length > 0) return { subjects: [...subjects] }
  if (
    said.turns.length === 0 &&
    (refers.some(({ isStrong }) => isStrong) || (continues && isBare && !before))
  )
    return {
      ...(turnedDown('LACKS', lexicon.language.asks.customer!) as Extract<Meaning, { why: Why }>),
      kind: 'QUESTION',
    }
  if ((refers.length > 0 || continues) && spoken.length > 0) {
    const [latest] = [...said.turns].reverse().flatMap((turn) => turn.subjects)
    return { subjects: latest ? [latest] : [] }
  }
  return { subjects: [] }
}

/** Whether the sentence itself says whom a word such as `their` means: `who has not paid their bills`. */
const hasAntecedent = (
  { tokens, concepts }: Reading,
  before: number,
  heads: ReadonlySet<string>,
  lexicon: Lexicon,
): boolean =>
  tokens.some(({ stem, taken }, at) => at < before && !taken && lexicon.antecedents.has(stem)) ||
  concepts.some(({ of, at }) => at.at(-1)! < before - 1 && heads.has(of))
