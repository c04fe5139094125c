import type { ExecutionResult } from 'graphql'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { TooManySubscriptions } from '../errors.ts'
import type { Executor } from '../execute.ts'
import type { Caller } from '../identity/index.ts'
import { keyOf } from '../identity/watch.ts'
import { Tally } from '../limits/tally.ts'
import { runEvent } from './per-event.ts'
import type { Prepared } from './plan.ts'
import type { Positions } from './position.ts'
import { ClientStream, type StreamLimits } from './stream.ts'
import type { Upstreams } from './upstream.ts'

export interface FollowerLimits extends StreamLimits {
  /** Subscriptions of one principal, over all doors. */
  subscriptions: number
}

export interface FollowerOptions {
  executor: Executor
  upstreams: Upstreams
  position: Positions
  limits: FollowerLimits
  clock: Clock
  log: Log
}

export type Results = AsyncGenerator<ExecutionResult, undefined>

/** What every door for subscriptions ends in, whichever way the results are carried. */
export interface Follower {
  /**
   * Follows what was prepared for a caller. Ending the results ends the subscription.
   * @param slow called when the client does not take what it asked for; the results have ended then
   * @throws TOO_MANY_SUBSCRIPTIONS
   */
  follow(prepared: Prepared, caller: Caller, slow: () => void): Results
}

/** Opens the one way to follow something. */
export const openFollower = (options: FollowerOptions): Follower => {
  const { executor, limits, clock, log } = options
  const { deadlineMs } = executor.limits
  const running = new Tally()
  const open = (prepared: Prepared, caller: Caller, slow: () => void): ClientStream => {
    const { part, upstream, cursorVariable } = prepared
    return new ClientStream({
      isResumable: cursorVariable !== undefined,
      after: prepared.after,
      limits,
      position: () => options.position(part, caller),
      subscribe: (after, sink) => {
        const cursor = cursorVariable ? { [cursorVariable]: after ?? null } : {}
        const payload = { ...upstream, variables: { ...upstream.variables, ...cursor } }
        return options.upstreams.subscribe(part, caller.principal, payload, sink)
      },
      run: (event, signal) => {
        const context = (over: AbortSignal) => ({
          ...{ caller, log, signal: over },
          ...{ behind: new Set<string>(), cookies: [] },
        })
        return runEvent(event, { prepared, clock, signal, deadlineMs, context })
      },
      slow,
    })
  }
  return {
    follow: (prepared, caller, slow) => {
      const key = keyOf(caller)
      if (!running.take(key, limits.subscriptions))
        throw TooManySubscriptions.with({ most: limits.subscriptions })
      return counted(open(prepared, caller, slow), () => running.give(key))
    },
  }
}

/** The stream, telling once when it has ended. */
const counted = (stream: ClientStream, ended: () => void): Results => {
  let isOpen = true
  const end = () => {
    if (isOpen) ended()
    isOpen = false
  }
  return {
    next: async () => {
      try {
        const result = await stream.next()
        if (result.done) end()
        return result
      } catch (error) {
        end()
        throw error
      }
    },
    return: () => {
      end()
      return stream.return()
    },
    throw: async (error) => {
      end()
      await stream.return()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => {
      end()
      await stream.return()
    },
  }
}
