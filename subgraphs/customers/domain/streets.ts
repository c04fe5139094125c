/**
 * Streets of emergency addresses, as they are kept to cut them out of texts: found by whoever has a text and the hub's key, read by nobody
 * who has only the rows.
 *
 * lead  the first two words of an address, in small letters
 * mark  what stands for a lead
 */
import { openedBy, type Vault } from '#kernel/vault.ts'
import type { SaidAddress } from '#schema/events.ts'
import { leadsIn } from './may-leave.ts'

/** A street as its row has it. */
export interface SealedStreet {
  mark: string
  sealed: string
}

const partsOf = ({ street, unit, city, state, postalCode, country }: SaidAddress): string[] =>
  [street, unit, city, `${state} ${postalCode}`, country].flatMap((part) => part || [])

/** `12 Elm St, Unit 4, Denver, CO 80202, US` */
export const inOneLine = (address: SaidAddress): string => partsOf(address).join(', ')

const placeOf = (orgId: string, numberId: string): string => `${orgId}:customers.timeline_told:${numberId}`
const marksOf = (orgId: string): string => `${orgId}:customers.timeline_told.street`

/** Closes the address of a number; null where it has no two words that a text could begin to speak of it with. */
export const sealStreet = (
  vault: Vault,
  orgId: string,
  numberId: string,
  address: SaidAddress,
): SealedStreet | null => {
  const [lead] = leadsIn([inOneLine(address)])
  if (lead === undefined) return null
  const sealed = vault.seal(JSON.stringify(partsOf(address)), placeOf(orgId, numberId))
  return { mark: vault.mark(lead, marksOf(orgId)), sealed }
}

/** The marks of streets that texts may speak of. */
export const marksIn = (vault: Vault, orgId: string, texts: readonly string[]): string[] =>
  vault.marks(leadsIn(texts), marksOf(orgId))

/** An address as texts may speak of it, with as much of what follows the street as they say: the longest first. None when its key is gone. */
export const spokenStreets = (vault: Vault, orgId: string, numberId: string, sealed: string): string[] => {
  const words = openedBy(vault, sealed, placeOf(orgId, numberId))
  const parts = words === undefined ? [] : (JSON.parse(words) as string[])
  return parts.map((_, n) => parts.slice(0, parts.length - n).join(', '))
}
