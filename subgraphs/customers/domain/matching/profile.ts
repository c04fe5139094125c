import { getDomainWithoutSuffix } from 'tldts'
import { matchDomain } from '../names.ts'
import type { AccountKey } from './judgement.ts'
import { compactOf, type Name, namesIn, parseName, withoutPlace, wordsOf } from './name.ts'
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
  /** The name it is filed under. */
  parsed: Name
  /** Names that it also goes by: "doing business as". */
  others: readonly Name[]
  /** Its name without the place where it is, when the name says that. */
  placeless: Name | undefined
  /** Its registrable domain; null when it has none or everybody has one there. */
  ownDomain: string | null
  /** The domain without its ending, as words and as one word. */
  label: { words: readonly string[]; compact: string } | null
  /** Where it is, as it is compared. */
  where: { place: string | null; country: string | null }
}

const labelOf = (domain: string): Profile['label'] => {
  const label = getDomainWithoutSuffix(domain, { allowPrivateDomains: true })
  if (!label) return null
  const words = skeletonOf(label)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
  return { words, compact: words.join('') }
}

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
// Neither codes of ISO 3166 nor names of it.
const SPOKEN: Readonly<Record<string, string>> = { usa: 'US', uk: 'GB', 'great britain': 'GB' }

/** A country as its English name when it comes as a code: "US", "USA" and "United States" are one. */
const countryOf = (text: string): string => {
  const said = wordsOf(text).join(' ')
  const code = SPOKEN[said] ?? text.trim().toUpperCase()
  const name = /^[A-Z]{2}$/.test(code) ? regions.of(code) : undefined
  return name ? wordsOf(name).join(' ') : said
}

/** Prepares an account for being compared. */
export const profileOf = (facts: Facts): Profile => {
  const ownDomain = matchDomain(facts.domain)
  const [first = facts.name, ...others] = namesIn(facts.name)
  const parsed = parseName(first)
  return {
    ...facts,
    parsed,
    others: others.map(parseName),
    placeless: withoutPlace(parsed, [facts.place, facts.country]),
    ownDomain,
    label: ownDomain ? labelOf(ownDomain) : null,
    where: {
      place: facts.place ? wordsOf(facts.place).join(' ') || null : null,
      country: facts.country ? countryOf(facts.country) || null : null,
    },
  }
}

const isSomewhereElse = (a: Profile, b: Profile): boolean =>
  (['place', 'country'] as const).some((what) => {
    const [one, two] = [a.where[what], b.where[what]]
    return one !== null && two !== null && one !== two
  })

/** Pairs of names by which two accounts may be compared: also without the place that a name says, unless the other one is elsewhere. */
export const namePairs = (a: Profile, b: Profile): [Name, Name][] => {
  const pairs = [a.parsed, ...a.others].flatMap((one) =>
    [b.parsed, ...b.others].map((two): [Name, Name] => [one, two]),
  )
  if ((a.placeless || b.placeless) && !isSomewhereElse(a, b))
    pairs.push([a.placeless ?? a.parsed, b.placeless ?? b.parsed])
  return pairs
}

/** Words of a name that tell something; all when none does. */
export const tellingOf = ({ words }: Pick<Name, 'words'>): readonly string[] => {
  const telling = words.filter((word) => !FILLERS.has(word))
  return telling.length > 0 ? telling : words
}

/** The key by which whole names are counted: without the words that are left out as often as put in. */
export const nameKey = (name: Pick<Name, 'words'>): string => `=${tellingOf(name).join(' ')}`
export const domainKey = (domain: string): string => `@${domain}`
export const phoneKey = (mark: string): string => `#${mark}`
export const placeKey = (place: string): string => `%${place}`
/** Counted once for every account. */
export const ANY = ''

const namesOf = ({ parsed, others, placeless }: Profile): Name[] => [
  parsed,
  ...others,
  ...(placeless ? [placeless] : []),
]

/** What is counted of an account, to know what is common in an organisation: words, whole names, domain, telephone numbers and place. */
export const countedOf = (profile: Profile): string[] => [
  ...new Set([
    ANY,
    ...namesOf(profile).flatMap(({ words }) => words),
    ...namesOf(profile).map(nameKey),
    ...(profile.ownDomain ? [domainKey(profile.ownDomain)] : []),
    ...profile.phones.map(phoneKey),
    ...(profile.where.place ? [placeKey(profile.where.place)] : []),
  ]),
]

/** What accounts of like names are looked for by: the words that are not everybody's, or all when there are no others. */
export const coreOf = ({ parsed, others, placeless }: Profile): string => {
  const words = [...new Set([placeless ?? parsed, ...others].flatMap((name) => name.words))]
  const rare = words.filter((word) => (BACKGROUND.get(word) ?? 0) < 1 / 500)
  return (rare.length > 0 ? rare : tellingOf({ words })).join(' ')
}

/** Whether a domain is called what an account is called. */
export const isNamedSo = (domain: Profile, name: Profile): boolean =>
  domain.label !== null &&
  domain.label.compact.length >= 3 &&
  [name.parsed, ...name.others].some((each) => compactOf(each) === domain.label!.compact)
