/** The connection to NATS, where the logs of all subgraphs are copied to for those who follow them. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { backoff } from '#kernel/backoff.ts'
import { sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { openVault, type Vault } from '#kernel/vault.ts'
import { Absence } from './absence.ts'
import type { NatsConfig } from './config.ts'

export interface NatsOptions extends NatsConfig {
  /** What the names of our streams begin with: hubs that share a server have one each. */
  prefix: string
  /** What the hub's processes share: what is in the streams is sealed with a key of it. */
  secret: string
  log: Log
}

/** A connection that stands now. */
export interface NatsSession {
  js: JetStreamClient
  jsm: JetStreamManager
  /** The largest message that the server takes, in bytes. */
  mostBytes: number
  /** Aborts when the connection is lost. */
  lost: AbortSignal
}

/** Keeps one connection of a process, and makes it anew for as long as it takes. Nobody waits for it unless he says so. */
export const openNats = (options: NatsOptions): Nats => new Nats(options)

export class Nats implements AsyncDisposable {
  readonly #options: NatsOptions
  readonly #closed = new AbortController()
  readonly #running: Promise<void>
  readonly vault: Vault
  #session: NatsSession | undefined
  #changed = new AbortController()

  constructor(options: NatsOptions) {
    this.#options = options
    const key = createHash('sha256').update(`tributary streams ${options.secret}`).digest('hex')
    this.vault = openVault([key])
    this.#running = this.#run()
  }

  /** The connection, while there is one. */
  get session(): NatsSession | undefined {
    return this.#session
  }

  /** The name of the stream that a source's log is copied to. */
  streamOf(source: string): string {
    return `${this.#options.prefix}${source}`
  }

  /** Waits until there is a connection. @returns undefined when the signal aborts first */
  async connected(signal: AbortSignal): Promise<NatsSession | undefined> {
    while (!this.#session && !signal.aborted && !this.#closed.signal.aborted)
      await sleep(60_000, AbortSignal.any([signal, this.#changed.signal, this.#closed.signal]))
    return this.#session
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { log } = this.#options
    const { signal } = this.#closed
    const absence = new Absence()
    for (let failures = 0; !signal.aborted; ) {
      try {
        const connection = await connect(this.#settings())
        failures = 0
        absence.over()
        log.info({ server: connection.getServer() }, 'is connected to NATS')
        await this.#hold(connection, signal)
      } catch (error) {
        log[absence.noted() ? 'warn' : 'info']({ err: error, failures }, 'NATS does not answer')
        await sleep(backoff(++failures, Math.random(), 100, 5000), signal)
      }
    }
  }

  /** Until the connection is lost. A lost one is closed and made anew: what was under way over it is begun again by whoever did it. */
  async #hold(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    const lost = new AbortController()
    try {
      const js = jetstream(connection, { timeout: 5000 })
      const jsm = await jetstreamManager(connection, { timeout: 5000 })
      const mostBytes = connection.info?.max_payload ?? 1_000_000
      this.#session = { js, jsm, mostBytes, lost: lost.signal }
      this.#tell()
      const over = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true })
        if (signal.aborted) resolve()
      })
      await Promise.race([connection.closed(), over])
    } finally {
      this.#session = undefined
      lost.abort()
      this.#tell()
      await connection.close()
    }
  }

  #settings() {
    const { servers, credentials, authority } = this.#options
    const first = new URL(servers[0]!)
    const isSealed = servers.some((server) => server.startsWith('tls:'))
    return {
      servers: servers.map((server) => new URL(server).host),
      name: 'tributary',
      timeout: 5000,
      reconnect: false,
      pingInterval: 5000,
      maxPingOut: 2,
      ...(first.username
        ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) }
        : {}),
      ...(credentials ? { authenticator: credsAuthenticator(readFileSync(credentials)) } : {}),
      ...(isSealed || authority ? { tls: authority ? { caFile: authority } : {} } : {}),
    }
  }

  #tell(): void {
    this.#changed.abort()
    this.#changed = new AbortController()
  }
}
