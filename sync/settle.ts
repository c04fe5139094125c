import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Lane } from './lanes.ts'

/** What waits in a lane and was taken by the one who holds it. */
export interface Waiting {
  /** Which record: the source's id of a signal, ours of what goes out. */
  key: string
  /** How often it had been noted when it was taken. */
  noted: number
  /** How often it was tried before. */
  attempts: number
  /** The trace of the request that led to it, where one did. */
  trace?: string | null
}

/** What becomes of something that could not be done. */
export interface Postponed extends Waiting {
  dueAt: Date
  code: string
}

/**
 * Takes away what was done and puts off what could not be: one statement. What was noted again meanwhile stays as it is.
 */
export const settle = async (
  tx: object,
  { kind, orgId, connectionId, type }: Lane,
  done: readonly Waiting[],
  postponed: readonly Postponed[],
): Promise<void> => {
  if (done.length + postponed.length === 0) return
  const rows = [
    ...done.map(({ key, noted }) => ({ key, noted, due_at: null, code: null })),
    ...postponed.map(({ key, noted, dueAt, code }) => ({ key, noted, due_at: dueAt, code })),
  ]
  const waiting = sql.table(kind.waiting)
  const isIt = sql`s.org_id = ${orgId}::uuid and s.connection_id = ${connectionId}::uuid and s.type = ${type}
    and s.${sql.ref(kind.key)} = r.key`
  await sql`
    with settled as (
      select * from json_to_recordset(${JSON.stringify(rows)}::json)
        as r(key ${sql.raw(kind.keyType)}, noted bigint, due_at timestamptz, code text)
    ), gone as (
      delete from ${waiting} s using settled r where ${isIt} and s.noted = r.noted and r.due_at is null
    )
    update ${waiting} s set attempts = s.attempts + 1, due_at = case when s.noted = r.noted then r.due_at else s.due_at end,
      error_code = r.code, urgent = s.urgent and s.noted <> r.noted
    from settled r where ${isIt} and r.due_at is not null`.execute(over(tx))
}
