import { type RawBuilder, sql } from 'kysely'
import { IN_USE, type NumberLife, type NumberStatus } from '../domain/numbers.ts'
import { type AssetPage, pagesAsked } from './pages-asked.ts'
import type { Transaction } from './transaction.ts'

/** A telephone number as it is kept. */
export interface PhoneNumberRow extends NumberLife {
  id: string
  ban: string
  number: string
  type: 'LOCAL' | 'TOLLFREE' | 'MOBILE'
  capabilities: ('VOICE' | 'SMS')[]
  monthlyCost: string
  currency: string
  cnam: string | null
  version: number
  updatedAt: Date
}

const columns = sql`
  id, ban, trunk_id as "trunkId", number, type, capabilities, monthly_cost as "monthlyCost", currency, cnam, status, origin,
  ported_at as "portedAt", released_at as "releasedAt", resp_org as "respOrg", e911_status as "e911Status",
  e911_address as "e911Address", e911_hash as "e911Hash", e911_reason as "e911Reason", version,
  created_at as "createdAt", updated_at as "updatedAt"`

/** The telephone numbers with these ids, one statement for all. */
export const numbersById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<PhoneNumberRow[]> => {
  const { rows } = await sql<PhoneNumberRow>`
    select ${columns} from telephony.numbers where org_id = ${orgId} and id = any(${ids}::uuid[])`.execute(tx)
  return rows
}

/** The same, held until the transaction ends. Whoever holds an account too took it before. */
export const lockNumbers = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<PhoneNumberRow[]> => {
  const { rows } = await sql<PhoneNumberRow>`
    select ${columns} from telephony.numbers
    where org_id = ${orgId} and id = any(${ids}::uuid[]) order by id for update`.execute(tx)
  return rows
}

/** The numbers whose calls arrive on these trunks, held until the transaction ends. */
export const lockNumbersOn = async (
  tx: Transaction,
  orgId: string,
  trunkIds: readonly string[],
): Promise<PhoneNumberRow[]> => {
  const { rows } = await sql<PhoneNumberRow>`
    select ${columns} from telephony.numbers
    where org_id = ${orgId} and trunk_id = any(${trunkIds}::uuid[]) order by id for update`.execute(tx)
  return rows
}

/** All numbers of these accounts, also those that are over. */
export const numbersOfAccounts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<PhoneNumberRow[]> => {
  const { rows } = await sql<PhoneNumberRow>`
    select ${columns} from telephony.numbers
    where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban, id`.execute(tx)
  return rows
}

/** What is known by each of these numbers: the one in use, or else the one that was it last; one statement for all. */
export const numbersByE164 = async (
  tx: Transaction,
  orgId: string,
  numbers: readonly string[],
): Promise<PhoneNumberRow[]> => {
  const { rows } = await sql<PhoneNumberRow>`
    select distinct on (number) ${columns} from telephony.numbers
    where org_id = ${orgId} and number = any(${numbers}::text[])
    order by number, status = any(${IN_USE}::text[]) desc, created_at desc, id desc`.execute(tx)
  return rows
}

/** For each owner its page of telephone numbers, those that are over left out; one statement for all owners. */
export const numberPages = async (
  tx: Transaction,
  orgId: string,
  asked: readonly AssetPage[],
): Promise<PhoneNumberRow[][]> => {
  const { rows } = await sql<PhoneNumberRow & { n: number }>`
    select p.n, t.* from jsonb_to_recordset(${pagesAsked(asked)}::jsonb)
      as p(n int, bans text[], "limit" int, after_name text, after_id uuid),
    lateral (
      select ${columns} from telephony.numbers
      where org_id = ${orgId} and ban = any(p.bans) and status = any(${IN_USE}::text[])
        and (p.after_id is null or (number, id) > (p.after_name, p.after_id))
      order by number, id limit p."limit"
    ) t order by p.n, t.number, t.id`.execute(tx)
  return asked.map((_, n) => rows.filter((row) => row.n === n))
}

/** Which numbers. What is null does not narrow. */
export interface NumberChoice {
  ban: string | null
  trunkId: string | null
  /** Null: those in use. */
  statuses: readonly NumberStatus[] | null
  type: PhoneNumberRow['type'] | null
  capability: 'VOICE' | 'SMS' | null
  /** A plus and digits. */
  beginsWith: string | null
  e911Status: PhoneNumberRow['e911Status'] | null
}

