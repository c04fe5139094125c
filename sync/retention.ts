import { type RawBuilder, sql } from 'kysely'
import { type Database, over } from '#db/client.ts'

const BATCH = 5000
/** How long it can be asked what a sync did. */
const KEPT_MS = 30 * 86_400_000
/** How long decisions can be made again under another policy. Open ones wait for somebody, however long. */
export const DECISIONS_KEPT_MS = 90 * 86_400_000

/**
 * Forgets logs, what was written, what reconciliations repaired, dead letters that are closed, decisions that are settled, and runs that ended, of a
 * connection, once they are older than they are kept: in bounded batches. Its last run stays. Safe to repeat.
 * @param at our clock
 * @param options.also tables of the caller's own that keep what syncs have replaced, and the column that says when
 */
export const forgetHistory = async (
  database: Database<never>,
  { orgId, connectionId }: { orgId: string; connectionId: string },
  at: Date,
  {
    batch = BATCH,
    signal,
    also = [],
  }: { batch?: number; signal?: AbortSignal; also?: readonly (readonly [table: string, at: string])[] } = {},
): Promise<void> => {
  const before = new Date(at.getTime() - KEPT_MS)
  const beforeDecisions = new Date(at.getTime() - DECISIONS_KEPT_MS)
  const old: [table: string, isOld: RawBuilder<unknown>][] = [
    ['sync.logs', sql`at < ${before}::timestamptz`],
    ['sync.writes', sql`written_at < ${before}::timestamptz and state in ('DONE', 'REFUSED')`],
    ['sync.drift', sql`at < ${before}::timestamptz`],
    [
      'sync.dead_letters',
      sql`closed_at is not null and greatest(closed_at, last_failed_at) < ${before}::timestamptz`,
    ],
    [
      'sync.decisions',
      sql`outcome <> 'open' and decided_at < ${beforeDecisions}::timestamptz
        and coalesce(closed_at, decided_at) < ${beforeDecisions}::timestamptz`,
    ],
    ...also.map(([table, column]): [string, RawBuilder<unknown>] => [
      table,
      sql`${sql.ref(column)} < ${before}::timestamptz`,
    ]),
    ['sync.plans', sql`made_at < ${before}::timestamptz`],
    [
      'sync.runs',
      sql`finished_at < ${before}::timestamptz and id <> (select r.id from sync.runs r
        where r.org_id = ${orgId}::uuid and r.connection_id = ${connectionId}::uuid order by r.requested_at desc, r.id desc limit 1)`,
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
