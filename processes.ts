/** How the processes of a hub are started, end, and say why they could not start. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sleep } from '#kernel/clock.ts'
import { ConfigError } from '#kernel/config.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'

/** Where what was started is put, to be stopped. */
export interface Stack extends AsyncDisposable {
  use<T extends AsyncDisposable>(thing: T): T
}

/**
 * How long each is waited for when it is told to stop; of what runs in one process, together less than the ten seconds that
 * containers are given.
 */
export const PATIENCE_MS = {
  starting: 10_000,
  gateway: 2_000,
  gatewayAlone: 8_000,
  subgraphs: 6_000,
  simulators: 1_500,
}

/** What a person can mend, said in one sentence; the process ends with 1. */
export class Unusable extends Error {}

/** What a process says of itself to the one that forked it. */
type Word = { ready: true } | { fault: string }

/** A stack whose things are stopped side by side. */
export const openStack = (): Stack => {
  const things: AsyncDisposable[] = []
  return {
    use: (thing) => {
      things.push(thing)
      return thing
    },
    [Symbol.asyncDispose]: () => together(things.map(async (thing) => thing[Symbol.asyncDispose]())),
  }
}

/** Goes on without what takes too long to stop, or fails to: it must not keep the rest alive. */
export const unlessLonger = (
  ms: number,
  what: string,
  things: AsyncDisposable,
  log: Log,
): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    const over = new AbortController()
    const stopped = things[Symbol.asyncDispose]().then(
      () => true,
      (error: unknown) => {
        log.error({ what, err: error }, 'could not be stopped')
        return true
      },
    )
    const inTime = await Promise.race([stopped, sleep(ms, over.signal)])
    over.abort()
    if (!inTime) log.error({ what, ms }, 'did not stop in time')
  },
})

/** Waits for all, so that nothing goes on starting behind the back of a failure; then throws the first. */
export const together = async (starting: readonly Promise<unknown>[]): Promise<void> => {
  for (const one of await Promise.allSettled(starting)) if (one.status === 'rejected') throw one.reason
}

/**
 * Starts roles in a process of their own. It ends by itself when this process is gone, however that went.
 * `ready` throws Unusable with what the process said when it could not start.
 */
export const forkRoles = (roles: readonly string[]): AsyncDisposable & { ready: Promise<void> } => {
  const child: ChildProcess = fork(join(import.meta.dirname, 'main.ts'), roles, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const says = once(child, 'message').then(([word]: Word[]) => {
    if (word && 'fault' in word) throw new Unusable(word.fault)
  })
  const ends = gone.then(([code]) => {
    throw new Unusable(`The process of ${roles.join(' and ')} ended with code ${code}.`)
  })
  const ready = Promise.race([says, ends])
  // Whoever waits hears of it; until somebody does, it must not end the process.
  for (const promise of [says, ends, ready]) promise.catch(() => undefined)
  return {
    ready,
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect()
      const overdue = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS.simulators)
      await gone
      clearTimeout(overdue)
    },
  }
}

/**
 * Starts what `start` puts on the stack, and stops it in turn on Ctrl-C, on SIGTERM, when the parent process is gone, or
 * at once when `start` answers that all is done. Exit code 0, or 1 when it could not start or not stop.
 * A process that was forked leaves signals to its parent: Ctrl-C reaches all of a terminal's processes at once.
 */
export const runUntilTold = async (
  start: (stack: Stack, stopping: AbortSignal) => Promise<'stays' | 'is done'>,
): Promise<void> => {
  const stack = new AsyncDisposableStack()
  const stopping = new AbortController()
  const told = once(stopping.signal, 'abort')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!process.connected) stopping.abort()
    })
  process.on('disconnect', () => stopping.abort())
  let code = 0
  try {
    // What has begun to start is started before it is stopped, so that nothing is left half made.
    const starting = start(stack, stopping.signal)
    starting.catch(() => undefined)
    const late = told.then(() => sleep(PATIENCE_MS.starting))
    if ((await Promise.race([starting, late])) === 'stays') {
      if (process.connected) process.send?.({ ready: true } satisfies Word)
      await told
    }
  } catch (error) {
    code = stopping.signal.aborted ? 0 : 1
    const fault = inWords(error)
    if (code === 1 && process.connected) process.send?.({ fault } satisfies Word)
    else if (code === 1) process.stderr.write(`${fault}\n`)
  }
  try {
    await stack.disposeAsync()
  } catch (error) {
    process.stderr.write(`Something could not be stopped: ${inWords(error)}\n`)
    code = 1
  }
  process.exit(code)
}

/** The one message for people; what nobody has foreseen with its stack. */
const inWords = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ConfigError || error instanceof Unusable || isHubError(error)) return error.message
  // Free when it was looked at, and taken since.
  if ('code' in error && error.code === 'EADDRINUSE')
    return `${error.message}. Stop what listens there, or set PORT.`
  return error.stack ?? error.message
}
