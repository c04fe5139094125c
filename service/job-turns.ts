import { sql } from 'kysely'
import pg from 'pg'
import { over } from '#db/client.ts'
import type { Log } from '#kernel/log.ts'

/**
 * Of equal jobs one waits at a time (`single`), so whoever finds one waiting leaves none of his own: the one that waits is to do his work
 * too. It can see that work only once his transaction has ended, and may be begun before. So he holds its turn until his transaction
 * ends, and whoever does a job waits for its turn first.
 */
export interface JobTurns extends AsyncDisposable {
  /** Waits until every transaction has ended that found this job waiting. */
  take(turn: string): Promise<void>
}

/** Names the turn of jobs that are equal. */
export const turnOf = (job: string, key: string): string => `job ${job} ${key}`

/** Holds turns until the transaction ends. Others may hold them too; what takes one waits for all of them. */
export const holdTurns = async (tx: object, turns: readonly string[]): Promise<void> => {
  await sql`select pg_advisory_xact_lock_shared(hashtextextended(turn, 0))
    from unnest(${sql.val(turns)}::text[]) as turn`.execute(over(tx))
}

/** So many jobs of a process wait at once for transactions that go on for long; the others wait for these. */
const WAITING = 2

/**
 * @param relayUrl where the jobs are
 * @param look asks a question over a connection that is open anyway
 */
export const openJobTurns = (
  relayUrl: string,
  look: (text: string, values: unknown[]) => Promise<{ rows: { free: boolean }[] }>,
  log: Log,
): JobTurns => {
  // Connections of their own: who waits here must not keep jobs from showing that they are alive.
  const pool = new pg.Pool({
    connectionString: relayUrl,
    application_name: 'tributary job turns',
    max: WAITING,
    idleTimeoutMillis: 1000,
    allowExitOnIdle: true,
  })
  pool.on('error', (error) => log.warn({ err: error }, 'jobs: the database did not answer'))
  return {
    take: async (turn) => {
      // Each is a transaction by itself: the turn is given back as soon as it was taken.
      const { rows } = await look('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as free', [turn])
      if (!rows[0]?.free) await pool.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [turn])
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}
