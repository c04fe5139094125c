import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { ServerOptions } from '#db/server.ts'

/** Another process that uses the server of a home. */
export interface Holder extends AsyncDisposable {
  /** Connection string, once the server runs. Throws the process's own sentence when it could not start it. */
  url: Promise<string>
  /** Asks it to leave, and waits. */
  leave(): Promise<void>
  /** kill -9 */
  kill(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('./hold-server.ts', import.meta.url))

/** Starts a process that starts or adopts the server of `options.home`; `as` runs it as another user. */
export const holder = (
  options: ServerOptions,
  { as, program = PROGRAM }: { as?: { uid: number; gid: number }; program?: string } = {},
): Holder => {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    ...as,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const url = firstLine(child)
  // Whoever does not look at the url of a process that he kills is not to be surprised by it.
  url.catch(() => undefined)
  const leave = async () => {
    child.stdin?.end()
    await exited
  }
  return {
    url,
    leave,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    [Symbol.asyncDispose]: leave,
  }
}

const firstLine = async (child: ChildProcess): Promise<string> => {
  for await (const line of createInterface(child.stdout!)) {
    const { url, error } = JSON.parse(line) as { url?: string; error?: string }
    if (url) return url
    throw new Error(error)
  }
  throw new Error('the process ended without a word')
}

/** Runs a statement on a server. */
export const ask = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 30_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Process id in the pid file of a data directory, if there is one. */
export const postmasterPid = async (data: string): Promise<number | undefined> => {
  const text = await readFile(`${data}/postmaster.pid`, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Number(text.split('\n')[0])
}
