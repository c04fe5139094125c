import type { Clock } from '#kernel/clock.ts'

/** One request received. `status` is 0 while it is not answered, 499 when the caller went away first. */
export interface JournalEntry {
  /** Epoch milliseconds at arrival, by the base clock. */
  at: number
  method: string
  /** Path and query. */
  path: string
  status: number
  /** Milliseconds until the answer was sent. */
  ms: number
  portal: string
  /** Limits it was counted against: none when refused. */
  counted: readonly string[]
  /** Why it was refused: the limit's name, or `ban`. */
  refused?: string
  /** The fault that was played on it. */
  fault?: string
}

export interface JournalFilter {
  portal?: string
  /** Regular expression on the path. */
  path?: RegExp
  method?: string
  /** Epoch milliseconds. */
  since?: number
}

// Old entries go in one cut, so that keeping the newest costs nothing per request.
const KEPT = 400_000

/** Every request a simulator has received, newest kept when it grows past its bound. */
export class Journal {
  readonly #clock: Clock
  #entries: JournalEntry[] = []
  #dropped = 0
  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes a request at its arrival; fill in `status` and `ms` by `finish`. */
  open(method: string, path: string, portal: string): JournalEntry {
    const entry: JournalEntry = {
      at: this.#clock.now().getTime(),
      method,
      path,
      status: 0,
      ms: 0,
      portal,
      counted: [],
    }
    if (this.#entries.length >= KEPT * 1.25) {
      this.#dropped += this.#entries.length - KEPT
      this.#entries = this.#entries.slice(-KEPT)
    }
    this.#entries.push(entry)
    return entry
  }

  finish(entry: JournalEntry, status: number): void {
    entry.status = status
    entry.ms = this.#clock.now().getTime() - entry.at
  }

  /** Forgets everything received so far. */
  clear(): void {
    this.#entries = []
    this.#dropped = 0
  }

  entries(filter: JournalFilter = {}): JournalEntry[] {
    return this.#entries.filter(
      (e) =>
        (filter.portal === undefined || e.portal === filter.portal) &&
        (filter.method === undefined || e.method === filter.method) &&
        (filter.since === undefined || e.at >= filter.since) &&
        (filter.path === undefined || filter.path.test(e.path)),
    )
  }

  /** Sums over some entries: totals by status and method, refusals by reason, and how many were dropped from memory. */
  counts(entries: readonly JournalEntry[]) {
    const byStatus: Record<string, number> = {}
    const byMethod: Record<string, number> = {}
    const refused: Record<string, number> = {}
    for (const entry of entries) {
      byStatus[entry.status] = (byStatus[entry.status] ?? 0) + 1
      byMethod[entry.method] = (byMethod[entry.method] ?? 0) + 1
      if (entry.refused !== undefined) refused[entry.refused] = (refused[entry.refused] ?? 0) + 1
    }
    return { total: entries.length, byStatus, byMethod, refused, dropped: this.#dropped }
  }
}

/**
 * The most requests that fall into any window of `windowMs` milliseconds.
 * @param times arrival times in milliseconds, ascending
 */
export const busiest = (times: readonly number[], windowMs: number): number => {
  let most = 0
  let first = 0
  for (let last = 0; last < times.length; last += 1) {
    while (times[last]! - times[first]! >= windowMs) first += 1
    most = Math.max(most, last - first + 1)
  }
  return most
}
