import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { type Clock, sleep } from '#kernel/clock.ts'

/** A clock with the waits that go with it. */
export interface PausingClock extends Clock {
  pause: typeof sleep
}

/** Requests of this process that have no whole answer yet. */
const underWay = new Set<unknown>()
const told = (name: string, tell: (request: unknown) => void) =>
  subscribe(`undici:request:${name}`, (message) => tell((message as { request: unknown }).request))
told('create', (request) => underWay.add(request))
told('trailers', (request) => underWay.delete(request))
told('error', (request) => underWay.delete(request))
subscribe('http.client.request.created', (message) => {
  const { request } = message as { request: ClientRequest }
  underWay.add(request)
  request.once('close', () => underWay.delete(request))
})

/** So many turns of the event loop in which nothing is asked, and everybody who can do something at this moment has done it. */
const TURNS = 8

/**
 * A clock that stands still while anything works, an unanswered request included, and goes on to whoever waits for the next moment:
 * an hour's limit is proved at once, to the millisecond, and no machine is too slow for it.
 */
export const steppedClock = (start = '2026-11-20T12:00:00Z'): PausingClock => {
  let now = Date.parse(start)
  const waiting: { at: number; go: () => void }[] = []
  let isGoing = false
  const quiet = async () => {
    for (let left = TURNS; left > 0; ) {
      await (underWay.size > 0 ? sleep(1) : turn())
      left = underWay.size > 0 ? TURNS : left - 1
    }
  }
  const goOn = async () => {
    isGoing = true
    for (;;) {
      await quiet()
      const next = waiting.sort((a, b) => a.at - b.at).shift()
      if (!next) break
      now = Math.max(now, next.at)
      next.go()
    }
    isGoing = false
  }
  return {
    now: () => new Date(now),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const one = { at: now + ms, go: resolve }
        waiting.push(one)
        const leave = () => {
          // Nobody's moment any more: the clock does not go there.
          if (waiting.includes(one)) waiting.splice(waiting.indexOf(one), 1)
          resolve()
        }
        signal?.addEventListener('abort', leave, { once: true })
        if (!isGoing) void goOn()
      }),
  }
}
