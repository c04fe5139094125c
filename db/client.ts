import { sql, type Transaction } from 'kysely'
import pg from 'pg'
import { backoff } from '#kernel/backoff.ts'
import { sleep } from '#kernel/clock.ts'
import { Unavailable } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import { Planning } from '#kernel/planning.ts'
import { type OnStatement, TransactionConnection } from './connection.ts'
import type { DatabaseUrls } from './databases.ts'
import { Contended, codeOf, fromDatabase, isChangeRefused, isConnectionLost, isContention } from './errors.ts'
import { HeldTransaction } from './held.ts'
import { Listener } from './listener.ts'
import { parsers } from './parsers.ts'
import { Reading } from './reading.ts'
import { customersSetting } from './row-scope.ts'
import { session } from './session.ts'

export { inSavepoint } from './savepoint.ts'

/** A transaction over the tables of `DB`. */
export type Tx<DB> = Transaction<DB>

export interface DatabaseOptions {
  log: Log
  /** Most connections of the app role; the relay role gets a third of it, at least two. Default 10. */
  max?: number
  /** After which PostgreSQL gives a statement up. Default 30 s. */
  statementTimeoutMs?: number
  /** How long to wait for a free connection before HUB_UNAVAILABLE. Default 5 s. */
  waitMs?: number
  onStatement?: OnStatement
}

/** How often a transaction is run again after a serialization failure or deadlock. */
const MOST_RETRIES = 5
const IDLE_IN_TRANSACTION_MS = 60_000
const MOST_SILENT = 2
const READ = 'begin read only'

/** Opens the pools of a database. Nothing connects before the first use, so the server may still be down. */
export const openDatabase = <DB>(urls: DatabaseUrls, options: DatabaseOptions): Database<DB> =>
  new Database<DB>(urls, options)

/** The one door to the rows of a database: every access is a transaction, of one organisation unless it is the relay's. */
export class Database<DB> implements AsyncDisposable {
  readonly #app: pg.Pool
  readonly #relay: pg.Pool
  readonly #listener: Listener
  readonly #options: DatabaseOptions
  readonly #held = new WeakMap<Planning, Map<string, Promise<HeldTransaction>>>()
  readonly #url: string
  readonly #busy = new Set<pg.PoolClient>()
  #statements = 0
  #refusesChanges = false
  #isBrokenOff = false

  constructor(urls: DatabaseUrls, options: DatabaseOptions) {
    const max = options.max ?? 10
    this.#options = options
    this.#url = urls.app
    this.#app = openPool(urls.app, max, options)
    this.#relay = openPool(urls.relay, Math.max(2, Math.ceil(max / 3)), options)
    this.#listener = new Listener(urls.relay, options.log)
  }

  /** Statements sent so far, without begin, commit and settings: for tests that count. */
  get statements(): number {
    return this.#statements
  }

