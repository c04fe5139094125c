import { getOperationAST, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KnownDocuments } from '#gateway/execution/known.ts'
import { type Graph, startGraph } from '#test/kit/gateway.ts'

const LIST = 'query List($first: Int!) { customers(first: $first) { nodes { id name health { score } } } }'
const FAILS = 'query Fails { deal(id: "d1") { id } }'
const TWO = 'query One { customer(id: "c1") { id } } query Two { customer(id: "c2") { id } }'
const WRITE =
  'mutation Start($id: ID) { startHubSpotSync(integrationId: $id) { __typename ... on Missing { code } } }'

describe('a document that was let pass before', () => {
  let graph: Graph
  beforeAll(async () => {
    graph = await startGraph({ limits: { cost: 1_000 } })
  })
  afterAll(() => graph[Symbol.asyncDispose]())

  /** What a client is given: status, body, and the headers that say how to read it. */
  const send = async (body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${graph.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await graph.token()}`,
        ...headers,
      },
      body: JSON.stringify(body),
    })
    const read = (name: string) => response.headers.get(name)
    return [response.status, read('content-type'), read('cache-control'), await response.text()]
  }

  const said: [string, object, Record<string, string>?][] = [
    ['good variables', { query: LIST, variables: { first: 2 } }],
    ['a variable that is missing', { query: LIST }],
    ['a variable of another type', { query: LIST, variables: { first: 'two' } }],
    ['variables that make it too costly', { query: LIST, variables: { first: 5_000 } }],
    ['variables that are a list', { query: LIST, variables: [1] }],
    ['a part that fails', { query: FAILS }],
    ['one of its two operations', { query: TWO, operationName: 'Two' }],
    ['an operation that it does not hold', { query: TWO, operationName: 'Three' }],
    ['no operation named where it holds two', { query: TWO }],
    ['an empty name of an operation', { query: FAILS, operationName: '' }],
    ['a change that is refused', { query: WRITE, variables: { id: 'none' } }],
    [
      'an answer wanted by the newer type',
      { query: LIST, variables: { first: 2 } },
      { accept: 'application/graphql-response+json' },
    ],
    ['an answer wanted as a picture', { query: LIST, variables: { first: 2 } }, { accept: 'image/png' }],
    ['a body that browsers send unasked', { query: LIST }, { 'content-type': 'text/plain' }],
  ]

  it.each(said)('is answered the second time as the first: %s', async (_, body, headers) => {
    const first = await send(body, headers)
    expect(await send(body, headers)).toEqual(first)
    expect(await send(body, headers)).toEqual(first)
  })

  it('is refused with variables that make it too costly', async () => {
    await send({ query: LIST, variables: { first: 2 } })
    const [status, , , text] = await send({ query: LIST, variables: { first: 5_000 } })
    expect(status).toBe(400)
    expect(text).toContain('QUERY_TOO_COSTLY')
  })
})

describe('known documents', () => {
  const schema = () => graphSchema
  let graphSchema: Graph['gateway']['snapshot']['schema']
  beforeAll(async () => {
    await using graph = await startGraph()
    graphSchema = graph.gateway.snapshot.schema
  })
  const known = (query: string) => {
    const document = parse(query)
    return { document, operation: getOperationAST(document)!, operationName: undefined, key: query }
  }
  const most = (first: number) =>
    new KnownDocuments({
      schema: schema(),
      costOf: (_, variables) => {
        if ((variables.first as number) > first) throw new Error('too many')
        return variables.first as number
      },
    })

  it('are found by their text and the name of the operation asked for, and run without a further look', () => {
    const documents = most(10)
    documents.add(LIST, 'List', known(LIST))
    const found = documents.find(LIST, 'List', { first: 3 })
    expect([found?.known.operation.name?.value, found?.cost]).toEqual(['List', 3])
    expect(documents.find(LIST, undefined, { first: 3 })).toBeUndefined()
    expect(documents.find(LIST, '', { first: 3 })).toBeUndefined()
    expect(documents.find(`${LIST} `, 'List', { first: 3 })).toBeUndefined()
  })

  it('are left to a closer look with variables that do not fit, or are too many', () => {
    const documents = most(10)
    documents.add(LIST, undefined, known(LIST))
    expect(documents.find(LIST, undefined, { first: 10 })).toBeDefined()
    expect(documents.find(LIST, undefined, { first: 11 })).toBeUndefined()
    expect(documents.find(LIST, undefined, { first: 'ten' })).toBeUndefined()
    expect(documents.find(LIST, undefined, {})).toBeUndefined()
  })
})
