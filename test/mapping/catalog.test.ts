import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ORG } from '#test/kit/customers.ts'
import { callPortal, defineProperty } from '#test/kit/portal.ts'
import { principal } from '#test/kit/subgraph.ts'
import { eventsOf, rowsOf } from '../customers/rows.ts'
import { type MappedPortal, mappedPortal } from './mapped-portal.ts'

const stack = new AsyncDisposableStack()
let portal: MappedPortal
beforeAll(async () => {
  portal = stack.use(await mappedPortal({ companies: 30 }))
})
afterAll(() => stack.disposeAsync())

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
const refs = () => [{ __typename: 'HubSpotIntegration', id: portal.integrationId }]
const catalog = async (type: string, text: string | null = null, first = 200) =>
  // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
  (await portal.ask(CATALOG, { refs: refs(), type, text, first }))._entities[0] as any

it('lists every property of a portal with its type, options and what the hub makes of it', async () => {
  const { fieldCatalog, fieldChanges } = await catalog('COMPANIES')
  const { results } = await callPortal<{ results: { name: string }[] }>(
    portal.portal,
    '/crm/v3/properties/companies',
  )
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
  expect(await eventsOf(portal, 'customers.catalog.changed')).toEqual([])
})

it('finds properties by words, a page at a time, and those of no other organisation', async () => {
  const found = (await catalog('CONTACTS', 'E-MAIL', 200)).fieldCatalog.nodes.concat(
    (await catalog('CONTACTS', 'email', 200)).fieldCatalog.nodes,
  )
  expect(found.map(({ name }: { name: string }) => name)).toContain('email')
  const first = (await catalog('CONTACTS', null, 2)).fieldCatalog
  expect(first.pageInfo.hasNextPage).toBe(true)
  const next = await portal.ask(CATALOG, {
    refs: refs(),
    type: 'CONTACTS',
    first: 2,
    after: first.pageInfo.endCursor,
  })
  const names = [...first.nodes, ...next._entities[0].fieldCatalog.nodes].map(({ name }) => name)
  expect(names).toEqual([...new Set(names)].sort())
  const stranger = await portal.ask(
    CATALOG,
    { refs: refs(), type: 'CONTACTS', first: 10 },
    principal('00000000-0000-4000-8000-000000000002'),
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
  const { customers } = await portal.ask(PROPERTIES, { first: 30, names: null })
  const there = new Map((await portal.records('companies')).map((record) => [record.id, record.properties]))
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
    const from = portal.statements.length
    await portal.ask(PROPERTIES, { first, names: ['email', 'state', 'no_such'] })
    return portal.statements.slice(from).filter((text) => text.includes('portal_properties')).length
  }
  expect([await counted(2), await counted(30)]).toEqual([2, 2])
  const asked = await portal.ask(PROPERTIES, { first: 5, names: ['email', 'state'] })
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
  await portal.sim('properties/companies', { name: 'customer_number', archived: true })
  await portal.sim('properties/companies', { name: 'renewal_date', type: 'string', fieldType: 'text' })
  await portal.sim('properties/contacts', {
    name: 'concern',
    options: ['purchasing', 'technical', 'executive', 'general', 'invoices'].map((value) => ({
      value,
      label: value === 'invoices' ? 'billing' : value,
    })),
  })
  await defineProperty(portal.portal, 'deals', { name: 'region', label: 'Region' })
  await portal.sync('RECONCILE')
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
  const told = await eventsOf<{ objectType: string; total: number }>(portal, 'customers.catalog.changed')
  expect(told.map(({ objectType, total }) => [objectType, total]).sort()).toEqual([
    ['companies', 2],
    ['contacts', 1],
    ['deals', 1],
  ])
  // What an archived property said last is kept, and is marked so.
  const company = [...(await rowsOf(portal, 'companies')).values()].find(
    ({ properties }) => properties.customer_number,
  )!
  expect(company).toBeDefined()
  const { customers } = await portal.ask(PROPERTIES, { first: 30, names: ['customer_number'] })
  const kept = customers.nodes.find(
    ({ hubspotCompanyId }: { hubspotCompanyId: string }) => hubspotCompanyId === company.external_id,
  )
  expect(kept.properties).toMatchObject([{ value: company.properties.customer_number, archived: true }])
  // Nothing new: nothing told.
  await portal.sync('RECONCILE')
  expect(await eventsOf(portal, 'customers.catalog.changed')).toHaveLength(3)
})

