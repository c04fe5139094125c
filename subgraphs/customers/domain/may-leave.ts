import { withoutSecrets } from '#kernel/mask.ts'
import { ADDRESS_PROPERTY, type OwnedType } from './own-objects.ts'
import { NEVER_TAKEN } from './secrets.ts'

/**
 * What may go to a portal, decided in one place for everything that is written there. The wire masks cards, keys and tokens once more,
 * whatever reaches it: here it is said what is left out as a whole, and why.
 *
 * withheld  a property that is not written at all
 * cleaned   a property that is written without a part of its text
 */
export type Withholding = 'KEY' | 'CARD' | 'ADDRESS'

export interface LeavingRules {
  /** Whether the organisation lets street addresses for emergency calls go to this portal. */
  sendsAddresses: boolean
  /** Emergency addresses that texts may speak of: they are cut out where streets may not go. */
  streets?: readonly string[]
}

/** What may go of one value. */
export type Leaving = { value: string | null; isCleaned: boolean } | { withheld: Withholding }

/** Words in names of properties, and of the fields in JSON texts, whose values are withheld whatever they are. */
const NAMES: readonly (readonly [RegExp, Withholding])[] = [
  [/(^|_)(api_?keys?|secrets?|secret_?keys?|access_?tokens?|refresh_?tokens?|passwords?)$/, 'KEY'],
  [/(^|_)(pan|cvv2?|cvc2?|card_?numbers?|card_?expiry|track_?data)$/, 'CARD'],
  [/(^|_)(e911|emergency)_(address|street|location)/, 'ADDRESS'],
]

/** As JSON of programs has names: `cardNumber` and `card-number` are `card_number`. */
const plain = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()

const withholdingOf = (name: string): Withholding | undefined =>
  NEVER_TAKEN.has(name) ? 'KEY' : NAMES.find(([words]) => words.test(plain(name)))?.[1]

/**
 * Whether a value may be written to a property of a kind of record, and as what. Pure.
 * Taking a value away is let through for a street, so that it can be taken back once it may no longer be there.
 */
export const mayLeave = (
  type: OwnedType,
  property: string,
  value: string | null,
  rules: LeavingRules,
): Leaving => {
  const withheld = withholdingOf(property)
  const isStreet = withheld === 'ADDRESS'
  const isOpen = rules.sendsAddresses && type === 'numbers' && property === ADDRESS_PROPERTY
  if (withheld && !(isStreet && (isOpen || !value))) return { withheld }
  if (!value) return { value, isCleaned: false }
  const left = textThatMayLeave(value, rules)
  return { value: left, isCleaned: left !== value }
}

/** A text as it may leave, also one that belongs to no property: of a note, of a timeline event. Pure. */
export const textThatMayLeave = (text: string, rules: LeavingRules): string => {
  const json = /^\s*[[{]/.test(text) ? parsed(text) : undefined
  if (json !== undefined) {
    const left = JSON.stringify(cleaned(json, rules))
    if (left !== JSON.stringify(json)) return withoutSecrets(left)
    // Numbers too long for a program to hold are looked at as they are written.
  }
  return withoutStreets(withoutSecrets(text), rules)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** JSON of programs stays JSON: fields are left out, and numbers that are cards become texts. */
const cleaned = (value: unknown, rules: LeavingRules): unknown => {
  if (Array.isArray(value)) return value.map((each) => cleaned(each, rules))
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => withholdingOf(name) === undefined)
        .map(([name, each]) => [withoutStreets(withoutSecrets(name), rules), cleaned(each, rules)]),
    )
  if (typeof value === 'string') return withoutStreets(withoutSecrets(value), rules)
  if (typeof value !== 'number') return value
  const text = String(value)
  const left = withoutSecrets(text)
  return left === text ? value : left
}

/** Whatever parts words, also in the addresses of pages and in HTML. */
const BETWEEN = '(?:%[0-9A-F]{2}|</?\\p{L}[^<>]{0,30}>|&#?\\w{1,6};|[^\\p{L}\\p{N}])+'
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(new RegExp(BETWEEN, 'giu'))
    .filter((word) => word !== '')

/** Pairs of words in texts, in small letters and in their order: an address that one of them speaks of begins with such a pair. Pure. */
export const leadsIn = (texts: readonly string[]): string[] => {
  const pairs = texts.flatMap((text) => {
    const words = wordsOf(text)
    return words.slice(1).map((word, n) => `${words[n]} ${word}`)
  })
  return [...new Set(pairs)]
}

const withoutStreets = (text: string, { sendsAddresses, streets = [] }: LeavingRules): string => {
  if (sendsAddresses) return text
  return streets.reduce((left, street) => {
    const words = wordsOf(street)
    if (words.length < 2) return left
    // However it is parted: over lines, with or without commas.
    return left.replace(new RegExp(words.join(BETWEEN), 'giu'), '[address]')
  }, text)
}

/** What may be written of a record, what was changed in it, and what is left out. */
export interface LeavingRecord {
  properties: Record<string, string | null>
  cleaned: string[]
  withheld: { property: string; reason: Withholding }[]
}

/** Every value of a record as it may leave. Pure. */
export const recordThatMayLeave = (
  type: OwnedType,
  properties: Readonly<Record<string, string | null>>,
  rules: LeavingRules,
): LeavingRecord => {
  const left: LeavingRecord = { properties: {}, cleaned: [], withheld: [] }
  for (const [property, value] of Object.entries(properties)) {
    const leaving = mayLeave(type, property, value, rules)
    if ('withheld' in leaving) left.withheld.push({ property, reason: leaving.withheld })
    else {
      left.properties[property] = leaving.value
      if (leaving.isCleaned) left.cleaned.push(property)
    }
  }
  return left
}

/** What somebody sets here of a record that a portal has too, as it may be kept here and written there. */
type Kept = string | number | boolean | null | readonly string[]

/**
 * Values as they may be kept of a record that is written to a portal: the same as will be there, so that neither side ever seems to
 * differ for what was cut out on the way. What is withheld for good is left out; streets are the sink's to withhold, by the
 * settings when it writes. Pure.
 */
export const valuesThatMayLeave = <V extends Readonly<Record<string, Kept>>>(type: OwnedType, values: V): V =>
  Object.fromEntries(
    Object.entries(values).flatMap(([property, value]): [string, Kept][] => {
      if (typeof value !== 'string' && value !== null)
        return withholdingOf(property) ? [] : [[property, value]]
      const leaving = mayLeave(type, property, value, { sendsAddresses: true })
      return 'withheld' in leaving ? [] : [[property, leaving.value]]
    }),
  ) as V
