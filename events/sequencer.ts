import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { backoff } from '#kernel/backoff.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { EventDatabase } from './event.ts'
import { prune } from './retention.ts'

export interface SequencerOptions {
  database: EventDatabase
  log: Log
  clock: Clock
  /** How long events are kept. Default 7 days. */
  retentionMs?: number
  /** Most events given positions in one transaction, shared between the organisations that have any. Default 1,000. */
  batch?: number
}

/** The channel that is notified once per moved batch. */
export const EVENT_CHANNEL = 'event_log'

const DAY_MS = 86_400_000
const PRUNE_EVERY_MS = 60_000
const FASTEST_POLL_MS = 10
const SLOWEST_POLL_MS = 250
const BUSY = 50

/**
 * Moves committed batches of events from the outbox to the log by giving them positions. Start one in every process that writes: the one that holds the
 * database's advisory lock moves, and holds it on the session and in the transaction of the move. So a dead leader's
 * lock goes with its session, a lost connection cannot move anything any more, and whoever comes next just goes on.
 */
export const startSequencer = (options: SequencerOptions): Sequencer => new Sequencer(options)

export class Sequencer implements AsyncDisposable {
  readonly #options: SequencerOptions
  readonly #closed = new AbortController()
  readonly #running: Promise<void>
  #wake: () => void = () => undefined
  #woken = false

  constructor(options: SequencerOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** Says that something was just committed. Not needed, only quicker than the next look. */
  wake(): void {
    this.#woken = true
    this.#wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    this.#wake()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    let pollMs = FASTEST_POLL_MS
    let prunedAt = Number.NEGATIVE_INFINITY
    for (let failures = 0; !signal.aborted; ) {
      this.#woken = false
      try {
        const turn = await moveBatch(this.#options)
        failures = 0
        if (turn === 'more') continue
        // Somebody else moves: he may have looked before our commit, so look again soon.
        pollMs = turn === 'nothing' ? Math.min(pollMs * 2, SLOWEST_POLL_MS) : FASTEST_POLL_MS
        if (turn === 'nothing' && performance.now() - prunedAt > PRUNE_EVERY_MS) {
          prunedAt = performance.now()
          await prune({ ...this.#options, retentionMs: this.#options.retentionMs ?? 7 * DAY_MS })
        }
      } catch (error) {
        pollMs = backoff(++failures, Math.random(), 50, 2000)
        this.#options.log.warn({ err: error, failures }, 'events could not be moved to the log')
      }
      await this.#pause(pollMs, failures > 0)
    }
  }

  async #pause(ms: number, failed: boolean): Promise<void> {
    if (this.#woken && !failed) return
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await sleep(ms, failed ? this.#closed.signal : woken.signal)
    this.#wake = () => undefined
  }
}

/** What became of one turn: another process moves, the outbox is empty, a few events moved, or so many that more must be waiting. */
export type Turn = 'busy' | 'nothing' | 'moved' | 'more'

/** Gives positions to what waits, if the lock is free; the events themselves stay where they were written. Organisations take turns, so that one's import does not delay another's event. */
export const moveBatch = ({ database, clock, batch = 1000 }: SequencerOptions): Promise<Turn> =>
  database.relay(async (tx) => {
    const whole = over(tx)
    // The lock is a statement of its own: the move then sees all that the mover before us committed.
    const { rows: locks } = await sql<{ leads: boolean; waiting: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended('tributary sequencer', 0)) as leads,
        exists (select from events.outbox) as waiting,
        -- A process that is halted in the middle of a move must not halt the others for long.
        set_config('idle_in_transaction_session_timeout', '3000', true),
        -- Statistics of a table that is always filling or emptying mislead the planner.
        set_config('enable_seqscan', 'off', true)`.execute(whole)
    if (!locks[0]?.waiting) return 'nothing'
    if (!locks[0].leads) return 'busy'
    const { rows } = await sql<{ moved: number }>`
      with recursive organisations as (
        (select org_id from events.outbox order by org_id limit 1)
        union all
        select (select o.org_id from events.outbox o where o.org_id > organisations.org_id order by o.org_id limit 1)
        from organisations where organisations.org_id is not null
      ), share as (
        select greatest(1, ${batch}::integer / greatest(1, count(org_id))) as events from organisations
      ), turns as (
        select turn.id, turn.place from share, organisations
        cross join lateral (
          select mine.id, row_number() over (order by mine.id) as place, sum(mine.size) over (order by mine.id) as reached from (
            select o.id, o.size from events.outbox o where o.org_id = organisations.org_id order by o.id limit share.events
          ) mine
        ) turn
        where organisations.org_id is not null and (turn.place = 1 or turn.reached <= share.events)
      ), moved as (
        delete from events.outbox o using turns where o.id = turns.id returning o.*, turns.place
      ), numbered as (
        -- In each round the shortest first: a single event does not wait for a page of somebody else's.
        select id, org_id, size, trace, sum(size) over (order by place, size, id) as reached, sum(size) over () as total from moved
      ), head as (
        update events.head set pos = pos + (select sum(size) from moved)
        where exists (select from moved) returning pos
      ), known as (
        insert into events.organisations (org_id) select distinct org_id from moved on conflict do nothing
      ), logged as (
        insert into events.batches (last_pos, first_pos, id, org_id, logged_at, trace)
        select head.pos - numbered.total + numbered.reached, head.pos - numbered.total + numbered.reached - numbered.size + 1,
          numbered.id, numbered.org_id, ${clock.now()}::timestamptz, numbered.trace
        from numbered, head
        returning last_pos, last_pos - first_pos + 1 as size
      )
      select sum(size)::integer as moved, pg_notify(${EVENT_CHANNEL}, max(last_pos)::text) from logged having count(*) > 0`.execute(
      whole,
    )
    const moved = rows[0]?.moved ?? 0
    // One busy organisation among many fills only its share, so a busy outbox is told by less than a full batch.
    return moved === 0 ? 'nothing' : moved >= Math.min(batch, BUSY) ? 'more' : 'moved'
  })
