import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'

const BATCH = 5000

/** Forgets logs, what reconciliations repaired, and dead letters that are closed, of every organisation that are older, in bounded batches. Safe to repeat. */
export const forgetHistory = async (
  database: Database<never>,
  before: Date,
  { batch = BATCH, signal }: { batch?: number; signal?: AbortSignal } = {},
): Promise<void> => {
  const { rows } = await database.relay((tx) =>
    sql<{ org_id: string }>`select distinct org_id from sync.runs`.execute(over(tx)),
  )
  for (const { org_id: orgId } of rows)
    for (let gone = batch; gone >= batch && !signal?.aborted; )
      gone = await database.transaction(orgId, (tx) => forgetOf(tx, orgId, { before, limit: batch }))
}

/** @returns how many rows of any went, at most `limit` */
const forgetOf = async (
  tx: object,
  orgId: string,
  { before, limit }: { before: Date; limit: number },
): Promise<number> => {
  const logs = await sql`
    delete from sync.logs where org_id = ${orgId}::uuid and id in (
      select id from sync.logs where org_id = ${orgId}::uuid and at < ${before}::timestamptz order by at limit ${limit})`.execute(
    over(tx),
  )
  const letters = await sql`
    delete from sync.dead_letters where id in (
      select id from sync.dead_letters where org_id = ${orgId}::uuid and greatest(closed_at, last_failed_at) < ${before}::timestamptz and closed_at is not null
      order by closed_at limit ${limit})`.execute(over(tx))
  const drift = await sql`
    delete from sync.drift where ctid = any(array(
      select ctid from sync.drift where org_id = ${orgId}::uuid and at < ${before}::timestamptz order by at limit ${limit}))`.execute(
    over(tx),
  )
  return Math.max(...[logs, letters, drift].map(({ numAffectedRows }) => Number(numAffectedRows ?? 0n)))
}
