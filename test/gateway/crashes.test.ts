import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Issuer, openIssuer } from '#gateway/identity/issuer.ts'
import { systemClock } from '#kernel/clock.ts'
import { openGateway, type Received, subscribe } from '#test/kit/gateway.ts'
import { FileLog, PART_NAMES, type PartName, startPart } from '#test/kit/graph.ts'
import { freePorts } from '#test/kit/processes.ts'
import { until } from '#test/kit/until.ts'
import { type Started, startProcess } from './processes/start.ts'

const HEALTH = `subscription Health($after: Cursor) { healthChanged(after: $after) {
  score customer { name deals(first: 1) { nodes { id } } trunks(first: 5) { nodes { name } } rfqs(first: 5) { nodes { number } } } } }`

const stack = new AsyncDisposableStack()
const home = mkdtempSync(join(tmpdir(), 'crashes-'))
const log = new FileLog(join(home, 'log'))
const urls: Record<string, string> = {}
let issuer: Issuer
let token: string
/** The parts whose crash is looked at run as processes of their own. */
const crashing = new Map<PartName, Started>()

/** Whoever starts again takes its port again: one that nobody else gets by chance meanwhile. */
const start = async (name: PartName, port?: number) => {
  const part = await startProcess('part.ts', name, String(port ?? (await freePorts(1))), log.file)
  crashing.set(name, part)
  urls[name] = part.url
}
const restart = async (name: PartName) => {
  const old = crashing.get(name)!
  await old.kill()
  return { back: () => start(name, old.port) }
}
const gateway = async (port?: number) =>
  startProcess('gateway.ts', String(port ?? (await freePorts(1))), home, JSON.stringify(urls))

beforeAll(async () => {
  stack.defer(() => rmSync(home, { recursive: true, force: true }))
  for (const name of PART_NAMES)
    if (name === 'insights' || name === 'customers') await start(name)
    else urls[name] = stack.use(await startPart(name, { log })).url
  stack.defer(async () => {
    for (const part of crashing.values()) await part.kill()
  })
  issuer = await openIssuer({ home, clock: systemClock })
  token = await issuer.issue({ role: 'admin', org: 'demo' })
})
afterAll(() => stack.disposeAsync())

let published = 0
const publish = (count: number) =>
  log.publish(
    ...Array.from({ length: count }, () => ({
      payload: { id: `c${published % 50}`, score: String(published++) },
    })),
  )
const scores = (results: readonly Received[]) => results.map((r) => r.data?.healthChanged?.score)
const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => String(first + i))

describe('a client gets every event once and in order', () => {
  it('when the subgraph it follows is killed again and again', async () => {
    await using door = await gateway()
    await using client = subscribe(door.url, token, HEALTH)
    await until(() => {
      publish(1)
      return client.results.length > 0
    })
    for (let round = 0; round < 3; round++) {
      publish(20)
      await until(() => client.results.length > 5 * (round + 1))
      const { back } = await restart('insights')
      publish(20)
      await back()
    }
    publish(5)
    await until(() => scores(client.results).at(-1) === String(published - 1))
    expect(scores(client.results)).toEqual(from(Number(scores(client.results)[0]), client.results.length))
    expect(client.results.every((r) => !r.errors && r.data?.healthChanged)).toBe(true)
    expect(client.closed).toEqual([])
  })

  it('when the subgraph is killed before the first event', async () => {
    await using door = await openGateway(issuer, urls)
    await using client = subscribe(door.url, token, HEALTH)
    // The gateway knows where the client stands; nothing has happened yet.
    await until(() => door.upstreams() === 1)
    const first = published
    const { back } = await restart('insights')
    publish(10)
    await back()
    await until(() => client.results.length === 10)
    expect(scores(client.results)).toEqual(from(first, 10))
  })

  it('whole, when a subgraph that completes it is killed for a moment', async () => {
    await using door = await gateway()
    const { head } = await log.bounds()
    const after = Buffer.from(JSON.stringify([head])).toString('base64url')
    await using client = subscribe(door.url, token, HEALTH, { after })
    const first = published
    publish(5)
    await until(() => client.results.length === 5)
    const { back } = await restart('customers')
    publish(5)
    await back()
    publish(5)
    await until(() => client.results.length === 15)
    expect(scores(client.results)).toEqual(from(first, 15))
    for (const { data, errors } of client.results) {
      expect(errors).toBeUndefined()
      expect(data?.healthChanged?.customer).toMatchObject({ deals: { nodes: [{}] }, rfqs: { nodes: [{}] } })
    }
  })

  it('fault 3: when the gateway is killed and the client comes back with its cursor', async () => {
    await using first = await gateway()
    const results: Received[] = []
    const begin = published
    let cursor = Buffer.from(JSON.stringify([(await log.bounds()).head])).toString('base64url')
    const client = createClient({
      url: `ws://127.0.0.1:${first.port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
    })
    let isOver = false
    const follow = (): void => {
      if (isOver) return
      const again = () => setTimeout(follow, 50)
      client.subscribe(
        { query: HEALTH, variables: { after: cursor } },
        {
          next: (result) => {
            results.push(result as unknown as Received)
            cursor = (result as unknown as Received).extensions?.cursor ?? cursor
          },
          error: again,
          complete: () => undefined,
        },
      )
    }
    follow()
    publish(20)
    await until(() => results.length > 5)
    await first.kill()
    publish(20)
    await using _second = await gateway(first.port)
    publish(5)
    await until(() => results.length >= 45)
    isOver = true
    await client.dispose()
    expect(scores(results)).toEqual(from(begin, 45))
  })
})