describe('of properties that a portal makes up', () => {
  beforeAll(async () => {
    const text = { type: 'string', fieldType: 'text', groupName: 'contactinformation' }
    await portal.define('contacts', { ...text, name: 'birth_date', label: 'Birthday' })
    await portal.define('contacts', { ...text, name: 'shirt_size', label: 'Shirt size', hidden: true })
    await portal.define('contacts', { ...text, name: 'medical_notes', label: 'Notes' })
    await portal.sim('properties/contacts', { name: 'medical_notes', dataSensitivity: 'highly_sensitive' })
    const contacts = await portal.records('contacts')
    await portal.change(
      'contacts',
      contacts.map(({ id }) => ({
        id,
        properties: { birth_date: '1970-01-01', shirt_size: 'XL', medical_notes: 'allergic' },
      })),
    )
    await portal.sync('RECONCILE')
  })

  const NAMES = ['birth_date', 'medical_notes', 'shirt_size', 'no_such_thing']
  const CONTACT_PROPERTIES = /* GraphQL */ `
  query ($names: [String!]) {
    customers(first: 50) { nodes { contacts(first: 50) { nodes { properties(names: $names) { name value personal masked } } } } }
  }
`
  const ofContacts = async (names: string[] | null, ...scopes: string[]) =>
    (await portal.ask(CONTACT_PROPERTIES, { names }, principal(ORG, ...scopes))).customers.nodes.flatMap(
      (node: { contacts: { nodes: { properties: { name: string }[] }[] } }) =>
        node.contacts.nodes.map(({ properties }) => properties),
    )

  it('keeps what the hub has no field for, and shows it by the portal’s own name', async () => {
    const all = await ofContacts(NAMES, 'customers:read', 'pii:read')
    expect(all.length).toBeGreaterThan(5)
    for (const properties of all)
      expect(properties).toEqual([
        { name: 'birth_date', value: '1970-01-01', personal: true, masked: false },
        { name: 'medical_notes', value: 'allergic', personal: true, masked: false },
        { name: 'shirt_size', value: 'XL', personal: false, masked: false },
      ])
  })

  it('masks values that are personal or marked as sensitive from who may not see personal data', async () => {
    for (const properties of await ofContacts(NAMES, 'customers:read'))
      expect(properties).toEqual([
        { name: 'birth_date', value: null, personal: true, masked: true },
        { name: 'medical_notes', value: null, personal: true, masked: true },
        { name: 'shirt_size', value: 'XL', personal: false, masked: false },
      ])
    // Asking for all of them is no way around it.
    const all = JSON.stringify(await ofContacts(null, 'customers:read'))
    expect(all).toContain('shirt_size')
    expect(all).not.toMatch(/1970|allergic/)
  })

  it('says in the catalogue which properties are hidden, sensitive or read', async () => {
    const query = /* GraphQL */ `
    query ($refs: [_Any!]!) {
      _entities(representations: $refs) {
        ... on HubSpotIntegration {
          fieldCatalog(objectType: CONTACTS, first: 200) { nodes { name hidden personal read mappedTo } }
        }
      }
    }
  `
    const refs = [{ __typename: 'HubSpotIntegration', id: portal.integrationId }]
    const { nodes } = (await portal.ask(query, { refs }))._entities[0].fieldCatalog
    const by = new Map(nodes.map((node: { name: string }) => [node.name, node]))
    expect(by.get('shirt_size')).toMatchObject({ hidden: true, personal: false, read: true })
    expect(by.get('medical_notes')).toMatchObject({ hidden: false, personal: true, read: true })
    expect(by.get('email')).toMatchObject({ hidden: false, personal: true, mappedTo: ['email'] })
  })

  it('refuses more names than can be shown at once', async () => {
    const names = Array.from({ length: 201 }, (_, n) => `p${n}`)
    const { errors } = await portal.answer(CONTACT_PROPERTIES, { names })
    expect(errors?.[0]?.extensions?.code).toBe('BAD_INPUT')
  })
})
