import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { platform } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { sleep } from '#kernel/clock.ts'
import type { Binaries } from './binaries.ts'
import { type DataPlace, giveTo } from './data-place.ts'
import { codeOf, ServerFailed } from './errors.ts'
import type { SystemUser } from './system-user.ts'

/** All that is needed to start, find or stop the PostgreSQL server of one data directory. */
export interface Postmaster {
  binaries: Binaries
  place: DataPlace
  user: SystemUser | undefined
  password: string
  /** `name=value` settings beside our own. */
  settings: readonly string[]
}

const UNFINISHED = '.new-'
const LOG_LIMIT_BYTES = 10_000_000
const START_TIMEOUT_SECONDS = 60
// Beyond what any of our systems gives out (Linux ends at 2^22).
const NOBODYS_PID = '4194399'

// For a development machine of two cores that five subgraphs and their workers share. Nothing here trades durability.
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=256MB',
  'max_wal_size=2GB',
  'jit=off',
  // Data of this size is in memory or on a disk that does not seek: an index costs what it reads.
  'random_page_cost=1.1',
  // A first import fills empty tables within seconds: without statistics the planner believes them empty and walks them whole.
  'autovacuum_naptime=1s',
  // Two cores are busy without it, and its shared memory does not fit a container's usual 64 MB of /dev/shm.
  'max_parallel_workers_per_gather=0',
  'timezone=UTC',
  'log_timezone=UTC',
  'log_min_messages=warning',
  'log_checkpoints=off',
]

const run = (
  { user, place }: Postmaster,
  command: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    // An environment of its own: PGPORT and its like must not leak in, and macOS needs LC_ALL.
    const child = spawn(command, args, {
      ...user,
      cwd: place.base,
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) => resolve({ code, output }))
  })