const chosen = (orgId: string, choice: NumberChoice): RawBuilder<unknown> => {
  const { ban, trunkId, statuses, type, capability, beginsWith, e911Status } = choice
  return sql.join(
    [
      sql`org_id = ${orgId}`,
      sql`status = any(${statuses ?? IN_USE}::text[])`,
      ...(ban === null ? [] : [sql`ban = ${ban}`]),
      ...(trunkId === null ? [] : [sql`trunk_id = ${trunkId}::uuid`]),
      ...(type === null ? [] : [sql`type = ${type}`]),
      ...(capability === null ? [] : [sql`${capability} = any(capabilities)`]),
      // A range, not a pattern: row level security keeps patterns from using an index. A colon comes right after the digits.
      ...(beginsWith === null ? [] : [sql`number >= ${beginsWith}`, sql`number < ${`${beginsWith}:`}`]),
      ...(e911Status === null ? [] : [sql`e911_status = ${e911Status}`]),
    ],
    sql` and `,
  )
}

/** A page of numbers, by number: a walk over an index. */
export const chosenNumbers = async (
  tx: Transaction,
  orgId: string,
  choice: NumberChoice,
  { limit, after }: { limit: number; after: readonly [string, string] | null },
): Promise<PhoneNumberRow[]> => {
  const behind = after ? sql`and (number, id) > (${after[0]}, ${after[1]}::uuid)` : sql``
  const { rows } = await sql<PhoneNumberRow>`
    select ${columns} from telephony.numbers
    where ${chosen(orgId, choice)} ${behind} order by number, id limit ${limit}`.execute(tx)
  return rows
}

export const countNumbers = async (tx: Transaction, orgId: string, choice: NumberChoice): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from telephony.numbers where ${chosen(orgId, choice)}`.execute(tx)
  return rows[0]?.count ?? 0
}

/** Has whoever gives out numbers in an organisation do so one after the other, until the transaction ends. Taken before any account. */
export const lockNumbering = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`telephony.numbers ${orgId}`}, 0))`.execute(tx)
}

/** Which of these telephone numbers are in use, and by which account. */
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
    .where('status', '=', sql<string>`any(${IN_USE}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.number, row.ban]))
}

/** Writes new telephone numbers in one statement. Throws a unique violation when one is in use. */
export const insertNumbers = async (
  tx: Transaction,
  orgId: string,
  numbers: readonly PhoneNumberRow[],
): Promise<void> => {
  if (numbers.length === 0) return
  await sql`
    insert into telephony.numbers
      (org_id, id, ban, trunk_id, number, type, capabilities, monthly_cost, currency, cnam, status, origin, released_at,
       created_at, updated_at)
    select ${orgId}::uuid, n."id", n."ban", n."trunkId", n."number", n."type", n."capabilities", n."monthlyCost",
      n."currency", n."cnam", n."status", n."origin", n."releasedAt", n."createdAt", n."createdAt"
    from jsonb_to_recordset(${JSON.stringify(numbers)}::jsonb) as n(
      "id" uuid, "ban" text, "trunkId" uuid, "number" text, "type" text, "capabilities" text[], "monthlyCost" numeric,
      "currency" text, "cnam" text, "status" text, "origin" text, "releasedAt" timestamptz, "createdAt" timestamptz)`.execute(
    tx,
  )
}

/** Writes telephone numbers that were locked, as they are now, and what those cost until now whose price is another one: one statement. */
export const saveNumbers = async (
  tx: Transaction,
  orgId: string,
  numbers: readonly PhoneNumberRow[],
): Promise<void> => {
  if (numbers.length === 0) return
  await sql`
    with n as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(numbers)}::jsonb) as n(
        "id" uuid, "trunkId" uuid, "capabilities" text[], "monthlyCost" numeric, "cnam" text, "status" text,
        "portedAt" timestamptz, "releasedAt" timestamptz, "respOrg" text, "e911Status" text, "e911Address" text,
        "e911Hash" text, "e911Reason" text, "version" int, "updatedAt" timestamptz)
    ), priced as (
      insert into telephony.number_prices (org_id, number_id, until, monthly_cost)
      select held.org_id, held.id, n."updatedAt", held.monthly_cost
      from n join telephony.numbers held on held.org_id = ${orgId} and held.id = n."id" and held.monthly_cost <> n."monthlyCost"
      on conflict do nothing
    )
    update telephony.numbers as held set
      trunk_id = n."trunkId", capabilities = n."capabilities", monthly_cost = n."monthlyCost", cnam = n."cnam",
      status = n."status", ported_at = n."portedAt", released_at = n."releasedAt", resp_org = n."respOrg",
      e911_status = n."e911Status", e911_address = n."e911Address", e911_hash = n."e911Hash", e911_reason = n."e911Reason",
      version = n."version", updated_at = n."updatedAt"
    from n where held.org_id = ${orgId} and held.id = n."id"`.execute(tx)
}
