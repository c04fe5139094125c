import { afterAll, beforeAll, expect, it } from 'vitest'
import { ORG } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { type MappedPortal, mappedPortal } from './mapped-portal.ts'

const stack = new AsyncDisposableStack()
let portal: MappedPortal
beforeAll(async () => {
  portal = stack.use(await mappedPortal({ companies: 8 }))
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
}, 60_000)
afterAll(() => stack.disposeAsync())

const NAMES = ['birth_date', 'medical_notes', 'shirt_size', 'no_such_thing']
const PROPERTIES = /* GraphQL */ `
  query ($names: [String!]) {
    customers(first: 50) { nodes { contacts(first: 50) { nodes { properties(names: $names) { name value personal masked } } } } }
  }
`
const ofContacts = async (names: string[] | null, ...scopes: string[]) =>
  (await portal.ask(PROPERTIES, { names }, principal(ORG, ...scopes))).customers.nodes.flatMap(
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
  const { errors } = await portal.answer(PROPERTIES, { names })
  expect(errors?.[0]?.extensions?.code).toBe('BAD_INPUT')
})
