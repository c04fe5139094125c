import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { NewEvent } from '#events/outbox.ts'
import { type Explained, explain } from './failure.ts'

/** Something that failed three times: somebody has to look at it. It says nothing of what a record says. */
export interface Alert extends Explained {
  connectionId: string
  subject: 'CONNECTION' | 'RECORD'
  /** The kind of record; undefined when it is about the whole connection. */
  type: string | undefined
  /** How many records, or how many failures of the connection. */
  count: number
}

/** Tells whoever has to know, in the transaction that found it out; of one trouble not more than once an hour. @returns events to publish */
export type RaiseAlerts = (
  tx: object,
  orgId: string,
  alerts: readonly Alert[],
  at: Date,
) => Promise<NewEvent[]>

/** So often the same thing has to fail before somebody is told. */
export const ALERT_AFTER = 3
const AGAIN_AFTER_MS = 3_600_000

/** The alerts that were not raised within the last hour, which are so from now on: one statement. */
export const newAlerts = async (
  tx: object,
  orgId: string,
  alerts: readonly Alert[],
  at: Date,
): Promise<Alert[]> => {
  if (alerts.length === 0) return []
  const rows = alerts.map(({ connectionId, subject, type, code }, n) => ({
    n,
    connection_id: connectionId,
    subject,
    type: type ?? '',
    code,
  }))
  const { rows: raised } = await sql<{ connection_id: string; subject: string; type: string; code: string }>`
    insert into sync.alerts as a (org_id, connection_id, subject, type, code, raised_at)
    select distinct on (r.connection_id, r.subject, r.type, r.code)
      ${orgId}::uuid, r.connection_id, r.subject, r.type, r.code, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(connection_id uuid, subject text, type text, code text)
    on conflict (org_id, connection_id, subject, type, code) do update set raised_at = excluded.raised_at
      where a.raised_at <= ${new Date(at.getTime() - AGAIN_AFTER_MS)}::timestamptz
    returning connection_id, subject, type, code`.execute(over(tx))
  const nameOf = (connectionId: string, subject: string, type: string, code: string) =>
    [connectionId, subject, type, code].join(' ')
  const names = new Set(raised.map((row) => nameOf(row.connection_id, row.subject, row.type, row.code)))
  return alerts.filter(({ connectionId, subject, type, code }) =>
    names.delete(nameOf(connectionId, subject, type ?? '', code)),
  )
}

/** One alert per reason for records that have failed so often. */
export const alertsOfRecords = (
  place: { connectionId: string; type: string },
  failed: readonly Explained[],
): Alert[] =>
  [...Map.groupBy(failed, (each) => each.code).values()].map((group) => ({
    code: group[0]!.code,
    reason: group[0]!.reason,
    guidance: group[0]!.guidance,
    connectionId: place.connectionId,
    subject: 'RECORD',
    type: place.type,
    count: group.length,
  }))

/** That a connection has failed so often in a row. */
export const alertOfConnection = (connectionId: string, error: unknown, count: number): Alert => ({
  ...explain(error),
  connectionId,
  subject: 'CONNECTION',
  type: undefined,
  count,
})
