/**
 * former     what was remembered of a customer when it last had exactly the accounts that it has now
 * undone     noticed of accounts that have been taken apart since: it ends, and its detector goes on from what it knew before
 * word       what people decided on an insight, or that they have dismissed its like
 *
 * A link that is undone leaves what it found. What people decided meanwhile stays: nothing that somebody said is lost.
 */
import type { Insight } from './insights.ts'
import type { Named } from './telling.ts'

/** An insight about a customer, and of whom its decision was taken over. */
export interface Kept extends Named {
  /** The customer that was merged into its own, of whom people decided it; null once somebody has decided anew. */
  takenFrom: string | null
}

/** What detectors go on from, and what ends with the accounts. */
export interface Regained<I extends Kept> {
  newest: I[]
  undone: I[]
}

const BY_PEOPLE: ReadonlySet<Insight['state']> = new Set(['ACCEPTED', 'DISMISSED', 'DONE'])

/** Whether somebody has decided on it, or on its like, since a moment. */
const isDecidedSince = ({ state, decidedAt, dismissedAt }: Insight, since: Date): boolean =>
  (BY_PEOPLE.has(state) && decidedAt! > since) || (dismissedAt !== null && dismissedAt > since)

/**
 * What a customer's detectors go on from when it has former accounts again.
 * @param held the newest insight of each detector as it stands
 * @param former the same as it was remembered
 * @param present what has become of the former ones, by id
 * @param since when they were set aside; null when the customer was nobody meanwhile, so that nobody can have decided
 */
export const regain = <I extends Kept>(
  held: readonly I[],
  former: readonly I[],
  present: ReadonlyMap<string, I>,
  { since, at }: { since: Date | null; at: Date },
): Regained<I> => {
  const before = new Map(former.map((insight) => [insight.detector, insight]))
  const [newest, undone]: [I[], I[]] = [[], []]
  for (const insight of held) {
    const was = before.get(insight.detector)
    before.delete(insight.detector)
    if (since && holds(insight, was, since)) newest.push(insight)
    else {
      if (insight.insightId !== was?.insightId) undone.push(insight)
      if (was) newest.push(again(was, present.get(was.insightId), at))
    }
  }
  return {
    newest: [...newest, ...[...before.values()].map((was) => again(was, present.get(was.insightId), at))],
    undone,
  }
}

/** Whether people have moved it meanwhile: what they have decided by themselves, nothing but they can take back. */
const holds = (insight: Insight & Kept, was: (Insight & Kept) | undefined, since: Date): boolean =>
  isDecidedSince(insight, since) ||
  (insight.insightId === was?.insightId && BY_PEOPLE.has(was.state) && insight.state !== was.state)

/** As it was; the very same when it still is. */
const again = <I extends Kept>(was: I, is: I | undefined, at: Date): I => {
  if (!is) return was
  return textOf(is) === textOf(was) ? is : { ...was, version: is.version + 1, asOf: at }
}

const textOf = ({ version: _, asOf: __, ...said }: Kept): string =>
  JSON.stringify(Object.entries(said).sort())

/** Whether it says something of people: what they decided, or that they have dismissed its like. */
export const isWord = ({ state, dismissedAt }: Pick<Insight, 'state' | 'dismissedAt'>): boolean =>
  BY_PEOPLE.has(state) || dismissedAt !== null

/** A word of a customer that was merged into another, and since when that one has its accounts; null when that is not known. */
export interface MergedWord<I extends Kept> {
  word: I
  since: Date | null
}

/**
 * Takes over the words of customers that were merged into one: of each detector that has noticed nothing of it, or only since it has their
 * accounts, the last one. So what people dismissed of a customer is not said again of whoever it is now, and what they mean to do about it
 * goes on; which of the two is judged first makes no difference.
 */
export const takeOver = <I extends Kept>(
  newest: readonly I[],
  words: readonly MergedWord<I>[],
  at: Date,
): Regained<I> => {
  const own = new Map(newest.map((insight) => [insight.detector, insight]))
  const last = new Map<string, I>()
  for (const { word, since } of words) {
    const other = last.get(word.detector)
    const noticed = own.get(word.detector)
    const isFree = !noticed || (noticed.state === 'NEW' && since !== null && noticed.raisedAt >= since)
    if (isWord(word) && isFree && (!other || saidAt(word) > saidAt(other))) last.set(word.detector, word)
  }
  const over = [...last.values()].map((word) => ({
    ...word,
    ...{ episode: own.get(word.detector)?.episode ?? 1, version: 1, asOf: at, takenFrom: word.customerId },
  }))
  const isReplaced = ({ detector }: I) => last.has(detector)
  return { newest: [...newest.filter((one) => !isReplaced(one)), ...over], undone: newest.filter(isReplaced) }
}

const saidAt = ({ decidedAt, dismissedAt, customerId }: Kept): string =>
  `${(decidedAt ?? dismissedAt)!.toISOString()} ${customerId}`
