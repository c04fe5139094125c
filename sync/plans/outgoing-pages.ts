import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { LinkPlace } from '../links.ts'

const FIRST = '00000000-0000-0000-0000-000000000000'

/** Ids of records of ours that wait to be written, behind one of them. @param after empty: from the first */
export const outgoingAfter = async (
  tx: object,
  { orgId, connectionId, type }: LinkPlace,
  after: string,
  limit: number,
): Promise<string[]> => {
  const { rows } = await sql<{ local_id: string }>`
    select local_id from sync.outgoing where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type}
      and local_id > ${after || FIRST}::uuid order by local_id limit ${limit}`.execute(over(tx))
  return rows.map((row) => row.local_id)
}
