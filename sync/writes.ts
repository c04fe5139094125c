import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Write } from './sink.ts'
import { type FieldValue, same, type Values } from './values.ts'

/** Where writes go, and the run they belong to; undefined when records are written by themselves. */
export interface WritePlace {
  orgId: string
  connectionId: string
  type: string
  runId?: string | undefined
}

/** A write that goes over what the source has, so that one has to look behind it. */
export interface Risked extends Write {
  /** What both sides had agreed on of the fields that somebody there may change meanwhile. */
  unlooked?: Values | undefined
  /** It puts back what somebody there had written: their word, not ours. */
  givesBack?: boolean
}

/**
 * Writes into the ledger what is about to be sent: one statement. What was sent before for the same records and never answered is
 * known to be unknown from now on.
 */
export const intendWrites = async (
  tx: object,
  { orgId, connectionId, type, runId }: WritePlace,
  writes: readonly Risked[],
  at: Date,
): Promise<void> => {
  if (writes.length === 0) return
  const rows = writes.map(({ id, localId, externalId, operation, fields, unlooked, givesBack = false }) => ({
    ...{ id, local_id: localId, external_id: externalId ?? null, operation, fields, unlooked },
    gives_back: givesBack,
  }))
  await sql`
    with intended as (
      select * from json_to_recordset(${JSON.stringify(rows)}::json)
        as r(id uuid, local_id uuid, external_id text, operation text, fields jsonb, unlooked jsonb,
          gives_back boolean)
    ), unanswered as (
      update sync.writes w set state = 'UNKNOWN' from intended r where w.local_id = r.local_id and w.org_id = ${orgId}::uuid and w.state = 'INTENDED'
    )
    insert into sync.writes (org_id, id, connection_id, type, local_id, external_id, operation, fields, state, run_id, written_at,
      unlooked, gives_back)
    select ${orgId}::uuid, id, ${connectionId}::uuid, ${type}, local_id, external_id, operation, fields, 'INTENDED',
      ${runId ?? null}::uuid, ${at}::timestamptz, unlooked, gives_back from intended`.execute(over(tx))
}

/** What became of a write. */
export interface Answered {
  id: string
  state: 'DONE' | 'REFUSED' | 'UNKNOWN'
  externalId?: string | undefined
  modifiedAt?: Date | undefined
  code?: string | undefined
  /** Fields that the source did not take. */
  left?: readonly string[]
}

/**
 * Notes in the ledger what became of writes: one statement. Fields that were not taken are no longer said to have been written. Where
 * it is known what became of a write, nobody need look behind it any more: whoever has to does so before.
 */
export const answerWrites = async (
  tx: object,
  orgId: string,
  answers: readonly Answered[],
  at: Date,
): Promise<void> => {
  if (answers.length === 0) return
  const rows = answers.map(({ id, state, externalId, modifiedAt, code, left = [] }) => ({
    ...{
      id,
      state,
      external_id: externalId ?? null,
      modified_at: modifiedAt ?? null,
      code: code ?? null,
      left,
    },
  }))
  await sql`
    update sync.writes w set state = r.state, external_id = coalesce(r.external_id, w.external_id), modified_at = r.modified_at,
      error_code = r.code, answered_at = ${at}::timestamptz, unlooked = case when r.state = 'UNKNOWN' then w.unlooked end,
      fields = w.fields - array(select json_array_elements_text(r."left"))
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as r(id uuid, state text, external_id text, modified_at timestamptz, code text, "left" json)
    where w.id = r.id and w.org_id = ${orgId}::uuid`.execute(over(tx))
}

/** Writes of records of ours behind which nobody has looked, such as those whose answers got lost: oldest first. One statement. */
export const unlookedWrites = async (
  tx: object,
  orgId: string,
  localIds: readonly string[],
): Promise<(Risked & { unlooked: Values })[]> => {
  const { rows } = await sql<Risked & { unlooked: Values }>`
    select id, local_id as "localId", external_id as "externalId", operation, fields, unlooked,
      gives_back as "givesBack" from sync.writes
    where org_id = ${orgId}::uuid and local_id = any(${localIds}::uuid[]) and unlooked is not null
    order by written_at, id`.execute(over(tx))
  return rows
}

