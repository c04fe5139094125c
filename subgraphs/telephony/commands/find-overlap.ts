import { overlapsOf, type WantedAddresses } from '../store/addresses.ts'
import { type TrunkRow, trunksById } from '../store/assets.ts'
import type { Transaction } from '../store/transaction.ts'

/** Another trunk has an address that is wanted. */
export interface AddressesOverlap {
  __typename: 'AddressesOverlap'
  code: 'ADDRESSES_OVERLAP'
  message: string
  address: string
  trunk: TrunkRow
}

/** That another trunk has one of these addresses, or a part of it; undefined when none has. Whoever asks has locked the estates. */
export const overlapRefusal = async (
  tx: Transaction,
  orgId: string,
  wanted: readonly WantedAddresses[],
): Promise<AddressesOverlap | undefined> => {
  const [overlap] = await overlapsOf(tx, orgId, wanted)
  const [trunk] = overlap?.trunkId ? await trunksById(tx, orgId, [overlap.trunkId]) : []
  if (!overlap || !trunk) return undefined
  return {
    __typename: 'AddressesOverlap',
    code: 'ADDRESSES_OVERLAP',
    message: `${overlap.address} overlaps with an address of trunk ${trunk.name} of account ${trunk.ban}. Take it off there first, or use another one.`,
    address: overlap.address,
    trunk,
  }
}
