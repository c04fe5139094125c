import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { StateEvent } from '#events/feed.ts'
import { personalKind, withoutPersons } from '#kernel/mask.ts'
import { byChance } from '#kernel/planning.ts'
import type { Principal } from '#kernel/principal.ts'
import { asked } from '#telemetry/asked.ts'
import { noteDone } from './once.ts'

export interface AuditEntry {
  orgId: string
  principal: Pick<Principal, 'kind' | 'id'>
  /** What was done, as a verb of the subgraph, such as `createApiKey`. */
  action: string
  /** A GraphQL type and the id of one of its kind. */
  subject: { type: string; id: string }
  /** The record as it was, by the field names of the SDL; absent when it was made. */
  before?: Readonly<Record<string, unknown>> | null
  /** The record as it is; absent when it is gone. */
  after?: Readonly<Record<string, unknown>> | null
  at: Date
}

/** Leaves an audit row in the transaction of the change: who, what, the fields that differ, and from where it was asked for. */
export const audit = (tx: object, entry: AuditEntry): Promise<void> => auditAll(tx, [entry])

/** The same for many changes of one organisation, in one statement. @throws ALREADY_DONE as `noteDone` */
export const auditAll = async (tx: object, entries: readonly AuditEntry[]): Promise<void> => {
  const [first] = entries
  if (!first) return
  await noteDone(tx, first.orgId, first.at)
  const rows = entries.map(({ orgId, principal, action, subject, before, after, at }) => ({
    org_id: orgId,
    at,
    who_kind: principal.kind,
    who_id: principal.id,
    action,
    subject_type: subject.type,
    subject_id: subject.id,
    diff: difference(subject.type, before ?? {}, after ?? {}),
  }))
  await sql`
    insert into service.audit_log (org_id, at, who_kind, who_id, action, subject_type, subject_id, diff, door, trace_id, idempotency_key)
    select org_id, at, who_kind, who_id, action, subject_type, subject_id, diff, asked.door, asked.trace_id, asked.idempotency_key
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as entry (
      org_id uuid, at timestamptz, who_kind text, who_id text, action text,
      subject_type text, subject_id text, diff jsonb
    ), jsonb_to_record(convert_from(decode(${fromWhere()}, 'base64'), 'utf8')::jsonb) as asked (
      door text, trace_id text, idempotency_key text
    )`.execute(over(tx))
}

/**
 * From where it was asked for. What is planned may be confirmed by another door and in another request, so it is no part of what is
 * compared: one text, written so that it stands nowhere else.
 */
const fromWhere = (): string => {
  const { trace, door, idempotencyKey } = asked()
  const said = {
    door,
    trace_id: trace?.traceId,
    idempotency_key: idempotencyKey === undefined ? undefined : withoutPersons(idempotencyKey),
  }
  return byChance(Buffer.from(JSON.stringify(said)).toString('base64'))
}

type Fields = Readonly<Record<string, unknown>>

/** `{field: [before, after]}` of the fields that differ. Of a personal one only its kind, and that it changed, is told. */
export const difference = (
  type: string,
  before: Fields,
  after: Fields,
): Record<string, [unknown, unknown]> => {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return Object.fromEntries(
    fields
      .filter((field) => JSON.stringify(before[field] ?? null) !== JSON.stringify(after[field] ?? null))
      .map((field) => [field, [mask(type, field, before[field]), mask(type, field, after[field])]]),
  )
}

const mask = (type: string, field: string, value: unknown): unknown => {
  const kind = personalKind(field, type)
  if (value === null || value === undefined) return null
  return kind ? `[${kind}]` : maskInside(value)
}

// Inside a nested value the type is not known: there a field counts as personal when it is so anywhere.
const maskInside = (value: unknown): unknown => {
  // People write addresses and keys into names and reasons too.
  if (typeof value === 'string') return withoutPersons(value)
  if (Array.isArray(value)) return value.map(maskInside)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => {
      const kind = personalKind(field)
      return [field, kind && inner !== null ? `[${kind}]` : maskInside(inner)]
    }),
  )
}

const PAGE = 1000

/** What the audit of an organisation holds, as the events that told it: for a hub that starts anew. */
export const tellAudit = async function* (
  tx: object,
  orgId: string,
  subgraph: string,
): AsyncGenerator<StateEvent> {
  for (let after = 0; ; ) {
    const { rows } = await sql<{ id: number; at: Date; payload: unknown }>`
      select id, at, service.audit_payload(entry) as payload from service.audit_log entry
      where org_id = ${orgId}::uuid and id > ${after} order by id limit ${PAGE}`.execute(over(tx))
    for (const { id, at, payload } of rows)
      yield { name: `${subgraph}.audit.written`, version: 1, key: String(id), payload, occurredAt: at }
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last.id
  }
}
