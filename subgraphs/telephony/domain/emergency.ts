import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { openedBy, type Vault } from '#kernel/vault.ts'
import type { SaidAddress } from '#schema/events.ts'
import type { NumberLife } from './numbers.ts'
import { isLine } from './texts.ts'

/**
 * Where emergency services (911) go when somebody calls them from a number.
 *
 * mark   what others are told instead of the address: it changes when the address does
 */
export type EmergencyAddress = SaidAddress

// The fifty, the District of Columbia, and the territories that have 911.
const STATES = new Set(
  (
    'AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN ' +
    'TX UT VT VA WA WV WI WY DC AS GU MP PR VI'
  ).split(' '),
)
const plain = (text: string): string => text.trim().replace(/ +/g, ' ')

/** An address as it is kept: without what makes no difference to whoever goes there. */
export const readAddress = (
  told: {
    [K in keyof EmergencyAddress]: EmergencyAddress[K] | undefined
  },
): EmergencyAddress => ({
  street: plain(told.street ?? ''),
  unit: plain(told.unit ?? '') || null,
  city: plain(told.city ?? ''),
  state: plain(told.state ?? '').toUpperCase(),
  postalCode: plain(told.postalCode ?? ''),
  country: plain(told.country ?? '').toUpperCase(),
})

/** What is wrong with an address, and where; null when nothing is. Never repeats what was sent. */
export const flawInAddress = (address: EmergencyAddress): { field: string; problem: string } | null => {
  const flaw = (field: keyof EmergencyAddress, problem: string) => ({ field: `address.${field}`, problem })
  if (!isLine(address.street, 1, 100)) return flaw('street', 'must have 1 to 100 characters on one line')
  if (!/\d/.test(address.street)) return flaw('street', 'needs the number of the house')
  if (address.unit !== null && !isLine(address.unit, 1, 30))
    return flaw('unit', 'must have at most 30 characters on one line')
  if (!isLine(address.city, 1, 60)) return flaw('city', 'must have 1 to 60 characters on one line')
  if (!STATES.has(address.state)) return flaw('state', 'must be the two letters of a state, such as CO')
  if (!/^\d{5}(-\d{4})?$/.test(address.postalCode))
    return flaw('postalCode', 'must be a ZIP code such as 80202 or 80202-1234')
  return address.country === 'US' ? null : flaw('country', 'must be US: 911 is there')
}

/**
 * Why a number can have no emergency address; null when it can. Only numbers of towns in the United States that make calls are asked
 * for one: a mobile phone tells where it is by itself, and nobody calls from a number that is free for the caller.
 */
export const whyNoAddress = (number: {
  number: string
  type: string
  capabilities: readonly string[]
}): string | null => {
  if (number.type !== 'LOCAL') return 'Only numbers of towns have an emergency address.'
  if (!number.capabilities.includes('VOICE'))
    return 'The number cannot make calls: it needs no emergency address.'
  return parsePhoneNumberFromString(number.number)?.country === 'US'
    ? null
    : 'The number is not of the United States: it has no 911.'
}

/** Keeps the addresses of one organisation's numbers closed. */
export interface AddressBook {
  seal(numberId: string, address: EmergencyAddress): string
  /** Undefined when it was sealed by a key that is gone. */
  open(numberId: string, sealed: string): EmergencyAddress | undefined
  mark(address: EmergencyAddress): string
  /** What texts that are sealed from now on name their key. */
  newestKey(): string
}

export const addressBook = (vault: Vault, orgId: string): AddressBook => {
  const placeOf = (numberId: string) => `${orgId}:telephony.numbers.e911:${numberId}`
  return {
    seal: (numberId, address) => vault.seal(wordsOf(address), placeOf(numberId)),
    open: (numberId, sealed) => {
      const words = openedBy(vault, sealed, placeOf(numberId))
      return words === undefined ? undefined : (JSON.parse(words) as EmergencyAddress)
    },
    newestKey: () => vault.seal('', '').split('.')[1] ?? '',
    mark: (address) => vault.mark(wordsOf(address).toLowerCase(), `${orgId}:telephony.numbers.e911`),
  }
}

/** Always in the same order. */
const wordsOf = ({ street, unit, city, state, postalCode, country }: EmergencyAddress): string =>
  JSON.stringify({ street, unit, city, state, postalCode, country })

/** What a provider says of an address, without the words of the address: those are kept sealed, and whoever may see them sees them there. */
export const withoutAddress = (
  reason: string,
  { street, unit, city, postalCode }: EmergencyAddress,
): string =>
  [street, unit, city, postalCode]
    .map((part) => (part ?? '').split(/[^\p{L}\p{N}]+/u).filter((word) => word !== ''))
    .filter((words) => words.length > 0)
    .reduce((left, words) => {
      const spoken = words.join('[^\\p{L}\\p{N}]+')
      return left.replace(new RegExp(`(?<![\\p{L}\\p{N}])${spoken}(?![\\p{L}\\p{N}])`, 'giu'), '[address]')
    }, reason)

/** What a provider answered about the address that it was asked about last. */
export const decided = <N extends NumberLife>(
  number: N,
  decision: 'REGISTERED' | 'REJECTED',
  reason: string | null,
): N => ({ ...number, e911Status: decision, e911Reason: decision === 'REJECTED' ? reason : null })
