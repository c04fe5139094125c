import { sql } from 'kysely'
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

/** A telephone number as it is kept. */
export interface PhoneNumberRow {
  id: string
  ban: string
  trunkId: string | null
  number: string
  type: 'LOCAL' | 'TOLLFREE' | 'MOBILE'
  capabilities: ('VOICE' | 'SMS')[]
  monthlyCost: string
  currency: string
  cnam: string | null
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

/** The telephone numbers with these ids, one statement for all. */
export const numbersById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<PhoneNumberRow[]> => {
  const { rows } = await sql<PhoneNumberRow>`
    select id, ban, trunk_id as "trunkId", number, type, capabilities, monthly_cost as "monthlyCost", currency, cnam,
      created_at as "createdAt", updated_at as "updatedAt"
    from telephony.numbers where org_id = ${orgId} and id = any(${ids}::uuid[])`.execute(tx)
  return rows
}

/** All trunks and numbers of these accounts, deleted trunks included; two statements. */
export const assetsOf = async (tx: Transaction, orgId: string, bans: readonly string[]) => {
  const trunks = await sql<TrunkRow>`
    select id, ban, name, status, ip_addresses::text[] as "ipAddresses", concurrent_calls as "concurrentCalls",
      monthly_minutes as "monthlyMinutes", partition_id as "partitionId", created_at as "createdAt", updated_at as "updatedAt"
    from telephony.trunks where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban, id`.execute(tx)
  const numbers = await sql<PhoneNumberRow>`
    select id, ban, trunk_id as "trunkId", number, type, capabilities, monthly_cost as "monthlyCost", currency, cnam,
      created_at as "createdAt", updated_at as "updatedAt"
    from telephony.numbers where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban, id`.execute(
    tx,
  )
  return { trunks: trunks.rows, numbers: numbers.rows }
}

/** One list of a page's owner: which accounts it spans, and where it goes on. */
export interface AssetPage {
  bans: readonly string[]
  limit: number
  /** Name (of a trunk) or number, and id. */
  after: readonly [string, string] | null
}

// One statement answers a page for every owner of the batch: each is a row of `p`, its page a lateral join over an index.
const pages = (asked: readonly AssetPage[]): string =>
  JSON.stringify(
    asked.map((page, n) => ({
      n,
      bans: page.bans,
      limit: page.limit,
      after_name: page.after?.[0] ?? null,
      after_id: page.after?.[1] ?? null,
    })),
  )

/** For each owner its page of trunks by name, deleted ones left out; one statement for all owners. */
export const trunkPages = async (
  tx: Transaction,
  orgId: string,
  asked: readonly AssetPage[],
): Promise<TrunkRow[][]> => {
  const { rows } = await sql<TrunkRow & { n: number }>`
    select p.n, t.* from jsonb_to_recordset(${pages(asked)}::jsonb)
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

/** For each owner its page of telephone numbers; one statement for all owners. */
export const numberPages = async (
  tx: Transaction,
  orgId: string,
  asked: readonly AssetPage[],
): Promise<PhoneNumberRow[][]> => {
  const { rows } = await sql<PhoneNumberRow & { n: number }>`
    select p.n, t.* from jsonb_to_recordset(${pages(asked)}::jsonb)
      as p(n int, bans text[], "limit" int, after_name text, after_id uuid),
    lateral (
      select id, ban, trunk_id as "trunkId", number, type, capabilities, monthly_cost as "monthlyCost", currency, cnam,
        created_at as "createdAt", updated_at as "updatedAt"
      from telephony.numbers
      where org_id = ${orgId} and ban = any(p.bans)
        and (p.after_id is null or (number, id) > (p.after_name, p.after_id))
      order by number, id limit p."limit"
    ) t order by p.n, t.number, t.id`.execute(tx)
  return asked.map((_, n) => rows.filter((row) => row.n === n))
}

export interface AssetCount {
  ban: string
  trunks: number
  numbers: number
}

/** How many trunks and numbers each account has, deleted trunks left out; one statement for all. */
export const countAssets = async (tx: Transaction, orgId: string, bans: readonly string[]) => {
  const { rows } = await sql<AssetCount>`
    select b.ban,
      (select count(*) from telephony.trunks t where t.org_id = ${orgId} and t.ban = b.ban and t.status <> 'DELETED') as trunks,
      (select count(*) from telephony.numbers n where n.org_id = ${orgId} and n.ban = b.ban) as numbers
    from unnest(${bans}::text[]) as b(ban)`.execute(tx)
  return rows
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

/** Which of these telephone numbers the organisation has given out already, and to which account. */
export const takenNumbers = async (
  tx: Transaction,
  orgId: string,
  numbers: readonly string[],
): Promise<Map<string, string>> => {
  const rows = await tx
    .selectFrom('telephony.numbers')
    .select(['number', 'ban'])
    .where('org_id', '=', orgId)
    .where('number', '=', sql<string>`any(${numbers}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.number, row.ban]))
}

/** Writes telephone numbers in one statement. Throws a unique violation when one is taken. */
export const insertNumbers = async (
  tx: Transaction,
  orgId: string,
  numbers: readonly PhoneNumberRow[],
): Promise<void> => {
  if (numbers.length === 0) return
  await sql`
    insert into telephony.numbers
      (org_id, id, ban, trunk_id, number, type, capabilities, monthly_cost, currency, cnam, created_at, updated_at)
    select ${orgId}::uuid, n."id", n."ban", n."trunkId", n."number", n."type", n."capabilities", n."monthlyCost",
      n."currency", n."cnam", n."createdAt", n."createdAt"
    from jsonb_to_recordset(${JSON.stringify(numbers)}::jsonb) as n(
      "id" uuid, "ban" text, "trunkId" uuid, "number" text, "type" text, "capabilities" text[], "monthlyCost" numeric,
      "currency" text, "cnam" text, "createdAt" timestamptz)`.execute(tx)
}
