import { sql } from 'kysely'
import { NO_ID } from '#kernel/ids.ts'
import type { MappedType } from '../domain/hub-fields.ts'
import type { CatalogPlace } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/** Where the loops of all processes listen. */
export const REDERIVING_CHANNEL = 'customers_rederiving'

/** Records of one kind that are being made to follow a change of their mapping. */
export interface Rederiving {
  integration_id: string
  type: MappedType
  version: number
  /** The hub's fields whose mapping changed. */
  fields: string[]
  state: 'RUNNING' | 'DONE'
  after_id: string
  done: number
  changed: number
  total: number
  requested_at: Date
  finished_at: Date | null
}

const COLUMNS = sql`integration_id, type, version, fields, state, after_id, done, changed, total, requested_at, finished_at`

/**
 * Asks for records to be derived anew, from the first on. What an earlier change had not come to is part of it. Wakes the
 * loops with the commit. Two statements.
 */
export const askRederivation = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  ask: { type: MappedType; version: number; fields: readonly string[] },
  at: Date,
): Promise<void> => {
  await sql`
    insert into customers.rederivations as d (org_id, integration_id, type, version, fields, state, after_id, total, requested_at)
    select ${orgId}::uuid, ${integrationId}::uuid, ${ask.type}, ${ask.version}, ${[...ask.fields]}::text[], 'RUNNING', ${NO_ID}::uuid,
      count(*), ${at}::timestamptz
    from ${sql.table(`customers.${ask.type}`)}
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and gone_at is null
    on conflict (org_id, integration_id, type) do update set version = excluded.version, state = 'RUNNING',
      fields = case when d.state = 'DONE' then excluded.fields
        else array(select distinct f from unnest(d.fields || excluded.fields) as f order by f) end,
      after_id = excluded.after_id, done = 0, changed = 0, total = excluded.total, requested_at = excluded.requested_at,
      finished_at = null`.execute(tx)
  await sql`select pg_notify(${REDERIVING_CHANNEL}, '')`.execute(tx)
}

/** What is under way or done, of portals: one statement. */
export const rederivationsOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Rederiving[]> => {
  const { rows } = await sql<Rederiving>`
    select ${COLUMNS} from customers.rederivations
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[]) order by type`.execute(
    tx,
  )
  return rows
}

/** Organisations that have records to derive anew. Asked by relay. */
export const organisationsToRederive = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    select org_id from customers.rederivations where state = 'RUNNING' group by org_id order by min(requested_at)`.execute(
    tx,
  )
  return rows.map((row) => row.org_id)
}

/** Takes the oldest one that no other process is at, until the transaction ends. */
export const takeRederivation = async (tx: Transaction, orgId: string): Promise<Rederiving | undefined> => {
  const { rows } = await sql<Rederiving>`
    select ${COLUMNS} from customers.rederivations where org_id = ${orgId}::uuid and state = 'RUNNING'
    order by requested_at, type limit 1 for update skip locked`.execute(tx)
  return rows[0]
}

/** Notes how far one is. `next` is the last record looked at; undefined when there are no more. */
export const noteRederivation = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  type: MappedType,
  step: { next: string | undefined; done: number; changed: number },
  at: Date,
): Promise<void> => {
  const isOver = step.next === undefined
  await sql`
    update customers.rederivations set done = done + ${step.done}, changed = changed + ${step.changed},
      after_id = coalesce(${step.next ?? null}::uuid, after_id),
      state = ${isOver ? 'DONE' : 'RUNNING'}, finished_at = ${isOver ? at : null}::timestamptz,
      total = case when ${isOver} then done + ${step.done} else greatest(total, done + ${step.done}) end
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and type = ${type}`.execute(tx)
}
