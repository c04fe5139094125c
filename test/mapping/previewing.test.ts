import { afterAll, beforeAll, expect, it } from 'vitest'
import { ORG } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { type MappedPortal, mappedPortal } from './mapped-portal.ts'

const stack = new AsyncDisposableStack()
let portal: MappedPortal
beforeAll(async () => {
  portal = stack.use(await mappedPortal({ companies: 20 }))
}, 60_000)
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
