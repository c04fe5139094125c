/**
 * enrichment   a customer in a few sentences, with what each rests on, and what others know of its company
 * provider     who is asked for it: the hub's own rules, a research service, a language model
 *
 * Rules always write. A model may word what they would say, and is used only where it says the same; a research service's facts stand
 * beside the sentences and go into none of them. So nothing that anybody outside says decides anything, or is told to other systems.
 */
import type { Claim, Evidence } from './claims.ts'
import { MOST_SENTENCES, type Worded } from './grounding.ts'

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

/** What everybody is told when nobody knows anything of a customer. */
export const REFUSALS: Readonly<Record<string, string>> = {
  ENRICHMENT_BUDGET_SPENT: 'The budget of the day is spent. It is asked again tomorrow; raise the budget in the settings to have it asked now.',
  ENRICHMENT_NOT_CONFIGURED: 'Whoever runs the hub has not said how it is reached.',
  ENRICHMENT_NO_DOMAIN: 'No web domain of the company is known. Add it to the company’s record.',
  ENRICHMENT_UNGROUNDED: 'It said something that the facts do not say, so the hub’s own words are used.',
  ENRICHMENT_UNREADABLE: 'Its answer was not of the agreed shape.',
  HUB_VENDOR_UNAVAILABLE: 'It is not answering. It is asked again by itself.',
  HUB_VENDOR_BUSY: 'It limits how often it may be asked. It is asked again by itself.',
  HUB_VENDOR_REFUSED: 'It did not accept the question. Look at what it expects.',
  HUB_VENDOR_CREDENTIAL_REJECTED: 'It does not accept the hub’s key. Whoever runs the hub has to give it another.',
}

/** The sentence for people that belongs to a refusal. */
export const reasonOf = (code: string): string => REFUSALS[code] ?? 'It gave no answer of use.'
