import { type Business, slug, slugOfWord } from './business.ts'
import { neighbour, usNumber, written } from './phone.ts'
import { hash, KIND, Rng } from './random.ts'
import { FIRST_NAMES, FREE_MAIL, JOBS, LAST_NAMES } from './words.ts'

/** Somebody who works at a business, or at none that we know. */
export interface Person {
  index: number
  /** Index of the business. */
  business: number | null
  firstName: string
  lastName: string
  /** Unique within the universe; some have none. */
  email: string | null
  phone: string | null
  mobile: string | null
  jobTitle: string
  /** purchasing, technical, executive, billing, general. */
  concern: string
  city: string | null
  state: string | null
  /** Epoch milliseconds. */
  knownSince: number
}

const DAY_MS = 86_400_000

/** Makes the person at an index. `position` is the place among the people of the employer, from 0. */
export const person = (
  seed: number,
  index: number,
  employer: Business | null,
  position: number,
  anchor: number,
): Person => {
  const rng = new Rng(seed, KIND.person, index)
  const firstName = rng.pick(FIRST_NAMES)
  // Walks through the surnames, so that colleagues do not share an address before there are very many of them.
  const start = hash(seed, KIND.person, employer?.index ?? 0, 2)
  const lastName = LAST_NAMES[(start + position * 7) % LAST_NAMES.length]!
  const [jobTitle, concern] = rng.pick(JOBS)
  const since = employer?.knownSince ?? anchor - 900 * DAY_MS
  const style = rng.int(0, 4)
  const line = rng.next()
  return {
    index,
    business: employer?.index ?? null,
    firstName,
    lastName,
    email: emailOf(rng, index, firstName, lastName, employer, position),
    phone: phoneOf(rng, employer, line, style),
    mobile: rng.chance(0.4) ? written(usNumber(rng), style) : null,
    jobTitle,
    concern,
    city: employer?.city ?? null,
    state: employer?.state ?? null,
    knownSince: Math.round(since + rng.next() * (anchor - 10 * DAY_MS - since)),
  }
}

const emailOf = (
  rng: Rng,
  index: number,
  first: string,
  last: string,
  employer: Business | null,
  position: number,
): string | null => {
  const draw = rng.next()
  if (draw < 0.03) return null
  const [given, family] = [slugOfWord(first), slugOfWord(last)]
  if (employer === null || draw < 0.09)
    return `${given}.${family}.${index.toString(36)}@${rng.pick(FREE_MAIL)}`
  if (draw < 0.11 && position === 0) return `info@${slug(employer.name)}-${employer.index.toString(36)}.com`
  // Sister companies share a domain, and so could two people an address.
  const shared = employer.parent !== null || position >= LAST_NAMES.length
  return `${given}.${family}${shared ? `.${index.toString(36)}` : ''}@${employer.domain}`
}

const phoneOf = (rng: Rng, employer: Business | null, draw: number, style: number): string | null => {
  if (draw < 0.15) return null
  if (employer === null) return written(usNumber(rng), style)
  if (draw < 0.4) return written(employer.phone, style)
  return written(neighbour(employer.phone, rng.int(1, 80)), style)
}
