import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

interface Place {
  orgId: string
  integrationId: string
}

/** How far the contacts that nobody looks after have been looked at. */
export interface AssignmentRunRow {
  integration_id: string
  after: string | null
  /** How many there were at its beginning. */
  contacts: number
  looked_at: number
  assigned: number
  started_at: Date
  ended_at: Date | null
}

/** Begins to look at a portal's contacts, or begins again: one statement. @param after behind this one; null: at the first */
export const beginAssignmentRun = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  after: string | null,
  at: Date,
): Promise<void> => {
  await sql`
    insert into customers.assignment_runs as r (org_id, integration_id, after, contacts, started_at)
    select ${orgId}::uuid, ${integrationId}::uuid, ${after}::uuid, count(*), ${at}::timestamptz from customers.contacts
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and owner_id is null and gone_at is null
      and (${after}::uuid is null or id > ${after}::uuid)
    on conflict (org_id, integration_id) do update set after = excluded.after, contacts = excluded.contacts, looked_at = 0,
      assigned = 0, started_at = excluded.started_at, ended_at = null`.execute(tx)
}

/** The run that is under way, which nobody else moves until the transaction ends. */
export const lockAssignmentRun = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
): Promise<AssignmentRunRow | undefined> => {
  const { rows } = await sql<AssignmentRunRow>`
    select integration_id, after, contacts, looked_at, assigned, started_at, ended_at from customers.assignment_runs
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and ended_at is null for update`.execute(
    tx,
  )
  return rows[0]
}

/** Notes how far it is now: one statement. */
export const moveAssignmentRun = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  done: { after: string | null; looked: number; assigned: number; endedAt: Date | null },
): Promise<void> => {
  await sql`
    update customers.assignment_runs set after = coalesce(${done.after}::uuid, after), looked_at = looked_at + ${done.looked},
      assigned = assigned + ${done.assigned}, ended_at = ${done.endedAt}::timestamptz
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid`.execute(tx)
}

/** The last run of each portal: one statement. */
export const assignmentRunsOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, AssignmentRunRow>> => {
  const { rows } = await sql<AssignmentRunRow>`
    select integration_id, after, contacts, looked_at, assigned, started_at, ended_at from customers.assignment_runs
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[])`.execute(tx)
  return new Map(rows.map((row) => [row.integration_id, row]))
}
