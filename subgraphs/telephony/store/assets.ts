import { sql } from 'kysely'
import { IN_USE } from '../domain/numbers.ts'
import { numbersOfAccounts } from './numbers.ts'
import { type AssetPage, pagesAsked } from './pages-asked.ts'
import type { Transaction } from './transaction.ts'

/** A trunk as it is kept. */
export interface TrunkRow {
  id: string
  ban: string
  name: string
  status: 'PENDING' | 'ACTIVE' | 'SUSPENDED' | 'DELETED'
  ipAddresses: string[]
  concurrentCalls: number
  monthlyMinutes: number
  partitionId: string
  createdAt: Date
  updatedAt: Date
}

/** The trunks with these ids, one statement for all. */
export const trunksById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<TrunkRow[]> => {
  const { rows } = await sql<TrunkRow>`
    select id, ban, name, status, ip_addresses::text[] as "ipAddresses", concurrent_calls as "concurrentCalls",
      monthly_minutes as "monthlyMinutes", partition_id as "partitionId", created_at as "createdAt", updated_at as "updatedAt"
    from telephony.trunks where org_id = ${orgId} and id = any(${ids}::uuid[])`.execute(tx)
  return rows
}

/** All trunks and numbers of these accounts, also those that are deleted or over; two statements. */
export const assetsOf = async (tx: Transaction, orgId: string, bans: readonly string[]) => {
  const trunks = await sql<TrunkRow>`
    select id, ban, name, status, ip_addresses::text[] as "ipAddresses", concurrent_calls as "concurrentCalls",
      monthly_minutes as "monthlyMinutes", partition_id as "partitionId", created_at as "createdAt", updated_at as "updatedAt"
    from telephony.trunks where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban, id`.execute(tx)
  return { trunks: trunks.rows, numbers: await numbersOfAccounts(tx, orgId, bans) }
}

/** For each owner its page of trunks by name, deleted ones left out; one statement for all owners. */
export const trunkPages = async (
  tx: Transaction,
  orgId: string,
  asked: readonly AssetPage[],
): Promise<TrunkRow[][]> => {
  const { rows } = await sql<TrunkRow & { n: number }>`
    select p.n, t.* from jsonb_to_recordset(${pagesAsked(asked)}::jsonb)
      as p(n int, bans text[], "limit" int, after_name text, after_id uuid),
    lateral (
      select id, ban, name, status, ip_addresses::text[] as "ipAddresses", concurrent_calls as "concurrentCalls",
        monthly_minutes as "monthlyMinutes", partition_id as "partitionId", created_at as "createdAt", updated_at as "updatedAt"
      from telephony.trunks
      where org_id = ${orgId} and ban = any(p.bans) and status <> 'DELETED'
        and (p.after_id is null or (name, id) > (p.after_name, p.after_id))
      order by name, id limit p."limit"
    ) t order by p.n, t.name, t.id`.execute(tx)
  return asked.map((_, n) => rows.filter((row) => row.n === n))
}

export interface AssetCount {
  ban: string
  trunks: number
  numbers: number
}

/** How many trunks and numbers each account has, those that are deleted or over left out; one statement for all. */
export const countAssets = async (tx: Transaction, orgId: string, bans: readonly string[]) => {
  const { rows } = await sql<AssetCount>`
    select b.ban,
      (select count(*) from telephony.trunks t where t.org_id = ${orgId} and t.ban = b.ban and t.status <> 'DELETED') as trunks,
      (select count(*) from telephony.numbers n where n.org_id = ${orgId} and n.ban = b.ban and n.status = any(${IN_USE}::text[])) as numbers
    from unnest(${bans}::text[]) as b(ban)`.execute(tx)
  return rows
}

/** The trunks of an account that have one of these names, deleted ones left out: their ids by name. */
export const trunksByName = async (
  tx: Transaction,
  orgId: string,
  ban: string,
  names: readonly string[],
): Promise<Map<string, string>> => {
  const rows = await tx
    .selectFrom('telephony.trunks')
    .select(['id', 'name'])
    .where('org_id', '=', orgId)
    .where('ban', '=', ban)
    .where('name', '=', sql<string>`any(${names}::text[])`)
    .where('status', '<>', 'DELETED')
    .execute()
  return new Map(rows.map(({ id, name }) => [name, id]))
}

/** Writes trunks in one statement. Throws a unique violation when an account has one of that name. */
export const insertTrunks = async (
  tx: Transaction,
  orgId: string,
  trunks: readonly TrunkRow[],
): Promise<void> => {
  if (trunks.length === 0) return
  await sql`
    insert into telephony.trunks
      (org_id, id, ban, name, status, ip_addresses, concurrent_calls, monthly_minutes, partition_id, created_at, updated_at)
    select ${orgId}::uuid, t."id", t."ban", t."name", t."status", t."ipAddresses"::inet[], t."concurrentCalls",
      t."monthlyMinutes", t."partitionId", t."createdAt", t."createdAt"
    from jsonb_to_recordset(${JSON.stringify(trunks)}::jsonb) as t(
      "id" uuid, "ban" text, "name" text, "status" text, "ipAddresses" text[], "concurrentCalls" int,
      "monthlyMinutes" int, "partitionId" text, "createdAt" timestamptz)`.execute(tx)
}