/** Makes the data directory when there is none. Cut short, it leaves nothing that looks finished. */
export const initialise = async (postmaster: Postmaster): Promise<void> => {
  const { place, user, binaries } = postmaster
  if (await stat(join(place.data, 'PG_VERSION')).catch(() => undefined)) return
  // A name of its own: an initdb whose parent was killed goes on writing for a while.
  const unfinished = `${place.data}${UNFINISHED}${randomBytes(4).toString('hex')}`
  await removeUnfinished(place)
  const passwordFile = join(place.base, 'postgres.initial')
  const fast = postmaster.settings.includes('fsync=off') ? ['--no-sync'] : []
  let last = { code: null as number | null, output: '' }
  try {
    await giveTo(user, passwordFile, 'file')
    await writeFile(passwordFile, postmaster.password)
    // The built-in collation sorts the same on every machine. The ctype is what pg_trgm reads: under plain C it drops letters with accents.
    for (const ctype of ['C.UTF-8', 'en_US.UTF-8', 'C']) {
      await rm(unfinished, { recursive: true, force: true })
      await giveTo(user, unfinished, 'directory')
      last = await run(postmaster, binaries.initdb, [
        `--pgdata=${unfinished}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        `--lc-ctype=${ctype}`,
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--data-checksums',
        '--no-instructions',
        ...fast,
      ])
      if (last.code === 0) return await rename(unfinished, place.data)
    }
  } finally {
    await rm(passwordFile, { force: true })
  }
  throw failed('could not make its data directory', last.output, place)
}

const removeUnfinished = async ({ base, data }: DataPlace): Promise<void> => {
  const prefix = `${basename(data)}${UNFINISHED}`
  for (const name of await readdir(base))
    if (name.startsWith(prefix)) await rm(join(base, name), { recursive: true, force: true, maxRetries: 10 })
}

/** Whether the server's process is gone: two small files read, so it can be asked often. */
export const isDead = async ({ place }: Postmaster): Promise<boolean> => {
  const text = await readFile(join(place.data, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  return !(pid > 0 && (await isServerOf(pid, place)))
}

/** The port of the server that runs on this data directory, or undefined when none does. A stale pid file is made harmless. */
export const findRunning = async (postmaster: Postmaster): Promise<number | undefined> => {
  const pidFile = join(postmaster.place.data, 'postmaster.pid')
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_SECONDS * 1000; waitedMs += 100) {
    const text = await readFile(pidFile, 'utf8').catch(() => undefined)
    if (text === undefined) return undefined
    const [pid, , , port] = text.split('\n').map(Number)
    if (port && (await answers(postmaster, port))) return port
    if (!pid || !isAlive(pid)) return undefined
    if (!(await isServerOf(pid, postmaster.place))) {
      // PostgreSQL would take any live process of that pid for a server; after a reboot it may be anybody's. The rest of
      // the file stays: by its shared memory key PostgreSQL sees that no backend of a killed server is still writing.
      await writeFile(pidFile, text.replace(/^\d+/, NOBODYS_PID))
      return undefined
    }
    await sleep(100)
  }
  throw failed('runs but does not answer', '', postmaster.place)
}

/** Whether the server on the port is the one of this data directory and takes our password. */
const answers = async ({ password, place }: Postmaster, port: number): Promise<boolean> => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    password,
    connectionTimeoutMillis: 2000,
    query_timeout: 2000,
  })
  client.on('error', () => {
    // The failed connect or query below already says so.
  })
  try {
    await client.connect()
    const { rows } = await client.query('show data_directory')
    return rows[0]?.data_directory === place.data
  } catch (error) {
    if (codeOf(error) === '28P01' && (await isOnPort(place, port)))
      throw ServerFailed.with(
        {
          problem: `does not take the password kept beside ${place.data}`,
          fix: 'Put the file postgres.password back, or delete that directory to start anew.',
        },
        { cause: error },
      )
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

const isOnPort = async (place: DataPlace, port: number): Promise<boolean> => {
  const [pid, , , portOfFile] = (await readFile(join(place.data, 'postmaster.pid'), 'utf8'))
    .split('\n')
    .map(Number)
  return portOfFile === port && (await isServerOf(pid!, place))
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

const isServerOf = async (pid: number, place: DataPlace): Promise<boolean> => {
  if (!isAlive(pid)) return false
  const command = await commandOf(pid)
  // Where nobody can tell, to doubt a server that may run would risk its data.
  return command === undefined || (command.includes('postgres') && command.includes(place.data))
}

/** The command line of a process, empty for one that is over; undefined where it cannot be found out. */
const commandOf = async (pid: number): Promise<string | undefined> => {
  const path = platform() === 'linux' ? `/proc/${pid}/cmdline` : undefined
  if (path) return readFile(path, 'utf8').catch(() => undefined)
  const listed = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined)
  return listed?.stdout
}

/** Starts the server on `wishedPort`, or on a free one when that is taken. Answers the port. */
export const start = async (postmaster: Postmaster, wishedPort: number): Promise<number> => {
  const { place, user, binaries } = postmaster
  await giveTo(user, place.log, 'file')
  if ((await stat(place.log)).size > LOG_LIMIT_BYTES) await truncate(place.log)
  let why = ''
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = (attempt === 0 && (await freePort(wishedPort))) || (await freePort(0))!
    await removeStaleSockets(place)
    const before = (await stat(place.log)).size
    const options = [`port=${port}`, ...SETTINGS, ...postmaster.settings].map((setting) => `-c ${setting}`)
    const { code } = await run(postmaster, binaries.pgCtl, [
      'start',
      `--pgdata=${place.data}`,
      `--log=${place.log}`,
      '--wait',
      `--timeout=${START_TIMEOUT_SECONDS}`,
      `--options=${options.join(' ')}`,
    ])
    // A start whose parent was killed goes on by itself and may have been first.
    const running = code === 0 ? port : await findRunning(postmaster)
    if (running) return running
    why = (await readFile(place.log)).subarray(before).toString()
    // Backends of a killed server leave within moments; a port may be taken between the look and the start.
    if (/shared memory block .* still in use/.test(why)) await sleep(500)
    else if (!/could not bind|Address already in use|could not create any TCP/.test(why)) break
  }
  throw failed('did not start', why, place)
}

// As with postmaster.pid, the lock of a killed server's socket may name a process that is somebody else by now. Nobody
// runs on this data when a server is about to be started.
const removeStaleSockets = async ({ data }: DataPlace): Promise<void> => {
  const names = (await readdir(data)).filter((name) => name.startsWith('.s.PGSQL.'))
  await Promise.all(names.map((name) => rm(join(data, name), { force: true })))
}

/** Stops the server and waits for it. `fast` rolls open transactions back; `immediate` leaves recovery to the next start. */
export const stop = async (postmaster: Postmaster, mode: 'fast' | 'immediate' = 'fast'): Promise<void> => {
  const { place, binaries } = postmaster
  const args = (how: string) => ['stop', `--pgdata=${place.data}`, `--mode=${how}`, '--wait', '--timeout=30']
  const { code } = await run(postmaster, binaries.pgCtl, args(mode))
  if (code !== 0 && mode === 'fast' && (await findRunning(postmaster)))
    await run(postmaster, binaries.pgCtl, args('immediate'))
}

const freePort = (wished: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port: wished, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined))
    })
  })

const failed = (problem: string, output: string, place: DataPlace) => {
  const line = output.split('\n').findLast((text) => /FATAL|error|PANIC/i.test(text)) ?? ''
  return ServerFailed.with({
    problem: line ? `${problem} (${line.trim().slice(0, 200)})` : problem,
    fix: `Its log is ${place.log}.`,
  })
}
