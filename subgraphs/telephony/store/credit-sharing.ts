import { sql } from 'kysely'
import type { Principal } from '#kernel/principal.ts'
import type { Transaction } from './transaction.ts'

/** NOTIFY channel that wakes whoever shares out calls; it is only a hint, the table is the truth. */
export const SHARING_CHANNEL = 'telephony_credit'

/** What is left of sharing out calls by an organisation's newest rule. */
export interface Sharing {
  /** The last account whose trunks follow the rule. */
  after: string
  /** Who set it. */
  who: Pick<Principal, 'kind' | 'id'>
}

/** What is left of sharing out calls; undefined when all trunks follow the rule. */
export const sharingLeft = async (tx: Transaction, orgId: string): Promise<Sharing | undefined> => {
  const row = await tx
    .selectFrom('telephony.credit_sharing')
    .selectAll()
    .where('org_id', '=', orgId)
    .executeTakeFirst()
  return row && { after: row.after_ban, who: { kind: row.who_kind as Principal['kind'], id: row.who_id } }
}

/** Notes how far it has come, and (null) that it is done: one statement. */
export const noteSharing = async (
  tx: Transaction,
  orgId: string,
  { after, who }: Omit<Sharing, 'after'> & { after: string | null },
): Promise<void> => {
  await (after === null
    ? sql`delete from telephony.credit_sharing where org_id = ${orgId}`.execute(tx)
    : sql`
      insert into telephony.credit_sharing (org_id, after_ban, who_kind, who_id) values (${orgId}, ${after}, ${who.kind}, ${who.id})
      on conflict (org_id) do update set
        after_ban = excluded.after_ban, who_kind = excluded.who_kind, who_id = excluded.who_id
      returning pg_notify(${SHARING_CHANNEL}, '')`.execute(tx))
}

/** Organisations where trunks have yet to follow the newest rule. */
export const organisationsSharing = async (tx: Transaction): Promise<string[]> =>
  (await tx.selectFrom('telephony.credit_sharing').select('org_id').orderBy('org_id').execute()).map(
    (row) => row.org_id,
  )
