import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Every organisation that ever told something, as the relay sees them. Whoever has numbers has told of them. */
export const tellingOrganisations = async (tx: Transaction): Promise<string[]> =>
  (await tx.selectFrom('events.organisations').select('org_id').orderBy('org_id').execute()).map(
    ({ org_id }) => org_id,
  )

/** A number's address, sealed. */
export interface SealedAddress {
  id: string
  sealed: string
}

/**
 * A page of the addresses that another key than this one has sealed, by their numbers' ids, held until the transaction ends; those that
 * somebody else holds are left to the next time.
 * @param key the part of a sealed text that names its key
 */
export const sealedOtherwise = async (
  tx: Transaction,
  orgId: string,
  { key, after, limit }: { key: string; after: string; limit: number },
): Promise<SealedAddress[]> => {
  const { rows } = await sql<SealedAddress>`
    select id, e911_address as sealed from telephony.numbers
    where org_id = ${orgId} and e911_address is not null and id > ${after}::uuid and split_part(e911_address, '.', 2) <> ${key}
    order by id limit ${limit} for update skip locked`.execute(tx)
  return rows
}

/** Writes addresses as they are sealed now; one statement. Nothing that anybody sees has changed. */
export const saveSealed = async (
  tx: Transaction,
  orgId: string,
  addresses: readonly SealedAddress[],
): Promise<void> => {
  if (addresses.length === 0) return
  await sql`
    update telephony.numbers as held set e911_address = a."sealed"
    from jsonb_to_recordset(${JSON.stringify(addresses)}::jsonb) as a("id" uuid, "sealed" text)
    where held.org_id = ${orgId} and held.id = a."id"`.execute(tx)
}
