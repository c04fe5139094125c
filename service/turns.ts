import { repeat } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'

/** A subgraph's database, seen by what work in turns needs of it. */
export interface TurnRows {
  relay<T>(run: (tx: object) => Promise<T>): Promise<T>
  transaction<T>(orgId: string, run: (tx: object) => Promise<T>): Promise<T>
  listen(channel: string, wake: () => void): AsyncDisposable
}

export interface TurnOptions {
  rows: TurnRows
  log: Log
  /** Where news of work comes from. */
  channel: string
  /** How often to look when no news comes, in milliseconds. */
  everyMs: number
  /** How long to wait for what comes with the news. Default not at all. */
  gatherMs?: number
  /** Called when news comes. */
  news?(): void
  /** Who has work. */
  organisations(tx: object): Promise<readonly string[]>
  /** One batch of an organisation. @returns whether anything was done */
  turn(orgId: string): Promise<boolean>
  /** Called after a turn that did something. */
  published(): void
  /** What it means when a turn fails, for the log. */
  trouble: string
}

/**
 * Does the work of organisations, one batch of each in turns, so that nobody waits for another's million; looks again when
 * news comes, and now and then. One organisation's trouble keeps nobody else from its turn.
 */
export const takeTurns = (options: TurnOptions): AsyncDisposable => {
  const { rows, log, channel, organisations, turn, published, trouble } = options

  /** @returns whether there may be more */
  const oneOfEach = async (signal: AbortSignal): Promise<boolean> => {
    let isMore = false
    for (const orgId of await rows.relay(organisations)) {
      if (signal.aborted) return false
      try {
        if (!(await turn(orgId))) continue
        isMore = true
        published()
      } catch (error) {
        log.warn({ err: error, orgId }, trouble)
      }
    }
    return isMore
  }

  const rounds = repeat(
    async (signal) => {
      while (await oneOfEach(signal));
    },
    {
      everyMs: options.everyMs,
      gatherMs: options.gatherMs ?? 0,
      failed: (error) => log.warn({ err: error }, trouble),
    },
  )
  const listening = rows.listen(channel, () => {
    options.news?.()
    rounds.wake()
  })
  return {
    [Symbol.asyncDispose]: async () => {
      const ending = rounds[Symbol.asyncDispose]()
      await listening[Symbol.asyncDispose]()
      await ending
    },
  }
}
