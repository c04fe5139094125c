import { type RawBuilder, sql } from 'kysely'
import { over } from '#db/client.ts'
import { backoff } from '#kernel/backoff.ts'
import { sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { Absence } from './absence.ts'
import type { EventDatabase } from './event.ts'

const HEARTBEAT_MS = 2000
const TRY_AGAIN_MS = 500
const STEADY_MS = 5000

/**
 * Runs `run` while this process holds the lock of that name in the database; stands by otherwise and takes over when the
 * holder ends or loses its connection. When `run` throws, the lock is given up and tried for again, later each time.
 * Whoever loses the lock may learn it up to two seconds late: what he writes must be fenced by itself.
 * @param options.longAwayMs what `run` needs has been away for so long when a warning says so, once until it has run well
 * @param run gets a signal that aborts when the lock is lost or `signal` aborts
 */
export const whileLeading = async (
  options: { database: EventDatabase; name: string; log: Log; signal: AbortSignal; longAwayMs?: number },
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const { database, name, log, signal } = options
  const absence = new Absence(options.longAwayMs)
  for (let failures = 0; !signal.aborted; ) {
    let pauseMs = TRY_AGAIN_MS
    const startedAt = performance.now()
    try {
      await using lead = await tryLead(database, name)
      if (lead) {
        log.info({ lock: name }, 'leads')
        await run(AbortSignal.any([signal, lead.lost]))
        failures = 0
      }
    } catch (error) {
      failures = performance.now() - startedAt > STEADY_MS ? 1 : failures + 1
      if (failures === 1) absence.over()
      pauseMs = backoff(failures, Math.random(), 100, 5000)
      log[absence.noted() ? 'warn' : 'info']({ err: error, lock: name, failures }, 'gave up the lead')
    }
    await sleep(pauseMs, signal)
  }
}

export interface Lead extends AsyncDisposable {
  /** Aborts when the session that holds the lock is gone. */
  lost: AbortSignal
}

const sessions = new WeakMap<EventDatabase, Promise<LockSession>>()

/** Tries once for the lock of that name; undefined when somebody else holds it. */
export const tryLead = async (database: EventDatabase, name: string): Promise<Lead | undefined> => {
  let opening = sessions.get(database)
  if (!opening) {
    opening = openSession(database)
    sessions.set(database, opening)
    opening.catch(() => sessions.delete(database))
  }
  return (await opening).tryLead(name)
}

const openSession = (database: EventDatabase): Promise<LockSession> =>
  new Promise((resolve, reject) => {
    const session = new LockSession(() => sessions.delete(database))
    database.relay((tx) => session.hold(tx, () => resolve(session))).catch(reject)
  })

/**
 * One idle relay transaction per process and database that holds all its locks: a session of its own for each consumer
 * would empty the pool. Idle in read committed it keeps no snapshot, so it holds back neither vacuum nor readers.
 */
class LockSession {
  readonly #held = new Set<string>()
  readonly #over = new AbortController()
  readonly #lost = new AbortController()
  readonly #forget: () => void
  #tx: object = {}
  #last: Promise<unknown> = Promise.resolve()
  #users = 0

  constructor(forget: () => void) {
    this.#forget = forget
  }

  async hold(tx: object, ready: () => void): Promise<void> {
    this.#tx = tx
    try {
      await this.#ask(sql`select 1`)
      ready()
      while (!this.#over.signal.aborted) {
        await sleep(HEARTBEAT_MS, this.#over.signal)
        await this.#ask(sql`select 1`)
      }
      await this.#ask(sql`select pg_advisory_unlock_all()`)
    } finally {
      this.#forget()
      this.#lost.abort()
    }
  }

  async tryLead(name: string): Promise<Lead | undefined> {
    // The server lets a session take its own lock twice.
    if (this.#held.has(name) || this.#over.signal.aborted) return undefined
    this.#held.add(name)
    this.#users++
    const leave = () => {
      this.#held.delete(name)
      if (--this.#users > 0) return
      this.#forget()
      this.#over.abort()
    }
    try {
      const rows = await this.#ask(sql<{ got: boolean }>`
        select pg_try_advisory_lock(hashtextextended(${name}, 0)) as got`)
      if (!rows[0]?.got) {
        leave()
        return undefined
      }
    } catch (error) {
      leave()
      throw error
    }
    return {
      lost: this.#lost.signal,
      [Symbol.asyncDispose]: async () => {
        try {
          if (!this.#lost.signal.aborted)
            await this.#ask(sql`select pg_advisory_unlock(hashtextextended(${name}, 0))`)
        } finally {
          leave()
        }
      },
    }
  }

  /** One question after the other: a connection answers one at a time. */
  #ask<R>(question: RawBuilder<R>): Promise<R[]> {
    const answer = this.#last
      .catch(() => undefined)
      .then(() => question.execute(over(this.#tx)))
      .then(({ rows }) => rows)
    this.#last = answer
    answer.catch(() => this.#over.abort())
    return answer
  }
}
