import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Write } from './sink.ts'

/** Where writes go, and the run they belong to; undefined when records are written by themselves. */
export interface WritePlace {
  orgId: string
  connectionId: string
  type: string
  runId?: string | undefined
}

/**
 * Writes into the ledger what is about to be sent: one statement. What was sent before for the same records and never answered is
 * known to be unknown from now on.
 */
export const intendWrites = async (
  tx: object,
  { orgId, connectionId, type, runId }: WritePlace,
  writes: readonly Write[],
  at: Date,
): Promise<void> => {
  if (writes.length === 0) return
  const rows = writes.map(({ id, localId, externalId, operation, fields }) => ({
    ...{ id, local_id: localId, external_id: externalId ?? null, operation, fields },
  }))
  await sql`
    with intended as (
      select * from json_to_recordset(${JSON.stringify(rows)}::json)
        as r(id uuid, local_id uuid, external_id text, operation text, fields jsonb)
    ), unanswered as (
      update sync.writes w set state = 'UNKNOWN' from intended r where w.local_id = r.local_id and w.org_id = ${orgId}::uuid and w.state = 'INTENDED'
    )
    insert into sync.writes (org_id, id, connection_id, type, local_id, external_id, operation, fields, state, run_id, written_at)
    select ${orgId}::uuid, id, ${connectionId}::uuid, ${type}, local_id, external_id, operation, fields, 'INTENDED',
      ${runId ?? null}::uuid, ${at}::timestamptz from intended`.execute(over(tx))
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

/** Notes in the ledger what became of writes: one statement. Fields that were not taken are no longer said to have been written. */
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
      error_code = r.code, answered_at = ${at}::timestamptz,
      fields = w.fields - array(select json_array_elements_text(r."left"))
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as r(id uuid, state text, external_id text, modified_at timestamptz, code text, "left" json)
    where w.id = r.id and w.org_id = ${orgId}::uuid`.execute(over(tx))
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
