/**
 * reading   what was read to answer one question, noted while it is answered, for whoever wants to keep the answer
 * touched   something was written in a table, whatever it was: an answer that has read there may be another one now
 *
 * PostgreSQL itself says what a transaction has read: it holds a lock on every table that any of its statements has looked
 * into, be it through a view or within a function.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const current = new AsyncLocalStorage<Reading | undefined>()

/** So long an answer that hangs on what time it is holds, unless it is known until when: nobody sees the difference. */
const A_MOMENT_MS = 200

/** What was read so far. */
export class Reading {
  /** PostgreSQL's numbers of what was looked into: tables, and their indexes and views. */
  readonly relations = new Set<number>()
  #holdsUntil = Number.POSITIVE_INFINITY
  #isPassing = false

  /** What is read for the question that is being answered here; undefined where nobody wants to know. */
  static current(): Reading | undefined {
    return current.getStore()
  }

  /** Notes what `run` reads, and what it begins. */
  during<T>(run: () => T): T {
    return current.run(this, run)
  }

  /** Whether the answer hangs on something that nobody tells of when it changes. */
  get isPassing(): boolean {
    return this.#isPassing
  }

  /** Until when the answer holds if nothing is touched, in milliseconds of the clock; Infinity: as long as nothing is. */
  get holdsUntil(): number {
    return this.#holdsUntil
  }

  /** Something went in that nobody tells of when it changes: another system was asked, or what is under way was looked at. */
  passes(): void {
    this.#isPassing = true
  }

  /** What time it is went in. */
  readsClock(now: Date): void {
    this.holdsBefore(now.getTime() + A_MOMENT_MS)
  }

  /** It is another answer from this moment on. @param at milliseconds of the clock */
  holdsBefore(at: number): void {
    this.#holdsUntil = Math.min(this.#holdsUntil, at)
  }
}

/** Runs something that is no part of the answer. */
export const unread = <T>(run: () => T): T => current.run(undefined, run)

/** Ends a transaction and tells what it has looked into. What PostgreSQL itself is made of never changes so. */
export const COMMIT_TELLING = `
  select distinct relation::int8 as relation from pg_locks
  where pid = pg_backend_pid() and locktype = 'relation' and relation >= 16384
    and database = (select oid from pg_database where datname = current_database());
  commit`
