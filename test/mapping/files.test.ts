import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compileField } from '#subgraphs/customers/domain/mapping.ts'
import { isInvertible, readTransform } from '#subgraphs/customers/domain/transforms.ts'
import { ORG } from '#test/kit/customers.ts'
import { type MappedPortal, mappedPortal, PROBLEMS } from './mapped-portal.ts'

const stack = new AsyncDisposableStack()
let from: MappedPortal
let to: MappedPortal
beforeAll(async () => {
  from = stack.use(await mappedPortal({ companies: 5 }))
  to = stack.use(await mappedPortal({ companies: 5 }))
  const made = { type: 'string', fieldType: 'text', groupName: 'companyinformation' }
  await from.define('companies', { ...made, name: 'sector', label: 'Sector' })
  await from.sync('RECONCILE')
  await from.save('COMPANIES', [
    {
      field: 'industry',
      properties: ['sector', 'industry'],
      transforms: [{ kind: 'TRIM' }, { kind: 'LOWER' }],
    },
    { field: 'city', properties: [] },
  ])
  await from.save('DEALS', [
    {
      field: 'amount',
      properties: ['amount'],
      transforms: [{ kind: 'CURRENCY', decimal: ',', group: '.', unit: 'MINOR' }],
      direction: 'BOTH',
    },
  ])
})
afterAll(() => stack.disposeAsync())

const EXPORT = 'query ($id: ID!) { exportMappings(integrationId: $id) { fileName document } }'
const IMPORT = /* GraphQL */ `
  mutation ($id: ID!, $document: String!, $dryRun: Boolean!) {
    importMappings(integrationId: $id, document: $document, dryRun: $dryRun) {
      __typename
      ... on MappingsImported { dryRun changed mappings { objectType version } receipt { position } ${PROBLEMS} }
      ... on MappingRefused { ${PROBLEMS} }
      ... on Refusal { code message }
    }
  }
`
const exported = async (portal: MappedPortal) =>
  (await portal.ask(EXPORT, { id: portal.integrationId })).exportMappings
const imported = async (portal: MappedPortal, document: string, dryRun = false) =>
  (await portal.ask(IMPORT, { id: portal.integrationId, document, dryRun })).importMappings

it('writes what somebody mapped as a file, the same text for the same mappings', async () => {
  const { fileName, document } = await exported(from)
  expect(fileName).toMatch(/^mappings-\d+\.json$/)
  expect(JSON.parse(document)).toEqual({
    format: 'tributary-mappings/1',
    objects: {
      companies: {
        city: { direction: 'IN', properties: [], transforms: [] },
        industry: {
          direction: 'IN',
          properties: ['sector', 'industry'],
          transforms: [{ kind: 'TRIM' }, { kind: 'LOWER' }],
        },
      },
      deals: {
        amount: {
          direction: 'BOTH',
          properties: ['amount'],
          transforms: [{ kind: 'CURRENCY', decimal: ',', group: '.', unit: 'MINOR' }],
        },
      },
    },
  })
  expect((await exported(from)).document).toBe(document)
})

it('refuses a file when the portal lacks something, names all of it, and changes nothing', async () => {
  const before = await exported(to)
  for (const dryRun of [true, false]) {
    const refused = await imported(to, (await exported(from)).document, dryRun)
    expect(refused).toMatchObject({
      __typename: 'MappingRefused',
      problems: [
        {
          objectType: 'COMPANIES',
          field: 'industry',
          property: 'sector',
          code: 'UNKNOWN_PROPERTY',
          message: 'The portal has no property sector.',
          fix: 'Choose another property, or refresh the field catalogue if it was made a moment ago.',
        },
      ],
    })
  }
  expect(await exported(to)).toEqual(before)
})

it('imports it once the portal has all it needs: tried first, then done, and a second time without effect', async () => {
  await to.define('companies', {
    name: 'sector',
    label: 'Sector',
    type: 'string',
    fieldType: 'text',
    groupName: 'companyinformation',
  })
  const refresh =
    'mutation ($id: ID!) { refreshFieldCatalog(integrationId: $id) { ... on FieldCatalogRefreshing { run { id } } } }'
  const { run } = (await to.ask(refresh, { id: to.integrationId })).refreshFieldCatalog
  await to.ended(run.id)
  const { document } = await exported(from)
  expect(await imported(to, document, true)).toMatchObject({ dryRun: true, changed: 3, receipt: null })
  expect((await to.mapping('COMPANIES')).version).toBe(1)
  const done = await imported(to, document)
  expect(done).toMatchObject({ dryRun: false, changed: 3, problems: [] })
  expect(done.mappings).toContainEqual({ objectType: 'COMPANIES', version: 2 })
  expect((await exported(to)).document).toBe(document)
  expect(await imported(to, document)).toMatchObject({ changed: 0 })
  expect((await to.mapping('COMPANIES')).version).toBe(2)
  // What the file does not name goes back to the hub's own mapping.
  await to.save('TICKETS', [{ field: 'subject', properties: ['content'] }])
  expect(await imported(to, document)).toMatchObject({ changed: 1 })
  expect((await exported(to)).document).toBe(document)
  const acts = await to.database.read(ORG, (tx) =>
    tx
      .selectFrom('service.audit_log')
      .select('diff')
      .where('action', '=', 'importMappings')
      .orderBy('id')
      .execute(),
  )
  expect(acts.map(({ diff }) => Object.keys(diff as object).sort())).toEqual([
    ['companies.city', 'companies.industry', 'deals.amount'],
    ['tickets.subject'],
  ])
})

it('reads the file that the documentation shows, and reads values as it says', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/mapping.md'), 'utf8')
  const document = /```json mapping-file\n(.*?)```/s.exec(text)?.[1] ?? ''
  expect(await imported(to, document, true)).toMatchObject({ __typename: 'MappingsImported', changed: 2 })
  const rows = [...text.matchAll(/^\| `(\{.*\})` \| (.+?) \| (.+?) \| (yes|no)/gm)]
  expect(rows).toHaveLength(12)
  const plain = (cell = '') => cell.replace(/^`|`$/g, '')
  for (const [, transform = '', says = '', has = '', undone] of rows) {
    const read = readTransform(JSON.parse(transform))
    if ('wrong' in read) throw new Error(read.wrong)
    const [first, second = first] = says.split(' and ').map(plain)
    const reader = compileField({ properties: ['city', 'country'], transforms: [read], direction: 'IN' })
    const becomes = has === 'nothing' ? null : plain(has)
    expect([transform, reader({ city: first, country: second })]).toEqual([transform, becomes])
    expect(isInvertible(read)).toBe(undone === 'yes')
  }
})

it.each([
  ['what is no JSON', 'hello', /is no JSON/],
  ['another format', '{"format":"tributary-mappings/9","objects":{}}', /format/],
  ['a kind of record there is none of', '{"format":"tributary-mappings/1","objects":{"cars":{}}}', /objects/],
  [
    'a field without properties',
    '{"format":"tributary-mappings/1","objects":{"deals":{"name":{"property":"x"}}}}',
    /objects\.deals\.name/,
  ],
])('refuses %s and says where', async (_, document, says) => {
  const refused = await imported(to, document)
  expect(refused).toMatchObject({ __typename: 'Invalid' })
  expect(refused.message).toMatch(says)
})
