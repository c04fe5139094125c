import { neighbour, usNumber, written } from './phone.ts'
import { hash, KIND, Permutation, Rng, share } from './random.ts'
import {
  ABBREVIATIONS,
  BRAND_HEADS,
  BRAND_TAILS,
  LEGAL_FORMS,
  PLACES,
  REGIONS,
  STREETS,
  TRADES,
} from './words.ts'

/** What a business is going through; everything else about it follows. */
export const STORIES = ['growing', 'shrinking', 'churned', 'seasonal', 'troubled', 'steady'] as const
export type Story = (typeof STORIES)[number]

/** The systems that know businesses, each in its own way. */
export const SYSTEMS = ['hubspot', 'c3', 'warp'] as const
export type System = (typeof SYSTEMS)[number]

/** A business as it is: what no single system knows. */
export interface Business {
  index: number
  story: Story
  /** Without legal form. */
  name: string
  legalForm: string
  domain: string
  /** Main line, E.164. */
  phone: string
  industry: string
  street: string
  city: string
  state: string
  zip: string
  country: string
  employees: number
  /** US dollars a year. */
  annualRevenue: number
  /** Epoch milliseconds at which we first heard of it. */
  knownSince: number
  /** The business that owns it. */
  parent: number | null
}

/** A business as one system has it on file. */
export interface Face {
  name: string
  domain: string | null
  /** As that system's users write it, not normalised. */
  phone: string | null
}

const DAY_MS = 86_400_000
const BRANDS = BRAND_HEADS.length * BRAND_TAILS.length
const ENDINGS = ['com', 'com', 'com', 'com', 'com', 'com', 'net', 'io', 'us', 'co'] as const
const NAMES = new Permutation(BRANDS * TRADES.length, 41)

/** Every 17th business belongs to the one before it. */
export const parentOf = (index: number): number | null => (index % 17 === 3 ? index - 1 : null)

/** The story of a business. The first one, which people look at first, grows. */
export const storyOf = (seed: number, index: number): Story => {
  if (index === 0) return 'growing'
  const draw = share(seed, KIND.company, index, 1)
  if (draw < 0.18) return 'growing'
  if (draw < 0.3) return 'shrinking'
  if (draw < 0.37) return 'churned'
  if (draw < 0.49) return 'seasonal'
  return draw < 0.59 ? 'troubled' : 'steady'
}

/** Makes the business at an index. Names are unique for the first 119,000, domains as far as names are. */
export const business = (seed: number, index: number, anchor: number): Business => {
  const rng = new Rng(seed, KIND.company, index)
  const [city, state, zip, areaCode] = rng.pick(PLACES)
  const own = nameOf(seed, index)
  const parent = parentOf(index)
  const rich = rng.next() ** 3
  const employees = Math.round(4 + rich * 9_000 + rng.next() * 60)
  const phone = usNumber(rng, areaCode)
  const made: Business = {
    index,
    story: storyOf(seed, index),
    name: own.name,
    legalForm: rng.weighted(LEGAL_FORMS),
    domain: own.domain,
    // Tenants of one business centre share its switchboard.
    phone: index % 25 === 9 ? `+1303200${4100 + (Math.floor(index / 25) % 8)}` : phone,
    industry: own.industry,
    street: `${rng.int(1, 9900)} ${rng.pick(STREETS)}`,
    city,
    state,
    zip,
    country: 'United States',
    employees,
    annualRevenue: Math.round((employees * rng.int(60, 260)) / 10) * 10_000,
    knownSince: anchor - Math.round((40 + rng.next() * 1_400) * DAY_MS),
    parent,
  }
  return parent === null ? made : asSubsidiary(made, seed, parent, anchor, rng)
}

const asSubsidiary = (made: Business, seed: number, parent: number, anchor: number, rng: Rng): Business => {
  const owner = business(seed, parent, anchor)
  const name = `${owner.name} ${rng.pick(REGIONS)}`
  return {
    ...made,
    name,
    industry: owner.industry,
    domain: rng.chance(0.5) ? owner.domain : `${slug(name)}.com`,
    phone: rng.chance(0.6) ? owner.phone : made.phone,
  }
}

