import type { ExecutionResult } from 'graphql'
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { slowConsumers } from '#telemetry/measures.ts'
import { asGraphQLError, TooManySubscriptions } from '../errors.ts'
import type { Executor } from '../execute.ts'
import type { Caller } from '../identity/index.ts'
import { keyOf } from '../identity/watch.ts'
import { Tally } from '../limits/tally.ts'
import { runEvent } from './per-event.ts'
import type { Prepared } from './plan.ts'
import type { Positions } from './position.ts'
import { ClientStream, type StreamLimits } from './stream.ts'
import { type Open, type Stream, Triggers } from './triggers.ts'
import type { Upstreams } from './upstream.ts'

export interface FollowerLimits extends StreamLimits {
  /** Subscriptions of one principal, over all doors, where hub does not say how many. */
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
  /** How many streams of clients are open. */
  readonly open: number
}

/** Opens the one way to follow something. */
export const openFollower = (options: FollowerOptions): Follower => {
  const { executor, limits, clock, log } = options
  const { deadlineMs } = executor.limits
  const running = new Tally()
  let streams = 0
  const triggers = new Triggers(limits)
  const opening =
    (prepared: Prepared, caller: Caller): Open =>
    (from, slow) => {
      const { part, upstream, cursorVariable } = prepared
      return new ClientStream({
        isResumable: cursorVariable !== undefined,
        after: from,
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
  const open = (prepared: Prepared, caller: Caller, slow: () => void): Stream => {
    const { snapshot, identity, cursorVariable, after } = prepared
    // What cannot be resumed cannot be left and joined either.
    if (cursorVariable === undefined) return opening(prepared, caller)(after, slow)
    // Whatever is sent to any part of the graph: the principal, whole. Nobody is given what another may see.
    const key = `${snapshot.id}\n${keyOf(caller)}\n${identity}`
    return triggers.follow({ key, after, open: opening(prepared, caller), slow })
  }
  return {
    get open() {
      return streams
    },
    follow: (prepared, caller, slow) => {
      const { orgId, kind, id } = caller.principal
      const own = `${orgId} ${kind} ${id}`
      const most = caller.limits?.subscriptions ?? limits.subscriptions
      const mostOfAll = caller.limits?.organisationSubscriptions ?? Number.POSITIVE_INFINITY
      if (!running.take(own, most)) throw TooManySubscriptions.with({ whose: 'You follow', most })
      if (!running.take(`${orgId}`, mostOfAll)) {
        running.give(own)
        throw TooManySubscriptions.with({ whose: 'Your organisation follows', most: mostOfAll })
      }
      streams += 1
      const letGo = () => {
        slowConsumers.inc()
        slow()
      }
      return counted(open(prepared, caller, letGo), {
        begin: () => executor.admit({ caller }, 1),
        ended: () => {
          streams -= 1
          running.give(own)
          running.give(`${orgId}`)
        },
      })
    },
  }
}

/** The stream, counted before it begins, and telling once when it has ended. */
const counted = (stream: Stream, { begin, ended }: { begin(): Promise<void>; ended(): void }): Results => {
  let isOpen = true
  let isBegun = false
  const end = () => {
    if (isOpen) ended()
    isOpen = false
  }
  return {
    next: async () => {
      try {
        if (!isOpen) return { done: true, value: undefined }
        if (!isBegun) await begin()
        isBegun = true
        const result = await stream.next()
        if (result.done) end()
        return result
      } catch (error) {
        end()
        if (isBegun || !isHubError(error)) throw error
        await stream.return()
        return { done: false, value: { errors: [asGraphQLError(error)] } }
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
