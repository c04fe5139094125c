import { sql } from 'kysely'
import { type Database, over, type Tx } from '#db/client.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { LimitReached } from './errors.ts'
import type { SyncTables } from './tables.ts'

/** So many calls in any interval of so many milliseconds. */
export interface RateLimit {
  max: number
  intervalMs: number
}

/** What is known of one bucket. Null: nobody has told, or there is no limit. */
export interface BucketState {
  bucket: string
  max: number | null
  /** Calls in the interval that ends now. */
  used: number | null
  remaining: number | null
  bannedUntil: Date | null
  /** Of what we count ourselves. */
  intervalMs: number | null
  /** When the last call was made, as far as it is remembered. */
  lastAt: Date | null
}

export interface PgLimiterOptions {
  /** Any database of the hub; all processes that call the account must use the same one. */
  database: Database<never>
  clock: Clock
  log: Log
  /** The account whose budget it is, such as a portal: buckets of other accounts are apart. Buckets may be of several accounts. */
  account: string | ((bucket: string) => string)
  /** What to assume until the vendor tells. A bucket that is not named has no limit, but can be banned. */
  limits: Readonly<Record<string, RateLimit>>
  /**
   * Added to each interval: the vendor counts arrivals, we count departures, and the way between them varies.
   * Default: a twentieth of the interval, at least 300.
   */
  guardMs?: number
  /** Share of a limit that background work leaves alone within a minute of an interactive call. Default 0.1. */
  reserve?: number
  pause?: typeof sleep
}

const RESERVE_HELD_MS = 60_000
/** A vendor's own count of what is left of a long limit is believed for so long. */
const REMAINING_VALID_MS = 60_000
const UNLIMITED = 1_000_000_000

const tables = (tx: object): Tx<SyncTables> => over<SyncTables>(tx)

/**
 * A vendor's budget of calls, hard across all processes: a sliding log of the last calls in PostgreSQL, one short transaction per call.
 * The whole window is used at once and never exceeded. Fits the connectors' `Limiter` by shape.
 */
export class PgLimiter {
  readonly #options: PgLimiterOptions
  readonly #made = new Map<string, Promise<void>>()

  constructor(options: PgLimiterOptions) {
    this.#options = options
  }

  /**
   * Waits until one call of this bucket may start, and takes its place.
   * @throws HUB_LIMIT_REACHED with `after`, at once, when the place would come later than the patience lasts; the signal's reason
   */
  async acquire(
    bucket: string,
    options: { signal?: AbortSignal; interactive?: boolean; patienceMs?: number } = {},
  ): Promise<void> {
    const { signal, interactive = false, patienceMs = Number.POSITIVE_INFINITY } = options
    const { clock, pause = sleep } = this.#options
    await this.#ensure(bucket)
    const giveUpAt = clock.now().getTime() + patienceMs
    for (;;) {
      signal?.throwIfAborted()
      const waitMs = await this.#take(bucket, interactive)
      if (waitMs <= 0) return
      const now = clock.now().getTime()
      if (now + waitMs > giveUpAt) throw LimitReached.with({}, { after: new Date(now + waitMs) })
      await pause(waitMs, signal)
    }
  }

