import { AsyncLocalStorage } from 'node:async_hooks'
import { type ControlledTransaction, sql, type Transaction } from 'kysely'
import type { Change, Held, Planning } from '#kernel/planning.ts'
import type { TransactionConnection } from './connection.ts'
import { inSavepoint } from './savepoint.ts'

type Tx = Transaction<unknown>
/** Rows written since the connection last told the server, by table and operation. */
type Counts = ReadonlyMap<string, number>

const inside = new AsyncLocalStorage<HeldTransaction>()
/** pg-boss's statements carry random ids of its own: its jobs are noted by name and payload instead. */
const NOTED_ELSEWHERE = /\bpgboss\./

/**
 * The one transaction that all of a planned request's transactions are parts of. What a part writes the next one sees, as if it
 * were committed, and a part that fails takes only itself back. It is used by one at a time.
 */
export class HeldTransaction implements Held {
  readonly #tx: ControlledTransaction<unknown>
  readonly #planning: Planning
  readonly #release: () => void
  /** What the counters say of earlier transactions of this connection, and of parts that were taken back. */
  #foreign: Counts
  #last: Promise<unknown> = Promise.resolve()
  #isOpen = true

  private constructor(
    tx: ControlledTransaction<unknown>,
    planning: Planning,
    release: () => void,
    foreign: Counts,
  ) {
    this.#tx = tx
    this.#planning = planning
    this.#release = release
    this.#foreign = foreign
  }

  /** @param connection one on which a transaction has begun */
  static async open(
    connection: TransactionConnection,
    planning: Planning,
    release: () => void,
  ): Promise<HeldTransaction> {
    const tx = await connection.kysely<unknown>().startTransaction().execute()
    try {
      const foreign = await countsOf(tx)
      connection.onWrite = (statement, values) => {
        if (!NOTED_ELSEWHERE.test(statement)) planning.wrote(statement, values)
      }
      return new HeldTransaction(tx, planning, release, foreign)
    } catch (error) {
      await tx.rollback().execute()
      release()
      throw error
    }
  }

  /** What would be a transaction of its own. */
  part<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
    if (inside.getStore() === this) return inSavepoint(this.#tx, () => run(this.#tx))
    return this.#alone(async () => {
      const before = await countsOf(this.#tx)
      const mark = this.#planning.mark()
      try {
        return await inSavepoint(this.#tx, () => run(this.#tx))
      } catch (error) {
        this.#planning.back(mark)
        // The server counts what was tried, taken back or not.
        this.#foreign = plus(this.#foreign, minus(await countsOf(this.#tx), before))
        throw error
      }
    })
  }

  read<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
    if (inside.getStore() === this) return run(this.#tx)
    return this.#alone(() => inSavepoint(this.#tx, () => run(this.#tx)))
  }

  async changes(): Promise<Change[]> {
    await this.#last
    return [...minus(await countsOf(this.#tx), this.#foreign)]
      .filter(([, count]) => count > 0)
      .map(([id, count]) => {
        const [table, operation] = id.split(' ') as [string, Change['operation']]
        return { table, operation, count }
      })
  }

  async commit(): Promise<void> {
    await this.#end(() => this.#tx.commit().execute())
  }

  async rollback(): Promise<void> {
    await this.#end(() => this.#tx.rollback().execute())
  }

  async #end(how: () => Promise<unknown>): Promise<void> {
    await this.#last
    if (!this.#isOpen) return
    this.#isOpen = false
    try {
      await how()
    } finally {
      this.#release()
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => {
      if (!this.#isOpen) throw new Error('the request is over: what it left running may do nothing')
      return inside.run(this, work)
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

/** The server's own counters: they see every row, whichever statement, function or trigger wrote it, under row level security too. */
const countsOf = async (tx: Tx): Promise<Counts> => {
  const { rows } = await sql<{ table: string; insert: number; update: number; delete: number }>`
    select * from (
      select s.nspname || '.' || c.relname as "table", pg_stat_get_xact_tuples_inserted(c.oid)::integer as "insert",
        pg_stat_get_xact_tuples_updated(c.oid)::integer as "update",
        pg_stat_get_xact_tuples_deleted(c.oid)::integer as "delete"
      from pg_class c join pg_namespace s on s.oid = c.relnamespace
      where c.relkind = 'r' and s.nspname !~ '^(pg_|information_schema$)'
    ) counted where "insert" + "update" + "delete" > 0`.execute(tx)
  return new Map(
    rows.flatMap(({ table, ...counts }) =>
      Object.entries(counts).map(([operation, count]) => [`${table} ${operation}`, count] as const),
    ),
  )
}

const combined = (a: Counts, b: Counts, sign: 1 | -1): Counts =>
  new Map(
    [...new Set([...a.keys(), ...b.keys()])].map((id) => [id, (a.get(id) ?? 0) + sign * (b.get(id) ?? 0)]),
  )
const plus = (a: Counts, b: Counts): Counts => combined(a, b, 1)
const minus = (a: Counts, b: Counts): Counts => combined(a, b, -1)
