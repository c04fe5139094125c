import { afterAll, beforeAll, expect, it } from 'vitest'
import { ORG } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { eventsOf } from '../customers/rows.ts'
import { type MappedPortal, mappedPortal } from './mapped-portal.ts'

const stack = new AsyncDisposableStack()
let portal: MappedPortal
beforeAll(async () => {
  portal = stack.use(await mappedPortal({ companies: 20 }))
})
afterAll(() => stack.disposeAsync())

it('shows on real records what a mapping would do, and what would get lost, and changes nothing', async () => {
  const before = await portal.mapping('COMPANIES')
  const calls = (await portal.journal()).counts.total
  const there = new Map((await portal.records('companies')).map(({ id, properties }) => [id, properties]))
  const preview = await portal.preview(
    'COMPANIES',
    [
      { field: 'warpPaymentTerms', properties: ['customer_number'] },
      { field: 'employees', properties: ['state'], transforms: [{ kind: 'NUMBER' }] },
    ],
    5,
  )
  expect(preview).toMatchObject({
    __typename: 'MappingPreview',
    version: 1,
    savable: true,
    problems: [],
    unreadProperties: [],
  })
  expect(preview.records).toHaveLength(5)
  for (const { externalId, fields } of preview.records) {
    const said = there.get(externalId)!
    const terms = said.customer_number
    expect(fields).toContainEqual({
      field: 'warpPaymentTerms',
      before: null,
      after: terms,
      changes: terms !== null,
      masked: false,
      problem: null,
    })
    expect(fields).toContainEqual({
      field: 'employees',
      before: said.numberofemployees,
      after: null,
      changes: true,
      masked: false,
      problem: said.state
        ? 'HubSpot has a value under state, and nothing can be made of it: the field would be empty.'
        : null,
    })
  }
  expect(await portal.mapping('COMPANIES')).toEqual(before)
  expect((await portal.journal()).counts.total).toBe(calls)
})

it('looks first at records that have a value under the properties asked for', async () => {
  const there = await portal.records('companies')
  const filled = there.filter(({ properties }) => properties.customer_number !== null).length
  expect(filled).toBeGreaterThan(0)
  expect(filled).toBeLessThan(there.length)
  const { records } = await portal.preview(
    'COMPANIES',
    [{ field: 'warpPaymentTerms', properties: ['customer_number'] }],
    filled,
  )
  for (const { fields } of records) expect(fields[0].after).not.toBeNull()
})

it('names what keeps a mapping from being saved, and properties that were never read', async () => {
  const preview = await portal.preview('CONTACTS', [
    { field: 'jobTitle', properties: ['hs_email_domain'] },
    { field: 'lastActivityAt', properties: ['city'] },
  ])
  expect(preview).toMatchObject({
    savable: false,
    unreadProperties: ['hs_email_domain'],
    problems: [{ field: 'lastActivityAt', code: 'WRONG_TYPE', property: 'city', blocks: true }],
  })
  expect(preview.problems[0].fix).toContain('Add a transform (DATE)')
})

it('shows no personal value to who may not see any: neither of a field nor of a property behind it', async () => {
  const changes = [
    { field: 'email', properties: ['email'], transforms: [{ kind: 'UPPER' }] },
    { field: 'jobTitle', properties: ['mobilephone'] },
    { field: 'owner', properties: [] },
  ]
  const reader = principal(ORG, 'sync:read', 'customers:read')
  const { records } = await portal.preview('CONTACTS', changes, 10, reader)
  for (const { fields } of records)
    expect(fields).toMatchObject([
      { field: 'email', before: null, after: null, masked: true },
      { field: 'jobTitle', before: null, after: null, masked: true },
      { field: 'owner', masked: false },
    ])
  const open = await portal.preview(
    'CONTACTS',
    changes,
    10,
    principal(ORG, 'sync:read', 'customers:read', 'pii:read'),
  )
  expect(
    open.records.some(({ fields }: { fields: { after: string }[] }) => fields[0]?.after?.includes('@')),
  ).toBe(true)
})

