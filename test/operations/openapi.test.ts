import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { areas, clientSchema } from '#operations/build.ts'
import { loadManifest, OPENAPI_FILE } from '#operations/manifest.ts'
import { type OpenApi, openApiOf } from '#operations/openapi/index.ts'
import { loadShapes } from '#operations/shape.ts'

const manifest = loadManifest()
const document = JSON.parse(readFileSync(OPENAPI_FILE, 'utf8')) as OpenApi
interface Described {
  tags: string[]
  parameters?: { name: string; in: string; required: boolean }[]
  requestBody?: { content: { 'application/json': { schema: { required?: string[] } } } }
  responses: Record<string, { content?: { 'application/json'?: { schema: Record<string, unknown> } } }>
}
const at = (path: string, method: string) => document.paths[path]?.[method] as unknown as Described

describe('the description of the REST door', () => {
  it('is built from the catalogue as it is', async () => {
    const shapes = await loadShapes(manifest)
    expect(openApiOf(manifest, { schema: clientSchema(), shapes, areas: areas() })).toEqual(document)
  })

  it('describes every route with all that its path needs, under the part that answers it', () => {
    for (const { name, routes } of manifest.operations)
      for (const { path, method, status } of routes) {
        const described = at(path, method.toLowerCase())
        const given = (described.parameters ?? []).filter((one) => one.in === 'path' && one.required)
        const needed = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
        expect(given.map((one) => one.name).sort(), name).toEqual(needed.sort())
        expect(described.responses[status], name).toBeDefined()
        expect(described.tags, name).toHaveLength(1)
      }
    expect(document.tags.map((tag) => tag.name)).toEqual([
      'customers',
      'hub',
      'insights',
      'inventory',
      'telephony',
    ])
  })

  it('names what a body needs, and refusals as problems only', () => {
    const create = at('/api/v2/billing-accounts/{ban}/trunks', 'post')
    expect(create.requestBody?.content['application/json'].schema.required).toEqual(['input'])
    const text = JSON.stringify(create.responses[201])
    expect(text).toContain('"#/components/schemas/TrunkCreated"')
    expect(document.components.schemas.TrunkCreated).toMatchObject({
      properties: { __typename: { const: 'TrunkCreated' } },
    })
    expect(text).not.toContain('AddressesOverlap')
  })

  it('refers only to what it defines', () => {
    const defined = new Set([
      ...Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`),
      ...Object.keys(document.components.responses).map((name) => `#/components/responses/${name}`),
      ...Object.keys(document.components.parameters).map((name) => `#/components/parameters/${name}`),
    ])
    const referred = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]!)
    expect(new Set(referred.filter((name) => !defined.has(name)))).toEqual(new Set())
  })
})
