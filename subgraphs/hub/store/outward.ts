/** What changed across all records, and what partners are told: both at places that one counter of the organisation gives out. */
import { sql } from 'kysely'
import type { ChangedType } from '../domain/changed-types.ts'
import { type Message, type RecordChange, recordKey } from '../domain/outward.ts'
import type { Transaction } from './transaction.ts'

/** NOTIFY channel that wakes whoever sends; it is only a hint, the table is the truth. */
export const SENDING_CHANNEL = 'hub_partner_messages'

/** The marks of records, by `recordKey`; of those that are not known, nothing. */
export const marksOf = async (
  tx: Transaction,
  orgId: string,
  records: readonly { type: ChangedType; id: string }[],
): Promise<Map<string, string | null>> => {
  if (records.length === 0) return new Map()
  const { rows } = await sql<{ type: ChangedType; id: string; mark: string | null }>`
    select c.type, c.id, c.mark from hub.changes c
    join jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as r (type text, id text) using (type, id)
    where c.org_id = ${orgId}`.execute(tx)
  return new Map(rows.map(({ type, id, mark }) => [recordKey(type, id), mark]))
}

/** The events that any webhook wants, however it stands. */
export const wantedEvents = async (tx: Transaction, orgId: string): Promise<Set<string>> => {
  const { rows } = await sql<{ event: string }>`
    select distinct unnest(events) as event from hub.partner_webhooks where org_id = ${orgId}`.execute(tx)
  return new Set(rows.map(({ event }) => event))
}

/**
 * Takes places, in the order in which transactions commit: the row stays locked until then.
 * @param isAnew the records are told as they stand, since not everything was heard: who has read up to here has to begin anew
 * @returns the place before the first of them
 */
export const takePlaces = async (
  tx: Transaction,
  orgId: string,
  count: number,
  { isAnew = false }: { isAnew?: boolean } = {},
): Promise<number> => {
  const { rows } = await sql<{ before: number }>`
    insert into hub.outward_heads as head (org_id, place) values (${orgId}, ${count})
    on conflict (org_id) do update set place = head.place + excluded.place,
      forgotten = case when ${isAnew} then head.place else head.forgotten end
    returning new.place - ${count}::bigint as before`.execute(tx)
  return rows[0]!.before
}

/** Writes each record's newest change in one statement; each record may be given once. */
export const upsertChanges = async (
  tx: Transaction,
  orgId: string,
  changes: readonly (RecordChange & { place: number })[],
  at: Date,
): Promise<void> => {
  if (changes.length === 0) return
  await sql`
    insert into hub.changes (org_id, type, id, place, is_deleted, at, noted_at, mark)
    select ${orgId}::uuid, type, id, place, "isDeleted", at, ${at}::timestamptz, mark
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb)
      as given (type text, id text, place bigint, "isDeleted" boolean, at timestamptz, mark text)
    on conflict (org_id, type, id) do update set
      place = excluded.place, is_deleted = excluded.is_deleted, at = excluded.at, noted_at = excluded.noted_at, mark = excluded.mark`.execute(
    tx,
  )
}

/** Writes messages, and that they are to be sent to every webhook that wants them: three statements, whatever their number. */
export const insertMessages = async (
  tx: Transaction,
  orgId: string,
  messages: readonly (Message & { place: number })[],
  at: Date,
): Promise<void> => {
  if (messages.length === 0) return
  const given = sql`jsonb_to_recordset(${JSON.stringify(messages)}::jsonb)
    as given (place bigint, id text, event text, key text, at timestamptz, data jsonb)`
  await sql`
    insert into hub.partner_messages (org_id, place, id, event, key, at, noted_at, data)
    select ${orgId}::uuid, place, id, event, key, at, ${at}::timestamptz, data from ${given}`.execute(tx)
  await sql`
    with told as (
      insert into hub.partner_deliveries (org_id, webhook_id, place, event, key, at, state, due_at)
      select ${orgId}::uuid, w.id, given.place, given.event, given.key, given.at, 'WAITING', ${at}::timestamptz
      from ${given} join hub.partner_webhooks w on w.org_id = ${orgId} and w.state <> 'DISABLED' and given.event = any (w.events)
      returning webhook_id
    )
    ${wake(at)} where w.org_id = ${orgId} and w.id in (select webhook_id from told)`.execute(tx)
  await notify(tx)
}

/** The part of a statement that says that something waits for webhooks `w`. One that is left alone for a while stays so. */
export const wake = (at: Date) => sql`
  update hub.partner_webhooks w set due_at =
    case when w.failures > 0 then coalesce(w.due_at, ${at}::timestamptz) else least(coalesce(w.due_at, ${at}::timestamptz), ${at}::timestamptz) end`

export const notify = async (tx: Transaction): Promise<void> => {
  await sql`select pg_notify(${SENDING_CHANNEL}, '')`.execute(tx)
}

export interface ChangeRow {
  type: ChangedType
  id: string
  place: number
  isDeleted: boolean
  at: Date
}

/** Changes behind a place, oldest first. */
export const changesAfter = async (
  tx: Transaction,
  orgId: string,
  {
    after,
    types,
    isDeleted,
    limit,
  }: {
    after: number
    types: readonly ChangedType[]
    /** Null: those that are there and those that are gone. */
    isDeleted: boolean | null
    limit: number
  },
): Promise<ChangeRow[]> => {
  const { rows } = await sql<ChangeRow>`
    select type, id, place, is_deleted as "isDeleted", at from hub.changes
    where org_id = ${orgId} and place > ${after} and type = any (${types}::text[])
      ${isDeleted === null ? sql`` : isDeleted ? sql`and is_deleted` : sql`and not is_deleted`} order by place limit ${limit}`.execute(
    tx,
  )
  return rows
}

/** The newest place, and up to which changes may have been forgotten. */
export const outwardHead = async (
  tx: Transaction,
  orgId: string,
): Promise<{ place: number; forgotten: number }> => {
  const { rows } = await sql<{ place: number; forgotten: number }>`
    select place, forgotten from hub.outward_heads where org_id = ${orgId}`.execute(tx)
  return rows[0] ?? { place: 0, forgotten: 0 }
}

/** Forgets what was noted before a moment, at most `limit` of each kind. @returns how many rows went */
export const forgetOutward = async (
  tx: Transaction,
  orgId: string,
  before: Date,
  limit: number,
): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    with old as (
      select type, id, place from hub.changes where org_id = ${orgId} and noted_at < ${before}::timestamptz order by place limit ${limit}
    ), gone as (
      delete from hub.changes c using old where c.org_id = ${orgId} and c.type = old.type and c.id = old.id and c.place = old.place
      returning c.place
    ), moved as (
      update hub.outward_heads set forgotten = greatest(forgotten, (select max(place) from gone))
      where org_id = ${orgId} and exists (select from gone)
    ), silent as (
      delete from hub.partner_messages where org_id = ${orgId} and place in (
        select place from hub.partner_messages where org_id = ${orgId} and noted_at < ${before}::timestamptz order by noted_at limit ${limit})
      returning place
    )
    select ((select count(*) from gone) + (select count(*) from silent))::integer as count`.execute(tx)
  return rows[0]!.count
}

/** Organisations that keep something. Asked as the relay. */
export const outwardOrganisations = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select org_id as id from hub.outward_heads order by org_id`.execute(tx)
  return rows.map(({ id }) => id)
}
