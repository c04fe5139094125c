import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type { QueryResult as PgResult, PoolClient } from 'pg'
import { asStep, isTraced } from '#telemetry/traces.ts'
import { isConnectionLost } from './errors.ts'
import { COMMIT_TELLING, type Reading } from './reading.ts'

/** Hears of every statement of ours, without begin, commit and settings. */
export type OnStatement = (sql: string) => void

// Whatever names one of these: it is better to watch a lock for an update too than to miss a write inside a `with`.
const WRITES = /\b(insert|update|delete|merge)\b/i

const LONGEST_STATEMENT = 2000

/** A statement as a step: its text has holes where its values go. */
const sqlStep = (sql: string, send: () => Promise<PgResult>): Promise<PgResult> =>
  asStep(
    `SQL ${/^\s*(\w+)/.exec(sql)?.[1]?.toLowerCase() ?? ''}`,
    {
      kind: 'client',
      said: { 'db.system': 'postgresql', 'db.query.text': sql.trim().slice(0, LONGEST_STATEMENT) },
    },
    send,
    ({ rowCount }) => ({ 'db.response.returned_rows': rowCount ?? 0 }),
  )

/**
 * One pooled connection for the length of one transaction, as Kysely sees it. Kysely's own driver would begin the
 * transaction and set the organisation in two round trips; here the connection comes with both already done.
 */
export class TransactionConnection implements DatabaseConnection, Driver {
  /** True when the connection must not go back to its pool: its state is unknown. */
  broken = false
  /** True once a statement that may write has succeeded. */
  hasWritten = false
  /** Told of every statement that may write, with its values. */
  onWrite: ((sql: string, values: readonly unknown[]) => void) | undefined
  /** Is told what the transaction has looked into. */
  reading: Reading | undefined
  readonly #client: PoolClient
  readonly #onStatement: OnStatement

  constructor(client: PoolClient, onStatement: OnStatement) {
    this.#client = client
    this.#onStatement = onStatement
  }

  /** A Kysely whose transactions run on this connection. */
  kysely<DB>(): Kysely<DB> {
    return new Kysely<DB>({
      dialect: {
        createDriver: () => this,
        createAdapter: () => new PostgresAdapter(),
        createQueryCompiler: () => new PostgresQueryCompiler(),
        createIntrospector: (db) => new PostgresIntrospector(db),
      },
    })
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#onStatement(query.sql)
    const mayWrite = WRITES.test(query.sql)
    if (mayWrite) this.onWrite?.(query.sql, query.parameters)
    const send = () => this.#watch(this.#client.query(query.sql, [...query.parameters]))
    const result = isTraced() ? await sqlStep(query.sql, send) : await send()
    this.hasWritten ||= mayWrite
    const changed = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(result.command)
    return {
      rows: result.rows ?? [],
      ...(changed ? { numAffectedRows: BigInt(result.rowCount ?? 0) } : {}),
    }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it; pages are read by keyset instead of by server cursors
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streams are not supported: read pages by keyset')
  }

  async commitTransaction(): Promise<void> {
    if (this.reading) return this.#commitTelling(this.reading)
    const { command } = await this.#watch(this.#client.query('commit'))
    // PostgreSQL "commits" a failed transaction by rolling it back, without an error.
    if (command === 'ROLLBACK')
      throw new Error('a statement failed, its error was swallowed, and the transaction was rolled back')
  }

  // In one round trip: a transaction that failed is told by the first of the two, which is an error then.
  async #commitTelling(reading: Reading): Promise<void> {
    const [locked] = (await this.#watch(this.#client.query(COMMIT_TELLING))) as unknown as PgResult<{
      relation: number
    }>[]
    for (const { relation } of locked?.rows ?? []) reading.relations.add(Number(relation))
  }

  async rollbackTransaction(): Promise<void> {
    if (this.broken) return
    // What made the transaction fail is the error to tell; a failed rollback only costs the connection.
    await this.#client.query('rollback').catch(() => {
      this.broken = true
    })
  }

  async #watch<T>(result: Promise<T>): Promise<T> {
    try {
      return await result
    } catch (error) {
      if (isConnectionLost(error)) this.broken = true
      throw error
    }
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this
  }
  async beginTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
