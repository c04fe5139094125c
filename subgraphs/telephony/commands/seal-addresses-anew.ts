import { NO_ID } from '#kernel/ids.ts'
import type { AddressBook } from '../domain/emergency.ts'
import { saveSealed, sealedOtherwise } from '../store/sealed-addresses.ts'
import type { Transaction } from '../store/transaction.ts'

const PAGE = 500

/**
 * Seals a page of an organisation's addresses by the newest key. What no key opens stays as it is.
 * @returns after which id to go on; null when there are no more
 */
export const sealAddressesAnew = async (
  tx: Transaction,
  orgId: string,
  { addresses, after = NO_ID }: { addresses: AddressBook; after?: string },
): Promise<{ sealed: number; lost: number; after: string | null }> => {
  const page = await sealedOtherwise(tx, orgId, { key: addresses.newestKey(), after, limit: PAGE })
  const anew = page.flatMap(({ id, sealed }) => {
    const address = addresses.open(id, sealed)
    return address ? [{ id, sealed: addresses.seal(id, address) }] : []
  })
  await saveSealed(tx, orgId, anew)
  return {
    ...{ sealed: anew.length, lost: page.length - anew.length },
    after: page.length < PAGE ? null : page.at(-1)!.id,
  }
}
