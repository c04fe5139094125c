import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** What was thought of a customer by accounts that it no longer has. */
export interface FormerJudgement<Judgement> {
  customerId: string
  /** Those accounts, hashed. */
  accounts: string
  /** The customer that has them since; null when it still stands for itself, or nobody has them. */
  mergedInto: string | null
  setAsideAt: Date
  judgement: Judgement
}

/** How long what is thought of a customer that lives on is worth coming back to: as far as the course of its score is looked at. */
const WORTH_DAYS = 91

/** Sets aside what was thought of customers, one statement for all. */
export const setAside = async (
  tx: Transaction,
  orgId: string,
  former: readonly FormerJudgement<unknown>[],
): Promise<void> => {
  await sql`
    insert into insights.former_judgements (org_id, customer_id, accounts, merged_into, set_aside_at, judgement)
    select ${orgId}::uuid, r."customerId", r.accounts, r."mergedInto", r."setAsideAt", r.judgement
    from json_to_recordset(${JSON.stringify(former)}::json)
      as r("customerId" text, accounts text, "mergedInto" text, "setAsideAt" timestamptz, judgement json)
    on conflict (org_id, customer_id, accounts) do update set
      merged_into = excluded.merged_into, set_aside_at = excluded.set_aside_at, judgement = excluded.judgement`.execute(
    tx,
  )
}

/** Whose judgement is looked for. */
export interface Returning {
  customerId: string
  /** The accounts it has now, hashed. */
  accounts: string
  /** Whether it was nobody until now. */
  wasGone: boolean
}

/**
 * Takes back what was thought of customers by the accounts that they have now: of one that was nobody meanwhile, always, and by whatever
 * accounts when there is nothing else; of one that lived on, where an account that came has gone to somebody else again. One statement.
 */
export const takeBack = async <Judgement>(
  tx: Transaction,
  orgId: string,
  returning: readonly Returning[],
  at: Date,
): Promise<Map<string, FormerJudgement<Judgement>>> => {
  const { rows } = await sql<FormerJudgement<Judgement>>`
    with r as (
      select * from json_to_recordset(${JSON.stringify(returning)}::json)
        as r("customerId" text, accounts text, "wasGone" boolean)
    ), chosen as (
      select f.customer_id, f.accounts from r cross join lateral (
        select j.customer_id, j.accounts from insights.former_judgements j
        where j.org_id = ${orgId}::uuid and j.customer_id = r."customerId" and (
          r."wasGone" or j.accounts = r.accounts and j.set_aside_at > ${at}::timestamptz - ${WORTH_DAYS} * interval '1 day' and exists (
            select from insights.former_accounts k
            join insights.accounts o on o.org_id = k.org_id and o.system = k.system and o.account_id = k.account_id
            where k.org_id = ${orgId}::uuid and k.customer_id = j.customer_id and k.until >= j.set_aside_at
              and o.customer_id <> k.customer_id))
        order by j.accounts = r.accounts desc, j.set_aside_at desc limit 1
      ) f
    )
    delete from insights.former_judgements j using chosen
    where j.org_id = ${orgId}::uuid and j.customer_id = chosen.customer_id and j.accounts = chosen.accounts
      and j.customer_id = any(${returning.map(({ customerId }) => customerId)}::text[])
    returning j.customer_id as "customerId", j.accounts, j.merged_into as "mergedInto", j.set_aside_at as "setAsideAt", j.judgement`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.customerId, { ...row, setAsideAt: new Date(row.setAsideAt) }]))
}

/** What was thought of who was merged into a customer, and since when that one has its accounts; null when that is not known. */
export interface Merged<Judgement> extends FormerJudgement<Judgement> {
  since: Date | null
}

/** What was thought of whoever was merged into these customers, by the customer, one statement for all. */
export const mergedInto = async <Judgement>(
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, Merged<Judgement>[]>> => {
  const { rows } = await sql<Merged<Judgement>>`
    select j.customer_id as "customerId", j.accounts, j.merged_into as "mergedInto", j.set_aside_at as "setAsideAt", j.judgement, (
        select min(a.taken_at) from insights.former_accounts k
        join insights.accounts a on a.org_id = k.org_id and a.customer_id = j.merged_into and a.system = k.system and a.account_id = k.account_id
        where k.org_id = ${orgId}::uuid and k.customer_id = j.customer_id
      ) as since
    from insights.former_judgements j where j.org_id = ${orgId}::uuid and j.merged_into = any(${customerIds}::text[])
    order by j.customer_id, j.accounts`.execute(tx)
  return Map.groupBy(
    rows.map((row) => ({
      ...row,
      setAsideAt: new Date(row.setAsideAt),
      since: row.since && new Date(row.since),
    })),
    (row) => row.mergedInto!,
  )
}

/** Notes that customers stand for themselves again: one statement. @returns into whom they had been merged */
export const standAgain = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<string[]> => {
  const { rows } = await sql<{ survivor: string }>`
    update insights.former_judgements set merged_into = null
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::text[]) and merged_into is not null
    returning old.merged_into as survivor`.execute(tx)
  return [...new Set(rows.map(({ survivor }) => survivor))]
}
