import pg from 'pg'
import { backoff } from '#kernel/backoff.ts'
import { sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'

const HEARTBEAT_MS = 5000

/** Called with what a notification says; without anything when some may have been missed. */
type Wake = (payload?: string) => void

/** One connection that listens to all channels of a database, connects again by itself, and is not fooled by a half-open socket. */
export class Listener implements AsyncDisposable {
  readonly #url: string
  readonly #log: Log
  readonly #wakes = new Map<string, Set<Wake>>()
  readonly #closed = new AbortController()
  #client: pg.Client | undefined
  #running: Promise<void> | undefined
  #asked: Promise<unknown> = Promise.resolve()

  constructor(url: string, log: Log) {
    this.#url = url
    this.#log = log
  }

  listen(channel: string, wake: Wake): AsyncDisposable {
    if (!/^[a-z_][a-z0-9_]*$/.test(channel)) throw new TypeError(`${channel} is not a channel name`)
    const there = this.#wakes.get(channel)
    const wakes = there ?? new Set()
    this.#wakes.set(channel, wakes.add(wake))
    if (!there) this.#send(`listen ${channel}`, wake)
    this.#running ??= this.#run()
    return {
      [Symbol.asyncDispose]: async () => {
        wakes.delete(wake)
        if (wakes.size > 0 || this.#wakes.get(channel) !== wakes) return
        this.#wakes.delete(channel)
        this.#send(`unlisten ${channel}`)
      },
    }
  }

  /** Asks and waits for the answer: whatever had been notified before is told before it. @throws without a connection */
  async heard(): Promise<void> {
    const client = this.#client
    if (!client) throw new Error('no connection listens')
    await this.#ask(client, 'select 1')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    await this.#running
  }

  // When it fails the connection is gone, and the next one listens to all channels anew.
  #send(statement: string, then?: () => void): void {
    if (!this.#client) return
    this.#ask(this.#client, statement).then(
      () => then?.(),
      (error: unknown) => this.#log.debug({ err: error }, 'could not change a subscription'),
    )
  }

  // One after the other: the driver warns of a second question while the first is under way, and will refuse it.
  #ask(client: pg.Client, statement: string): Promise<unknown> {
    const asked = this.#asked.catch(() => undefined).then(() => client.query(statement))
    this.#asked = asked
    return asked
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#session(() => {
          failures = 0
        })
      } catch (error) {
        if (signal.aborted) return
        failures++
        this.#log.warn({ err: error, failures }, 'the listening database connection was lost')
        await sleep(backoff(failures, Math.random(), 100, 2000), signal)
      }
    }
  }

  /** Listens on one connection until it dies (throws) or we are closed (returns). */
  async #session(onListening: () => void): Promise<void> {
    const { signal } = this.#closed
    const client = new pg.Client({
      connectionString: this.#url,
      keepAlive: true,
      connectionTimeoutMillis: HEARTBEAT_MS,
      query_timeout: HEARTBEAT_MS,
      application_name: 'tributary listener',
    })
    const died = new AbortController()
    let why: unknown = new Error('the connection was closed')
    client.on('error', (error) => {
      why = error
    })
    client.once('end', () => died.abort())
    client.on('notification', ({ channel, payload }) => this.#wake(channel, payload ?? ''))
    const over = AbortSignal.any([signal, died.signal])
    try {
      await client.connect()
      // Set before the channels are read, so that a channel added from here on is sent by `listen` itself.
      this.#client = client
      this.#asked = Promise.resolve()
      for (const channel of [...this.#wakes.keys()]) await this.#ask(client, `listen ${channel}`)
      onListening()
      for (const channel of this.#wakes.keys()) this.#wake(channel)
      while (!over.aborted) {
        await sleep(HEARTBEAT_MS, over)
        // A socket whose other end is gone without a word stays silent for ever; only asking finds out.
        if (!over.aborted) await this.#ask(client, 'select 1')
      }
      if (!signal.aborted) throw why
    } finally {
      this.#client = undefined
      await hangUp(client)
    }
  }

  #wake(channel: string, payload?: string): void {
    for (const wake of this.#wakes.get(channel) ?? []) {
      try {
        wake(payload)
      } catch (error) {
        this.#log.error({ err: error, channel }, 'a listener failed')
      }
    }
  }
}

/** Ends a connection without waiting for an answer that may never come. */
const hangUp = async (client: pg.Client): Promise<void> => {
  const ended = new AbortController()
  client
    .end()
    .catch(() => undefined)
    .finally(() => ended.abort())
  await sleep(500, ended.signal)
  client.connection.stream.destroy()
}
