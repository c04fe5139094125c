/** Whether a sentence asks or wishes, and whether it takes the wish back. */
import { type Lexicon, phraseAt } from './lexicon.ts'
import type { Token } from './words.ts'

export interface Mood {
  /** Where the sentence begins once it is done being polite. */
  begins: number
  isQuestion: boolean
  /** `is it`, `does it`: it asks whether something is so. */
  isOfYesOrNo: boolean
  /** `should be`, `needs to be`: a wish in the form of a statement. */
  isDemand: boolean
  /** A deed is named, but it is not to be done. */
  isNegated: boolean
  /** There are several wishes in it. */
  isSeveral: boolean
}

/** @param deedAt whether a deed is named at a token */
export const moodOf = (
  text: string,
  tokens: readonly Token[],
  lexicon: Lexicon,
  deedAt: (at: number) => string | undefined,
): Mood => {
  const { forms } = lexicon.language
  let begins = 0
  let isAsked = false
  for (let moved = true; moved; ) {
    moved = false
    for (const { stems } of lexicon.openers.get(tokens[begins]?.stem ?? '') ?? []) {
      const at = tokens[begins]!.taken ? undefined : phraseAt(tokens, begins, stems, lexicon)
      if (!at || at.at(-1)! - begins >= stems.length) continue
      // `can you`, `I want to`: whoever says so wishes.
      isAsked = isAsked || stems.length > 1
      begins = at.at(-1)! + 1
      moved = true
      break
    }
  }
  const lower = text.toLowerCase()
  const first = tokens[begins]
  const second = tokens[begins + 1]
  const doesIt = !!first && !!second && forms.wishing.has(first.lower) && forms.beforeThings.has(second.lower)
  const hasItDone =
    !!first &&
    forms.having.has(first.lower) &&
    tokens.some((token, at) => at > begins && forms.underWay.test(token.lower) && deedAt(at) !== undefined)
  // `do not`, `never`: whatever follows is not wished.
  const isForbidden = !first?.taken && forms.forbidding.test(`${first?.lower} ${second?.lower}`)
  const isAsking =
    !isForbidden &&
    !!first &&
    !first.taken &&
    lexicon.questions.has(first.stem) &&
    deedAt(begins) === undefined &&
    !(doesIt && (!forms.having.has(first.lower) || hasItDone))
  const isDemand = forms.demand.test(lower) && !isAsking
  const isDeed = deedAt(begins) !== undefined
  const isQuestion = (isAsking && !hasItDone) || (text.endsWith('?') && !isAsked && !isDeed && !isDemand)
  const isDenied = (at: number): boolean => {
    const token = tokens[at]!
    return !token.taken && lexicon.negations.has(token.stem) && !forms.harmless.has(token.stem)
  }
  // `tickets not yet resolved`: what was not done is told of a thing, and nothing is forbidden.
  const isUndone = (at: number): boolean => {
    let next = at + 1
    while (tokens[next] && forms.untilNow.has(tokens[next]!.lower)) next++
    const told = tokens[next]
    return !isDemand && at > begins && !!told && !told.taken && forms.done.test(told.lower)
  }
  const deeds = tokens.flatMap((_, at) => (deedAt(at) !== undefined ? [at] : []))
  const isNegated =
    isForbidden ||
    (!isQuestion &&
      tokens.some((_, at) => {
        if (!isDenied(at) || isUndone(at)) return false
        const isEarly = at <= begins + 2
        const next = tokens[at + 1]
        if (isEarly && next && (forms.showing.has(next.stem) || deedAt(at + 1) !== undefined)) return true
        return deeds.some((deed) => deed > at && deed - at <= 5) && !forms.excepting.has(tokens[at]!.lower)
      }))
  return {
    begins,
    isQuestion,
    isOfYesOrNo: !!first && !first.taken && forms.whether.has(first.lower) && !isAsked,
    isDemand: isDemand || (isAsked && !isAsking),
    isNegated,
    isSeveral: isSeveral(tokens, lexicon, deedAt, begins),
  }
}

/** Parts joined by `and` or `then` of which a later one begins with a deed or with a wish to see something. */
const isSeveral = (
  tokens: readonly Token[],
  lexicon: Lexicon,
  deedAt: (at: number) => string | undefined,
  begins: number,
): boolean => {
  const { forms } = lexicon.language
  const { showing } = forms
  let isAfter = false
  const verbs: string[] = []
  for (let at = begins; at < tokens.length; at++) {
    const token = tokens[at]!
    if (token.taken) {
      isAfter = false
      continue
    }
    if (lexicon.joins.has(token.stem)) {
      isAfter = at > begins
      continue
    }
    if (isAfter || at === begins) {
      // `open and resolved conflicts`: what was done is told of a thing, not wished.
      const deed = isAfter && forms.done.test(token.lower) ? undefined : deedAt(at)
      if (deed !== undefined || showing.has(token.stem)) verbs.push(deed ?? 'show')
      else if (lexicon.fillers.has(token.stem) && isAfter && !showing.has(token.stem)) continue
      isAfter = false
    }
  }
  return (
    verbs.length > 1 && verbs.some((verb) => verb !== 'show') && !verbs.every((verb) => verb === 'compare')
  )
}
