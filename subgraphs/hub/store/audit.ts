import { sql } from 'kysely'
import type { Subgraph } from '#db/databases.ts'
import type { Transaction } from './transaction.ts'

export type AuditPart = Subgraph

export interface AuditActorRow {
  kind: 'user' | 'key' | 'system'
  id: string
}

/** A change of a record, as a part has told it. */
export interface AuditEntryRow {
  id: string
  part: AuditPart
  at: Date
  actor: AuditActorRow
  action: string
  subjectType: string
  subjectId: string
  diff: Record<string, [unknown, unknown]>
  door: string | null
  traceId: string | null
  idempotencyKey: string | null
}

/** Which changes, and from where on. */
export interface AuditPage {
  limit: number
  /** Behind the entry with this moment and id. */
  after: readonly [at: string, id: string] | null
  part?: AuditPart | undefined
  actorKind?: AuditActorRow['kind'] | undefined
  actorId?: string | undefined
  operation?: string | undefined
  subjectType?: string | undefined
  subjectId?: string | undefined
  from?: Date | undefined
  to?: Date | undefined
}

/** Changes that fit, newest first. */
export const auditEntries = async (
  tx: Transaction,
  orgId: string,
  page: AuditPage,
): Promise<AuditEntryRow[]> => {
  const { after, part, actorKind, actorId, operation, subjectType, subjectId, from, to } = page
  const wanted = [
    ...(part ? [sql`part = ${part}`] : []),
    ...(actorKind ? [sql`actor_kind = ${actorKind}`] : []),
    ...(actorId ? [sql`actor_id = ${actorId}`] : []),
    ...(operation ? [sql`action = ${operation}`] : []),
    ...(subjectType ? [sql`subject_type = ${subjectType}`] : []),
    ...(subjectId ? [sql`subject_id = ${subjectId}`] : []),
    ...(from ? [sql`at >= ${from}`] : []),
    ...(to ? [sql`at < ${to}`] : []),
    ...(after ? [sql`(at, id) < (${after[0]}::timestamptz, ${after[1]})`] : []),
  ]
  const { rows } = await sql<AuditEntryRow>`
    select id, part, at, json_build_object('kind', actor_kind, 'id', actor_id) as actor, action,
      subject_type as "subjectType", subject_id as "subjectId", diff, door, trace_id as "traceId",
      idempotency_key as "idempotencyKey"
    from hub.audit_entries
    where ${sql.join([sql`org_id = ${orgId}`, ...wanted], sql` and `)}
    order by at desc, id desc limit ${page.limit}`.execute(tx)
  return rows
}

/** Keeps entries, each once. */
export const insertEntries = async (
  tx: Transaction,
  orgId: string,
  rows: readonly AuditEntryRow[],
): Promise<void> => {
  await sql`
    insert into hub.audit_entries (org_id, id, part, at, actor_kind, actor_id, action, subject_type, subject_id, diff,
      door, trace_id, idempotency_key)
    select ${orgId}::uuid, id, part, at, actor->>'kind', actor->>'id', action, "subjectType", "subjectId", diff,
      door, "traceId", "idempotencyKey"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as told (
      id text, part text, at timestamptz, actor jsonb, action text, "subjectType" text, "subjectId" text, diff jsonb,
      door text, "traceId" text, "idempotencyKey" text)
    on conflict do nothing`.execute(tx)
}

/** What people or keys are called now. */
export const namesOfActors = async (
  tx: Transaction,
  orgId: string,
  kind: AuditActorRow['kind'],
  ids: readonly string[],
): Promise<Map<string, string>> => {
  if (kind === 'system') return new Map()
  const [table, by] = kind === 'user' ? ['hub.members', 'person_id'] : ['hub.api_keys', 'id']
  const { rows } = await sql<{ id: string; name: string }>`
    select ${sql.ref(by)}::text as id, name from ${sql.table(table)}
    where org_id = ${orgId} and ${sql.ref(by)}::text = any(${ids}::text[])`.execute(tx)
  return new Map(rows.map(({ id, name }) => [id, name]))
}
