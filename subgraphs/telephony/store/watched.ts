import { type RawBuilder, sql } from 'kysely'
import { currentSince } from '../domain/active-calls.ts'
import type { Ticking } from '../domain/ticks.ts'
import type { Transaction } from './transaction.ts'

/** Accounts of an organisation are judged by one transaction at a time: each sees what the one before has opened and closed. */
const place = (orgId: string): string => `telephony.watching ${orgId}`

/** Waits until nobody else judges the organisation's accounts; nobody does until the transaction ends. */
export const awaitWatching = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${place(orgId)}, 0))`.execute(tx)
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

const progress = (tx: Transaction, orgId: string) =>
  tx
    .selectFrom('telephony.watched')
    .select(['ticked_at as ticked', 'ticking', 'after_ban as after'])
    .where('org_id', '=', orgId)

/** How far an organisation has come with its five minutes, and the account that was looked after last in those under way. */
export const tickingOf = (
  tx: Transaction,
  orgId: string,
): Promise<(Ticking & { after: string | null }) | undefined> => progress(tx, orgId).executeTakeFirst()

/** The same, held until the transaction ends. */
export const lockTicking = (tx: Transaction, orgId: string): Promise<Ticking | undefined> =>
  progress(tx, orgId).forUpdate().executeTakeFirst()

/** Notes how far an organisation has come: behind which account of which five minutes, or (`after` null) that these are done. */
export const noteTicking = async (
  tx: Transaction,
  orgId: string,
  slot: Date,
  after: string | null,
): Promise<void> => {
  const reached = after === null ? { ticked_at: slot, ticking: null } : { ticking: slot }
  await tx
    .updateTable('telephony.watched')
    .set({ ...reached, after_ban: after })
    .where('org_id', '=', orgId)
    .execute()
}

/** An account that is looked after in five minutes. */
export interface WatchedAccount {
  ban: string
  /** Whether something goes over its trunks. */
  isBusy: boolean
}

/**
 * A page of the accounts that are looked after, by number, behind `after`: those of which records or counts came, those whose alerts stand,
 * or all. One statement.
 */
export const accountsToWatch = async (
  tx: Transaction,
  orgId: string,
  { at, after, isAll, limit }: { at: Date; after: string; isAll: boolean; limit: number },
): Promise<WatchedAccount[]> => {
  const { rows } = await sql<WatchedAccount>`
    with busy as materialized (
      select ban from telephony.fresh_usage where org_id = ${orgId} and ban > ${after} union
      select ban from telephony.untold_usage where org_id = ${orgId} and ban > ${after} union
      select ban from telephony.active_calls where org_id = ${orgId} and ban > ${after} and at > ${currentSince(at)}::timestamptz
    ), watched as (
      select ban from busy union
      select ban from telephony.alerts where org_id = ${orgId} and ban > ${after} and closed_at is null union
      select ban from telephony.billing_accounts where org_id = ${orgId} and ban > ${after} and ${isAll}::boolean
    )
    select ban, ban in (select ban from busy) as "isBusy" from watched order by ban limit ${limit}`.execute(
    tx,
  )
  return rows
}
