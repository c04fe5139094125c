import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { binaries, ROOTS_PLACE } from './binaries.ts'
import { dataPlace, rememberPlace } from './data-place.ts'
import { ServerFailed } from './errors.ts'
import { type FileLock, lock, tryLock } from './file-lock.ts'
import { keep, kept, keptPassword, openHome } from './home.ts'
import { findRunning, initialise, isDead, type Postmaster, start, stop } from './postmaster.ts'
import { systemUser } from './system-user.ts'

const TAKES_AT_MOST_MS = 120_000
const LOOK_EVERY_MS = 1000

export interface Server extends AsyncDisposable {
  /** Connection string of the superuser. */
  url: string
}

export interface ServerOptions {
  /** Directory that keeps data, password and port. */
  home: string
  /** More `name=value` settings, such as `fsync=off` for throwaway data. */
  settings?: readonly string[]
  /** Where root keeps data and programs that the user `postgres` cannot reach in the home. Default /var/lib/tributary. */
  rootsPlace?: string
  /** Whether to start PostgreSQL again when it dies under us. Default true. */
  watch?: boolean
}

/**
 * The embedded PostgreSQL of a home: started by the first process that asks, adopted by the others, and by the next
 * one when the first was killed. Disposing stops it (fast shutdown) unless another process still uses it.
 * @throws HUB_HOME_UNUSABLE or HUB_POSTGRES_FAILED with what to do
 */
export const startServer = async (options: ServerOptions & { log: Log }): Promise<Server> => {
  const home = await openHome(options.home)
  const one = await oneAtATime(home)
  let using: FileLock | undefined
  try {
    // Shared by all users of the server: who can take it alone knows that he is the last.
    using = await lock(join(home, 'postgres.users'), 'shared', 1000)
    const postmaster = await describe({ ...options, home })
    const port = await run(home, postmaster, options.log)
    const url = `postgres://postgres:${postmaster.password}@127.0.0.1:${port}/postgres${await throughSocket(postmaster, port)}`
    const held = using
    const left = new AbortController()
    const watching =
      options.watch === false ? undefined : watch(home, postmaster, port, options.log, left.signal)
    return {
      url,
      [Symbol.asyncDispose]: async () => {
        if (left.signal.aborted) return
        left.abort()
        await watching
        await leave(home, postmaster, held, options.log)
      },
    }
  } catch (error) {
    using?.release()
    throw error
  } finally {
    one.release()
  }
}

/** What is known of a home's server, without starting it. */
export const describe = async (options: ServerOptions): Promise<Postmaster> => {
  const { home, settings = [], rootsPlace = ROOTS_PLACE } = options
  const user = await systemUser()
  const place = await dataPlace(home, user, rootsPlace)
  const password = await keptPassword(home, 'postgres.password')
  const socket = fits(place.data) ? [`unix_socket_directories=${place.data}`] : []
  const known = await binaries(user, rootsPlace)
  return { binaries: known, place, user, password, settings: [...socket, ...settings] }
}

// A socket's address has room for 107 characters, the file's own name and the longest port included; and the server is
// told of it in a line that spaces and quotes would break.
const fits = (directory: string): boolean =>
  /^[\w./-]+$/.test(directory) && Buffer.byteLength(join(directory, '.s.PGSQL.65535')) <= 107

/** Through its socket, where it has one: half the way of the loopback network, for both ends. */
const throughSocket = async ({ place }: Postmaster, port: number): Promise<string> => {
  const isThere = await stat(join(place.data, `.s.PGSQL.${port}`)).then(
    (found) => found.isSocket(),
    () => false,
  )
  return isThere ? `?host=${encodeURIComponent(place.data)}` : ''
}

const run = async (home: string, postmaster: Postmaster, log: Log): Promise<number> => {
  if (postmaster.place.abandoned) {
    await stop(postmaster, 'immediate')
    await rm(postmaster.place.data, { recursive: true, force: true })
  }
  await initialise(postmaster)
  await rememberPlace(home, postmaster.place)
  const running = await findRunning(postmaster)
  if (running) {
    log.info({ port: running }, 'PostgreSQL already runs')
    return running
  }
  const port = await start(postmaster, Number((await kept(home, 'postgres.port')) ?? 0))
  await keep(home, 'postgres.port', String(port))
  log.info({ port }, 'PostgreSQL started')
  return port
}

/** Whoever uses the server starts it again when it was killed, on its port, so that every pool finds it where it was. */
const watch = async (
  home: string,
  postmaster: Postmaster,
  port: number,
  log: Log,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, signal)
    if (signal.aborted || !(await isDead(postmaster))) continue
    const one = await lock(join(home, 'postgres.lock'), 'exclusive', 0)
    if (!one) continue
    try {
      if (signal.aborted || (await findRunning(postmaster))) continue
      log.warn('PostgreSQL is gone and is started again')
      const got = await start(postmaster, port)
      if (got !== port)
        log.error({ port: got }, 'PostgreSQL had to move to another port: start the hub again')
    } catch (error) {
      log.error({ err: error }, 'PostgreSQL could not be started again')
    } finally {
      one.release()
    }
  }
}

const leave = async (
  home: string,
  postmaster: Postmaster,
  using: FileLock | undefined,
  log: Log,
): Promise<void> => {
  const one = await oneAtATime(home)
  try {
    using?.release()
    const alone = tryLock(join(home, 'postgres.users'), 'exclusive')
    if (!alone) return
    await stop(postmaster)
    alone.release()
    log.info('PostgreSQL stopped')
  } finally {
    one.release()
  }
}

const oneAtATime = async (home: string): Promise<FileLock> => {
  const held = await lock(join(home, 'postgres.lock'), 'exclusive', TAKES_AT_MOST_MS)
  if (held) return held
  throw ServerFailed.with({
    problem: 'is being started or stopped by another process that does not finish',
    fix: `End that process; it holds ${join(home, 'postgres.lock')}.`,
  })
}