/** Notes that somebody has looked behind writes: one statement. */
export const noteLooked = async (tx: object, orgId: string, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  await sql`update sync.writes set unlooked = null where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(
    over(tx),
  )
}

/**
 * Of what is to be written of records that which the source has refused in the same words before: by local id, one statement. It would
 * refuse it again.
 */
export const refusedBefore = async (
  tx: object,
  orgId: string,
  pushes: readonly { localId: string; fields: Values }[],
): Promise<ReadonlySet<string>> => {
  if (pushes.length === 0) return new Set()
  const { rows } = await sql<Pick<Write, 'localId' | 'fields'> & { state: string }>`
    select distinct on (local_id) local_id as "localId", fields, state from sync.writes
    where org_id = ${orgId}::uuid and local_id = any(${pushes.map(({ localId }) => localId)}::uuid[])
    order by local_id, written_at desc, id desc`.execute(over(tx))
  const last = new Map(rows.map((row) => [row.localId, row]))
  const isRefused = ({ localId, fields }: (typeof pushes)[number]): boolean => {
    const write = last.get(localId)
    return (
      write?.state === 'REFUSED' &&
      Object.entries(write.fields).every(([field, { to }]) => same(to, fields[field]))
    )
  }
  return new Set(pushes.filter(isRefused).map(({ localId }) => localId))
}

/**
 * What was written last into each field of records and may be there, although nobody has told us yet: by local id, one statement. Of a
 * field that was written again since, with an answer, that answer tells; what is put back is not our word.
 */
export const perhapsWritten = async (
  tx: object,
  orgId: string,
  localIds: readonly string[],
): Promise<Map<string, Values>> => {
  if (localIds.length === 0) return new Map()
  const { rows } = await sql<{ localId: string; field: string; to: FieldValue }>`
    select w.local_id as "localId", f.key as field, f.value -> 'to' as "to" from sync.writes w
    cross join lateral jsonb_each(w.fields) f
    where w.org_id = ${orgId}::uuid and w.local_id = any(${localIds}::uuid[]) and w.state in ('INTENDED', 'UNKNOWN')
      and not w.gives_back and not exists (
        select 1 from sync.writes later
        where later.org_id = w.org_id and later.local_id = w.local_id and later.state = 'DONE'
          and (later.written_at, later.id) > (w.written_at, w.id) and later.fields ? f.key)
    order by w.written_at, w.id`.execute(over(tx))
  const written = new Map<string, Record<string, FieldValue>>()
  for (const { localId, field, to } of rows)
    written.set(localId, { ...written.get(localId), [field]: to ?? null })
  return written
}

/** Which of these records of ours may have been made at the source although nobody has told us so: one statement. */
export const perhapsMade = async (
  tx: object,
  orgId: string,
  localIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (localIds.length === 0) return new Set()
  const { rows } = await sql<{ local_id: string }>`
    select distinct local_id from sync.writes where org_id = ${orgId}::uuid and local_id = any(${localIds}::uuid[])
      and operation = 'CREATE' and state in ('INTENDED', 'UNKNOWN')`.execute(over(tx))
  return new Set(rows.map((row) => row.local_id))
}

/** A value that somebody says a field has got at the source. */
export interface Said {
  /** The caller's own name for it. */
  place: number
  connectionId: string
  type: string
  externalId: string
  field: string
  /** As `valueHash` makes it. */
  valueHash: string
}

/** A value as it is told from others without being known. */
export const valueHash = (value: string): string => createHash('sha256').update(value).digest('hex')

/** How long after a write what the source says of it is still known to be ours. */
const ECHO_MS = 10 * 60_000

/**
 * Which of what the source says is only what we have written there: by their places. A value that differs from the one
 * written last is somebody else's, whenever it came. One statement.
 */
export const echoesAmong = async (
  tx: object,
  orgId: string,
  said: readonly Said[],
  at: Date,
): Promise<ReadonlySet<number>> => {
  if (said.length === 0) return new Set()
  const rows = said.map((each) => ({
    ...{ place: each.place, connection_id: each.connectionId, type: each.type, external_id: each.externalId },
    ...{ field: each.field, hash: each.valueHash },
  }))
  const { rows: found } = await sql<{ place: number }>`
    select r.place from json_to_recordset(${JSON.stringify(rows)}::json)
        as r(place integer, connection_id uuid, type text, external_id text, field text, hash text)
      cross join lateral (
        select w.state, w.fields -> r.field ->> 'to' as wrote from sync.writes w
        where w.org_id = ${orgId}::uuid and w.connection_id = r.connection_id and w.type = r.type and w.external_id = r.external_id
          and w.fields ? r.field and w.written_at > ${new Date(at.getTime() - ECHO_MS)}::timestamptz
        order by w.written_at desc limit 1) last
    where last.state = 'DONE' and encode(sha256(convert_to(coalesce(last.wrote, ''), 'UTF8')), 'hex') = r.hash`.execute(
    over(tx),
  )
  return new Set(found.map((row) => row.place))
}
