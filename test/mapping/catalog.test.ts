import { afterAll, beforeAll, expect, it } from 'vitest'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { type CustomersBed, customersBed, ORG, TEST_KEY, worker } from '#test/kit/customers.ts'
import { askSubgraph, principal, startWith } from '#test/kit/subgraph.ts'
import { eventsOf, rowsOf } from '../customers/rows.ts'

const stack = new AsyncDisposableStack()
let bed: CustomersBed
let url: string | null
const statements: string[] = []

beforeAll(async () => {
  bed = stack.use(await customersBed({ companies: 30 }))
  stack.use(worker(bed))
  const running = stack.use(
    await startCustomers({
      ...startWith(bed.test.urls, { onStatement: (text) => statements.push(text), worker: false }),
      encryptionKeys: [TEST_KEY],
    }),
  )
  url = running.url
  await bed.sync('FULL')
}, 60_000)
afterAll(() => stack.disposeAsync())

const ask = async (query: string, variables: Record<string, unknown> = {}, org = ORG) => {
  const answer = await askSubgraph(url, query, variables, principal(org))
  expect(answer.errors).toBeUndefined()
  return answer.data
}

const CATALOG = /* GraphQL */ `
  query ($refs: [_Any!]!, $type: MappedObject!, $text: String, $first: Int!, $after: Cursor) {
    _entities(representations: $refs) {
      ... on HubSpotIntegration {
        fieldCatalog(objectType: $type, text: $text, first: $first, after: $after) {
          pageInfo { hasNextPage endCursor }
          nodes {
            name label type fieldType group options { value label } readOnly calculated unique hubspotDefined personal read archived
            mappedTo
          }
        }
        fieldChanges(first: 50) { nodes { objectType property change was becomes } }
      }
    }
  }
`
const refs = () => [{ __typename: 'HubSpotIntegration', id: bed.integrationId }]
const catalog = async (type: string, text: string | null = null, first = 200) =>
  // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
  (await ask(CATALOG, { refs: refs(), type, text, first }))._entities[0] as any

it('lists every property of a portal with its type, options and what the hub makes of it', async () => {
  const { fieldCatalog, fieldChanges } = await catalog('COMPANIES')
  const there = await fetch(`${bed.portal.url}/crm/v3/properties/companies`, {
    headers: {
      authorization: `Bearer ${(await import('#connectors/hubspot/simulator/index.ts')).DEMO_TOKEN}`,
    },
  })
  const { results } = (await there.json()) as { results: { name: string }[] }
  // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
  const nodes = fieldCatalog.nodes as any[]
  expect(nodes.map(({ name }) => name)).toEqual(results.map(({ name }) => name).sort())
  const by = new Map(nodes.map((node) => [node.name, node]))
  expect(by.get('lifecyclestage')).toMatchObject({
    type: 'enumeration',
    hubspotDefined: true,
    read: true,
    mappedTo: ['lifecycleStage'],
  })
  expect(by.get('lifecyclestage').options).toContainEqual({ value: 'customer', label: 'customer' })
  expect(by.get('hs_object_id')).toMatchObject({ readOnly: true, read: false })
  expect(by.get('customer_number')).toMatchObject({ hubspotDefined: false, read: true, mappedTo: [] })
  expect(by.get('phone')).toMatchObject({ personal: true, mappedTo: ['phone'] })
  expect(fieldChanges.nodes).toEqual([])
  expect(await eventsOf(bed, 'customers.catalog.changed')).toEqual([])
})

it('finds properties by words, a page at a time, and those of no other organisation', async () => {
  const found = (await catalog('CONTACTS', 'E-MAIL', 200)).fieldCatalog.nodes.concat(
    (await catalog('CONTACTS', 'email', 200)).fieldCatalog.nodes,
  )
  expect(found.map(({ name }: { name: string }) => name)).toContain('email')
  const first = (await catalog('CONTACTS', null, 2)).fieldCatalog
  expect(first.pageInfo.hasNextPage).toBe(true)
  const next = await ask(CATALOG, {
    refs: refs(),
    type: 'CONTACTS',
    first: 2,
    after: first.pageInfo.endCursor,
  })
  const names = [...first.nodes, ...next._entities[0].fieldCatalog.nodes].map(({ name }) => name)
  expect(names).toEqual([...new Set(names)].sort())
  const stranger = await ask(
    CATALOG,
    { refs: refs(), type: 'CONTACTS', first: 10 },
    '00000000-0000-4000-8000-000000000002',
  )
  expect(stranger._entities[0].fieldCatalog.nodes).toEqual([])
})

