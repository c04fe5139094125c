import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { NO_ID } from '#kernel/ids.ts'
import type { LinkPlace } from '../links.ts'

/** Ids of records of ours that wait to be written, behind one of them. @param after empty: from the first */
export const outgoingAfter = async (
  tx: object,
  { orgId, connectionId, type }: LinkPlace,
  after: string,
  limit: number,
): Promise<string[]> => {
  const { rows } = await sql<{ local_id: string }>`
    select local_id from sync.outgoing where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type}
      and local_id > ${after || NO_ID}::uuid order by local_id limit ${limit}`.execute(over(tx))
  return rows.map((row) => row.local_id)
}

/** How much of a kind waits to be written and is in no plan. */
export interface AlsoWaiting {
  type: string
  records: number
}

/** What of the connections of plans waits to be written and is of records that they have nothing to do with, by plan: one statement. */
export const waitingBeside = async (
  tx: object,
  orgId: string,
  planIds: readonly string[],
): Promise<Map<string, AlsoWaiting[]>> => {
  const { rows } = await sql<AlsoWaiting & { planId: string }>`
    select p.id as "planId", o.type, count(*)::integer as records
    from sync.plans p join sync.outgoing o on o.org_id = p.org_id and o.connection_id = p.connection_id
    where p.org_id = ${orgId}::uuid and p.id = any(${planIds}::uuid[]) and not exists (
      select from sync.plan_items i where i.plan_id = p.id and i.type = o.type and i.local_id = o.local_id)
    group by 1, 2 order by 1, 2`.execute(over(tx))
  return Map.groupBy(rows, (row) => row.planId)
}
