import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/**
 * due   something was learnt about it since it was last advised on
 * note  to write that down; noting it again changes nothing, unless it is being advised on: then it stays
 */
export type DueKind = 'COMPONENT' | 'RFQ' | 'SUPPLIER'

export interface Due {
  kind: DueKind
  id: string
  noted: number
}

/** NOTIFY channel that wakes whoever advises; it is only a hint, the table is the truth. */
export const ADVICE_CHANNEL = 'inventory_advice'

const org = sql`current_setting('hub.org_id')::uuid`

/** Whom records of a kind concern, by their own ids. */
const concerned: Readonly<Record<string, (ids: RawBuilder<unknown>) => RawBuilder<unknown>>> = {
  // What a part costs and how many are there matters to each open request that asks for it.
  inventory: (ids) => sql`
    with parts as (
      select distinct i.component_id from inventory.inventory i where i.org_id = ${org} and i.id = any(${ids})
    )
    select 'COMPONENT' as kind, component_id as id from parts
    union all
    select 'RFQ', r.id from parts p
    join inventory.components c on c.org_id = ${org} and c.id = p.component_id
    join inventory.rfq_lines l on l.org_id = c.org_id and l.base_number = c.base_number
    join inventory.rfqs r on r.org_id = l.org_id and r.id = l.rfq_id and r.status = 'OPEN' and r.deleted_at is null`,
  transactions: (ids) => sql`
    select x.kind, x.id from inventory.transactions t, lateral (values ('COMPONENT', t.component_id), ('RFQ', t.rfq_id)) as x(kind, id)
    where t.org_id = ${org} and t.id = any(${ids}) and x.id is not null`,
  rfqs: (ids) => sql`select 'RFQ' as kind, id from unnest(${ids}) as r(id)`,
  // How long it takes and whether it is late matters to each part that it offers.
  suppliers: (ids) => sql`
    select 'SUPPLIER' as kind, id from unnest(${ids}) as r(id)
    union all
    select 'COMPONENT', o.id from inventory.parts_offered_by(
      array(select s.c3_supplier_id from inventory.suppliers s where s.org_id = ${org} and s.id = any(${ids})),
      null, null, null) o`,
}

/** Notes that records of a kind came, changed or went, inside the caller's transaction: one statement. Safe to repeat. */
export const noteAdviceDue = async (tx: Transaction, type: string, ids: readonly string[]): Promise<void> => {
  if (ids.length > 0) await noteConcerned(tx, type, sql`${ids}::uuid[]`)
}

/**
 * The same for all records of a connection that came, changed or went since an instant: what a reading of everything has brought is
 * noted at its end, since pages of different kinds that note the same parts would wait for each other. One statement for each kind.
 */
export const noteAdviceSince = async (tx: Transaction, connectionId: string, since: Date): Promise<void> => {
  for (const type of Object.keys(concerned))
    await noteConcerned(
      tx,
      type,
      sql`array(
        select id from ${sql.table(`inventory.${type}`)}
        where org_id = ${org} and connection_id = ${connectionId}::uuid
          and (c3_last_sync >= ${since}::timestamptz or deleted_at >= ${since}::timestamptz))`,
    )
}

const noteConcerned = async (tx: Transaction, type: string, ids: RawBuilder<unknown>): Promise<void> => {
  const whom = concerned[type]
  if (!whom) return
  // In one order, so that two who note the same wait for each other instead of for ever.
  await sql`
    with noted as (
      insert into inventory.advice_due as d (org_id, kind, id)
      select distinct ${org}, kind, id from (${whom(ids)}) as w order by kind, id
      on conflict (org_id, kind, id) do update set noted = d.noted + 1
    )
    select pg_notify(${ADVICE_CHANNEL}, '')`.execute(tx)
}

/** Has one thing looked at again: one statement. */
export const noteDue = async (tx: Transaction, orgId: string, kind: DueKind, id: string): Promise<void> => {
  await sql`
    with noted as (
      insert into inventory.advice_due as d (org_id, kind, id) values (${orgId}, ${kind}, ${id}::uuid)
      on conflict (org_id, kind, id) do update set noted = d.noted + 1
    )
    select pg_notify(${ADVICE_CHANNEL}, '')`.execute(tx)
}

