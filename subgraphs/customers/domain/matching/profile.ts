import { getDomainWithoutSuffix } from 'tldts'
import { matchDomain } from '../names.ts'
import type { AccountKey } from './judgement.ts'
import { type Name, parseName, withoutPlace } from './name.ts'
import { skeletonOf } from './skeleton.ts'
import { BACKGROUND, FILLERS } from './words.ts'

/** What is said of an account, as it comes. */
export interface Facts {
  key: AccountKey
  /** Where it comes from: one portal, one C3, WARP. */
  source: string
  name: string
  domain: string | null
  /** Keyed marks of its telephone numbers. */
  phones: readonly string[]
  /** A billing account: its own, or the one that HubSpot says is its. */
  ban: string | null
  place: string | null
  country: string | null
  isSupplier: boolean
}

/** An account as it is compared. */
export interface Profile extends Facts {
  parsed: Name
  /** Its registrable domain; null when it has none or everybody has one there. */
  ownDomain: string | null
  /** The domain without its ending, as words and as one word. */
  label: { words: readonly string[]; compact: string } | null
}

const labelOf = (domain: string): Profile['label'] => {
  const label = getDomainWithoutSuffix(domain, { allowPrivateDomains: true })
  if (!label) return null
  const words = skeletonOf(label)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
  return { words, compact: words.join('') }
}

/** Prepares an account for being compared. */
export const profileOf = (facts: Facts): Profile => {
  const ownDomain = matchDomain(facts.domain)
  return {
    ...facts,
    parsed: withoutPlace(parseName(facts.name), [facts.place, facts.country]),
    ownDomain,
    label: ownDomain ? labelOf(ownDomain) : null,
  }
}

/** The key by which whole names are counted. */
export const nameKey = ({ parsed }: Pick<Profile, 'parsed'>): string => `=${parsed.words.join(' ')}`
export const domainKey = (domain: string): string => `@${domain}`
export const phoneKey = (mark: string): string => `#${mark}`
/** Counted once for every account. */
export const ANY = ''

/** What is counted of an account, to know what is common in an organisation: words, whole name, domain and telephone numbers. */
export const countedOf = (profile: Profile): string[] => [
  ...new Set([
    ANY,
    ...profile.parsed.words,
    nameKey(profile),
    ...(profile.ownDomain ? [domainKey(profile.ownDomain)] : []),
    ...profile.phones.map(phoneKey),
  ]),
]

/** What accounts of like names are looked for by: the words that are not everybody's, or all when there are no others. */
export const coreOf = ({ parsed }: Pick<Profile, 'parsed'>): string => {
  const rare = parsed.words.filter((word) => (BACKGROUND.get(word) ?? 0) < 1 / 500)
  const telling = rare.length > 0 ? rare : parsed.words.filter((word) => !FILLERS.has(word))
  return (telling.length > 0 ? telling : parsed.words).join(' ')
}
