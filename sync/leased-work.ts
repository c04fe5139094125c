import type { Database } from '#db/client.ts'
import { type Clock, repeat, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { LeaseLost } from './errors.ts'

/** Work of which each piece is one worker's until its lease ends. */
export interface LeasedWork<Piece> {
  database: Pick<Database<never>, 'listen'>
  clock: Clock
  log: Log
  /** Where news of work comes from. */
  channel: string
  /** Pieces at work in this process at a time. */
  most: number
  /** How long a silent worker keeps a piece. Renewed every third of it. */
  leaseMs: number
  /** How often to look for work when nobody wakes us. */
  pollMs: number
  /** Takes a piece; undefined when there is none. @param held how many this process has already */
  claim(held: number): Promise<Piece | undefined>
  /** Keeps a piece until then. @returns whether it is still ours */
  renew(piece: Piece, until: Date): Promise<boolean>
  /**
   * Does a piece and lets it go, whatever comes.
   * @param signal aborts when the worker stops or, with LeaseLost, when somebody else has the piece
   * @param stopping aborts only when the worker stops
   */
  work(piece: Piece, signal: AbortSignal, stopping: AbortSignal): Promise<unknown>
  /** A piece's ids, for the log. */
  idsOf(piece: Piece): object
  /** What it is, for the log, such as `sync runs`. */
  what: string
}

/** A worker: takes pieces and does them until it is disposed. */
export interface LeasedWorker extends AsyncDisposable {
  /** Looks for work now. */
  wake(): void
}

/** Renews the lease of a piece until it is disposed. @param lost told when somebody else has the piece */
export const keepLease = <Piece>(
  options: Pick<LeasedWork<Piece>, 'clock' | 'log' | 'leaseMs' | 'renew' | 'idsOf' | 'what'>,
  piece: Piece,
  lost: () => void = () => {},
): AsyncDisposable => {
  const { clock, log, leaseMs, what } = options
  const done = new AbortController()
  const keep = async () => {
    for (;;) {
      await sleep(leaseMs / 3, done.signal)
      if (done.signal.aborted) return
      try {
        if (!(await options.renew(piece, new Date(clock.now().getTime() + leaseMs)))) return lost()
      } catch (error) {
        // Not lost yet: if it stays like this somebody else takes the piece, and what we write of it is refused.
        log.warn({ err: error, ...options.idsOf(piece) }, `could not renew a lease of ${what}`)
      }
    }
  }
  const keeping = keep()
  return {
    [Symbol.asyncDispose]: async () => {
      done.abort()
      await keeping
    },
  }
}

/** Starts a worker. Many may run, in many processes. Disposing aborts the pieces under way and waits until they are let go. */
export const startLeasedWork = <Piece>(options: LeasedWork<Piece>): LeasedWorker => {
  const { database, log, what } = options
  const stopping = new AbortController()
  const held = new Set<Promise<void>>()

  const work = async (piece: Piece) => {
    const halt = new AbortController()
    await using _ = keepLease(options, piece, () => halt.abort(LeaseLost.with()))
    try {
      await options.work(piece, AbortSignal.any([stopping.signal, halt.signal]), stopping.signal)
    } catch (error) {
      log.error({ err: error, ...options.idsOf(piece) }, `could not conclude ${what}`)
    }
  }

  const take = async (): Promise<boolean> => {
    const piece = await options.claim(held.size)
    if (piece === undefined) return false
    const working = work(piece).finally(() => {
      held.delete(working)
      rounds.wake()
    })
    held.add(working)
    return true
  }

  const rounds = repeat(
    async () => {
      while (held.size < options.most && !stopping.signal.aborted && (await take()));
    },
    { everyMs: options.pollMs, failed: (error) => log.warn({ err: error }, `could not look for ${what}`) },
  )
  const listening = database.listen(options.channel, rounds.wake)
  return {
    wake: rounds.wake,
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await rounds[Symbol.asyncDispose]()
      await Promise.all(held)
      await listening[Symbol.asyncDispose]()
    },
  }
}