const PROPERTIES = /* GraphQL */ `
  query ($names: [String!], $first: Int!) {
    customers(first: $first) {
      nodes {
        hubspotCompanyId
        properties(names: $names) { name label value type personal archived }
        contacts(first: 20) { nodes { hubspotContactId properties(names: $names) { name value personal } } }
      }
    }
  }
`

it('shows what the hub has no field for, by the portal’s own properties, in one statement for each kind', async () => {
  const { customers } = await ask(PROPERTIES, { first: 30, names: null })
  const there = new Map((await bed.records('companies')).map((record) => [record.id, record.properties]))
  let seen = 0
  for (const { hubspotCompanyId, properties } of customers.nodes) {
    const expected = ['component_spend', 'customer_number', 'nda_signed', 'renewal_date', 'warp_ban'].filter(
      (name) => there.get(hubspotCompanyId)?.[name] != null,
    )
    expect(properties.map(({ name }: { name: string }) => name)).toEqual(expected)
    for (const { name, value } of properties) expect(value).toBe(there.get(hubspotCompanyId)?.[name])
    seen += properties.length
  }
  expect(seen).toBeGreaterThan(20)
  const counted = async (first: number) => {
    const from = statements.length
    await ask(PROPERTIES, { first, names: ['email', 'state', 'no_such'] })
    return statements.slice(from).filter((text) => text.includes('portal_properties')).length
  }
  expect([await counted(2), await counted(30)]).toEqual([2, 2])
  const asked = await ask(PROPERTIES, { first: 5, names: ['email', 'state'] })
  const people = asked.customers.nodes.flatMap(
    (node: never) => (node as { contacts: { nodes: never[] } }).contacts.nodes,
  )
  for (const { properties } of people)
    expect(properties).toMatchObject([
      { name: 'email', personal: true },
      { name: 'state', personal: false },
    ])
})

it('notices what became of properties, keeps it and tells it', async () => {
  await bed.sim('properties/companies', { name: 'customer_number', archived: true })
  await bed.sim('properties/companies', { name: 'renewal_date', type: 'string', fieldType: 'text' })
  await bed.sim('properties/contacts', {
    name: 'concern',
    options: ['purchasing', 'technical', 'executive', 'general', 'invoices'].map((value) => ({
      value,
      label: value === 'invoices' ? 'billing' : value,
    })),
  })
  const made = await fetch(`${bed.portal.url}/crm/v3/properties/deals`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${(await import('#connectors/hubspot/simulator/index.ts')).DEMO_TOKEN}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      name: 'region',
      label: 'Region',
      type: 'string',
      fieldType: 'text',
      groupName: 'dealinformation',
    }),
  })
  expect(made.status).toBe(201)
  await bed.sync('RECONCILE')
  const { fieldChanges } = await catalog('COMPANIES')
  expect(fieldChanges.nodes).toHaveLength(4)
  expect(fieldChanges.nodes).toEqual(
    expect.arrayContaining([
      { objectType: 'COMPANIES', property: 'customer_number', change: 'ARCHIVED', was: null, becomes: null },
      {
        objectType: 'COMPANIES',
        property: 'renewal_date',
        change: 'RETYPED',
        was: 'date',
        becomes: 'string',
      },
      {
        objectType: 'CONTACTS',
        property: 'concern',
        change: 'OPTION_RENAMED',
        was: 'billing',
        becomes: 'invoices',
      },
      { objectType: 'DEALS', property: 'region', change: 'ADDED', was: null, becomes: 'string' },
    ]),
  )
  const told = await eventsOf<{ objectType: string; total: number }>(bed, 'customers.catalog.changed')
  expect(told.map(({ objectType, total }) => [objectType, total]).sort()).toEqual([
    ['companies', 2],
    ['contacts', 1],
    ['deals', 1],
  ])
  // What an archived property said last is kept, and is marked so.
  const company = [...(await rowsOf(bed, 'companies')).values()].find(
    ({ properties }) => properties.customer_number,
  )!
  expect(company).toBeDefined()
  const { customers } = await ask(PROPERTIES, { first: 30, names: ['customer_number'] })
  const kept = customers.nodes.find(
    ({ hubspotCompanyId }: { hubspotCompanyId: string }) => hubspotCompanyId === company.external_id,
  )
  expect(kept.properties).toMatchObject([{ value: company.properties.customer_number, archived: true }])
  // Nothing new: nothing told.
  await bed.sync('RECONCILE')
  expect(await eventsOf(bed, 'customers.catalog.changed')).toHaveLength(3)
})