  /** How many connections each role has, and how many wait for one. */
  get pools(): { role: 'app' | 'relay'; total: number; idle: number; waiting: number }[] {
    return [
      { role: 'app' as const, pool: this.#app },
      { role: 'relay' as const, pool: this.#relay },
    ].map(({ role, pool }) => ({
      ...{ role, total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount },
    }))
  }

  /** Whether the server has refused the newest change, as one does that is read-only or whose disk is full. Reading may work all the same. */
  get refusesChanges(): boolean {
    return this.#refusesChanges
  }

  /**
   * Reads rows of one organisation.
   * @throws HUB_UNAVAILABLE when the database is down, busy beyond its pool, or slower than the statement timeout
   */
  async read<T>(orgId: string, run: (tx: Tx<DB>) => Promise<T>): Promise<T> {
    const planning = Planning.current()
    const held = planning && this.#held.get(planning)?.get(orgId)
    // What the request has written so far shows only there.
    if (held) return this.#within(held, (one) => one.read(run as never))
    return this.#run(this.#app, `${READ}; ${settingOf(orgId)}`, run)
  }

  /**
   * Changes rows of one organisation: all or nothing. `run` is called again, up to five times, after a serialization
   * failure or deadlock, so it must touch nothing but the transaction. Of a request that is planned it is a part of one
   * transaction, which stays open until the request has ended and decides then.
   * @throws HUB_CONTENDED when it still fails then; HUB_UNAVAILABLE as `read`
   */
  transaction<T>(
    orgId: string,
    run: (tx: Tx<DB>) => Promise<T>,
    options: { isolation?: 'read committed' | 'repeatable read' | 'serializable' } = {},
  ): Promise<T> {
    const level = options.isolation ? ` isolation level ${options.isolation}` : ''
    const begin = `begin${level}; ${settingOf(orgId)}`
    const planning = Planning.current()
    if (planning) return this.#within(this.#hold(planning, orgId, begin), (held) => held.part(run as never))
    return this.#run(this.#app, begin, run)
  }

  /** A transaction of the relay role, which sees the routing tables of all organisations and no tenant's rows. */
  relay<T>(run: (tx: Tx<DB>) => Promise<T>): Promise<T> {
    if (Planning.current()?.isDry) return this.#undone(run)
    // It sees what is under way, which changes all the time.
    Reading.current()?.passes()
    return this.#run(this.#relay, 'begin', run)
  }

  /**
   * Calls `wake` on every NOTIFY of the channel with what it says, and without anything after every new connection, since what
   * was sent meanwhile is lost.
   * It is a hint: the table is the truth and a slow poll the backstop. A half-open connection is noticed within 15 s.
   */
  listen(channel: string, wake: (payload?: string) => void): AsyncDisposable {
    return this.#listener.listen(channel, wake)
  }

  /** Resolves once those who listen have been told what had been committed before. @throws while nobody can be told */
  heard(): Promise<void> {
    return this.#listener.heard()
  }

  /**
   * Rolls back what the app role has under way and begins nothing more for it, for a process that has to end now: whoever works
   * meets HUB_UNAVAILABLE. The relay goes on, so that what is held can be given back.
   */
  async breakOff(): Promise<void> {
    this.#isBrokenOff = true
    const busy = [...this.#busy].map((client) => (client as unknown as { processID: number }).processID)
    // A statement whose client has gone would be done to its end by the server, with all its locks.
    const terminate = 'select pg_terminate_backend(pid) from unnest($1::int[]) as pid'
    if (busy.length > 0) await session(this.#url, (client) => client.query(terminate, [busy]))
  }

  /** Closes everything, after the transactions under way have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([end(this.#app), end(this.#relay), this.#listener[Symbol.asyncDispose]()])
  }

  async #run<T>(pool: pg.Pool, begin: string, run: (tx: Tx<DB>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(pool, begin, run)
      } catch (error) {
        // Writing in a read is our mistake, not a read-only server's trouble.
        if (begin.startsWith(READ) && codeOf(error) === '25006') throw error
        this.#refusesChanges ||= isChangeRefused(error)
        if (!isContention(error)) throw fromDatabase(error)
        if (attempt > MOST_RETRIES) throw Contended.with({}, { cause: error })
        await sleep(backoff(attempt, Math.random(), 10, 500))
      }
    }
  }

  /** The transaction of a planning, opened by its first write. */
  #hold(planning: Planning, orgId: string, begin: string): Promise<HeldTransaction> {
    if (planning.isOver) throw new Error('the request is over: what it left running may write nothing')
    const known = this.#held.get(planning) ?? new Map<string, Promise<HeldTransaction>>()
    this.#held.set(planning, known)
    const open = async () => {
      const client = await takeConnection(this.#app, begin)
      const connection = this.#connect(client)
      return HeldTransaction.open(connection, planning, () => client.release(connection.broken))
    }
    const held = known.get(orgId) ?? open()
    if (!known.has(orgId)) planning.held.push(held)
    known.set(orgId, held)
    return held
  }

  async #within<T>(held: Promise<HeldTransaction>, work: (held: HeldTransaction) => Promise<T>): Promise<T> {
    try {
      return await work(await held)
    } catch (error) {
      // The whole would have to begin anew, and only its caller can do that.
      throw isContention(error) ? Contended.with({}, { cause: error }) : fromDatabase(error)
    }
  }

  async #undone<T>(run: (tx: Tx<DB>) => Promise<T>): Promise<T> {
    let done: { value: T } | undefined
    const undo = new Error('only planned')
    await this.#run(this.#relay, 'begin', async (tx) => {
      done = { value: await run(tx) }
      throw undo
    }).catch((error: unknown) => {
      if (error !== undo) throw error
    })
    return (done as unknown as { value: T }).value
  }

