import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import type { EventDatabase } from './event.ts'

/**
 * Forgets events that were logged more than `retentionMs` ago, oldest first and in bounded batches, and remembers the
 * oldest position kept: whoever is behind it gets CURSOR_EXPIRED and starts from a snapshot.
 * @returns how many events went
 */
export const prune = async (options: {
  database: EventDatabase
  clock: Clock
  retentionMs: number
  /** Most events deleted in one transaction. Default 5,000. */
  batch?: number
}): Promise<number> => {
  const before = new Date(options.clock.now().getTime() - options.retentionMs)
  const batch = options.batch ?? 5000
  for (let gone = 0; ; ) {
    const deleted = await pruneBatch(options.database, before, batch)
    gone += deleted
    if (deleted < batch) return gone
  }
}

// Only a prefix goes, up to the first event that is young enough: positions must not get gaps when a clock went back.
const pruneBatch = (database: EventDatabase, before: Date, batch: number): Promise<number> =>
  database.relay(async (tx) => {
    const { rows } = await sql<{ oldest: number; next: number }>`
      with candidates as (
        select log.pos, log.logged_at from events.head, lateral (
          select pos, logged_at from events.event_log where pos >= head.oldest order by pos limit ${batch}
        ) log
      )
      select head.oldest, coalesce(
        (select min(pos) from candidates where logged_at >= ${before}::timestamptz),
        (select max(pos) + 1 from candidates),
        head.oldest
      ) as next
      from events.head for update`.execute(over(tx))
    const { oldest, next } = rows[0]!
    if (next <= oldest) return 0
    await sql`delete from events.event_log where pos >= ${oldest} and pos < ${next}`.execute(over(tx))
    await sql`update events.head set oldest = ${next}`.execute(over(tx))
    return next - oldest
  })
