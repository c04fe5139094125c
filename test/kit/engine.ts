/** What is asked of whatever is kept in step with another system, whichever it is. */
import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import { progressOf } from '#sync/progress.ts'
import { startRun } from '#sync/queue.ts'
import type { RunMode, RunProgress } from '#sync/run.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Control, Journal } from './simulator.ts'
import { until } from './until.ts'

export interface Connected {
  database: Pick<Database<never>, 'read' | 'transaction' | 'relay'>
  clock: Clock
  orgId: string
  connectionId: string
  /** Of the simulator at the other end. */
  sim: Control
}

/** The engine of one connection, as a test sees it. */
export const engineOf = ({ database, clock, orgId, connectionId, sim }: Connected) => {
  const select = <T>(text: ReturnType<typeof sql<T>>): Promise<T[]> =>
    database.read(orgId, async (tx) => (await text.execute(over(tx))).rows)
  const progress = (id: string) => database.read(orgId, (tx) => progressOf(tx, id, clock))
  const ended = (id: string, timeoutMs = 40_000): Promise<RunProgress> =>
    until(
      async () => {
        const run = await progress(id)
        return run && ['COMPLETED', 'FAILED', 'CANCELLED'].includes(run.state) ? run : undefined
      },
      { timeoutMs },
    )
  const ask = async (mode: RunMode): Promise<string> =>
    (await database.transaction(orgId, (tx) => startRun(tx, { orgId, connectionId, mode, clock }))).run.id
  return {
    select,
    journal: () => sim<Journal>('journal'),
    /** Asks for a run and waits for its end. A worker has to be there. */
    sync: async (mode: RunMode, timeoutMs?: number) => await ended(await ask(mode), timeoutMs),
    ask,
    /** Notes signals as a message of the other system would. */
    note: (type: string, ids: readonly string[], more: { changedAt?: Date; hasLinks?: boolean } = {}) =>
      database.transaction(orgId, (tx) =>
        noteSignals(
          tx,
          ids.map((externalId) => ({ orgId, connectionId, type, externalId, ...more })),
          clock.now(),
        ),
      ),
    /** Records that are still to be written, by type and id. */
    outgoing: () =>
      select<{ type: string; local_id: string; attempts: number; error_code: string | null }>(
        sql`select type, local_id, attempts, error_code from sync.outgoing order by type, local_id`,
      ),
    /** Signals that still wait, by type and id. */
    waiting: () =>
      select<{ type: string; external_id: string; noted: number; attempts: number; due_at: Date }>(
        sql`select type, external_id, noted, attempts, due_at from sync.signals order by type, external_id`,
      ),
    /** Has all leases end, as the ones of the dead do by themselves. Those who live do not notice unless somebody else takes what is theirs. */
    lapse: () =>
      database.relay(async (tx) => {
        for (const table of ['sync.runs', 'sync.signal_lanes', 'sync.outgoing_lanes'])
          await sql`update ${sql.table(table)} set lease_until = '2000-01-01T00:00:00Z' where lease_until is not null`.execute(
            over(tx),
          )
      }),
    ended,
    progress,
  }
}
export type Engine = ReturnType<typeof engineOf>

/** A worker, with connections of its own that end with it. */
export const atWork = <D extends AsyncDisposable>(
  database: D,
  started: { wake(): void } & AsyncDisposable,
  ...more: readonly AsyncDisposable[]
) => ({
  database,
  wake: () => started.wake(),
  [Symbol.asyncDispose]: async () => {
    for (const each of [started, ...more, database]) await each[Symbol.asyncDispose]()
  },
})

/** Waits until nothing is left to be read or written. What is read may have to be written, and what was written read: each is looked at twice. */
export const quiet = (bed: Pick<Engine, 'waiting' | 'outgoing'>, timeoutMs?: number): Promise<boolean> =>
  until(
    async () => {
      for (const left of [bed.waiting, bed.outgoing, bed.waiting, bed.outgoing])
        if ((await left()).length > 0) return false
      return true
    },
    timeoutMs === undefined ? {} : { timeoutMs },
  )
