import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { withoutPersons } from '#kernel/mask.ts'
import type { Principal } from '#kernel/principal.ts'
import personal from '#schema/generated/personal.json' with { type: 'json' }
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

/** Leaves an audit row in the transaction of the change: who, what, and the fields that differ. */
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
    insert into service.audit_log (org_id, at, who_kind, who_id, action, subject_type, subject_id, diff)
    select org_id, at, who_kind, who_id, action, subject_type, subject_id, diff
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as entry (
      org_id uuid, at timestamptz, who_kind text, who_id text, action text,
      subject_type text, subject_id text, diff jsonb
    )`.execute(over(tx))
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

const kinds = new Map(Object.entries(personal))
// Inside a nested value the type is not known: there a field counts as personal when it is so anywhere.
const anywhere = new Map([...kinds].map(([name, kind]) => [name.split('.')[1] as string, kind]))

const mask = (type: string, field: string, value: unknown): unknown => {
  const kind = kinds.get(`${type}.${field}`)
  if (value === null || value === undefined) return null
  return kind ? `[${kind}]` : maskInside(value)
}

const maskInside = (value: unknown): unknown => {
  // People write addresses and keys into names and reasons too.
  if (typeof value === 'string') return withoutPersons(value)
  if (Array.isArray(value)) return value.map(maskInside)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => {
      const kind = anywhere.get(field)
      return [field, kind && inner !== null ? `[${kind}]` : maskInside(inner)]
    }),
  )
}