/** Has all open requests looked at again: customers have decided on others since. One statement. */
export const noteOpenRequests = async (tx: Transaction): Promise<void> => {
  await sql`
    insert into inventory.advice_due as d (org_id, kind, id)
    select org_id, 'RFQ', id from inventory.rfqs where org_id = ${org} and status = 'OPEN' and deleted_at is null order by id
    on conflict (org_id, kind, id) do update set noted = d.noted + 1`.execute(tx)
}

/** Wakes whoever advises once the transaction is done: a sync has ended. */
export const wakeAdvising = async (tx: Transaction): Promise<void> => {
  await sql`select pg_notify(${ADVICE_CHANNEL}, '')`.execute(tx)
}

/**
 * Organisations in which something is due. Not while a sync of theirs is at work: of what it has brought so far half would be advised
 * on twice. Walks from one to the next over the index.
 */
export const organisationsToAdvise = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    with recursive orgs as (
      (select org_id from inventory.advice_due order by org_id limit 1)
      union all
      select (select d.org_id from inventory.advice_due d where d.org_id > o.org_id order by d.org_id limit 1)
      from orgs o where o.org_id is not null
    )
    select org_id from orgs o where org_id is not null
      and not exists (select from sync.runs r where r.org_id = o.org_id and r.state = 'RUNNING')`.execute(tx)
  return rows.map((row) => row.org_id)
}

/** Organisations that were ever synced. Walks from one to the next over the index. */
export const organisationsSynced = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    with recursive orgs as (
      (select org_id from sync.runs order by org_id limit 1)
      union all
      select (select r.org_id from sync.runs r where r.org_id > o.org_id order by r.org_id limit 1)
      from orgs o where o.org_id is not null
    )
    select org_id from orgs where org_id is not null`.execute(tx)
  return rows.map((row) => row.org_id)
}

/** Some of what is due, requests first: whoever answers them waits. One statement. */
export const dueAdvice = async (tx: Transaction, orgId: string, limit: number): Promise<Due[]> => {
  const { rows } = await sql<Due>`
    select kind, id, noted from inventory.advice_due where org_id = ${orgId}
    order by kind desc, id limit ${limit}`.execute(tx)
  return rows
}

/** Takes away what was advised on, unless it was noted again meanwhile: one statement. */
export const settleAdvice = async (tx: Transaction, orgId: string, done: readonly Due[]): Promise<void> => {
  await sql`
    delete from inventory.advice_due d using jsonb_to_recordset(${JSON.stringify(done)}::jsonb) as r(kind text, id uuid, noted bigint)
    where d.org_id = ${orgId} and d.kind = r.kind and d.id = r.id and d.noted = r.noted`.execute(tx)
}

/** Whether nobody else advises this organisation; if so nobody does until the transaction ends. */
export const beginAdvising = async (tx: Transaction, orgId: string): Promise<boolean> => {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`advising ${orgId}`}, 0)) as mine`.execute(tx)
  return rows[0]!.mine
}

/** The same for who cannot come again later: waits until the other one is done. */
export const awaitAdvising = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`advising ${orgId}`}, 0))`.execute(tx)
}

/** Has everything looked at again that a method proposed which has another version by now: one statement. */
export const noteOutdated = async (
  tx: Transaction,
  orgId: string,
  methods: readonly { name: string; version: number }[],
): Promise<void> => {
  await sql`
    insert into inventory.advice_due as d (org_id, kind, id)
    select distinct r.org_id, w.kind, w.id from inventory.recommendations r
    join jsonb_to_recordset(${JSON.stringify(methods)}::jsonb) as m(name text, version int) on m.name = r.method and m.version <> r.method_version
    left join inventory.suppliers s on s.org_id = r.org_id and s.c3_supplier_id = r.c3_supplier_id and r.component_id is null,
    lateral (values ('RFQ', r.rfq_id), ('COMPONENT', case when r.rfq_id is null then r.component_id end), ('SUPPLIER', s.id)) as w(kind, id)
    where r.org_id = ${orgId} and r.state = 'PROPOSED' and w.id is not null
    on conflict (org_id, kind, id) do nothing`.execute(tx)
}
