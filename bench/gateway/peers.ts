/** Other gateways over the same subgraphs, each in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { environmentOf } from '../config.ts'
import { say } from '../report.ts'

/** A gateway that answers. */
export interface Peer extends AsyncDisposable {
  pid: number
  url: string
}

export const PEERS = ['stock', 'hive-js', 'hive-rust'] as const
export type PeerName = (typeof PEERS)[number]

const BENCH = join(import.meta.dirname, '..')
const APART = join(BENCH, 'peers')
const HIVE = join(APART, 'node_modules/@graphql-hive/gateway/dist/bin.js')
const MOST_TRIES = 120

/** Installs what the benchmarks compare with, where it is missing: the hub itself needs none of it. */
export const demandPeers = (): void => {
  if (existsSync(HIVE)) return
  say('installs the gateways to compare with')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: APART,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0)
    throw new Error('The other gateways could not be installed: npm ci in bench/peers failed.')
}

const SUPERGRAPH = join(BENCH, '../schema/generated/supergraph.graphql')

/** Writes the hub's supergraph with the addresses of its parts. @returns the file */
export const placeSupergraph = async (
  home: string,
  parts: Readonly<Record<string, string>>,
): Promise<string> => {
  const text = await readFile(SUPERGRAPH, 'utf8')
  const file = join(home, 'supergraph.graphql')
  const placed = text.replace(
    /@join__graph\(name: "(\w+)", url: "[^"]*"\)/g,
    (_, name: string) => `@join__graph(name: "${name}", url: "${parts[name]}/graphql")`,
  )
  await writeFile(file, placed)
  return file
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const commandOf = (name: PeerName, supergraph: string, port: number, config: string): string[] =>
  name === 'stock'
    ? [join(BENCH, 'gateway/stock.ts'), supergraph, String(port)]
    : [
        ...[HIVE, 'supergraph', supergraph, '--config-path', join(APART, config)],
        ...['--port', String(port), '--host', '127.0.0.1', '--fork', '1', '--polling', '1h'],
        name === 'hive-rust' ? '--hive-router-runtime' : '--jit',
      ]

/** Starts another gateway. @param config Hive's own settings, in bench/peers @throws when it does not answer within a minute */
export const startPeer = async (
  name: PeerName,
  supergraph: string,
  nodeArguments: readonly string[] = [],
  config = 'hive.config.js',
): Promise<Peer> => {
  const port = await freePort()
  const child = spawn(process.execPath, [...nodeArguments, ...commandOf(name, supergraph, port, config)], {
    cwd: name === 'stock' ? BENCH : APART,
    env: environmentOf({ NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: '1' }),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const url = `http://127.0.0.1:${port}`
  try {
    await untilAnswering(url, child)
  } catch (error) {
    await end(child)
    throw error
  }
  return { pid: child.pid!, url, [Symbol.asyncDispose]: () => end(child) }
}

const untilAnswering = async (url: string, child: ChildProcess): Promise<void> => {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (child.exitCode !== null) throw new Error(`A gateway to compare with ended with ${child.exitCode}.`)
    const asked = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    }).catch(() => undefined)
    await asked?.body?.cancel()
    if (asked?.ok) return
    await setTimeout(500)
  }
  throw new Error('A gateway to compare with does not answer.')
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const overdue = globalThis.setTimeout(() => child.kill('SIGKILL'), 5_000)
  await gone
  clearTimeout(overdue)
}
