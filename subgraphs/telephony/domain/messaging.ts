import type { NumberStatus } from './numbers.ts'
import { flawInReason, isLine, isText } from './texts.ts'

/**
 * Sending text messages from ordinary numbers (10DLC). Carriers let through what The Campaign Registry (TCR) knows.
 *
 * brand      who sends
 * campaign   what a brand sends messages for
 */
const BRAND_MOVES = {
  PENDING: ['REGISTERED', 'REJECTED', 'EXPIRED'],
  REGISTERED: ['EXPIRED'],
  REJECTED: [],
  EXPIRED: [],
} as const
export type BrandStatus = keyof typeof BRAND_MOVES

/** Whether a brand's state leads to another one. */
export const brandMayBecome = (from: BrandStatus, to: BrandStatus): boolean =>
  (BRAND_MOVES[from] as readonly BrandStatus[]).includes(to)

/** Whether its account sends, or waits to send, under a brand's name. */
export const isBrandInUse = (status: BrandStatus): boolean => brandMayBecome(status, 'EXPIRED')

/** What the registry says of campaigns. Whatever runs is over too once its account is closed. */
export const CAMPAIGN_MOVES = {
  PENDING: ['REGISTERED', 'REJECTED'],
  REGISTERED: ['EXPIRED'],
  REJECTED: [],
  EXPIRED: [],
} as const
export type CampaignStatus = keyof typeof CAMPAIGN_MOVES

/** What a brand is in law, its line of business, and what is sent, as the registry tells them apart. */
export type BrandKind = 'PRIVATE_PROFIT' | 'PUBLIC_PROFIT' | 'NON_PROFIT' | 'GOVERNMENT' | 'SOLE_PROPRIETOR'
export type BrandVertical =
  | 'AGRICULTURE'
  | 'COMMUNICATION'
  | 'CONSTRUCTION'
  | 'EDUCATION'
  | 'ENERGY'
  | 'ENTERTAINMENT'
  | 'FINANCIAL'
  | 'GOVERNMENT'
  | 'HEALTHCARE'
  | 'HOSPITALITY'
  | 'HUMAN_RESOURCES'
  | 'INSURANCE'
  | 'LEGAL'
  | 'MANUFACTURING'
  | 'NGO'
  | 'PROFESSIONAL'
  | 'REAL_ESTATE'
  | 'RETAIL'
  | 'TECHNOLOGY'
  | 'TRANSPORTATION'
export type UseCase =
  | 'TWO_FACTOR'
  | 'ACCOUNT_NOTIFICATION'
  | 'CUSTOMER_CARE'
  | 'DELIVERY_NOTIFICATION'
  | 'FRAUD_ALERT'
  | 'HIGHER_EDUCATION'
  | 'LOW_VOLUME'
  | 'MARKETING'
  | 'MIXED'
  | 'POLLING_VOTING'
  | 'PUBLIC_SERVICE_ANNOUNCEMENT'
  | 'SECURITY_ALERT'

/** Whether a campaign may have numbers: it sends, or waits for being let to. */
export const isRunning = (status: CampaignStatus): boolean => CAMPAIGN_MOVES[status].length > 0

const MOST_SAMPLES = 5

interface Flaw {
  field: string
  problem: string
}

const WEB = /^https?:\/\/[^\s/?#]+\.[^\s/?#]+(?:[/?#]\S*)?$/i

/** What is wrong with a brand that shall be registered; null when nothing is. */
export const flawInBrand = (brand: { displayName: string; website: string | null }): Flaw | null => {
  if (!isLine(brand.displayName, 1, 100))
    return { field: 'displayName', problem: 'must have 1 to 100 characters' }
  if (brand.website !== null && !(isLine(brand.website, 1, 200) && WEB.test(brand.website)))
    return { field: 'website', problem: 'must be an address such as https://www.example.com' }
  return null
}

/** What is wrong with the words of a campaign; null when nothing is. The bounds are the registry's. */
export const flawInCampaign = (campaign: {
  description: string
  sampleMessages: readonly string[]
}): Flaw | null => {
  if (!isText(campaign.description, 40, 4096))
    return { field: 'description', problem: 'must have 40 to 4096 characters' }
  const { length } = campaign.sampleMessages
  if (length < 1 || length > MOST_SAMPLES)
    return { field: 'sampleMessages', problem: `must be 1 to ${MOST_SAMPLES}` }
  const wrong = campaign.sampleMessages.findIndex((text) => !isText(text, 20, 1024))
  return wrong === -1
    ? null
    : { field: `sampleMessages.${wrong}`, problem: 'must have 20 to 1024 characters' }
}

/** What is wrong with what somebody says that the registry says; null when nothing is. The problem is a sentence of its own. */
export const flawInDecision = (
  { status, tcrId, reason }: { status: string; tcrId: string | null; reason: string | null },
  idField: string,
): Flaw | null => {
  if (status === 'REGISTERED' && !/^[A-Za-z0-9]{1,40}$/.test(tcrId ?? ''))
    return { field: idField, problem: 'Say which id the registry has given: 1 to 40 letters and digits.' }
  if (status === 'REJECTED' && !reason)
    return { field: 'reason', problem: 'Say why, so that it can be put right.' }
  const problem = reason ? flawInReason(reason) : null
  return problem ? { field: 'reason', problem: `reason ${problem}.` } : null
}

/** Why a number cannot send for a campaign of an account; null when it can. */
export const whyNotSending = (
  number: { ban: string; type: string; status: NumberStatus; capabilities: readonly string[] } | undefined,
  ban: string,
): string | null => {
  if (number?.ban !== ban) return 'is no number of this account'
  if (number.status !== 'ACTIVE' && number.status !== 'PORTING_OUT') return 'is not in use'
  if (number.type !== 'LOCAL') return 'is not an ordinary number of a town: campaigns are for those'
  return number.capabilities.includes('SMS') ? null : 'cannot send messages'
}
