import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { type Clock, repeat } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'

const LOOK_EVERY_MS = 3_600_000
const DAY_MS = 86_400_000

interface Around {
  database: { relay<T>(run: (tx: object) => Promise<T>): Promise<T> }
  clock: Clock
  log: Log
  auditKeptDays?: number | undefined
}

/**
 * Forgets what an audit holds that is older than it is kept, of all organisations, every hour. The database lets nothing go
 * that is younger than the moment named here.
 * @param table its name; what is in it is judged by `at`
 */
export const startForgettingAudit = (
  { database, clock, log, auditKeptDays: days }: Around,
  table: 'service.audit_log' | 'hub.audit_entries',
): AsyncDisposable => {
  if (days === undefined) return { [Symbol.asyncDispose]: async () => {} }
  const forget = () => forgetAudit(database, table, new Date(clock.now().getTime() - days * DAY_MS))
  return repeat(forget, {
    everyMs: LOOK_EVERY_MS,
    failed: (error) => log.warn({ err: error }, 'old audit rows stay for another hour'),
  })
}

/** Forgets what lies before a moment, and nothing else. */
export const forgetAudit = (
  database: Around['database'],
  table: 'service.audit_log' | 'hub.audit_entries',
  before: Date,
): Promise<unknown> =>
  database.relay(async (tx) => {
    await sql`select set_config('hub.audit_before', ${before.toISOString()}, true)`.execute(over(tx))
    // Without a condition of its own: the policy is the condition.
    await sql`delete from ${sql.table(table)}`.execute(over(tx))
  })
