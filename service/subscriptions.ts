import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { BadInput, define, type HubError } from '#kernel/errors.ts'
import type { BaseContext } from './context.ts'
import { withDetail } from './errors.ts'

/** What a subscription yields: a value for the root field, and the place to go on from after it. */
export interface StreamItem<V> {
  cursor: string
  value: V
}
export type Stream<V> = AsyncIterableIterator<StreamItem<V>>

/** An event as a log hands it out. */
export interface StreamEvent {
  pos: number
  key: string
  name: string
  version: number
  payload: unknown
  occurredAt: Date
}

/** The part of an event log that subscriptions use. */
export interface SubscribableLog {
  bounds(): Promise<{ oldest: number; head: number }>
  follow(options: {
    after: number
    orgId?: string
    names?: readonly string[]
    signal: AbortSignal
  }): AsyncIterable<StreamEvent>
}

const CursorExpired = define('CURSOR_EXPIRED', {
  status: 410,
  retry: 'never',
  says: 'What you missed is no longer kept. Read the current state again, then subscribe without `after`.',
})

/** The cursor of a place in a log. */
export const cursorAt = (pos: number): string => encodeCursor([pos])

const expired = (oldest: number): HubError =>
  withDetail(CursorExpired.with(), { oldest: cursorAt(Math.max(0, oldest - 1)) })

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
export const fromLog = async <V, E extends StreamEvent = StreamEvent>(
  ctx: Pick<BaseContext, 'eventLog' | 'orgId'>,
  options: {
    names: readonly string[]
    after?: string | null
    accept?: (event: E) => boolean
    toValue: (event: E) => V | null | Promise<V | null>
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
      const event = next.value as E
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

/** The log's own word for a passed retention, in the words of a subscription. */
const fromLogError = (error: unknown): unknown => {
  const isExpired = error instanceof Error && 'oldest' in error && typeof error.oldest === 'number'
  return isExpired ? expired(error.oldest as number) : error
}
