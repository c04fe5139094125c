/**
 * recommendation  something that is proposed, with everything it was made from
 * subject         what it is about: of each subject there is one recommendation that counts
 * fingerprint     of the method and everything it was made from; with the same fingerprint it is the same
 * method          the name and version of a formula of this folder; a new version supersedes what an older one proposed
 */
import { idFrom } from '#kernel/ids.ts'
import type { RiskKind, Severity } from './supply-risks.ts'

export const RECOMMENDATION_KINDS = ['PRICING', 'ALTERNATIVE', 'STOCK_LEVEL', 'SUPPLY_RISK'] as const
export type RecommendationKind = (typeof RECOMMENDATION_KINDS)[number]

/** To what a recommendation may go from where it is. */
export const moves = {
  PROPOSED: ['ACCEPTED', 'REJECTED', 'SUPERSEDED', 'EXPIRED'],
  // A decision can be taken back: then nobody has decided, unless a newer one has taken its place since.
  ACCEPTED: ['REJECTED', 'PROPOSED', 'SUPERSEDED'],
  REJECTED: ['PROPOSED', 'SUPERSEDED'],
  SUPERSEDED: [],
  EXPIRED: [],
} as const
export type RecommendationState = keyof typeof moves

/** A number that went into a recommendation, and what it says. */
export interface Evidence {
  name: string
  value: string
  unit: string | null
  meaning: string
}

/** A number as evidence. */
export const number = (
  name: string,
  value: number | string,
  unit: string | null,
  meaning: string,
): Evidence => ({
  name,
  value: String(value),
  unit,
  meaning,
})

export const rounded = (value: number, digits: number): string => value.toFixed(digits)

export const METHODS = {
  PRICING: { name: 'logistic-win-rate', version: 2 },
  ALTERNATIVE: { name: 'form-fit-function', version: 1 },
  STOCK_LEVEL: { name: 'compound-demand', version: 2 },
  SUPPLY_RISK: { name: 'supply-rules', version: 2 },
} as const satisfies Record<RecommendationKind, { name: string; version: number }>

/** What a recommendation is about, as far as it goes for its kind. Names are kept beside ids: C3 is told what it was made of. */
export interface About {
  rfqId: string | null
  c3RfqId: string | null
  line: number | null
  componentId: string | null
  partNumber: string | null
  manufacturer: string | null
  alternativeId: string | null
  alternativePartNumber: string | null
  alternativeManufacturer: string | null
  c3SupplierId: string | null
}
export const NOTHING: About = {
  ...{ rfqId: null, c3RfqId: null, line: null, componentId: null, partNumber: null, manufacturer: null },
  ...{ alternativeId: null, alternativePartNumber: null, alternativeManufacturer: null, c3SupplierId: null },
}

/** What is recommended. Decimals are texts. */
export interface Advice {
  risk: RiskKind | null
  severity: Severity | null
  amount: string | null
  low: string | null
  high: string | null
  currency: string | null
  reorderPoint: number | null
  orderQuantity: number | null
  serviceLevel: number | null
  confidence: number
  reasoning: string
  evidence: Evidence[]
}
export const SAYING: Omit<Advice, 'confidence' | 'reasoning' | 'evidence'> = {
  ...{ risk: null, severity: null, amount: null, low: null, high: null, currency: null },
  ...{ reorderPoint: null, orderQuantity: null, serviceLevel: null },
}

/** A recommendation that could be made: what it is about and what it would be made from. */
export interface Candidate extends About {
  kind: RecommendationKind
  connectionId: string
  subject: string
  method: string
  methodVersion: number
  fingerprint: string
  /** Works it out. Null when too little is known. */
  advise(): Advice | null
}

/** A candidate of a method of ours. @param inputs everything that it is made from */
export const candidate = (
  ask: Pick<Candidate, 'kind' | 'connectionId' | 'subject'> & Partial<About>,
  inputs: unknown,
  advise: Candidate['advise'],
): Candidate => {
  const { name: method, version: methodVersion } = METHODS[ask.kind]
  const fingerprint = idFrom(method, String(methodVersion), JSON.stringify(inputs))
  return { ...NOTHING, ...ask, method, methodVersion, fingerprint, advise }
}

/** The recommendation of a subject that counts. */
export interface Counting {
  id: string
  subject: string
  fingerprint: string
  state: RecommendationState
}

export interface Reconciled {
  /** To be made; the one that counted before, if any, counts no more. */
  made: (Omit<Candidate, 'advise'> & Advice)[]
  /** Ids of those whose reason is gone. */
  expired: string[]
}

/**
 * Compares what could be recommended with what is. What was made from the same stays as it is, also when it was rejected; what was
 * proposed and has no reason any more expires.
 * @param counting all recommendations that count of what was looked at
 */
export const reconcile = (candidates: readonly Candidate[], counting: readonly Counting[]): Reconciled => {
  const known = new Map(counting.map((each) => [each.subject, each]))
  const stays = new Set<string>()
  const made: Reconciled['made'] = []
  for (const { advise, ...each } of candidates) {
    const before = known.get(each.subject)
    if (before && before.state !== 'EXPIRED' && before.fingerprint === each.fingerprint)
      stays.add(each.subject)
    else {
      const advice = advise()
      if (!advice) continue
      stays.add(each.subject)
      made.push({ ...each, ...advice })
    }
  }
  const expired = counting.filter(({ subject, state }) => state === 'PROPOSED' && !stays.has(subject))
  return { made, expired: expired.map(({ id }) => id) }
}

/** How far a confidence can be relied on. */
export const bandOf = (confidence: number): 'HIGH' | 'MEDIUM' | 'LOW' | 'REVIEW' =>
  confidence >= 85 ? 'HIGH' : confidence >= 70 ? 'MEDIUM' : confidence >= 50 ? 'LOW' : 'REVIEW'

/** Whether a recommendation may be decided so. */
export const mayBecome = (from: RecommendationState, to: RecommendationState): boolean =>
  (moves[from] as readonly string[]).includes(to)
