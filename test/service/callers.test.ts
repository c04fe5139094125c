import { expect, it } from 'vitest'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, principalSeal } from '#kernel/principal.ts'
import { ask, MemoryLog, seal, serve, user } from './graph.ts'

const typeDefs = /* GraphQL */ `
  type Query {
    hello: String
  }
`
const resolvers = { Query: { hello: () => 'hello' } }
const query = '{ hello }'

it('answers a caller whom the gateway vouches for', async () => {
  await using subgraph = await serve({ typeDefs, resolvers })
  expect(await ask(subgraph.url, user(), query)).toEqual({ status: 200, data: { hello: 'hello' } })
})

it('refuses a request without a signed principal, or with one that is forged, expired or signed by others', async () => {
  await using subgraph = await serve({ typeDefs, resolvers })
  const past = new TestClock(new Date(systemClock.now().getTime() - 120_000))
  const good = await seal.sign(user())
  const [head, , signature] = good.split('.')
  const forged = Buffer.from(JSON.stringify({ ...user('*'), iss: 'tributary', exp: 9e9 })).toString(
    'base64url',
  )
  const tokens = [
    null,
    'nonsense',
    `${head}.${forged}.${signature}`,
    await principalSeal('the secret that the processes share', past).sign(user()),
    await principalSeal('another secret altogether', systemClock).sign(user()),
  ]
  for (const token of tokens) {
    const answer = await ask(subgraph.url, token, query)
    expect(answer.status).toBe(401)
    expect(answer.data).toBeUndefined()
    expect(answer.errors).toEqual([{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }])
  }
})

it('refuses a principal that names no organisation', async () => {
  await using subgraph = await serve({ typeDefs, resolvers })
  const system = { kind: 'system', id: 'system:intake', orgId: null, scopes: ['*'] } as const
  expect((await ask(subgraph.url, system, query)).status).toBe(401)
})

it('refuses a stranger before reading what he sends', async () => {
  await using subgraph = await serve({ typeDefs, resolvers })
  const response = await fetch(`${subgraph.url}/graphql`, { method: 'POST', body: 'no JSON at all' })
  expect(response.status).toBe(401)
})

it('says that it lives to anybody', async () => {
  await using subgraph = await serve({ typeDefs, resolvers })
  const response = await fetch(`${subgraph.url}/healthz`)
  expect(await response.json()).toEqual({ name: 'test', status: 'ok' })
})

it('says to anybody whether its database answers', async () => {
  const log = new MemoryLog()
  let isDown = false
  const bounds = () =>
    isDown ? Promise.reject(new Error('the database is away')) : MemoryLog.prototype.bounds.call(log)
  await using subgraph = await serve({ typeDefs, resolvers, eventLog: Object.assign(log, { bounds }) })
  const asked = async () => {
    const response = await fetch(`${subgraph.url}/readyz`)
    return [response.status, await response.json()]
  }
  expect(await asked()).toEqual([200, { name: 'test', ready: true }])
  isDown = true
  expect(await asked()).toEqual([503, { name: 'test', ready: false }])
})

it('tells a caller what is wrong without telling what is inside', async () => {
  const failing = {
    Query: {
      hello: () => {
        throw new Error('duplicate key value violates unique constraint "secrets_pkey"')
      },
    },
  }
  await using subgraph = await serve({ typeDefs, resolvers: failing })
  const failed = await ask(subgraph.url, user(), query)
  expect(failed.data).toEqual({ hello: null })
  expect(failed.errors?.[0]).toMatchObject({ path: ['hello'], extensions: { code: 'INTERNAL' } })
  expect(JSON.stringify(failed)).not.toContain('secrets_pkey')
  const unknown = await ask(subgraph.url, user(), '{ nothing }')
  expect(unknown.errors?.[0]).toMatchObject({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })
})

it('answers a body that is too large or no JSON with a code, not with a stack', async () => {
  await using subgraph = await serve({ typeDefs, resolvers })
  const send = async (body: string) => {
    const headers = { 'content-type': 'application/json', [PRINCIPAL_HEADER]: await seal.sign(user()) }
    const response = await fetch(`${subgraph.url}/graphql`, { method: 'POST', headers, body })
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] }
    return [response.status, errors[0]?.extensions.code]
  }
  expect(await send('{ this is not JSON')).toEqual([400, 'BAD_INPUT'])
  expect(await send(`"${'x'.repeat(5 << 20)}"`)).toEqual([413, 'BODY_TOO_LARGE'])
})
