import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Graph, startGraph } from '#test/kit/gateway.ts'
import { until } from '#test/kit/until.ts'
import type { Refused } from './processes/flood.ts'

const MOST = 12
const FLOOD = 10_000
const MOST_GROWTH_BYTES = 8 << 20

let graph: Graph
beforeAll(async () => {
  graph = await startGraph({ socketLimits: { subscriptions: MOST } })
})
afterAll(() => graph[Symbol.asyncDispose]())

/** Bytes in use here, where the gateway runs, once everything that nobody needs any more was cleared away. */
const bytesInUse = (): number => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/** A client in a process of its own. @returns how many of its subscriptions were refused, by code */
const flood = async (token: string): Promise<Refused['codes']> => {
  const file = join(import.meta.dirname, 'processes/flood.ts')
  const child = fork(file, [graph.gateway.url, token, String(FLOOD)])
  let codes: Refused['codes'] = {}
  child.on('message', (told: Refused) => {
    codes = told.codes
  })
  const refused = () => Object.values(codes).reduce((sum, count) => sum + count, 0)
  try {
    await until(() => refused() >= FLOOD - MOST, { timeoutMs: 120_000 })
    return codes
  } finally {
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
  }
}

it('fault 66: ten thousand subscriptions of one caller leave nothing behind but those it may have, nor a word on the console', async () => {
  const token = await graph.issuer.issue({ role: 'admin', org: 'demo', subject: 'flood' })
  const shouted = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const refused = { TOO_MANY_SUBSCRIPTIONS: FLOOD - MOST }
  try {
    // The first time code is made ready, too.
    expect(await flood(token)).toEqual(refused)
    await until(() => graph.gateway.upstreams() === 0)
    const before = bytesInUse()
    expect(await flood(token)).toEqual(refused)
    await until(() => graph.gateway.upstreams() === 0)
    expect(bytesInUse() - before).toBeLessThan(MOST_GROWTH_BYTES)
    expect(shouted.mock.calls).toEqual([])
  } finally {
    shouted.mockRestore()
  }
})
