import { chmod, mkdtemp, readdir, realpath, rm, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryLock } from '#db/file-lock.ts'
import { findRunning, type Postmaster, start, stop } from '#db/postmaster.ts'
import { describe, startServer } from '#db/server.ts'
import { silentLog } from './log.ts'

/** For data that nobody will miss, and memory that a killed server does not leave behind. */
export const THROWAWAY = [
  'fsync=off',
  'full_page_writes=off',
  'autovacuum_naptime=10s',
  'dynamic_shared_memory_type=mmap',
  // What the passwords of a test guard is gone afterwards: connecting is cheaper with one round than with thousands.
  'scram_iterations=1',
]

const SERVER_PREFIX = 'tributary-test-server-'
const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 2_000_000_000

/** In memory where there is room: a database is cloned there in a fifth of the time. */
export const quickestDirectory = async (): Promise<string> => {
  const room = await statfs(MEMORY).catch(() => undefined)
  return room && room.bavail * room.bsize > ENOUGH_BYTES ? MEMORY : tmpdir()
}

/** A directory that is removed afterwards. */
export const temporaryDirectory = async (
  inside = tmpdir(),
  prefix = 'tributary-test-',
): Promise<{ path: string } & AsyncDisposable> => {
  const path = await realpath(await mkdtemp(join(inside, prefix)))
  // Root's PostgreSQL runs as another user, who must be able to enter.
  await chmod(path, 0o711)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** A PostgreSQL server of a test's own, which it may stop and start. It stays on its port. */
export interface TestServer extends AsyncDisposable {
  /** Superuser's connection string. */
  url: string
  home: string
  /** `immediate` is as a crash: connections break off, the next start recovers. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
  restart(mode?: 'fast' | 'immediate'): Promise<void>
}

/** Starts a throwaway PostgreSQL server. Most tests want `testDatabase` instead, which is some thirty times quicker. */
export const testServer = async (settings: readonly string[] = []): Promise<TestServer> => {
  const directory = await temporaryDirectory(await quickestDirectory(), SERVER_PREFIX)
  const home = directory.path
  const all = [...THROWAWAY, ...settings]
  const server = await startServer({ home, log: silentLog, settings: all, watch: false })
  const port = Number(new URL(server.url).port)
  const postmaster: Postmaster = await describe({ home, settings: all })
  const startAgain = async () => {
    if (await findRunning(postmaster)) return
    const got = await start(postmaster, port)
    if (got !== port) throw new Error(`the test server moved from port ${port} to ${got}`)
  }
  return {
    // Over the network, so that a test may put a proxy between.
    url: server.url.replace(/\?.*$/, ''),
    home,
    stop: (mode = 'fast') => stop(postmaster, mode),
    start: startAgain,
    restart: async (mode = 'fast') => {
      await stop(postmaster, mode)
      await startAgain()
    },
    [Symbol.asyncDispose]: async () => {
      await stop(postmaster, 'immediate')
      await server[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

/** Stops and removes the servers of test runs that were killed before they could. */
export const sweepServers = async (): Promise<void> => {
  for (const directory of [MEMORY, tmpdir()]) {
    const names = await readdir(directory).catch(() => [])
    for (const name of names) if (name.startsWith(SERVER_PREFIX)) await sweep(join(directory, name))
  }
}

const sweep = async (home: string): Promise<void> => {
  const users = join(home, 'postgres.users')
  const isOurs = (await stat(home)).uid === process.getuid?.()
  if (!isOurs || !(await stat(users).catch(() => undefined))) return
  // Whoever starts holds the first lock, whoever still runs the second.
  const [starting, running] = [tryLock(join(home, 'postgres.lock'), 'exclusive'), tryLock(users, 'exclusive')]
  if (starting && running) await stop(await describe({ home }), 'immediate')
  starting?.release()
  running?.release()
  if (starting && running) await rm(home, { recursive: true, force: true, maxRetries: 5 })
}
