/** Finds what a sentence calls by its name. Whatever stands in a name says nothing else: it is never read as a wish. */
import type { Candidate, Find, Subject } from './contract.ts'
import type { Language } from './language/language.ts'
import { conceptsIn, type Lexicon, meant } from './lexicon.ts'
import { isLegalForm } from './nearness.ts'
import type { Token } from './words.ts'

/** Words that may be a name, and how much speaks for it. */
interface Run {
  from: number
  to: number
  words: string
  /** What the words beside it say that it is. */
  hint?: string | undefined
  /** Nothing but words of the language: only a name that is the same counts. */
  isPlain: boolean
  isSure: boolean
}

export interface Named {
  subjects: Subject[]
  /** A name with several things near it. */
  unclear: { words: string; kind: string; candidates: readonly Candidate[] }[]
  /** What looks like a name of something that is not there. */
  unknown: { words: string; kind: string; from: number; to: number }[]
}

const NEAR = 0.72
const SAME = 0.94
/** Nearer than this to the next one, and it is asked back which is meant. */
const MARGIN = 0.04
const MOST_RUNS = 12
const PHONE = /(?<![\p{L}\p{N}])\+?\(?\d[\d\s().-]{5,}\d(?![\p{L}\p{N}])/gu
const RFQ_NUMBER = /^rfq[-_/]?\d/i
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Kinds that words may be the name of, the likeliest first. */
const kindsOf = ({ words, hint }: Run): string[] => {
  if (RFQ_NUMBER.test(words)) return ['rfq']
  const kinds = /\d/.test(words)
    ? ['part number', 'trunk', 'billing account', 'rfq', 'customer', 'deal']
    : ['customer', 'trunk', 'deal', 'part number', 'billing account', 'person']
  return hint ? [hint, ...kinds.filter((kind) => kind !== hint)] : kinds
}

/** Finds them, and marks their words as taken. */
export const namesIn = async (
  text: string,
  tokens: Token[],
  lexicon: Lexicon,
  find: Find,
): Promise<Named> => {
  const named: Named = { subjects: [], unclear: [], unknown: [] }
  const take = (from: number, to: number) => {
    for (let at = from; at <= to; at++) tokens[at]!.taken = 'name'
  }
  const { concepts } = conceptsIn(tokens, lexicon)
  const headBefore = (at: number) => headOf(tokens, concepts, at - 1, lexicon)
  for (const match of text.matchAll(PHONE)) {
    const inside = tokens.flatMap(({ start, end }, at) =>
      start >= match.index && end <= match.index + match[0].length ? [at] : [],
    )
    const digits = match[0].replace(/\D/g, '')
    // Billing accounts have numbers too.
    if (headBefore(inside[0] ?? 0) === 'billing account') continue
    if (
      inside.length === 0 ||
      inside.some((at) => tokens[at]!.taken) ||
      digits.length < 7 ||
      /^\d{4}-\d\d?-\d\d?$/.test(match[0].trim())
    )
      continue
    const [found] = await find('phone number', match[0].trim())
    if (!found) continue
    take(inside[0]!, inside.at(-1)!)
    named.subjects.push({ kind: 'phone number', id: found.id, label: found.label })
  }
  for (const run of runsIn(tokens, lexicon).slice(0, MOST_RUNS)) {
    if (tokens.slice(run.from, run.to + 1).some(({ taken }) => taken)) continue
    const best = await nearest(run, find)
    const idKind = best ? undefined : kindOfId(run, tokens, lexicon)
    if (idKind) {
      take(run.from, run.to)
      named.subjects.push({ kind: idKind, id: run.words, label: run.words })
      continue
    }
    if (!best) {
      const corrected = run.from === run.to && meant(lexicon, tokens[run.from]!) !== undefined
      const isTold =
        run.hint !== undefined ||
        tokens[run.from]!.isCapital ||
        tokens[run.from]!.isQuoted ||
        lexicon.prepositions.has(tokens[run.from - 1]?.stem ?? '')
      if (run.isSure && !corrected && !run.isPlain && isTold)
        named.unknown.push({ words: run.words, kind: run.hint ?? 'customer', from: run.from, to: run.to })
      continue
    }
    take(run.from, run.to)
    const { kind, candidates } = best
    const [first, second] = candidates
    if (second && first!.nearness - second.nearness < MARGIN && second.id !== first!.id)
      named.unclear.push({
        words: run.words,
        kind,
        candidates: candidates.filter((one) => first!.nearness - one.nearness < MARGIN).slice(0, 5),
      })
    else named.subjects.push({ kind, id: first!.id, label: first!.label })
  }
  // Beside a name that was found, an unknown word is a word and no name.
  if (named.subjects.length > 0 || named.unclear.length > 0)
    named.unknown = named.unknown.filter(({ from }) => tokens[from]!.isQuoted)
  return named
}

const nearest = async (
  run: Run,
  find: Find,
): Promise<{ kind: string; candidates: readonly Candidate[] } | undefined> => {
  const found = await nearestOf(run, run.words, run.isPlain ? SAME : NEAR, find)
  // `acmes tickets`: the mark of an owner is often left out.
  const owner = /^(.*[\p{Ll}\d]{2})s$/u.exec(run.words)?.[1]
  if (found || owner === undefined) return found
  return nearestOf(run, owner, SAME, find)
}

const nearestOf = async (
  run: Run,
  words: string,
  least: number,
  find: Find,
): Promise<{ kind: string; candidates: readonly Candidate[] } | undefined> => {
  let best: { kind: string; candidates: readonly Candidate[] } | undefined
  for (const kind of kindsOf(run)) {
    const candidates = (await find(kind, words)).filter((one) => one.nearness >= least)
    const better = (candidates[0]?.nearness ?? 0) > (best?.candidates[0]?.nearness ?? 0) + 0.03
    if (candidates.length > 0 && better) best = { kind, candidates }
    if ((best?.candidates[0]?.nearness ?? 0) >= SAME) break
  }
  return best
}

/** Kinds of things by what they are called. The first kind of a word counts. */
const kindsByHead = (language: Language): Readonly<Record<string, string>> => {
  const kinds: Record<string, string> = {}
  for (const [kind, heads] of Object.entries(language.heads)) for (const head of heads) kinds[head] ??= kind
  return kinds
}

/** Of what an id is that is said as it is, such as `alert AL-17`: nothing looks it up, as nothing else is called so. */
const kindOfId = ({ from, to, words, hint }: Run, tokens: readonly Token[], lexicon: Lexicon) => {
  if (from !== to || hint === undefined || !/\d/.test(words)) return undefined
  if (UUID.test(words)) return hint
  const isOne = !lexicon.language.forms.many.test(tokens[from - 1]?.lower ?? '')
  return isOne && lexicon.language.idOnly.includes(hint) ? hint : undefined
}

/** The kind of thing that a word says what is named beside it is. */
const headOf = (
  tokens: readonly Token[],
  concepts: readonly { of: string; at: readonly number[] }[],
  at: number,
  lexicon: Lexicon,
): string | undefined => {
  const concept = concepts.find((one) => one.at.includes(at))?.of
  // "account" may be both.
  return concept === 'customer' && lexicon.language.forms.eitherAccount.has(tokens[at]?.stem ?? '')
    ? 'billing account'
    : concept && kindsByHead(lexicon.language)[concept]
}

const runsIn = (tokens: readonly Token[], lexicon: Lexicon): Run[] => {
  const { forms } = lexicon.language
  const { concepts } = conceptsIn(tokens, lexicon)
  const headAt = (at: number) => headOf(tokens, concepts, at, lexicon)
  const isKnown = (at: number): boolean => {
    const { stem, lower } = tokens[at]!
    return (
      lexicon.known.has(stem) ||
      (lexicon.ordinary.has(stem) && !tokens[at]!.isCapital) ||
      lexicon.known.has(lower) ||
      /^(?:\d{1,3}|\d+(?:\.\d+)?[km])$/.test(lower) ||
      lower === '&' ||
      lower in lexicon.language.currencies
    )
  }
  const isName = (at: number): boolean => {
    const token = tokens[at]
    if (!token || token.taken) return false
    if (!isKnown(at)) return true
    return (
      token.isCapital &&
      at > 0 &&
      !forms.nameless.has(token.lower) &&
      token.word.length > 1 &&
      !lexicon.questions.has(token.stem)
    )
  }
  const joins = (at: number): boolean => {
    const token = tokens[at]
    return (
      !!token &&
      !token.taken &&
      (token.lower === '&' ||
        isLegalForm(token.word) ||
        (forms.inNames.has(token.lower) &&
          !!tokens[at + 1]?.isCapital &&
          isName(at + 1) &&
          !!tokens[at - 1]?.isCapital))
    )
  }
  const run = (from: number, to: number, isSure: boolean): Run => {
    const span = tokens.slice(from, to + 1)
    const words = span
      .map(({ word }, at) => (at > 0 && span[at - 1]!.end === span[at]!.start ? '' : ' ') + word)
      .join('')
      .trim()
    const isPlain = !span.some((token, at) => token.isQuoted || !isKnown(from + at))
    const hint =
      headAt(from - 1) ??
      headAt(to + 1) ??
      (lexicon.language.articles.includes(tokens[from - 1]?.lower ?? '') ? headAt(from - 2) : undefined)
    return { from, to, words, hint, isPlain, isSure }
  }
  const found: Run[] = []
  const add = (from: number, to: number, isSure: boolean) => {
    if (from <= to && to - from < 10 && !found.some((one) => one.from === from && one.to === to))
      found.push(run(from, to, isSure))
  }
  // What stands between quotation marks.
  for (let at = 0; at < tokens.length; at++)
    if (tokens[at]!.isQuoted && !tokens[at - 1]?.isQuoted) {
      let to = at
      while (tokens[to + 1]?.isQuoted) to++
      add(at, to, true)
    }
  // Unknown and capital words side by side, the longest first; then only the unknown ones of them.
  const runs: [number, number][] = []
  for (let at = 0; at < tokens.length; at++)
    if (isName(at)) {
      let to = at
      while (isName(to + 1) || (joins(to + 1) && (isName(to + 2) || isLegalForm(tokens[to + 1]!.word)))) to++
      if (
        to === at &&
        tokens[at]!.isCapital === false &&
        /^\d+$/.test(tokens[at]!.word) &&
        headAt(at - 1) === undefined
      )
        continue
      runs.push([at, to])
      at = to
    }
  for (const [from, to] of runs) {
    const sure = tokens.slice(from, to + 1).some((_, at) => !isKnown(from + at))
    // A sentence begins with a capital: it may be the name's first word all the same.
    if (
      from === 1 &&
      tokens[0]!.isCapital &&
      isKnown(0) &&
      !tokens[0]!.taken &&
      !lexicon.fillers.has(tokens[0]!.stem)
    )
      add(0, to, false)
    // Words of the language that follow may belong to the name, as in `Open Systems` or `Delete All Deals Ltd`.
    add(from, to, sure)
    let [first, last] = [from, to]
    while (first < last && isKnown(first)) first++
    while (last > first && isKnown(last)) last--
    if (first !== from || last !== to) add(first, last, sure)
    // `who founded Dell`: not every unknown word belongs to the name.
    for (let at = from; from < to && at <= to; at++)
      if (!isKnown(at) && tokens[at]!.word.length > 2) add(at, at, false)
  }
  // What follows a preposition, whatever its words are, to the end or the next one.
  for (let at = 0; at < tokens.length; at++)
    if (lexicon.prepositions.has(tokens[at]!.stem)) {
      let to = at
      while (tokens[to + 1] && !tokens[to + 1]!.taken && !lexicon.prepositions.has(tokens[to + 1]!.stem)) to++
      const hasName = tokens.slice(at + 1, to + 1).some((_, place) => isName(at + 1 + place))
      const from = forms.beforeNames.has(tokens[at + 1]?.lower ?? '') ? at + 2 : at + 1
      if (!hasName && to > at && to - from >= 1) add(from, to, false)
      else if (hasName) {
        add(from, to, false)
        // Such as `Acme Freight please`.
        for (let end = to - 1; end >= from && end >= to - 3; end--)
          if (!isName(end + 1)) add(from, end, false)
      }
    }
  const rank = (one: Run) =>
    (tokens[one.from]!.isQuoted ? 100 : 0) +
    (one.isPlain ? 0 : 10) +
    Math.min(one.to - one.from, 8) -
    // `Umbrella's health`: a name seldom goes on behind its owner's mark.
    (tokens.slice(one.from, one.to).some(({ isOwner }) => isOwner) ? 20 : 0)
  return found.sort((a, b) => rank(b) - rank(a))
}
