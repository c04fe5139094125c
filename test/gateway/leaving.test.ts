import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { startGraph, subscribe } from '#test/kit/gateway.ts'
import { until } from '#test/kit/until.ts'

const QUERY = JSON.stringify({ query: '{ viewer { id } }' })
const RUNS = 'subscription { syncEvents { id } }'
/** Longer than any machine stands still: whoever is connected is gone before. */
const LONG_MS = 60_000

interface Answered {
  status: number | undefined
  headers: IncomingHttpHeaders
  body: unknown
}

it('stops without an error for anybody: sockets are told to come back, what is asked is answered, nobody new is taken', async () => {
  const graph = await startGraph({ leavesWithinMs: LONG_MS })
  const token = await graph.token()
  // A connection that is kept, and one over which half of a request has come.
  const [kept, begun] = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent()]
  const open = (agent: Agent) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const asked = request(`${graph.gateway.url}/graphql`, { agent, method: 'POST', headers })
    const answer = new Promise<Answered>((resolve, reject) => {
      asked.once('error', reject)
      asked.once('response', async (response) =>
        resolve({ status: response.statusCode, headers: response.headers, body: await json(response) }),
      )
    })
    return { asked, answer }
  }
  const ask = async (agent: Agent) => {
    const { asked, answer } = open(agent)
    asked.end(QUERY)
    return answer
  }
  const follower = subscribe(graph.gateway.url, token, RUNS)
  await until(() => graph.gateway.upstreams() > 0)
  const before = await ask(kept)
  expect(before.headers.connection).toBe('keep-alive')
  const half = open(begun)
  half.asked.write(QUERY.slice(0, 10))
  const connections = () =>
    new Promise<number>((resolve) => graph.gateway.app.server.getConnections((_, n) => resolve(n)))
  await until(async () => (await connections()) === 3)

  const stopping = graph[Symbol.asyncDispose]()
  await until(() => follower.closed.length > 0)
  expect(follower.closed).toMatchObject([{ code: 1001 }])
  const late = await ask(kept)
  half.asked.end(QUERY.slice(10))
  for (const answer of [late, await half.answer])
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' }, body: before.body })
  await expect(ask(new Agent())).rejects.toThrow(/ECONNREFUSED/)
  // All have left by themselves: nothing is waited for any longer.
  await stopping
  kept.destroy()
  await follower[Symbol.asyncDispose]()
})
