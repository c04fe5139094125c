import { sql } from 'kysely'
import { over } from '#db/client.ts'

/** A record of ours that the source does not have as it is here. */
export interface Awaiting {
  connectionId: string
  type: string
  localId: string
  since: Date
  attempts: number
  /** When it is tried next; null when it was given up. */
  dueAt: Date | null
  code: string | null
  reason: string | null
  guidance: string | null
  isGivenUp: boolean
}

/**
 * Which of these records wait to be written at the source, or were given up: two statements, and one more when one of them failed
 * before and is tried again.
 */
export const awaitingOf = async (
  tx: object,
  orgId: string,
  localIds: readonly string[],
): Promise<Awaiting[]> => {
  if (localIds.length === 0) return []
  const { rows: waiting } = await sql<Awaiting & { externalId: string | null }>`
    select o.connection_id as "connectionId", o.type, o.local_id as "localId", o.noted_at as since, o.attempts, o.due_at as "dueAt",
      o.error_code as code, null as reason, null as guidance, false as "isGivenUp", l.external_id as "externalId"
    from sync.outgoing o left join sync.links l on l.org_id = o.org_id and l.connection_id = o.connection_id and l.type = o.type
      and l.local_id = o.local_id and l.gone_reason is distinct from 'merged'
    where o.org_id = ${orgId}::uuid and o.local_id = any(${localIds}::uuid[])`.execute(over(tx))
  const { rows: lost } = await sql<Awaiting>`
    select d.connection_id as "connectionId", d.type, l.local_id as "localId", d.first_failed_at as since, d.attempts, null as "dueAt",
      d.code, d.reason, d.guidance, true as "isGivenUp"
    from sync.links l join sync.dead_letters d on d.org_id = l.org_id and d.connection_id = l.connection_id and d.type = l.type
      and d.external_id = l.external_id and d.direction = 'OUT' and d.state = 'OPEN'
    where l.org_id = ${orgId}::uuid and l.local_id = any(${localIds}::uuid[])`.execute(over(tx))
  const told = await lastFailures(tx, orgId, waiting)
  const again = new Set(waiting.map(({ localId }) => localId))
  return [
    ...waiting.map(({ externalId, ...each }) => ({ ...each, ...told.get(`${each.type}/${externalId}`) })),
    ...lost.filter(({ localId }) => !again.has(localId)),
  ]
}

const lastFailures = async (
  tx: object,
  orgId: string,
  waiting: readonly (Awaiting & { externalId: string | null })[],
): Promise<Map<string, Pick<Awaiting, 'reason' | 'guidance'>>> => {
  const failed = waiting.filter(({ attempts, externalId }) => attempts > 0 && externalId !== null)
  if (failed.length === 0) return new Map()
  const since = new Date(Math.min(...failed.map((each) => each.since.getTime())))
  const rows = failed.map(({ connectionId, type, externalId }) => ({ connectionId, type, externalId }))
  const { rows: logs } = await sql<{ type: string; external_id: string; reason: string; guidance: string }>`
    select distinct on (g.type, g.external_id) g.type, g.external_id, g.reason, g.guidance
    from json_to_recordset(${JSON.stringify(rows)}::json) as r("connectionId" uuid, type text, "externalId" text)
    join sync.logs g on g.connection_id = r."connectionId" and g.type = r.type and g.external_id = r."externalId"
    where g.org_id = ${orgId}::uuid and g.status = 'FAILED' and g.direction = 'OUT' and g.at >= ${since}::timestamptz
    order by g.type, g.external_id, g.at desc, g.id desc`.execute(over(tx))
  return new Map(
    logs.map((log) => [`${log.type}/${log.external_id}`, { reason: log.reason, guidance: log.guidance }]),
  )
}
