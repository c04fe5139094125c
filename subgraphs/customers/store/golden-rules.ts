import { sql } from 'kysely'
import { NO_ID } from '#kernel/ids.ts'
import {
  DEFAULT_RULES,
  type DecidedRules,
  type GoldenField,
  type GoldenRules,
  rulesWith,
} from '../domain/golden.ts'
import type { Transaction } from './transaction.ts'

/** Rules as somebody decided them once. */
export interface GoldenVersionRow {
  version: number
  rules: DecidedRules
  set_by: string
  set_at: Date
  taken_from: number | null
}

/** The version of rules that nobody has changed. */
export const FIRST_RULES = 1

const COLUMNS = sql`version, rules, set_by, set_at, taken_from`

/** Versions of the rules, newest first: one statement. */
export const goldenVersions = async (
  tx: Transaction,
  orgId: string,
  ask: { before: number | null; limit: number },
): Promise<GoldenVersionRow[]> => {
  const { rows } = await sql<GoldenVersionRow>`
    select ${COLUMNS} from customers.golden_rules
    where org_id = ${orgId}::uuid and (${ask.before}::integer is null or version < ${ask.before}::integer)
    order by version desc limit ${ask.limit}`.execute(tx)
  return rows
}

/** The newest version; undefined while nobody has changed anything. One statement. */
export const newestGolden = async (tx: Transaction, orgId: string): Promise<GoldenVersionRow | undefined> =>
  (await goldenVersions(tx, orgId, { before: null, limit: 1 }))[0]

/** What somebody decided in a version, nothing in the first; undefined when there was no such version. One statement. */
export const goldenVersion = async (
  tx: Transaction,
  orgId: string,
  version: number,
): Promise<DecidedRules | undefined> => {
  if (version === FIRST_RULES) return {}
  const { rows } = await sql<{ rules: DecidedRules }>`
    select rules from customers.golden_rules where org_id = ${orgId}::uuid and version = ${version}`.execute(
    tx,
  )
  return rows[0]?.rules
}

/** The rules as they hold; `DEFAULT_RULES` itself where nothing else was decided. One statement. */
export const goldenRulesNow = async (tx: Transaction, orgId: string): Promise<GoldenRules> => {
  const newest = await newestGolden(tx, orgId)
  return newest && Object.keys(newest.rules).length > 0 ? rulesWith(newest.rules) : DEFAULT_RULES
}

/** Keeps a version of the rules: one statement. */
export const insertGolden = async (tx: Transaction, orgId: string, row: GoldenVersionRow): Promise<void> => {
  await sql`
    insert into customers.golden_rules (org_id, version, rules, set_by, set_at, taken_from)
    values (${orgId}::uuid, ${row.version}, ${JSON.stringify(row.rules)}::jsonb, ${row.set_by}, ${row.set_at}::timestamptz,
      ${row.taken_from})`.execute(tx)
}

/** Where the loops of all processes listen for customers that have to follow changed rules. */
export const GOLDEN_CHANNEL = 'customers_golden'

/** How far an organisation's customers follow its rules. */
export interface GoldenTurnRow {
  version: number
  after_id: string
  done: number
  moved: number
  total: number
  requested_at: Date
  finished_at: Date | null
}

const TURN = sql`version, after_id, done, moved, total, requested_at, finished_at`

/** Lets all customers follow the rules, from the first on; wakes the loops with the commit. Two statements. */
export const askFollowing = async (
  tx: Transaction,
  orgId: string,
  version: number,
  at: Date,
): Promise<void> => {
  await sql`
    insert into customers.golden_turns (org_id, version, state, after_id, total, requested_at)
    select ${orgId}::uuid, ${version}, 'RUNNING', ${NO_ID}::uuid, count(*), ${at}::timestamptz
    from customers.customers where org_id = ${orgId}::uuid and merged_into is null and gone_at is null
    on conflict (org_id) do update set version = excluded.version, state = 'RUNNING', after_id = excluded.after_id, done = 0, moved = 0,
      total = excluded.total, requested_at = excluded.requested_at, finished_at = null`.execute(tx)
  await sql`select pg_notify(${GOLDEN_CHANNEL}, '')`.execute(tx)
}

/** How far it is; undefined while nobody has changed the rules. One statement. */
export const goldenTurn = async (tx: Transaction, orgId: string): Promise<GoldenTurnRow | undefined> => {
  const { rows } = await sql<GoldenTurnRow>`
    select ${TURN} from customers.golden_turns where org_id = ${orgId}::uuid`.execute(tx)
  return rows[0]
}

/** Organisations whose customers do not follow their rules yet. Asked by relay. */
export const organisationsToFollow = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    select org_id from customers.golden_turns where state = 'RUNNING' order by requested_at`.execute(tx)
  return rows.map((row) => row.org_id)
}

/** Takes an organisation's turn that no other process is at, until the transaction ends. */
export const takeGoldenTurn = async (tx: Transaction, orgId: string): Promise<GoldenTurnRow | undefined> => {
  const { rows } = await sql<GoldenTurnRow>`
    select ${TURN} from customers.golden_turns where org_id = ${orgId}::uuid and state = 'RUNNING' for update skip locked`.execute(
    tx,
  )
  return rows[0]
}

/** Notes how far it is. `next` is the last customer looked at; undefined when there are no more. One statement. */
export const noteGoldenTurn = async (
  tx: Transaction,
  orgId: string,
  step: { next: string | undefined; done: number; moved: number },
  at: Date,
): Promise<void> => {
  const isOver = step.next === undefined
  await sql`
    update customers.golden_turns set done = done + ${step.done}, moved = moved + ${step.moved},
      after_id = coalesce(${step.next ?? null}::uuid, after_id), state = ${isOver ? 'DONE' : 'RUNNING'},
      finished_at = ${isOver ? at : null}::timestamptz,
      total = case when ${isOver} then done + ${step.done} else greatest(total, done + ${step.done}) end
    where org_id = ${orgId}::uuid`.execute(tx)
}

/** A value that somebody decided by hand. */
export interface PinRow {
  customer_id: string
  field: GoldenField
  value: string
  pinned_by: string
  pinned_at: Date
}

/** What was decided by hand of customers, by customer: one statement. */
export const pinsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, PinRow[]>> => {
  const { rows } = await sql<PinRow>`
    select customer_id, field, value, pinned_by, pinned_at from customers.pinned_fields
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::uuid[])`.execute(tx)
  return Map.groupBy(rows, (row) => row.customer_id)
}

/** Decides a field by hand: one statement. */
export const setPin = async (tx: Transaction, orgId: string, pin: PinRow): Promise<void> => {
  await sql`
    insert into customers.pinned_fields (org_id, customer_id, field, value, pinned_by, pinned_at)
    values (${orgId}::uuid, ${pin.customer_id}::uuid, ${pin.field}, ${pin.value}, ${pin.pinned_by}, ${pin.pinned_at}::timestamptz)
    on conflict (org_id, customer_id, field) do update set value = excluded.value, pinned_by = excluded.pinned_by,
      pinned_at = excluded.pinned_at`.execute(tx)
}

/** Gives a field back to the rules: one statement. */
export const dropPin = async (
  tx: Transaction,
  orgId: string,
  { customer_id, field }: Pick<PinRow, 'customer_id' | 'field'>,
): Promise<void> => {
  await sql`
    delete from customers.pinned_fields
    where org_id = ${orgId}::uuid and customer_id = ${customer_id}::uuid and field = ${field}`.execute(tx)
}
