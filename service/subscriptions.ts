import { CursorExpired, type EventLog, ExpiredCursor, type LoggedEvent, type Place } from '#events/log.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { BadInput, type HubError } from '#kernel/errors.ts'
import type { BaseContext } from './context.ts'
import { withDetail } from './errors.ts'

/** What a subscription yields: a value for the root field, and the place to go on from after it. */
export interface StreamItem<V> {
  cursor: string
  value: V
}
export type Stream<V> = AsyncIterableIterator<StreamItem<V>>

/** The part of an event log that serving uses. Without the database, receipts stay unresolved and nobody waits for them. */
export type SubscribableLog = Pick<EventLog, 'bounds' | 'place' | 'confirm' | 'follow'> &
  Partial<Pick<EventLog, 'database'>>

/** The cursor of a place in a log: with the stamp where it is known, so that a log that was put back to a backup is noticed. */
export const cursorAt = (pos: number, stamp?: string): string => encodeCursor(stamp ? [pos, stamp] : [pos])

const expired = (oldest: number): HubError =>
  withDetail(CursorExpired.with({ oldest }), { oldest: cursorAt(Math.max(0, oldest - 1)) })

/** Cursors of an earlier version hold the position alone, and go on being good. */
const placeOf = (after: string): Place => {
  const [position, stamp] = decodeCursor(after, 1, 2)
  const isPosition = typeof position === 'number' && Number.isSafeInteger(position) && position >= 0
  if (isPosition && (stamp === undefined || typeof stamp === 'string')) return { position, stamp }
  throw BadInput.with({ field: 'after', reason: 'is not a cursor of this subscription' })
}

/** Where a stream begins: behind what the caller knows, or at the end of what there is. @throws CURSOR_EXPIRED */
const beginning = async (log: SubscribableLog, after: string | null | undefined): Promise<Place> => {
  if (!after) return log.place()
  const asked = placeOf(after)
  try {
    await log.confirm(asked)
    return asked
  } catch (error) {
    throw fromLogError(error)
  }
}

/**
 * The stream of a GraphQL subscription: events of the caller's organisation, from behind `after` or from now on.
 * Ending it reaches the log at once, even while it waits for an event.
 * @param options.accept whether the caller asked for this event; default all
 * @param options.toValue the value of the root field, or null to pass over the event (the record is gone meanwhile)
 * @throws CURSOR_EXPIRED with the oldest usable cursor in its extensions, when what came behind `after` is gone or the
 *   log was put back to a day before it; BAD_INPUT when it is no cursor of a log
 */
export const fromLog = async <V>(
  ctx: Pick<BaseContext, 'eventLog' | 'orgId'>,
  options: {
    names: readonly string[]
    after?: string | null
    accept?: (event: LoggedEvent) => boolean
    toValue: (event: LoggedEvent) => V | null | Promise<V | null>
  },
): Promise<Stream<V>> => {
  const { position, stamp } = await beginning(ctx.eventLog, options.after)
  const stop = new AbortController()
  const events = ctx.eventLog
    .follow({ after: position, stamp, orgId: ctx.orgId, names: options.names, signal: stop.signal })
    [Symbol.asyncIterator]()
  const values = ahead(events, options, stop.signal)
  const read = async (): Promise<IteratorResult<StreamItem<V>>> => {
    for (;;) {
      const next = await values.next()
      if (next === undefined || stop.signal.aborted) return { done: true, value: undefined }
      const value = await next.value
      if (value !== null) return { done: false, value: { cursor: cursorAt(next.pos, next.stamp), value } }
    }
  }
  return interruptible(read, stop, () => events.return?.())
}

/** So many values are made while the first of them is waited for: one at a time, a stream is as slow as its queries are far away. */
const MOST_AHEAD = 32

interface Begun<V> extends Pick<LoggedEvent, 'pos' | 'stamp'> {
  value: V | null | Promise<V | null>
}

/** The values of events in their order, each begun before it is asked for. */
const ahead = <V>(
  events: AsyncIterator<LoggedEvent>,
  { accept, toValue }: Pick<Parameters<typeof fromLog<V>>[1], 'accept' | 'toValue'>,
  signal: AbortSignal,
): { next(): Promise<Begun<V> | undefined> } => {
  const begun: Begun<V>[] = []
  let changed = Promise.withResolvers<void>()
  let ended: { error?: unknown } | undefined
  const tell = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const begin = (event: LoggedEvent) => {
    const value = toValue(event)
    // Whoever takes it hears of its failure; until then it is nobody's surprise.
    if (value instanceof Promise) value.catch(() => undefined)
    begun.push({ pos: event.pos, stamp: event.stamp, value })
    tell()
  }
  const pump = async () => {
    for (;;) {
      while (begun.length >= MOST_AHEAD && !signal.aborted) await changed.promise
      const next = await events.next()
      if (next.done || signal.aborted) return
      if (!accept || accept(next.value)) begin(next.value)
    }
  }
  const start = () =>
    pump()
      .then(
        () => {
          ended = {}
        },
        (error: unknown) => {
          ended = { error }
        },
      )
      .finally(tell)
  let isStarted = false
  return {
    next: async () => {
      if (!isStarted) void start()
      isStarted = true
      while (begun.length === 0 && !ended) await changed.promise
      const first = begun.shift()
      if (first) {
        tell()
        return first
      }
      if (ended && 'error' in ended) throw ended.error
      return undefined
    },
  }
}

/**
 * An iterator whose `return()` does not wait for a pending `next()`, as that of an async generator would: a caller who
 * leaves while nothing happens would otherwise never be let go.
 */
const interruptible = <T>(
  read: () => Promise<IteratorResult<T>>,
  stop: AbortController,
  close: () => Promise<unknown> | undefined,
): AsyncIterableIterator<T> => {
  const done: IteratorResult<T> = { done: true, value: undefined }
  const stopped = new Promise<IteratorResult<T>>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(done), { once: true })
  })
  const end = async (): Promise<IteratorResult<T>> => {
    stop.abort()
    // The source ends in its own time; its complaints about being ended interest nobody.
    void Promise.resolve(close()).catch(() => undefined)
    return done
  }
  return {
    next: async () => {
      if (stop.signal.aborted) return done
      try {
        return await Promise.race([read(), stopped])
      } catch (error) {
        if (stop.signal.aborted) return done
        await end()
        throw fromLogError(error)
      }
    },
    return: end,
    throw: async (error) => {
      await end()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** The log's own word for a place that it does not know any more, with the one to go on from. */
const fromLogError = (error: unknown): unknown =>
  error instanceof ExpiredCursor ? expired(error.oldest) : error
