import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { openNats } from '#events/nats.ts'
import { isCI, programs } from './config.ts'
import { silentLog } from './log.ts'
import { freePorts } from './processes.ts'
import { temporaryDirectory } from './server.ts'
import { until } from './until.ts'

const PROGRAM = programs.map((place) => join(place, 'nats-server')).find(existsSync)

/** Why tests with NATS are left out here; undefined when they are not. In continuous integration they fail instead. */
export const noNats =
  PROGRAM || isCI ? undefined : 'nats-server is not installed (Debian: apt-get install nats-server)'
if (noNats) console.warn(`Tests with NATS are left out: ${noNats}.`)

/** A NATS server of a test's own, with JetStream, which it may kill, start again and wipe. It stays on its port. */
export interface NatsServer extends AsyncDisposable {
  /** With user and password, where it has no settings of its own. */
  url: string
  kill(): Promise<void>
  start(): Promise<void>
  /** Takes away what it keeps, while it is down. */
  wipe(): Promise<void>
}

/**
 * Starts a server that lets in who has its password.
 * @param settings a configuration that says itself whom to let in, and how
 */
export const startNatsServer = async (settings?: string): Promise<NatsServer> => {
  if (!PROGRAM) throw new Error('nats-server is not installed, and tests with NATS may not be left out')
  const directory = await temporaryDirectory()
  const port = await freePorts(1)
  const password = randomBytes(8).toString('hex')
  const store = join(directory.path, 'store')
  const file = join(directory.path, 'nats.conf')
  if (settings) await writeFile(file, settings)
  const whom = settings ? ['-c', file] : ['--user', 'hub', '--pass', password]
  let child: ChildProcess | undefined
  let written = ''
  const start = async () => {
    const place = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store]
    child = spawn(PROGRAM, [...place, ...whom], { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr?.on('data', (chunk: Buffer) => {
      written += chunk
    })
    await until(() => {
      if (child?.exitCode !== null) throw new Error(`nats-server ended: ${written}`)
      return answers(port)
    })
  }
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  await start()
  return {
    url: settings ? `nats://127.0.0.1:${port}` : `nats://hub:${password}@127.0.0.1:${port}`,
    kill,
    start,
    wipe: () => rm(store, { recursive: true, force: true }),
    [Symbol.asyncDispose]: async () => {
      await kill()
      await directory[Symbol.asyncDispose]()
    },
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** A connection with streams of its own name, so that tests share a server and nothing else. */
export const connectNats = (server: { url: string }, secret: string, prefix = newPrefix()) =>
  openNats({ servers: [server.url], prefix, secret, log: silentLog })

export const newPrefix = (): string => `test_${randomBytes(4).toString('hex')}_`