const CUSTOMERS = /* GraphQL */ `
  query { customers(first: 50) { nodes { hubspotCompanyId industry annualRevenue { amount } warpPaymentTerms warpContractEnd city } } }
`
// biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
const shown = async (): Promise<Map<string, any>> =>
  new Map(
    (await portal.ask(CUSTOMERS)).customers.nodes.map((node: { hubspotCompanyId: string }) => [
      node.hubspotCompanyId,
      node,
    ]),
  )

it('maps fields to other properties through transforms, and stored records follow without a request to HubSpot', async () => {
  const there = await portal.records('companies')
  const before = await shown()
  const calls = (await portal.journal()).counts.total
  const told = (await eventsOf(portal, 'customers.company.changed')).length
  const saved = await portal.save('COMPANIES', [
    {
      field: 'industry',
      properties: ['type'],
      transforms: [
        { kind: 'ENUM_MAP', options: [{ from: 'PROSPECT', to: 'to be won' }], otherwise: 'KEEP' },
        { kind: 'LOWER' },
      ],
    },
    { field: 'annualRevenue', properties: ['component_spend'] },
    { field: 'warpContractEnd', properties: ['renewal_date'] },
    { field: 'city', properties: ['city', 'state'], transforms: [{ kind: 'JOIN', separator: ', ' }] },
  ])
  expect(saved).toMatchObject({
    __typename: 'MappingSaved',
    mapping: { version: 2, rederivation: { complete: false } },
  })
  await using _ = portal.rederiving()
  const followed = await portal.followed('COMPANIES')
  expect(followed).toMatchObject({ version: 2, done: 20, total: 20, readsAgain: false })
  // The column is derived; the rest is read where it is asked for, but others are told of it.
  expect(followed.changed).toBe(20)
  expect((await portal.journal()).counts.total).toBe(calls)
  const after = await shown()
  for (const { id, properties } of there) {
    const { type, component_spend: spend, renewal_date: day, city, state } = properties
    expect(after.get(id)).toEqual({
      ...before.get(id),
      industry: type === 'PROSPECT' ? 'to be won' : (type?.toLowerCase() ?? null),
      annualRevenue: spend === null ? null : { amount: spend },
      warpContractEnd: day,
      city: [city, state].filter(Boolean).join(', ') || null,
    })
  }
  expect((await eventsOf(portal, 'customers.company.changed')).length).toBe(told + 20)
  const [changed] = await eventsOf(portal, 'customers.mapping.changed')
  expect(changed).toMatchObject({
    objectType: 'companies',
    version: 2,
    changed: ['industry', 'city', 'annualRevenue', 'warpContractEnd'],
    paused: [],
  })
})

it('reads what comes in later by the mapping that holds', async () => {
  const [{ id } = { id: '' }] = await portal.records('companies')
  await portal.change('companies', [{ id, properties: { type: 'VENDOR', component_spend: '77' } }])
  await portal.sync('INCREMENTAL')
  expect((await shown()).get(id)).toMatchObject({ industry: 'vendor', annualRevenue: { amount: '77' } })
})

it('goes back to the hub’s own mapping, and records follow', async () => {
  const there = await portal.records('companies')
  const fields = ['industry', 'annualRevenue', 'warpContractEnd', 'city']
  await portal.saveAndFollow(
    'COMPANIES',
    fields.map((field) => ({ field, useDefault: true })),
  )
  const after = await shown()
  for (const { id, properties } of there)
    expect(after.get(id)).toMatchObject({
      industry: properties.industry,
      city: properties.city,
      warpContractEnd: null,
    })
  expect(
    (await portal.mapping('COMPANIES')).fields.every((each: { isDefault: boolean }) => each.isDefault),
  ).toBe(true)
})

