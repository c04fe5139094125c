import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningGateway } from '#gateway/index.ts'
import { openSearch } from '#gateway/mcp/search.ts'
import { access, clientSchema } from '#operations/build.ts'
import { loadManifest, TOOLS_FILE } from '#operations/manifest.ts'
import { type Tool, toolsOf } from '#operations/tools.ts'
import { assistantAt } from '#test/kit/assistant.ts'
import { type Graph, openGateway, startGraph } from '#test/kit/gateway.ts'
import { API_KEY, WRITE_KEY } from '#test/kit/graph.ts'

const tools = JSON.parse(readFileSync(TOOLS_FILE, 'utf8')) as Tool[]
const GENERAL = ['search_operations', 'run_operation']

let graph: Graph
let token: string
/** A second gateway beside the first one, as it runs in production. */
let production: RunningGateway
beforeAll(async () => {
  graph = await startGraph({ edge: { publicUrl: 'https://hub.example/', trustedProxies: 0 } })
  token = await graph.token()
  const urls = Object.fromEntries(Object.entries(graph.parts).map(([name, part]) => [name, part.url]))
  const { issuer, audience, jwks } = graph.issuer
  const identity = { issuer, audience, keys: { jwks } }
  production = await openGateway(graph.issuer, urls, { mode: 'production', identity })
})
afterAll(async () => {
  await production[Symbol.asyncDispose]()
  await graph[Symbol.asyncDispose]()
})

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
/** Sends bytes as no client would. */
const send = async (body: unknown, headers: Record<string, string> = {}, method = 'POST') => {
  const response = await fetch(`${graph.gateway.url}/mcp`, {
    method,
    headers: { ...(method === 'POST' ? HEADERS : {}), authorization: `Bearer ${token}`, ...headers },
    ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
}

describe('the tools that assistants are shown', () => {
  it('are built from the catalogue as it is, each with a schema that is one', () => {
    expect(toolsOf(loadManifest(), { schema: clientSchema(), access: access() })).toEqual(tools)
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false })
    addFormats.default(ajv)
    ajv.addFormat('int32', true)
    for (const { inputSchema, everyday } of tools)
      if (everyday) ajv.compile(inputSchema)
      else expect(ajv.validateSchema(inputSchema)).toBe(true)
  })

  it('are at most 25 of every day, and two for all the others', async () => {
    await using assistant = await assistantAt(graph.gateway.url, token)
    const listed = (await assistant.client.listTools()).tools
    const everyday = tools.filter((tool) => tool.everyday)
    expect(everyday.length).toBeLessThanOrEqual(25)
    expect(listed.map(({ name }) => name)).toEqual([...everyday.map(({ name }) => name), ...GENERAL])
    for (const { title, description, annotations } of listed) {
      expect(title).toBeTruthy()
      expect(description).toBeTruthy()
      expect(annotations?.readOnlyHint).toBeTypeOf('boolean')
    }
  })

  it('are those that the caller may use', async () => {
    await using reader = await assistantAt(graph.gateway.url, API_KEY)
    await using writer = await assistantAt(graph.gateway.url, WRITE_KEY)
    const namesOf = async ({ client }: typeof reader) =>
      (await client.listTools()).tools.map((tool) => tool.name)
    expect(await namesOf(reader)).toContain('Customers')
    expect(await namesOf(reader)).not.toContain('StartHubSpotSync')
    expect(await namesOf(writer)).toContain('StartHubSpotSync')
    expect(await namesOf(writer)).not.toContain('Customers')
    const { operations } = await reader.use('search_operations', {
      text: 'start a sync with HubSpot',
      most: 10,
    })
    expect(operations?.map(({ name }) => name)).not.toContain('StartHubSpotSync')
    // What is not shown is refused as well.
    expect((await reader.use('StartHubSpotSync')).error?.code).toBe('FORBIDDEN')
  })

  it('say what a value means, which there are and which is taken when none is given', () => {
    const { inputSchema } = tools.find(({ name }) => name === 'Customers')!
    expect(inputSchema.properties.first).toMatchObject({ type: 'integer', default: 50 })
    expect(inputSchema.properties.orderBy).toMatchObject({ $ref: '#/$defs/CustomerOrder', default: 'NAME' })
    for (const { name, inputSchema: schema } of tools)
      for (const [argument, { description }] of Object.entries(schema.properties))
        expect([name, argument, typeof description]).toEqual([name, argument, 'string'])
  })
})

