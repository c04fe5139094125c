import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import type { EventDatabase } from './event.ts'
import { STAMP } from './log-rows.ts'

/**
 * Forgets events that were logged more than `retentionMs` ago, oldest first and in bounded batches, and remembers the
 * oldest position kept: whoever is behind it gets CURSOR_EXPIRED and starts from a snapshot.
 * @returns how many events went
 */
export const prune = async (options: {
  database: EventDatabase
  clock: Clock
  retentionMs: number
  /** About how many events are deleted in one transaction, which ends with a whole batch. Default 5,000. */
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

// Only a prefix goes, up to the first batch that is young enough: positions must not get gaps when a clock went back.
const pruneBatch = (database: EventDatabase, before: Date, batch: number): Promise<number> =>
  database.relay(async (tx) => {
    const { rows } = await sql<{ oldest: number; next: number }>`
      with candidates as (
        select log.first_pos, log.last_pos, log.logged_at from events.head, lateral (
          select first_pos, last_pos, logged_at from events.batches
          where last_pos >= head.oldest and first_pos < head.oldest + ${batch}::integer order by last_pos limit ${batch}
        ) log
      )
      select head.oldest, coalesce(
        (select min(first_pos) from candidates where logged_at >= ${before}::timestamptz),
        (select max(last_pos) + 1 from candidates),
        head.oldest
      ) as next
      from events.head for update`.execute(over(tx))
    const { oldest, next } = rows[0]!
    if (next <= oldest) return 0
    await sql`update events.head set oldest = ${next},
      stamp = (select ${STAMP} from events.batches b where b.last_pos = ${next}::bigint - 1)`.execute(
      over(tx),
    )
    await sql`
      with gone as (
        delete from events.batches where last_pos >= ${oldest} and last_pos < ${next} returning id
      )
      delete from events.recorded e using gone where e.batch = gone.id`.execute(over(tx))
    return next - oldest
  })
