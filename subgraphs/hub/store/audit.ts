import { type RawBuilder, sql } from 'kysely'
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

const columns = sql`
  id, part, at, json_build_object('kind', actor_kind, 'id', actor_id) as actor, action,
  subject_type as "subjectType", subject_id as "subjectId", diff, door, trace_id as "traceId",
  idempotency_key as "idempotencyKey"`

/** What has to hold of an entry of a page. */
const fitting = (orgId: string, page: AuditPage): RawBuilder<unknown> => {
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
  return sql.join([sql`org_id = ${orgId}`, ...wanted], sql` and `)
}

/** Changes that fit, newest first. */
export const auditEntries = async (
  tx: Transaction,
  orgId: string,
  page: AuditPage,
): Promise<AuditEntryRow[]> => {
  const { rows } = await sql<AuditEntryRow>`
    select ${columns} from hub.audit_entries where ${fitting(orgId, page)}
    order by at desc, id desc limit ${page.limit}`.execute(tx)
  return rows
}

/** A customer with the billing accounts that are theirs. */
export interface AuditedCustomer {
  id: string
  bans: readonly string[]
}

/**
 * The same page of changes for each of several customers, in one statement: of their own records and of their billing accounts. Each
 * record's are read by themselves, by the index, and put together then.
 */
export const auditOfCustomers = async (
  tx: Transaction,
  orgId: string,
  customers: readonly AuditedCustomer[],
  page: AuditPage,
): Promise<AuditEntryRow[][]> => {
  const subjects = customers.flatMap(({ id, bans }, place) => [
    { place, type: 'Customer', id },
    ...bans.map((ban) => ({ place, type: 'BillingAccount', id: ban })),
  ])
  const { rows } = await sql<AuditEntryRow & { place: number }>`
    select ranked.* from (
      select asked.place, entry.*,
        row_number() over (partition by asked.place order by entry.at desc, entry.id desc) as rank
      from jsonb_to_recordset(${JSON.stringify(subjects)}::jsonb) as asked (place integer, type text, id text)
      cross join lateral (
        select ${columns} from hub.audit_entries
        where ${fitting(orgId, page)} and subject_type = asked.type and subject_id = asked.id
        order by audit_entries.at desc, audit_entries.id desc limit ${page.limit}
      ) as entry
    ) as ranked
    where rank <= ${page.limit} order by place, rank`.execute(tx)
  const pages = customers.map((): AuditEntryRow[] => [])
  for (const { place, ...entry } of rows) pages[place]?.push(entry)
  return pages
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
