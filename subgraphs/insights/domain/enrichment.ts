/**
 * enrichment   a customer in a few sentences, with what each rests on, and what others know of its company
 * provider     who is asked for it: the hub's own rules, a research service, a language model
 *
 * Rules always write. A model may word what they would say, and is used only where it says the same; a research service's facts stand
 * beside the sentences and go into none of them. So nothing that anybody outside says decides anything, or is told to other systems.
 */
import type { Claim, Evidence } from './claims.ts'
import { MOST_SENTENCES, type Ungrounded, ungrounded, type Worded } from './grounding.ts'

export type Provider = 'RULES' | 'RESEARCH' | 'MODEL'
/** Those outside the hub, whose calls cost something. */
export type OutsideProvider = Exclude<Provider, 'RULES'>

/** Changes whenever the rules say something in another way. */
export const METHOD = 'rules 1'

export interface Sentence {
  text: string
  claim: string
  evidence: readonly Evidence[]
  evidenceCount: number
}

export type ResearchedKind = 'OVERVIEW' | 'NEWS' | 'HIRING' | 'FUNDING' | 'SIZE' | 'INDUSTRY'

/** What a research service knows, in its words. */
export interface Researched {
  kind: ResearchedKind
  text: string
  source: string | null
  publishedOn: string | null
}

/** Why somebody was not asked, or was of no use. */
export interface ProviderRefusal {
  provider: OutsideProvider
  code: string
  /** As ISO 8601; null when somebody has to mend something first. */
  againAt: string | null
}

/** What is kept of a customer. */
export interface EnrichmentDocument {
  sentences: readonly Sentence[]
  researched: readonly Researched[]
  provider: 'RULES' | 'MODEL'
  model: string | null
  method: string
  confidence: string
  refused: readonly ProviderRefusal[]
}

/** The most telling claims, as they are. */
export const byRules = (claims: readonly Claim[]): Sentence[] =>
  claims.slice(0, MOST_SENTENCES).map(({ text, key, evidence, evidenceCount }) => ({
    ...{ text, claim: key, evidence, evidenceCount },
  }))

/** Claims in a model's words. @param worded grounded in these claims */
export const byModel = (worded: readonly Worded[], claims: readonly Claim[]): Sentence[] => {
  const byKey = new Map(claims.map((claim) => [claim.key, claim]))
  return worded.map(({ claim, text }) => {
    const { evidence, evidenceCount } = byKey.get(claim)!
    return { text, claim, evidence, evidenceCount }
  })
}

export const summaryOf = ({ sentences }: Pick<EnrichmentDocument, 'sentences'>): string =>
  sentences.map(({ text }) => text).join(' ')

/** What a research service is told of a customer's company. */
export interface Company {
  domain: string
  industry: string | null
}

/** What somebody outside is asked. */
export type Question =
  | { provider: 'RESEARCH'; company: Company }
  | { provider: 'MODEL'; claims: readonly Pick<Claim, 'key' | 'text'>[] }

/** What came of asking somebody. */
export type Heard =
  | { provider: 'RESEARCH'; researched: readonly Researched[] }
  | { provider: 'MODEL'; worded: readonly Worded[] }
  | { provider: OutsideProvider; refusal: ProviderRefusal }

/** Everything that a document is made from. */
export interface Written {
  document: EnrichmentDocument
  /** Why a model's words were not used; null when they were, or none were there. */
  ungrounded: Ungrounded | null
}

/**
 * Writes about a customer: in the model's words where they say what the claims say, else in the hub's own.
 * @param claims the most telling first
 * @param confidence how far the facts behind them can be relied on, 0 to 100
 */
export const write = (
  claims: readonly Claim[],
  confidence: string,
  heard: readonly Heard[],
  model: string | null,
): Written => {
  const worded = heard.flatMap((one) => ('worded' in one ? [one.worded] : []))[0]
  const flaw = worded ? ungrounded(worded, claims) : null
  const byOther = worded && flaw === null
  const refused = heard.flatMap((one) => ('refusal' in one ? [one.refusal] : []))
  if (flaw) refused.push({ provider: 'MODEL', code: 'ENRICHMENT_UNGROUNDED', againAt: null })
  const document = {
    sentences: byOther ? byModel(worded, claims) : byRules(claims),
    researched: heard.flatMap((one) => ('researched' in one ? one.researched : [])),
    provider: byOther ? ('MODEL' as const) : ('RULES' as const),
    model: byOther ? model : null,
    ...{ method: METHOD, confidence, refused },
  }
  return { document, ungrounded: flaw }
}

/** What a refusal means for the customer's next turn. */
type Consequence = 'LATER' | 'TOMORROW' | 'MEND' | 'NONE'

/** What stable codes mean, for people and for the next turn. */
const REFUSALS: Readonly<Record<string, { says: string; next: Consequence }>> = {
  ENRICHMENT_BUDGET_SPENT: {
    says: 'The budget of the day is spent. It is asked tomorrow; raise the budget in the settings and ask again to have it asked now.',
    next: 'TOMORROW',
  },
  ENRICHMENT_NOT_CONFIGURED: {
    says: 'Whoever runs the hub has not said how it is reached.',
    next: 'NONE',
  },
  ENRICHMENT_NO_DOMAIN: {
    says: 'No web domain of the company is known. Add it to the company’s record.',
    next: 'NONE',
  },
  ENRICHMENT_UNGROUNDED: {
    says: 'It said something that the facts do not say, so the hub’s own words are used.',
    next: 'NONE',
  },
  ENRICHMENT_BROKE_OFF: {
    says: 'Nothing that came of it could be kept, five times. Ask for the customer again; if it is here once more, tell whoever runs the hub.',
    next: 'MEND',
  },
  HUB_VENDOR_UNAVAILABLE: { says: 'It is not answering. It is asked again by itself.', next: 'LATER' },
  HUB_VENDOR_BUSY: {
    says: 'It limits how often it may be asked. It is asked again by itself.',
    next: 'LATER',
  },
  HUB_VENDOR_ADDRESS_INSIDE: {
    says: 'Its name leads into a network of machines, not to the world. Whoever runs the hub has to say that it lies there; then ask for the customer again.',
    next: 'MEND',
  },
  HUB_VENDOR_REFUSED: {
    says: 'It did not accept the question. Look at what it expects, then ask for the customer again.',
    next: 'MEND',
  },
  HUB_VENDOR_CREDENTIAL_REJECTED: {
    says: 'It does not accept the hub’s key. Whoever runs the hub has to give it another; then ask for the customer again.',
    next: 'MEND',
  },
}

/** The sentence for people that belongs to a code. */
export const reasonOf = (code: string): string => REFUSALS[code]?.says ?? 'It gave no answer of use.'

/** What a code means for the customer's next turn. */
export const consequenceOf = (code: string): Consequence => REFUSALS[code]?.next ?? 'LATER'
