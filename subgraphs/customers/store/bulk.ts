import { sql } from 'kysely'
import type { BulkDeed } from '../domain/bulk.ts'
import type { RecordInput } from '../domain/judging-record.ts'
import type { RecordType } from '../domain/kinds.ts'
import type { Transaction } from './transaction.ts'

/** A change of many records. */
export interface BulkJobRow {
  id: string
  integration_id: string | null
  type: RecordType
  operation: BulkDeed
  state: 'QUEUED' | 'RUNNING' | 'COMPLETED'
  input: RecordInput | null
  total: number
  done: number
  written: number
  unchanged: number
  refused: number
  asked_by_kind: string
  asked_by: string
  created_at: Date
  finished_at: Date | null
}

/** One record of it. */
export interface BulkItemRow {
  position: number
  record_id: string
  input: RecordInput | null
}

/** What became of one record, as the graph shows it. */
export interface BulkOutcomeRow {
  position: number
  recordId: string | null
  result: 'WRITTEN' | 'UNCHANGED' | 'REFUSED' | null
  field: string | null
  code: string | null
  message: string | null
}

const JOB = sql`id, integration_id, type, operation, state, input, total, done, written, unchanged, refused, asked_by_kind, asked_by,
  created_at, finished_at`

/** Changes of many records by id: one statement. */
export const bulkJobsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, BulkJobRow>> => {
  const { rows } = await sql<BulkJobRow>`
    select ${JOB} from customers.bulk_jobs where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** Writes down a change of many records and what is wanted of each: two statements. @returns whether it is a new one */
export const writeBulk = async (
  tx: Transaction,
  orgId: string,
  job: Pick<
    BulkJobRow,
    'id' | 'integration_id' | 'type' | 'operation' | 'input' | 'asked_by_kind' | 'asked_by'
  >,
  items: readonly Omit<BulkItemRow, 'position'>[],
  at: Date,
): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    insert into customers.bulk_jobs (org_id, id, integration_id, type, operation, state, input, total, asked_by_kind, asked_by, created_at)
    values (${orgId}::uuid, ${job.id}::uuid, ${job.integration_id}::uuid, ${job.type}, ${job.operation}, 'QUEUED',
      ${job.input === null ? null : JSON.stringify(job.input)}::jsonb, ${items.length}, ${job.asked_by_kind}, ${job.asked_by},
      ${at}::timestamptz)
    on conflict (id) do nothing`.execute(tx)
  if (numAffectedRows === 0n) return false
  await sql`
    insert into customers.bulk_items (org_id, job_id, position, type, record_id, input)
    select ${orgId}::uuid, ${job.id}::uuid, r.position - 1, ${job.type}, r.record_id, r.input
    from rows from (json_to_recordset(${JSON.stringify(items)}::json) as (record_id uuid, input jsonb))
      with ordinality as r(record_id, input, position)`.execute(tx)
  return true
}

/** A change of many records and what is next of it, which nobody else goes on with until the transaction ends: two statements. */
export const nextOfBulk = async (
  tx: Transaction,
  orgId: string,
  id: string,
  limit: number,
): Promise<{ job: BulkJobRow; items: BulkItemRow[] } | undefined> => {
  const { rows } = await sql<BulkJobRow>`
    select ${JOB} from customers.bulk_jobs where org_id = ${orgId}::uuid and id = ${id}::uuid for update`.execute(
    tx,
  )
  const [job] = rows
  if (!job) return undefined
  const { rows: items } = await sql<BulkItemRow>`
    select position, record_id, input from customers.bulk_items
    where job_id = ${id}::uuid and org_id = ${orgId}::uuid and outcome is null order by position limit ${limit}`.execute(
    tx,
  )
  return { job, items }
}

/** Notes what became of some records, and how far the change is: two statements. What they were to say is no longer kept. */
export const noteBulk = async (
  tx: Transaction,
  orgId: string,
  id: string,
  outcomes: readonly {
    position: number
    record_id: string
    outcome: 'WRITTEN' | 'UNCHANGED' | 'REFUSED'
    code: string | null
    field: string | null
    message: string | null
  }[],
  { isLast, at }: { isLast: boolean; at: Date },
): Promise<BulkJobRow | undefined> => {
  await sql`
    update customers.bulk_items i set outcome = r.outcome, code = r.code, field = r.field, message = r.message, record_id = r.record_id,
      input = null
    from json_to_recordset(${JSON.stringify(outcomes)}::json) as r(position integer, record_id uuid, outcome text, code text, field text,
      message text)
    where i.job_id = ${id}::uuid and i.org_id = ${orgId}::uuid and i.position = r.position`.execute(tx)
  const of = (outcome: string) => outcomes.filter((each) => each.outcome === outcome).length
  const { rows } = await sql<BulkJobRow>`
    update customers.bulk_jobs set done = done + ${outcomes.length}, written = written + ${of('WRITTEN')},
      unchanged = unchanged + ${of('UNCHANGED')}, refused = refused + ${of('REFUSED')},
      state = ${isLast ? 'COMPLETED' : 'RUNNING'}, finished_at = ${isLast ? at : null}::timestamptz,
      input = ${isLast ? sql`null` : sql`input`}
    where org_id = ${orgId}::uuid and id = ${id}::uuid returning ${JOB}`.execute(tx)
  return rows[0]
}

/** A page of what became of the records of one change, in their order: one statement. */
export const listOutcomes = async (
  tx: Transaction,
  orgId: string,
  id: string,
  asked: { result: string | null; limit: number; after: number | null },
): Promise<BulkOutcomeRow[]> => {
  const { rows } = await sql<BulkOutcomeRow>`
    select i.position, coalesce(c.customer_id, case when i.outcome = 'REFUSED' and j.operation = 'CREATE' then null else i.record_id end) as "recordId",
      i.outcome as result, i.field, i.code, i.message
    from customers.bulk_items i join customers.bulk_jobs j on j.id = i.job_id
    left join customers.companies c on i.type = 'companies' and c.id = i.record_id
    where i.job_id = ${id}::uuid and i.org_id = ${orgId}::uuid ${asked.result ? sql`and i.outcome = ${asked.result}` : sql``}
      ${asked.after === null ? sql`` : sql`and i.position > ${asked.after}`}
    order by i.position limit ${asked.limit}`.execute(tx)
  return rows
}