describe('a tool', () => {
  it('answers a question with the data, for programs and as text', async () => {
    await using assistant = await assistantAt(graph.gateway.url, token)
    const answer = await assistant.use('Customers', { first: 2 })
    expect(answer.isError).toBe(false)
    expect(answer.data.customers.nodes.map((node: { id: string }) => node.id)).toEqual(['c0', 'c1'])
    expect((await assistant.use('Viewer')).data.viewer).toMatchObject({ id: 'demo:admin' })
  })

  it('asked to change something answers a plan, and does it once that is confirmed', async () => {
    await using assistant = await assistantAt(graph.gateway.url, token)
    const planned = await assistant.use('StartHubSpotSync', { mode: 'FULL' })
    expect(planned).toMatchObject({
      isError: false,
      data: { startHubSpotSync: { __typename: 'SyncStarted' } },
    })
    const confirm = planned.plan?.confirm?.token
    const other = await assistant.use('StartHubSpotSync', { mode: 'INCREMENTAL', confirm })
    expect(other).toMatchObject({ isError: true, error: { code: 'CONFIRM_REFUSED' } })
    const done = await assistant.use('StartHubSpotSync', { mode: 'FULL', confirm })
    expect(done).toMatchObject({ isError: false, done: { hash: planned.plan?.hash } })
  })

  it('that is not done says why, with a code and what to do', async () => {
    await using assistant = await assistantAt(graph.gateway.url, token)
    const codeOf = async (name: string, args: object) => {
      const { isError, error } = await assistant.use(name, args as Record<string, unknown>)
      expect([isError, error?.message]).toEqual([true, expect.stringMatching(/\w/)])
      return error?.code
    }
    expect(await codeOf('StartHubSpotSync', { integrationId: 'none' })).toBe('NOT_FOUND')
    expect(await codeOf('CustomerOverview', { id: 'nobody' })).toBe('NOT_FOUND')
    expect(await codeOf('Customers', { frist: 1 })).toBe('BAD_INPUT')
    expect(await codeOf('Customers', { orderBy: 'CHEESE' })).toBe('BAD_USER_INPUT')
    expect(await codeOf('CustomerOverview', {})).toBe('BAD_USER_INPUT')
    expect(await codeOf('Customers', { confirm: 'x' })).toBe('BAD_INPUT')
    expect(await codeOf('StartHubSpotSync', { confirm: 5 })).toBe('BAD_INPUT')
    expect(await codeOf('run_operation', { name: 'Nothing' })).toBe('BAD_INPUT')
    expect(await codeOf('run_operation', { operation: 'Viewer' })).toBe('BAD_INPUT')
    expect(await codeOf('run_operation', { name: 'Deal', arguments: { id: 'd1' } })).toBe('INTERNAL')
    await expect(assistant.use('Nothing')).rejects.toThrow(/search_operations/)
  })

  it('that is not listed is found by what it is for, and run', async () => {
    await using assistant = await assistantAt(graph.gateway.url, token)
    const first = async (text: string) =>
      (await assistant.use('search_operations', { text })).operations?.slice(0, 3).map(({ name }) => name)
    expect(await first('what syncs did')).toContain('SyncLogs')
    expect(await first('take a trunk down')).toContain('DeleteTrunk')
    expect(await first('whose health moved')).toContain('HealthMovers')
    expect(await first('custmer by bililng account')).toContain('CustomerOfAccount')
    const logs = await assistant.use('run_operation', { name: 'SyncLogs', arguments: { first: 2 } })
    expect(logs.data.syncLogs.nodes).toHaveLength(2)
    const planned = await assistant.use('run_operation', { name: 'CancelSync', arguments: { runId: 'r1' } })
    expect(planned).toMatchObject({ isError: true, error: { code: 'INVALID', message: 'It has ended.' } })
  })

  it('is found for each way of saying it that the catalogue knows', () => {
    const { operations } = loadManifest()
    const find = openSearch(tools, operations)
    const missed = operations.flatMap(({ name, intents, tool }) =>
      (tool ? intents : []).filter((text) => !find(text, 5, () => true).some((one) => one.name === name)),
    )
    expect(missed).toEqual([])
  })
})

