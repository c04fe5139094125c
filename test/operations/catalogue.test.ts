import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, print } from 'graphql'
import { describe, expect, it } from 'vitest'
import { clientSchema, documents, doorDirectives } from '#operations/build.ts'
import { readCatalogue, withDoors } from '#operations/catalogue.ts'
import { loadManifest, MANIFEST_FILE } from '#operations/manifest.ts'
import { shapeNames } from '#operations/shape.ts'

const schema = withDoors(clientSchema(), doorDirectives())
const says = (name: string, text: string, ...others: { name: string; text: string }[]) =>
  readCatalogue([{ name, text }, ...others], schema).findings.map((f) => f.says)

const viewer = '# Who am I.\nquery Who @rest(path: "/api/v9/who") { viewer { id } }'

describe('the operations catalogue', () => {
  it('is built from the documents as they are', () => {
    const { manifest, findings } = readCatalogue(documents(), schema, shapeNames())
    expect(findings).toEqual([])
    expect(JSON.parse(readFileSync(MANIFEST_FILE, 'utf8'))).toEqual(manifest)
  })

  it('keeps no directive that opens a door in the text it hashes', () => {
    for (const operation of loadManifest().operations) {
      expect(operation.text).not.toMatch(/@(rest|tool|intent|slot)\b/)
      expect(print(parse(operation.text))).toBe(operation.text)
    }
  })

  it('serves the routes the requirements name', () => {
    const routes = loadManifest().operations.flatMap((o) =>
      o.routes.map((r) => `${r.method} ${r.path} ${o.name}`),
    )
    expect(routes).toContain('POST /api/v1/sync/customers/hubspot StartHubSpotSync')
    expect(routes).toContain('GET /api/v1/sync/customers/status SyncRuns')
    expect(routes).toContain('POST /api/v1/sync/customers/reconcile ReconcileHubSpot')
    expect(routes).toContain('GET /api/integrations/crm/sync CrmSyncLogs')
  })

  it('types every document for the console', () => {
    const typed = readFileSync(join(import.meta.dirname, '../../operations/generated/documents.ts'), 'utf8')
    for (const { name, hash } of loadManifest().operations) {
      expect(typed).toContain(`export const ${name} = {`)
      expect(typed).toContain(hash)
    }
  })
})

describe('a document is refused when', () => {
  it.each([
    ['it has no name', 'Who', '# Who.\n{ viewer { id } }', 'the name of its file'],
    ['its name is not its file’s', 'Me', viewer, 'give both one name'],
    ['no comment says what it is for', 'Who', 'query Who { viewer { id } }', 'needs a comment'],
    [
      'it names a shape that is not there',
      'Who',
      '# W.\nquery Who @rest(path: "/api/v9/who", shape: "Nothing") { viewer { id } }',
      'there is no operations/shapes/Nothing.ts',
    ],
    [
      'it asks for a field that is not there',
      'Who',
      '# W.\nquery Who { viewer { age } }',
      'Cannot query field',
    ],
    [
      'it asks for an inaccessible field',
      'Who',
      '# W.\nquery Who { customer(id: "1") { bans } }',
      'Cannot query',
    ],
    ['it does not parse', 'Who', '# W.\nquery Who {', 'Syntax Error'],
    [
      'it holds two operations',
      'Who',
      '# W.\nquery Who { viewer { id } } query B { viewer { id } }',
      'one operation',
    ],
    ['a list has no bound', 'Who', '# W.\nquery Who { portfolio { nodes { score } } }', 'needs `first`'],
    ['a path names no variable', 'Who', viewer.replace('/who', '/{id}'), 'names id, which is no variable'],
    ['a path lies outside the doors', 'Who', viewer.replace('/api/v9', '/graphql'), 'begins with /api/'],
    [
      'it sends callers who have to wait nowhere',
      'Who',
      viewer.replace('(path', '(done: "id", location: "/api/v9/nowhere/{id}", path'),
      'which is no route',
    ],
    ['it does not say where to ask again', 'Who', viewer.replace('(path', '(done: "id", path'), 'needs both'],
    ['a query is called with POST', 'Who', viewer.replace('(path', '(method: POST, path'), 'with GET'],
    [
      'a mutation is called with GET',
      'Stop',
      '# S.\nmutation Stop($runId: ID!) @rest(path: "/api/v9/{runId}") { cancelSync(runId: $runId) { __typename } }',
      'must not be called with GET',
    ],
    [
      'a union does not tell its type',
      'Stop',
      '# S.\nmutation Stop($runId: ID!) { cancelSync(runId: $runId) { ... on Refusal { code } } }',
      'select `__typename`',
    ],
    [
      'an object would come from the query string',
      'List',
      '# L.\nquery List($filter: CustomerFilter) @rest(path: "/api/v9/l", query: ["filter"]) { customers(filter: $filter, first: 1) { totalCount } }',
      'fits neither a path nor a query string',
    ],
    [
      'a needed variable has no place',
      'One',
      '# O.\nquery One($id: ID!) @rest(path: "/api/v9/one", query: []) { customer(id: $id) { id } }',
      'no place for the variable id',
    ],
  ])('%s', (_, name, text, part) => {
    expect(says(name, text).join('\n')).toContain(part)
  })

  it('its route already belongs to another', () => {
    const other = { name: 'Other', text: viewer.replace('Who @', 'Other @') }
    expect(says('Who', viewer, other).join('\n')).toContain('already belongs to Other')
  })
})