it('refuses what somebody else has changed meanwhile, and lets nobody change what is not theirs', async () => {
  const { version } = await portal.mapping('DEALS')
  const wanted = [{ field: 'name', properties: ['purchase_order', 'dealname'] }]
  expect(await portal.save('DEALS', wanted, version)).toMatchObject({ __typename: 'MappingSaved' })
  expect(await portal.save('DEALS', wanted, version)).toMatchObject({
    __typename: 'Stale',
    currentVersion: version + 1,
  })
  // The same again, by the newest version, changes nothing.
  expect(await portal.save('DEALS', wanted)).toMatchObject({ mapping: { version: version + 1 } })
  const variables = { id: portal.integrationId }
  const stranger = principal('00000000-0000-4000-8000-000000000002')
  const query = /* GraphQL */ `
    mutation ($id: ID!) {
      saveMapping(integrationId: $id, objectType: DEALS, changes: [], expectedVersion: 1) { __typename }
    }
  `
  expect((await portal.ask(query, variables, stranger)).saveMapping.__typename).toBe('Missing')
  const reader = await portal.answer(query, variables, principal(ORG, 'sync:read'))
  expect(reader.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
})

it('says everything that is wrong with a mapping, and what to do, instead of saving it', async () => {
  const before = await portal.mapping('COMPANIES')
  const refused = await portal.save('COMPANIES', [
    { field: 'shoeSize', properties: ['name'] },
    { field: 'city', properties: ['no_such'] },
    { field: 'employees', properties: ['description'] },
    {
      field: 'warpStatus',
      properties: ['type'],
      transforms: [{ kind: 'ENUM_MAP', options: [{ from: 'GONE', to: 'x' }] }],
    },
    { field: 'country', properties: ['country'], transforms: [{ kind: 'SPLIT', separator: ',', part: 0 }] },
    {
      field: 'website',
      properties: ['website'],
      transforms: [{ kind: 'TEMPLATE', text: 'https://{domain}' }],
    },
    { field: 'phone', properties: ['phone'], direction: 'BOTH', transforms: [{ kind: 'TRIM' }] },
    { field: 'lastActivityAt', properties: ['notes_last_contacted'], direction: 'BOTH' },
  ])
  expect(refused).toMatchObject({ __typename: 'MappingRefused', code: 'MAPPING_REFUSED' })
  const found = refused.problems.map(({ field, code, property }: Record<string, string>) => [
    field,
    code,
    property,
  ])
  expect(found).toEqual(
    expect.arrayContaining([
      ['shoeSize', 'UNKNOWN_FIELD', null],
      ['city', 'UNKNOWN_PROPERTY', 'no_such'],
      ['employees', 'WRONG_TYPE', 'description'],
      ['warpStatus', 'OPTION_GONE', 'type'],
      ['country', 'BAD_TRANSFORM', null],
      ['website', 'BAD_TRANSFORM', null],
      ['phone', 'NOT_INVERTIBLE', null],
      ['lastActivityAt', 'READ_ONLY', 'notes_last_contacted'],
    ]),
  )
  expect(found).toHaveLength(8)
  for (const { message, fix } of refused.problems) {
    expect(message).toMatch(/\w{3}.*\.$/s)
    expect(fix).toMatch(/\w{3}.*\.$/s)
  }
  expect(await portal.mapping('COMPANIES')).toEqual(before)
})

it('keeps in the audit who has mapped what, before and after, without anybody’s data', async () => {
  await portal.save('CONTACTS', [{ field: 'phone', properties: ['mobilephone', 'phone'] }])
  const rows = await portal.database.read(ORG, (tx) =>
    tx
      .selectFrom('service.audit_log')
      .selectAll()
      .where('action', '=', 'saveMapping')
      .orderBy('at')
      .execute(),
  )
  expect(rows.at(-1)).toMatchObject({
    who_id: 'user:test',
    subject_type: 'HubSpotIntegration',
    subject_id: portal.integrationId,
    diff: {
      'contacts.phone': [{ properties: ['phone', 'mobilephone'] }, { properties: ['mobilephone', 'phone'] }],
    },
  })
})