const nameOf = (seed: number, index: number): { name: string; domain: string; industry: string } => {
  const place = NAMES.at((index + (hash(seed, KIND.company, 0, 8) % NAMES.size)) % NAMES.size)
  const round = Math.floor(index / NAMES.size)
  const head = (place % BRANDS) % BRAND_HEADS.length
  const tail = Math.floor((place % BRANDS) / BRAND_HEADS.length)
  const tradeAt = Math.floor(place / BRANDS)
  const [trade, industry] = TRADES[tradeAt]!
  const suffix = round === 0 ? '' : ` ${REGIONS[(round - 1) % REGIONS.length]}`
  const ending = ENDINGS[place % 10]
  return {
    name: `${BRAND_HEADS[head]}${BRAND_TAILS[tail]} ${trade}${suffix}`,
    domain: `${HEAD_SLUGS[head]}${TAIL_SLUGS[tail]}-${TRADE_SLUGS[tradeAt]}${slug(suffix) && `-${slug(suffix)}`}.${ending}`,
    industry,
  }
}

const slugs = new Map<string, string>()
/** The same for words that come again and again, such as people's names. */
export const slugOfWord = (word: string): string => {
  const known = slugs.get(word)
  if (known !== undefined) return known
  const made = slug(word).replaceAll('-', '')
  slugs.set(word, made)
  return made
}

/** Letters and digits of a name in lower case, joined by hyphens, accents taken off. */
export const slug = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

const HEAD_SLUGS = BRAND_HEADS.map(slug)
const TAIL_SLUGS = BRAND_TAILS.map(slug)
const TRADE_SLUGS = TRADES.map(([trade]) => slug(trade))

/** How one system has the business on file: another style of name, a domain or a phone that differs or is missing. */
export const faceOf = (seed: number, subject: Business, system: System): Face => {
  const rng = new Rng(seed, KIND.face, subject.index, SYSTEMS.indexOf(system))
  return {
    name: nameIn(system, subject, rng),
    domain: domainIn(system, subject, rng),
    phone: phoneIn(system, subject, rng),
  }
}

const nameIn = (system: System, subject: Business, rng: Rng): string => {
  const { name, legalForm } = subject
  const full = legalForm === '' ? name : `${name}${rng.chance(0.5) ? ',' : ''} ${legalForm}`
  const plain = legalForm === '' ? name : `${name} ${legalForm.replaceAll('.', '')}`
  const style = rng.next()
  if (style < 0.05) return misspelt(full, rng)
  if (style < 0.12) return shortened(name)
  if (system === 'c3') return style < 0.55 ? plain.toUpperCase().slice(0, 40) : plain
  if (system === 'warp') return style < 0.75 ? full : name
  if (style < 0.15) return `${name} (${subject.city})`
  return style < 0.55 ? name : full
}

const shortened = (name: string): string =>
  name
    .split(' ')
    .map((word) => ABBREVIATIONS[word] ?? word)
    .join(' ')

// Two neighbouring letters change places: the commonest slip of the hand.
const misspelt = (name: string, rng: Rng): string => {
  const at = rng.int(1, Math.max(1, Math.min(name.length - 3, 9)))
  return name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2)
}

const domainIn = (system: System, subject: Business, rng: Rng): string | null => {
  const missing = { hubspot: 0.06, c3: 0.24, warp: 0.16 }[system]
  const draw = rng.next()
  if (draw < missing) return null
  if (draw < missing + 0.05)
    return subject.domain.replace(/\.[a-z]+$/, subject.domain.endsWith('.com') ? '.net' : '.com')
  return subject.domain
}

const phoneIn = (system: System, subject: Business, rng: Rng): string | null => {
  const draw = rng.next()
  const style = rng.int(0, 4)
  if (draw < 0.14) return null
  if (draw < 0.3 && system !== 'hubspot') return written(neighbour(subject.phone, rng.int(1, 60)), style)
  return written(subject.phone, style)
}