describe('what assistants can read up', () => {
  it('is the schema as a whole and by type, every operation, and the pages', async () => {
    await using assistant = await assistantAt(graph.gateway.url, token)
    const { client } = assistant
    const read = async (uri: string) =>
      (await client.readResource({ uri })).contents.map((one) => ('text' in one ? one.text : ''))[0]
    const { resources } = await client.listResources()
    for (const { uri, title } of resources) {
      expect(title).toBeTruthy()
      expect(await read(uri)).toBeTruthy()
    }
    expect(resources.map(({ uri }) => uri)).toContain('tributary://docs/identity')
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates).toHaveLength(3)
    expect(await read('tributary://schema/Customer')).toMatch(/^"""[\s\S]+type Customer/)
    expect(await read('tributary://schema')).not.toContain('c3CustomerIds')
    expect(await read('tributary://operations/Viewer')).toContain('query Viewer')
    for (const uri of ['tributary://docs/../package', 'file:///etc/passwd', 'tributary://schema/Nothing'])
      await expect(read(uri)).rejects.toThrow(/no such resource/)
    const complete = async (uri: string, value: string) =>
      (await client.complete({ ref: { type: 'ref/resource', uri }, argument: { name: 'x', value } }))
        .completion
    expect((await complete('tributary://schema/{type}', 'customerc')).values).toContain('CustomerConnection')
    expect((await complete('tributary://operations/{name}', '')).values).toHaveLength(100)
    expect((await complete('tributary://nothing/{name}', '')).values).toEqual([])
  })

  it('is not the schema in production, for those who may not write documents of their own', async () => {
    await using reader = await assistantAt(production.url, await graph.token('readonly'))
    const { resources } = await reader.client.listResources()
    expect(resources.filter(({ uri }) => uri.includes('schema'))).toEqual([])
    for (const uri of ['tributary://schema', 'tributary://schema/Customer'])
      await expect(reader.client.readResource({ uri })).rejects.toThrow(/no such resource/)
    expect((await reader.use('Customers', { first: 1 })).isError).toBe(false)
    await using admin = await assistantAt(production.url, token)
    expect((await admin.client.readResource({ uri: 'tributary://schema/Deal' })).contents).toHaveLength(1)
  })
})

describe('the address', () => {
  it('wants to know who calls, and says how to tell it', async () => {
    for (const authorization of ['', 'Bearer nonsense']) {
      const { status, headers, body } = await send(LIST, { authorization })
      expect([status, headers.get('www-authenticate'), body.error.data.code]).toEqual([
        401,
        'Bearer resource_metadata="https://hub.example/.well-known/oauth-protected-resource/mcp"',
        'UNAUTHENTICATED',
      ])
    }
    expect((await send(LIST)).status).toBe(200)
  })

  it('says to everybody who signs people in, where that is somebody whom programs can ask', async () => {
    const told = async (url: string, path: string) =>
      (await fetch(`${url}/.well-known/oauth-protected-resource${path}`)).json()
    // Of the demo nobody can ask anything.
    expect(await told(graph.gateway.url, '/mcp')).toEqual({
      ...{ resource: 'https://hub.example/mcp', resource_name: 'Tributary' },
      resource_documentation: 'https://hub.example/docs',
      bearer_methods_supported: ['header'],
      scopes_supported: expect.arrayContaining(['customers:read', 'admin']),
    })
    expect(await told(production.url, '/mcp')).toMatchObject({
      resource: `${production.url}/mcp`,
      authorization_servers: [graph.issuer.issuer],
    })
    expect(await told(production.url, '')).toMatchObject({ resource: `${production.url}/` })
  })

  it('ends a read that nobody waits for any more', async () => {
    const asked = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    // It takes questions and answers none.
    const silent = createServer((request) => {
      request.socket.once('close', () => ended.resolve())
      asked.resolve()
    })
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const { port } = silent.address() as AddressInfo
    const urls = Object.fromEntries(Object.entries(graph.parts).map(([name, part]) => [name, part.url]))
    const subgraphs = { ...urls, customers: `http://127.0.0.1:${port}` }
    try {
      await using gateway = await openGateway(graph.issuer, subgraphs)
      const over = new AbortController()
      const read = { name: 'run_operation', arguments: { name: 'Customer', arguments: { id: 'c1' } } }
      const call = fetch(`${gateway.url}/mcp`, {
        ...{ method: 'POST', signal: over.signal },
        headers: { ...HEADERS, authorization: `Bearer ${token}` },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: read }),
      })
      await asked.promise
      over.abort()
      await expect(call).rejects.toThrow()
      await ended.promise
    } finally {
      silent.closeAllConnections()
      silent.close()
    }
  })

  it.each([
    ['https://evil.example', 403],
    ['http://evil.example:4000', 403],
    ['null', 403],
    ['http://localhost.evil.example', 403],
    ['http://localhost:6274', 200],
    ['http://127.0.0.1:4000', 200],
    ['https://hub.example', 200],
  ])('fault 69: called from a page of %s answers %i', async (origin, status) => {
    expect((await send(LIST, { origin })).status).toBe(status)
  })

  it('refuses what is no message of the protocol, in its own words', async () => {
    const huge = JSON.stringify({ ...LIST, params: { x: 'x'.repeat(1 << 20) } })
    for (const [body, headers, status, code] of [
      ['{', {}, 400, -32_700],
      ['', {}, 400, -32_700],
      [{}, {}, 400, -32_700],
      [[LIST, LIST], {}, 400, -32_600],
      [Array.from({ length: 1_000 }, () => LIST), {}, 400, -32_600],
      [huge, {}, 413, -32_000],
      [LIST, { 'content-type': 'text/plain' }, 415, -32_000],
      [LIST, { accept: 'application/json' }, 406, -32_000],
      [LIST, { 'mcp-protocol-version': '1999-01-01' }, 400, -32_000],
      [{ ...LIST, method: 'nothing/here' }, {}, 200, -32_601],
    ] as const) {
      const answer = await send(body, headers)
      expect([JSON.stringify(body).slice(0, 40), answer.status, answer.body.error.code]).toEqual([
        JSON.stringify(body).slice(0, 40),
        status,
        code,
      ])
      expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|at .+:\d+:\d+/)
    }
    for (const method of ['GET', 'DELETE']) {
      const { status, headers } = await send(undefined, {}, method)
      expect([status, headers.get('allow')]).toEqual([405, 'POST'])
    }
  })

  it('keeps nothing between requests: of two gateways each goes on where the other stopped', async () => {
    const doors = [graph.gateway.url, production.url]
    let asked = 0
    await using assistant = await assistantAt(graph.gateway.url, token, (input, init) => {
      const door = doors[asked++ % 2]!
      return fetch(new URL(new URL(String(input)).pathname, door), init)
    })
    expect((await assistant.client.listTools()).tools.length).toBeGreaterThan(2)
    const { plan } = await assistant.use('StartHubSpotSync', { mode: 'FULL' })
    const done = await assistant.use('StartHubSpotSync', { mode: 'FULL', confirm: plan?.confirm?.token })
    expect(done.done?.hash).toBe(plan?.hash)
    expect(asked).toBeGreaterThan(4)
  })
})
