import { CursorExpired, type EventLog, ExpiredCursor, type LoggedEvent } from '#events/log.ts'
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
export type SubscribableLog = Pick<EventLog, 'bounds' | 'follow'> & Partial<Pick<EventLog, 'database'>>

/** The cursor of a place in a log. */
export const cursorAt = (pos: number): string => encodeCursor([pos])

const expired = (oldest: number): HubError =>
  withDetail(CursorExpired.with({ oldest }), { oldest: cursorAt(Math.max(0, oldest - 1)) })

const placeOf = (after: string): number => {
  const [pos] = decodeCursor(after, 1)
  if (typeof pos === 'number' && Number.isSafeInteger(pos) && pos >= 0) return pos
  throw BadInput.with({ field: 'after', reason: 'is not a cursor of this subscription' })
}

/**
 * The stream of a GraphQL subscription: events of the caller's organisation, from behind `after` or from now on.
 * Ending it reaches the log at once, even while it waits for an event.
 * @param options.accept whether the caller asked for this event; default all
 * @param options.toValue the value of the root field, or null to pass over the event (the record is gone meanwhile)
 * @throws CURSOR_EXPIRED with the oldest usable cursor in its extensions; BAD_INPUT when it is no cursor of a log
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
  const asked = options.after ? placeOf(options.after) : null
  const { oldest, head } = await ctx.eventLog.bounds()
  if (asked !== null && asked < oldest - 1) throw expired(oldest)
  const stop = new AbortController()
  const events = ctx.eventLog
    .follow({ after: asked ?? head, orgId: ctx.orgId, names: options.names, signal: stop.signal })
    [Symbol.asyncIterator]()
  const read = async (): Promise<IteratorResult<StreamItem<V>>> => {
    for (;;) {
      const next = await events.next()
      if (next.done || stop.signal.aborted) return { done: true, value: undefined }
      const event = next.value
      if (options.accept && !options.accept(event)) continue
      const value = await options.toValue(event)
      if (value !== null) return { done: false, value: { cursor: cursorAt(event.pos), value } }
    }
  }
  return interruptible(read, stop, () => events.return?.())
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

/** The log's own word for a passed retention, with the place to go on from. */
const fromLogError = (error: unknown): unknown =>
  error instanceof ExpiredCursor ? expired(error.oldest) : error
