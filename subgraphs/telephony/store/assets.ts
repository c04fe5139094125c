import { sql } from 'kysely'
import type { TrunkStatus } from '../domain/account-life.ts'
import type { Codec } from '../domain/asset.ts'
import type { Transaction } from './transaction.ts'

/** A trunk as it is kept. */
export interface TrunkRow {
  id: string
  ban: string
  name: string
  status: TrunkStatus
  /** It stopped with its account, and goes on with it. */
  suspendedWithAccount: boolean
  ipAddresses: string[]
  /** Calls at once that were ordered, and that the account's credit allows. */
  concurrentCalls: number
  allowedCalls: number
  monthlyMinutes: number
  /** Best first. */
  codecs: Codec[]
  partitionId: string
  /** Rises with every change that somebody can see. */
  version: number
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

/** What a TrunkRow is selected by, from telephony.trunks as `t`. Of a single address it says nothing how many bits of it count. */
export const trunkColumns = sql`
  t.id, t.ban, t.name, t.status, t.suspended_with_account as "suspendedWithAccount",
  array(select abbrev(x) from unnest(t.ip_addresses) with ordinality as a(x, n) order by n) as "ipAddresses",
  t.concurrent_calls as "concurrentCalls", t.allowed_calls as "allowedCalls", t.monthly_minutes as "monthlyMinutes", t.codecs,
  t.partition_id as "partitionId", t.version, t.created_at as "createdAt", t.updated_at as "updatedAt"`

/** The trunks with these ids, one statement for all. */
export const trunksById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<TrunkRow[]> => {
  const { rows } = await sql<TrunkRow>`
    select ${trunkColumns} from telephony.trunks t where t.org_id = ${orgId} and t.id = any(${ids}::uuid[])`.execute(
    tx,
  )
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
    select ${trunkColumns} from telephony.trunks t where t.org_id = ${orgId} and t.ban = any(${bans}::text[]) order by t.ban, t.id`.execute(
    tx,
  )
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
      select ${trunkColumns} from telephony.trunks t
      where t.org_id = ${orgId} and t.ban = any(p.bans) and t.status <> 'DELETED'
        and (p.after_id is null or (t.name, t.id) > (p.after_name, p.after_id))
      order by t.name, t.id limit p."limit"
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
      (org_id, id, ban, name, status, suspended_with_account, ip_addresses, concurrent_calls, allowed_calls, monthly_minutes, codecs,
       partition_id, version, created_at, updated_at)
    select ${orgId}::uuid, t."id", t."ban", t."name", t."status", t."suspendedWithAccount", t."ipAddresses"::inet[],
      t."concurrentCalls", t."allowedCalls", t."monthlyMinutes", t."codecs", t."partitionId", t."version", t."createdAt", t."updatedAt"
    from jsonb_to_recordset(${JSON.stringify(trunks)}::jsonb) as t(${writtenTrunk})`.execute(tx)
}

/** Writes trunks as they are now, in one statement. */
export const updateTrunks = async (
  tx: Transaction,
  orgId: string,
  trunks: readonly TrunkRow[],
): Promise<void> => {
  if (trunks.length === 0) return
  await sql`
    update telephony.trunks o set
      name = t."name", status = t."status", suspended_with_account = t."suspendedWithAccount", ip_addresses = t."ipAddresses"::inet[],
      concurrent_calls = t."concurrentCalls", allowed_calls = t."allowedCalls", monthly_minutes = t."monthlyMinutes",
      codecs = t."codecs", version = t."version", updated_at = t."updatedAt"
    from jsonb_to_recordset(${JSON.stringify(trunks)}::jsonb) as t(${writtenTrunk})
    where o.org_id = ${orgId} and o.id = t."id"`.execute(tx)
}

/** What is written of a trunk, as columns of a record made of its row. */
const writtenTrunk = sql`
  "id" uuid, "ban" text, "name" text, "status" text, "suspendedWithAccount" boolean, "ipAddresses" text[], "concurrentCalls" int,
  "allowedCalls" int, "monthlyMinutes" int, "codecs" text[], "partitionId" text, "version" int, "createdAt" timestamptz,
  "updatedAt" timestamptz`

/** Takes the telephone numbers off these trunks, in one statement: their calls arrive nowhere until they get another. @returns them */
export const parkNumbers = async (
  tx: Transaction,
  orgId: string,
  trunkIds: readonly string[],
  at: Date,
): Promise<PhoneNumberRow[]> => {
  const { rows } = await sql<PhoneNumberRow>`
    update telephony.numbers n set trunk_id = null, updated_at = ${at}::timestamptz
    where n.org_id = ${orgId} and n.trunk_id = any(${trunkIds}::uuid[])
    returning id, ban, trunk_id as "trunkId", number, type, capabilities, monthly_cost as "monthlyCost", currency, cnam,
      created_at as "createdAt", updated_at as "updatedAt"`.execute(tx)
  return rows
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
