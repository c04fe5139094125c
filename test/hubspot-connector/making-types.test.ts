import { expect, it } from 'vitest'
import { ScopeMissing, VendorRefused, vendorAnswer } from '#connectors/contract.ts'
import { startPortal } from './simulated-portal.ts'

const TRUNK = {
  name: 'trunk',
  labels: { singular: 'Trunk', plural: 'Trunks' },
  primaryDisplayProperty: 'trunk_name',
  requiredProperties: ['trunk_name'],
  searchableProperties: ['trunk_name'],
  properties: [
    { name: 'trunk_name', label: 'Name', description: '', type: 'string' as const, fieldType: 'text' },
    {
      ...{ name: 'hub_external_key', label: 'Key', description: 'Ours', hasUniqueValue: true },
      ...{ type: 'string' as const, fieldType: 'text' },
    },
  ],
  associatedObjects: ['0-2'],
}

it('makes a type of its own in a portal, with a unique property and what it may be linked with, and finds it again', async () => {
  await using on = await startPortal(10)
  expect(await on.hubspot.schemas()).toEqual([])
  const made = await on.hubspot.createSchema(TRUNK)
  expect(made).toMatchObject({
    typeId: expect.stringMatching(/^2-\d+$/),
    name: 'trunk',
    fullyQualifiedName: expect.stringMatching(/^p\d+_trunk$/),
    labels: TRUNK.labels,
    requiredProperties: ['trunk_name'],
    archived: false,
  })
  expect(made.associations).toContainEqual(expect.objectContaining({ from: made.typeId, to: '0-2' }))
  expect(await on.hubspot.schemas()).toEqual([made])
  expect(await on.hubspot.schemas({ archived: true })).toEqual([])
  const properties = await on.hubspot.properties(made.typeId)
  expect(properties.find(({ name }) => name === 'hub_external_key')?.hasUniqueValue).toBe(true)

  const deals = await on.hubspot.createSchemaAssociation(made.typeId, '0-3', 'trunk_of_deal')
  expect(deals).toMatchObject({ id: expect.stringMatching(/^\d+$/), from: made.typeId, to: '0-3' })
  expect((await on.hubspot.createSchemaAssociation(made.typeId, '0-3')).id).toBe(deals.id)

  const twice = await on.hubspot.createSchema(TRUNK).catch((error: unknown) => error)
  expect(VendorRefused.is(twice) && vendorAnswer(twice)?.category).toBe('OBJECT_ALREADY_EXISTS')
  expect(on.hubspot.requests).toMatchObject({ total: 8, setup: 8 })
})

it('makes a group of properties once, and properties in it that are unique', async () => {
  await using on = await startPortal(10)
  const group = { name: 'tributary', label: 'Tributary' }
  expect(await on.hubspot.createGroup('companies', group)).toBe(true)
  expect(await on.hubspot.createGroup('companies', { ...group, label: 'Another' })).toBe(false)
  const groups = await on.hubspot.groups('companies')
  expect(groups.filter(({ name }) => name === 'tributary')).toEqual([{ ...group, archived: false }])
  await expect(on.hubspot.createGroup('companies', { name: 'No name', label: 'x' })).rejects.toMatchObject({
    code: VendorRefused.code,
  })
  const key = {
    ...{ name: 'hub_external_key', label: 'Key', description: '', groupName: 'tributary' },
    ...{ type: 'string' as const, fieldType: 'text', hasUniqueValue: true },
  }
  expect(await on.hubspot.createProperties('companies', [key])).toEqual([])
  const made = (await on.hubspot.properties('companies')).find(({ name }) => name === key.name)
  expect(made).toMatchObject({ groupName: 'tributary', hasUniqueValue: true })
})

it('says what is not granted where an account may not have types of its own', async () => {
  await using on = await startPortal(10)
  await on.sim('account', { edition: 'professional' })
  for (const refused of [on.hubspot.schemas(), on.hubspot.createSchema(TRUNK)])
    await expect(refused).rejects.toMatchObject({ code: ScopeMissing.code })
})
