import { type RawBuilder, sql } from 'kysely'
import type { PortDirection, PortStatus } from '../domain/ports.ts'
import { behind, type NewestPage } from './newest-page.ts'
import type { Transaction } from './transaction.ts'

/** An order to move numbers, as it is kept. */
export interface PortOrderRow {
  id: string
  ban: string
  direction: PortDirection
  status: PortStatus
  carrier: string
  wantedOn: string | null
  agreedOn: string | null
  reason: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

const columns = sql`
  id, ban, direction, status, carrier, wanted_on as "wantedOn", agreed_on as "agreedOn", reason, version,
  created_at as "createdAt", updated_at as "updatedAt"`

/** The orders with these ids, one statement for all. */
export const portsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<PortOrderRow[]> => {
  const { rows } = await sql<PortOrderRow>`
    select ${columns} from telephony.port_orders where org_id = ${orgId} and id = any(${ids}::uuid[])`.execute(
    tx,
  )
  return rows
}

/** The same, held until the transaction ends. Their accounts are taken before, their numbers after. */
export const lockPorts = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<PortOrderRow[]> => {
  const { rows } = await sql<PortOrderRow>`
    select ${columns} from telephony.port_orders
    where org_id = ${orgId} and id = any(${ids}::uuid[]) order by id for update`.execute(tx)
  return rows
}

/** All orders of these accounts. */
export const portsOfAccounts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<PortOrderRow[]> => {
  const { rows } = await sql<PortOrderRow>`
    select ${columns} from telephony.port_orders
    where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban, id`.execute(tx)
  return rows
}

/** The ids of the numbers of each of these orders, one statement for all. */
export const numbersOfPorts = async (
  tx: Transaction,
  orgId: string,
  portIds: readonly string[],
): Promise<Map<string, string[]>> => {
  const rows = await tx
    .selectFrom('telephony.port_order_numbers')
    .select(['port_order_id as portId', 'number_id as numberId'])
    .where('org_id', '=', orgId)
    .where('port_order_id', '=', sql<string>`any(${portIds}::uuid[])`)
    .orderBy('number_id')
    .execute()
  const byPort = Map.groupBy(rows, ({ portId }) => portId)
  return new Map([...byPort].map(([portId, all]) => [portId, all.map(({ numberId }) => numberId)]))
}

/** Which orders. What is null does not narrow. */
export interface PortChoice {
  direction: PortDirection | null
  statuses: readonly PortStatus[] | null
}

export const EVERY_PORT: PortChoice = { direction: null, statuses: null }

const chosen = ({ direction, statuses }: PortChoice): RawBuilder<unknown> => sql`
  ${direction === null ? sql`` : sql`and direction = ${direction}`}
  ${statuses === null ? sql`` : sql`and status = any(${statuses}::text[])`}`

/** For each account its page of orders, newest first; one statement for all, each page a walk over an index. */
export const portPages = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  choice: PortChoice,
  { limit, after }: NewestPage,
): Promise<PortOrderRow[]> => {
  const { rows } = await sql<PortOrderRow>`
    select p.* from unnest(${bans}::text[]) as a(ban), lateral (
      select ${columns} from telephony.port_orders
      where org_id = ${orgId} and port_orders.ban = a.ban ${chosen(choice)} ${behind(after)}
      order by created_at desc, id desc limit ${limit}
    ) p order by p."createdAt" desc, p.id desc`.execute(tx)
  return rows
}

/** A page of the orders of all accounts, newest first. */
export const newestPorts = async (
  tx: Transaction,
  orgId: string,
  choice: PortChoice,
  { limit, after }: NewestPage,
): Promise<PortOrderRow[]> => {
  const { rows } = await sql<PortOrderRow>`
    select ${columns} from telephony.port_orders
    where org_id = ${orgId} ${chosen(choice)} ${behind(after)} order by created_at desc, id desc limit ${limit}`.execute(
    tx,
  )
  return rows
}

/** How many orders each of these accounts has, or each of all when none is named; those without any are left out. */
export const countPorts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[] | null,
  choice: PortChoice,
): Promise<{ ban: string; count: number }[]> => {
  const of = bans === null ? sql`` : sql`and ban = any(${bans}::text[])`
  const { rows } = await sql<{ ban: string; count: number }>`
    select ban, count(*)::int as count from telephony.port_orders
    where org_id = ${orgId} ${of} ${chosen(choice)} group by ban`.execute(tx)
  return rows
}

/** Writes a new order, with its numbers. */
export const insertPort = async (
  tx: Transaction,
  orgId: string,
  port: PortOrderRow,
  numberIds: readonly string[],
): Promise<void> => {
  await tx
    .insertInto('telephony.port_orders')
    .values({
      org_id: orgId,
      ...{
        id: port.id,
        ban: port.ban,
        direction: port.direction,
        status: port.status,
        carrier: port.carrier,
      },
      ...{ wanted_on: port.wantedOn, agreed_on: port.agreedOn, reason: port.reason, version: port.version },
      ...{ created_at: port.createdAt, updated_at: port.updatedAt },
    })
    .execute()
  await sql`
    insert into telephony.port_order_numbers (org_id, port_order_id, number_id, is_open)
    select ${orgId}::uuid, ${port.id}::uuid, n, true from unnest(${numberIds}::uuid[]) as n`.execute(tx)
}

/** Writes orders that were locked, as they are now; the numbers of those that are over may move anew. Two statements. */
export const savePorts = async (
  tx: Transaction,
  orgId: string,
  ports: readonly PortOrderRow[],
  over: readonly string[],
): Promise<void> => {
  await sql`
    update telephony.port_orders as held set
      status = p."status", agreed_on = p."agreedOn", reason = p."reason", version = p."version", updated_at = p."updatedAt"
    from jsonb_to_recordset(${JSON.stringify(ports)}::jsonb) as p(
      "id" uuid, "status" text, "agreedOn" date, "reason" text, "version" int, "updatedAt" timestamptz)
    where held.org_id = ${orgId} and held.id = p."id"`.execute(tx)
  if (over.length === 0) return
  await tx
    .updateTable('telephony.port_order_numbers')
    .set({ is_open: false })
    .where('org_id', '=', orgId)
    .where('port_order_id', '=', sql<string>`any(${over}::uuid[])`)
    .execute()
}
