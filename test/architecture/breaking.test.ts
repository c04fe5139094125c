import { describe, expect, it } from 'vitest'
import { plant } from './house.ts'
import { breaking } from './rules/breaking.ts'

/** What the rule says of a tree with these files, as `where: says`. */
const verdict = async (files: Record<string, string>): Promise<string[]> => {
  using house = plant(files)
  return breaking(house).findings.map(({ where, says }) => `${where}: ${says}`)
}

describe('breaking', () => {
  const route = (takes: object, gives: object) =>
    JSON.stringify({
      paths: {
        '/api/v2/things/{id}': {
          get: {
            parameters: Object.entries(takes).map(([name, required]) => ({
              ...{ name, in: 'query', required, schema: { type: 'string' } },
            })),
            responses: { 200: { content: { 'application/json': { schema: { properties: gives } } } } },
          },
        },
      },
      components: { schemas: {} },
    })
  const text = { type: 'string' }
  const files = {
    'operations/baseline/api.graphql': 'type Query { thing(id: ID!): String! other: Int count: Int }',
    'operations/generated/api.graphql':
      'type Query { thing(id: ID!): String! other: Int count: Int more: Int }',
    'operations/baseline/rest.json': JSON.stringify({
      'GET /api/v2/things/{}': {
        status: '200',
        takes: { a: 'string' },
        gives: { id: 'string', name: 'string|null' },
      },
    }),
    'operations/generated/openapi.json': route({ a: false, b: false }, { id: text, name: text, more: text }),
  }

  it('lets through what only adds, and what promises more', async () => {
    expect(await verdict(files)).toEqual([])
  })

  it('refuses what takes something away from clients of the graph or of the REST door, unless it is declared with a reason', async () => {
    const broken = {
      ...files,
      'operations/generated/api.graphql': 'type Query { thing(id: ID!, of: ID!): String count: Int }',
      'operations/generated/openapi.json': route({ b: true }, { id: { type: ['string', 'null'] } }),
    }
    const says = (await verdict(broken)).map((one) => one.replace(/^[^:]+: /, '').replace(/\. Keep.*/, ''))
    expect(says).toEqual([
      'Query.other was removed.',
      'A required arg of on Query.thing was added.',
      'Query.thing changed type from String! to String.',
      'GET /api/v2/things/{} is asked: a is not taken any more',
      'GET /api/v2/things/{} is asked: b is needed now',
      'GET /api/v2/things/{} answers: id is string or null, no longer string',
      'GET /api/v2/things/{} answers: name is gone',
    ])
    const rows = (why: string) => says.map((one) => `| 2026-11-23 | ${one} | ${why} |`).join('\n')
    expect(await verdict({ ...broken, 'docs/breaking-changes.md': rows(' ') })).toHaveLength(says.length)
    expect(await verdict({ ...broken, 'docs/breaking-changes.md': rows('Nobody used it.') })).toEqual([])
    const gone = {
      ...broken,
      'operations/generated/openapi.json': '{"paths":{},"components":{"schemas":{}}}',
    }
    expect(await verdict(gone)).toContainEqual(expect.stringContaining('GET /api/v2/things/{} is gone'))
  })
})
