import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { sealAddressesAnew } from '../commands/seal-addresses-anew.ts'
import type { AddressBook } from '../domain/emergency.ts'
import { tellingOrganisations } from '../store/sealed-addresses.ts'
import type { Rows } from '../store/transaction.ts'
import { sealAddresses } from './definitions.ts'

interface Around {
  database: Pick<Rows, 'relay' | 'transaction'>
  log: Log
}

/**
 * Seals by the newest key what an older one has sealed, of all organisations, so that a key can be taken away. Safe to repeat, for many at
 * once, and to break off anywhere.
 */
export const sealAllAddresses = async (
  { database, log }: Around,
  addressesOf: (orgId: string) => AddressBook | undefined,
  signal?: AbortSignal,
): Promise<void> => {
  for (const orgId of await database.relay(tellingOrganisations)) {
    const addresses = addressesOf(orgId)
    if (!addresses) return
    for (let after: string | undefined; !signal?.aborted; ) {
      const from = after
      const done = await database.transaction(orgId, (tx) =>
        sealAddressesAnew(tx, orgId, { addresses, ...(from ? { after: from } : {}) }),
      )
      if (done.lost > 0)
        log.warn({ orgId, lost: done.lost }, 'addresses are sealed by a key that this hub does not have')
      if (done.after === null) break
      after = done.after
    }
  }
}

/** Keys are changed while everything runs. */
export const sealAddressesByNewestKey = (addressesOf: (orgId: string) => AddressBook | undefined) =>
  task<Record<string, never>, Around>(sealAddresses, (_, around, { signal }) =>
    sealAllAddresses(around, addressesOf, signal),
  )
