import { type RawBuilder, sql } from 'kysely'
import { type Database, over } from '#db/client.ts'

const BATCH = 5000

/** Forgets logs, what reconciliations repaired, and dead letters that are closed, of a connection that are older, in bounded batches. Safe to repeat. */
export const forgetHistory = async (
  database: Database<never>,
  { orgId, connectionId }: { orgId: string; connectionId: string },
  before: Date,
  { batch = BATCH, signal }: { batch?: number; signal?: AbortSignal } = {},
): Promise<void> => {
  const old: [table: string, isOld: RawBuilder<unknown>][] = [
    ['sync.logs', sql`at < ${before}::timestamptz`],
    ['sync.drift', sql`at < ${before}::timestamptz`],
    [
      'sync.dead_letters',
      sql`closed_at is not null and greatest(closed_at, last_failed_at) < ${before}::timestamptz`,
    ],
  ]
  for (const [table, isOld] of old)
    for (let gone = batch; gone >= batch && !signal?.aborted; )
      gone = await database.transaction(orgId, async (tx) => {
        const { numAffectedRows } = await sql`
          delete from ${sql.table(table)} where ctid = any(array(
            select ctid from ${sql.table(table)}
            where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and ${isOld} limit ${batch}))`.execute(
          over(tx),
        )
        return Number(numAffectedRows ?? 0n)
      })
}