  #connect(client: pg.PoolClient): TransactionConnection {
    return new TransactionConnection(client, (statement) => {
      this.#statements++
      this.#options.onStatement?.(statement)
    })
  }

  async #once<T>(pool: pg.Pool, begin: string, run: (tx: Tx<DB>) => Promise<T>): Promise<T> {
    const client = await takeConnection(pool, begin)
    if (this.#isBrokenOff && pool === this.#app) {
      client.release(true)
      throw Unavailable.with({ what: 'The database' })
    }
    const connection = this.#connect(client)
    if (pool === this.#app) {
      connection.reading = Reading.current()
      this.#busy.add(client)
    }
    try {
      const done = await connection.kysely<DB>().transaction().execute(run)
      if (connection.hasWritten) this.#refusesChanges = false
      return done
    } finally {
      this.#busy.delete(client)
      client.release(connection.broken)
    }
  }
}

/**
 * A connection on which the transaction has begun. `begin` and the organisation travel together, in one round trip.
 * A pooled connection may have died unnoticed; nothing was done on it yet, so another one is tried.
 */
const takeConnection = async (pool: pg.Pool, begin: string): Promise<pg.PoolClient> => {
  // No more patience for an old connection than for a new one.
  const opening: pg.QueryConfig & { query_timeout?: number } = {
    text: begin,
    query_timeout: pool.options.connectionTimeoutMillis,
  }
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect()
    try {
      await client.query(opening)
      return client
    } catch (error) {
      client.release(true)
      // Silence costs the whole patience each time, a refusal nothing.
      const most = codeOf(error) ? pool.options.max : MOST_SILENT
      if (!isConnectionLost(error) || attempt > most) throw error
    }
  }
}

const openPool = (url: string, max: number, options: DatabaseOptions): pg.Pool => {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types: parsers,
    connectionTimeoutMillis: options.waitMs ?? 5000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    statement_timeout: statementTimeoutMs,
    // The server's own timeout comes first; this one is for a server that no longer answers at all.
    query_timeout: statementTimeoutMs + 5000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'tributary',
  })
  // Without listeners a restart of PostgreSQL would end our process: idle connections report to the pool, busy ones to themselves.
  pool.on('error', (error) => options.log.warn({ err: error }, 'lost an idle database connection'))
  pool.on('connect', (client) => {
    client.on('error', (error) => options.log.debug({ err: error }, 'lost a database connection'))
  })
  return pool
}

const end = async (pool: pg.Pool): Promise<void> => {
  if (!pool.ended && !pool.ending) await pool.end()
}

/** Sent as text beside `begin`, where parameters are not possible: so nothing but a UUID may pass. */
const settingOf = (orgId: string): string => {
  if (!isId(orgId)) throw new TypeError('a transaction needs the id of an organisation')
  return `select set_config('hub.org_id', '${orgId}', true)${customersSetting()}`
}

/** Points a transaction at another organisation: for the relay and for consumers, who meet one after the other. */
export const setOrg = async (tx: object, orgId: string): Promise<void> => {
  if (!isId(orgId)) throw new TypeError('a transaction needs the id of an organisation')
  await sql`select set_config('hub.org_id', ${orgId}, true)`.execute(over(tx))
}

/** The same transaction, seen as one over the tables of `T`: floors that serve several databases type their own tables. */
export const over = <T>(tx: object): Tx<T> => tx as Tx<T>
