/** A client in a process of its own: keeps so many requests under way for so long, and tells how long each took. */
import { Agent, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'

/** What to send, told by the process that forked this one. */
export interface Load {
  url: string
  token: string
  /** Sent with every request beside the token. */
  headers?: Readonly<Record<string, string>>
  /** Sent in turn. */
  bodies: readonly string[]
  connections: number
  warmupSeconds: number
  seconds: number
}

/** What this process says: that the measuring begins, and what was measured. */
export type LoadSays =
  | 'measuring'
  | {
      requests: number
      failed: number
      bytes: number
      seconds: number
      milliseconds: number[]
      failure?: string
    }

const post = (load: Load, agent: Agent, body: string): Promise<{ bytes: number; failure?: string }> =>
  new Promise((resolve) => {
    const sent = request(
      `${load.url}/graphql`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          authorization: `Bearer ${load.token}`,
          ...load.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', (error) => resolve({ bytes: 0, failure: error.message }))
        response.on('end', () => {
          const text = Buffer.concat(chunks)
          // Reading every answer as JSON would measure this process; an answer with errors begins or ends with them.
          const failed = response.statusCode !== 200 || text.includes('"errors":[')
          resolve({ bytes: text.length, ...(failed ? { failure: text.toString('utf8', 0, 300) } : {}) })
        })
      },
    )
    sent.on('error', (error) => resolve({ bytes: 0, failure: error.message }))
    sent.end(body)
  })

const run = async (load: Load): Promise<LoadSays> => {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections })
  const found = {
    requests: 0,
    failed: 0,
    bytes: 0,
    milliseconds: [] as number[],
    failure: undefined as string | undefined,
  }
  let measuring = false
  let running = true
  let turn = 0
  const worker = async () => {
    while (running) {
      const body = load.bodies[turn++ % load.bodies.length]!
      const start = performance.now()
      const { bytes, failure } = await post(load, agent, body)
      if (!measuring || !running) continue
      found.requests += 1
      found.bytes += bytes
      found.milliseconds.push(performance.now() - start)
      if (failure) {
        found.failed += 1
        found.failure ??= failure
      }
    }
  }
  const workers = Array.from({ length: load.connections }, worker)
  await setTimeout(load.warmupSeconds * 1000)
  process.send?.('measuring' satisfies LoadSays)
  measuring = true
  const start = performance.now()
  await setTimeout(load.seconds * 1000)
  const seconds = (performance.now() - start) / 1000
  running = false
  await Promise.all(workers)
  agent.destroy()
  return { ...found, seconds }
}

if (import.meta.main)
  process.once('message', (load: Load) => {
    void run(load).then((found) => process.send?.(found, () => process.disconnect()))
  })
