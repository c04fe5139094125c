import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Accounts of an organisation are judged by one transaction at a time: each sees what the one before has opened and closed. */
const place = (orgId: string): string => `telephony.watching ${orgId}`

/** Waits until nobody else judges the organisation's accounts; nobody does until the transaction ends. */
export const awaitWatching = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${place(orgId)}, 0))`.execute(tx)
}

/** The same for who can come again later. @returns whether it is theirs */
export const beginWatching = async (tx: Transaction, orgId: string): Promise<boolean> => {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${place(orgId)}, 0)) as mine`.execute(tx)
  return rows[0]!.mine
}

/**
 * The part of a statement that has an organisation looked after every five minutes from now on. Nearly always it is: then nothing is
 * written, which would wait for whoever looks after it at the moment.
 */
export const watch = (orgId: string): RawBuilder<unknown> => sql`
  insert into telephony.watched (org_id) select ${orgId}::uuid
  where not exists (select from telephony.watched where org_id = ${orgId}::uuid) on conflict do nothing`

/** The organisations that are looked after. */
export const watchedOrganisations = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{
    org_id: string
  }>`select org_id from telephony.watched order by org_id`.execute(tx)
  return rows.map((row) => row.org_id)
}

/**
 * Takes five minutes of an organisation, once, and none that lie before those taken last.
 * @returns those taken before (`before` null: none); undefined when somebody has had these, or later ones
 */
export const takeSlot = async (
  tx: Transaction,
  orgId: string,
  slot: Date,
): Promise<{ before: Date | null } | undefined> => {
  const { rows } = await sql<{ before: Date | null }>`
    update telephony.watched set ticked_at = ${slot}::timestamptz
    where org_id = ${orgId} and (ticked_at is null or ticked_at < ${slot}::timestamptz)
    returning old.ticked_at as before`.execute(tx)
  return rows[0]
}
