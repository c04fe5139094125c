import { sql } from 'kysely'
import { MATCHING_CHANNEL } from './identities.ts'
import type { Transaction } from './transaction.ts'

/** A telephone number that a billing account has, or has no more. */
export interface AccountNumber {
  number_id: string
  ban: string
  /** Its mark; null: it has it no more. */
  mark: string | null
  given_at: Date
}

/** Of so many of its numbers a billing account is found by: those it has had longest. */
const MOST_NUMBERS = 50

/**
 * Notes which numbers billing accounts have, and has those accounts matched anew that are found by others than before: three statements,
 * however many numbers.
 */
export const keepAccountNumbers = async (
  tx: Transaction,
  orgId: string,
  numbers: readonly AccountNumber[],
  at: Date,
): Promise<void> => {
  if (numbers.length === 0) return
  await sql`
    insert into customers.account_numbers as n (org_id, number_id, ban, mark, given_at)
    select ${orgId}::uuid, number_id, ban, mark, given_at
    from json_to_recordset(${JSON.stringify(numbers)}::json) as r(number_id text, ban text, mark text, given_at timestamptz)
    where mark is not null order by number_id
    on conflict (org_id, number_id) do update set ban = excluded.ban, mark = excluded.mark, given_at = excluded.given_at
    where (n.ban, n.mark, n.given_at) is distinct from (excluded.ban, excluded.mark, excluded.given_at)`.execute(
    tx,
  )
  const over = numbers.filter(({ mark }) => mark === null).map(({ number_id }) => number_id)
  await sql`
    delete from customers.account_numbers where org_id = ${orgId}::uuid and number_id = any(${over}::text[])`.execute(
    tx,
  )
  const bans = [...new Set(numbers.map(({ ban }) => ban))]
  await sql`
    with held as (
      select k.ban, array(
        select n.mark from customers.account_numbers n where n.org_id = ${orgId}::uuid and n.ban = k.ban
        order by n.given_at, n.number_id limit ${MOST_NUMBERS}) as phones
      from unnest(${bans}::text[]) as k(ban)
    ), changed as (
      update customers.identities i set phones = held.phones from held
      where i.org_id = ${orgId}::uuid and i.system = 'WARP' and i.account_id = held.ban and i.phones <> held.phones
      returning i.account_id
    ), due as (
      insert into customers.identity_due (org_id, system, account_id, step, marked_at)
      select ${orgId}::uuid, 'WARP', account_id, 'LEARN', ${at}::timestamptz from changed order by account_id
      on conflict (org_id, system, account_id) do update set step = 'LEARN'
      returning 1
    )
    select pg_notify(${MATCHING_CHANNEL}, '') where exists (select from due)`.execute(tx)
}
