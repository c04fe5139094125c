/**
 * pair       two accounts that may be the same customer
 * candidate  a pair that is worth keeping: asked about, linked, or decided by a person
 * waterfall  what a judgement was concluded from: one row per field, each with what it adds
 * weight     how much more often the same is found in two accounts of one customer than in two of different ones: base-2
 *            logarithm of that quotient. 1 doubles the odds, −1 halves them
 * score      the probability that both are the same customer, in percent
 */

/** The version of the matcher whose weights a judgement was made with. */
export const MODEL = '2'

/** An account, by its system and the id that events carry. */
export interface AccountKey {
  system: 'HUBSPOT' | 'C3' | 'WARP'
  accountId: string
}

/** Whose account speaks first for a customer: HubSpot's, else C3's, else WARP's. */
export const SYSTEM_RANK = { HUBSPOT: 0, C3: 1, WARP: 2 } as const

/** What is compared. PRIOR is how likely it was before anything was compared; RULE is a bound that weights do not lift. */
export const MATCH_FIELDS = [
  'PRIOR',
  'NAME',
  'LEGAL_FORM',
  'DOMAIN',
  'PHONE',
  'BAN',
  'PLACE',
  'RULE',
] as const
export type MatchField = (typeof MATCH_FIELDS)[number]

/** One comparison. Telephone numbers are not told: `a` and `b` are null there. */
export interface WaterfallRow {
  field: MatchField
  a: string | null
  b: string | null
  /** How they compare, such as EXACT, TYPO, ONE_SIDED; for a rule, its name. */
  level: string
  weight: number
  /** The score once this row has been counted. */
  score: number
}

/** What follows from a score: linked when nobody else is in question · somebody is asked · not the same. */
export type Verdict = 'LINK' | 'ASK' | 'APART'

/** Why a pair is not linked although its weights would allow it. */
export type MatchRule =
  | 'NUMBERS_DIFFER'
  | 'NUMBER_ON_ONE_SIDE'
  | 'PART_OF_GROUP'
  | 'WORD_ON_ONE_SIDE'
  | 'WORDS_DIFFER'
  | 'LEGAL_FORMS_DIFFER'
  | 'NAME_UNLIKE'
  | 'DOMAINS_DIFFER'
  | 'PLACES_DIFFER'
  | 'DESCRIPTIVE_NAME'
  | 'SLIP_ALONE'
  | 'INITIALS_ALONE'
  | 'SUPPLIER'
  | 'SAME_SOURCE'

export interface Judgement {
  /** 0–100, two decimals. */
  score: number
  verdict: Verdict
  rules: MatchRule[]
  waterfall: WaterfallRow[]
  model: string
}

/** From here on accounts are linked without anybody asked, and from here on somebody is asked. Percent. */
export const LINKS_FROM = 85
export const ASKS_FROM = 50

/** How far the next best has to be behind before a winner is clear: it has at most a tenth of the odds. Base-2 logarithm. */
export const CLEAR_MARGIN = Math.log2(10)

/** MATCH: of different sources. DUPLICATE: both of one source; never linked by itself. */
export type CandidateKind = 'MATCH' | 'DUPLICATE'

/**
 * OPEN: nobody has decided, or what it was decided on has changed · LINKED: one customer, by the matcher or a person · REJECTED: a person
 * says they are not · GONE: one of them is no more, or they are no longer alike.
 */
export type CandidateState = 'OPEN' | 'LINKED' | 'REJECTED' | 'GONE'

/** A pair that is worth keeping. */
export interface Candidate extends Judgement {
  id: string
  a: AccountKey
  b: AccountKey
  kind: CandidateKind
  state: CandidateState
  /** Who decided, as `kind id`; null when the matcher did. */
  decidedBy: string | null
  decidedAt: Date | null
  /** What the person gave as reason. */
  reason: string | null
  foundAt: Date
  updatedAt: Date
}

/** The two of a pair in the order in which they are stored. */
export const inOrder = (a: AccountKey, b: AccountKey): [AccountKey, AccountKey] => {
  const first = a.system === b.system ? a.accountId < b.accountId : a.system < b.system
  return first ? [a, b] : [b, a]
}