  /** Tells what an answer revealed. A ban counts for all callers in all processes and never shortens. */
  async observe(
    bucket: string,
    seen: { max?: number; remaining?: number; intervalMs?: number; banUntil?: Date },
  ): Promise<void> {
    await this.#ensure(bucket)
    const { max, remaining, intervalMs, banUntil } = seen
    // Only limits with an interval are ours to count; of the others we merely remember what is left.
    const counts = intervalMs !== undefined || this.#options.limits[bucket] !== undefined
    await this.#options.database.relay((tx) =>
      sql`
        update sync.rate_buckets set
          max = coalesce(${counts && max && max > 0 ? Math.min(max, UNLIMITED) : null}::integer, max),
          interval_ms = coalesce(${intervalMs && intervalMs > 0 ? intervalMs : null}::integer, interval_ms),
          remaining = coalesce(${remaining ?? null}::integer, remaining),
          remaining_of = coalesce(${!counts && max ? max : null}::integer, remaining_of),
          remaining_at = case when ${remaining ?? null}::integer is null then remaining_at else ${this.#options.clock.now()}::timestamptz end,
          banned_until = greatest(banned_until, ${banUntil ?? null}::timestamptz)
        where bucket = ${this.#nameOf(bucket)}`.execute(tables(tx)),
    )
  }

  #nameOf = (bucket: string): string => {
    const { account } = this.#options
    return `${typeof account === 'string' ? account : account(bucket)}:${bucket}`
  }

  /** What is known of the buckets, and how much of each is used in its interval now. Buckets that nobody has used yet are absent. */
  async state(buckets: readonly string[]): Promise<BucketState[]> {
    const now = this.#options.clock.now()
    const names = new Map(buckets.map((bucket) => [this.#nameOf(bucket), bucket]))
    const { rows } = await this.#options.database.relay((tx) =>
      sql<BucketState & { name: string }>`
        select b.bucket as name, coalesce(b.remaining_of, nullif(b.max, ${UNLIMITED}::integer)) as max,
          case when b.remaining_of is null then (select count(*)::integer from sync.rate_log l
            where l.bucket = b.bucket and l.at > ${now}::timestamptz - make_interval(secs => b.interval_ms / 1000.0)) end as used,
          b.remaining, case when b.banned_until > ${now}::timestamptz then b.banned_until end as "bannedUntil",
          case when b.remaining_of is null then b.interval_ms end as "intervalMs",
          (select l.at from sync.rate_log l where l.bucket = b.bucket and l.call = b.last_call) as "lastAt"
        from sync.rate_buckets b where b.bucket = any(${[...names.keys()]}::text[]) order by b.bucket`.execute(
        tables(tx),
      ),
    )
    return rows.map(({ name, max, used, remaining, ...more }) => ({
      ...more,
      bucket: names.get(name) ?? name,
      max,
      used: used ?? (max !== null && remaining !== null ? max - remaining : null),
      // Of what we count ourselves our own count is the newer one.
      remaining: used !== null && max !== null ? Math.max(0, max - used) : remaining,
    }))
  }

  async #take(bucket: string, interactive: boolean): Promise<number> {
    const { clock, guardMs = null, reserve = 0.1 } = this.#options
    return await this.#options.database.relay(async (tx) => {
      // The instant is read here, on a connection that is ours: waiting for one would make it old.
      const { rows } = await sql<{ wait_ms: number }>`
        select sync.take_place(${this.#nameOf(bucket)}, ${clock.now()}::timestamptz, ${guardMs}::integer, ${reserve}::double precision, ${interactive},
          ${RESERVE_HELD_MS}, ${this.#nameOf('daily')}, ${REMAINING_VALID_MS}) as wait_ms`.execute(tables(tx))
      return rows[0]?.wait_ms ?? 0
    })
  }

  #ensure(bucket: string): Promise<void> {
    const known = this.#made.get(bucket)
    if (known) return known
    const { max = UNLIMITED, intervalMs = 10_000 } = this.#options.limits[bucket] ?? {}
    const making = this.#options.database
      .relay((tx) =>
        tables(tx)
          .insertInto('sync.rate_buckets')
          .values({
            bucket: this.#nameOf(bucket),
            max,
            interval_ms: intervalMs,
            banned_until: null,
            interactive_at: null,
            remaining: null,
            remaining_of: null,
            remaining_at: null,
          })
          .onConflict((oc) => oc.column('bucket').doNothing())
          .execute(),
      )
      .then(() => {})
    this.#made.set(bucket, making)
    making.catch(() => this.#made.delete(bucket))
    return making
  }
}
