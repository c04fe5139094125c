import { expect } from 'vitest'
import type { Cases, Walk } from '../walk.ts'

const text = (name: string, groupName = 'companyinformation') => ({
  name,
  groupName,
  label: `Property ${name}`,
  // biome-ignore lint/suspicious/noExplicitAny: the client has an enum for these
  type: 'string' as any,
  // biome-ignore lint/suspicious/noExplicitAny: as above
  fieldType: 'text' as any,
})
const named = ({ fresh }: Walk): string => fresh().replaceAll('-', '_')

const defined = async (walk: Walk): Promise<string> =>
  (await walk.client.crm.properties.coreApi.create('companies', text(named(walk)))).name

const grouped = async (walk: Walk): Promise<string> => {
  const name = named(walk)
  await walk.client.crm.properties.groupsApi.create('companies', { name, label: name, displayOrder: -1 })
  return name
}

const PROPERTIES: Cases = {
  async 'crm.properties.coreApi.create'(walk) {
    const name = named(walk)
    // biome-ignore lint/suspicious/noExplicitAny: the client has an enum for these
    const choice: any = { type: 'enumeration', fieldType: 'select' }
    const options = [{ label: 'A', value: 'a', displayOrder: 0, hidden: false }]
    const made = await walk.client.crm.properties.coreApi.create('companies', {
      ...text(name),
      ...choice,
      options,
    })
    expect(made).toMatchObject({ name, type: 'enumeration', hubspotDefined: false, options })
    return made
  },
  async 'crm.properties.coreApi.getAll'({ client }) {
    const all = await client.crm.properties.coreApi.getAll('companies')
    expect(all.results.find(({ name }) => name === 'annualrevenue')).toMatchObject({ type: 'number' })
    return all
  },
  async 'crm.properties.coreApi.getByName'({ client }) {
    return await client.crm.properties.coreApi.getByName('contacts', 'email')
  },
  async 'crm.properties.coreApi.update'(walk) {
    const name = await defined(walk)
    const changed = await walk.client.crm.properties.coreApi.update('companies', name, { label: 'Renamed' })
    expect(changed).toMatchObject({ name, label: 'Renamed' })
    return changed
  },
  async 'crm.properties.coreApi.archive'(walk) {
    const { coreApi } = walk.client.crm.properties
    const name = await defined(walk)
    await coreApi.archive('companies', name)
    expect((await coreApi.getByName('companies', name, true)).archived).toBe(true)
  },
  async 'crm.properties.batchApi.create'(walk) {
    const { batchApi } = walk.client.crm.properties
    const [first, second] = [text(named(walk)), text(named(walk))]
    await batchApi.create('companies', { inputs: [first] })
    const some = await batchApi.create('companies', { inputs: [first, second] })
    expect(some).toMatchObject({ results: [{ name: second.name }], numErrors: 1 })
    return some
  },
  async 'crm.properties.batchApi.read'(walk) {
    const { batchApi } = walk.client.crm.properties
    // biome-ignore lint/suspicious/noExplicitAny: the client asks for what only its newer answers hold
    const ask = (inputs: { name: string }[]): any => ({ archived: false, inputs })
    await batchApi.read('companies', ask([{ name: 'name' }]))
    return await batchApi.read('companies', ask([{ name: 'name' }, { name: 'no_such_property' }]))
  },
  async 'crm.properties.batchApi.archive'(walk) {
    const inputs = [{ name: await defined(walk) }]
    await walk.client.crm.properties.batchApi.archive('companies', { inputs })
  },
  async 'crm.properties.groupsApi.create'(walk) {
    const name = named(walk)
    return await walk.client.crm.properties.groupsApi.create('companies', { name, label: 'Group' })
  },
  async 'crm.properties.groupsApi.getAll'({ client }) {
    return await client.crm.properties.groupsApi.getAll('companies')
  },
  async 'crm.properties.groupsApi.getByName'({ client }) {
    return await client.crm.properties.groupsApi.getByName('companies', 'companyinformation')
  },
  async 'crm.properties.groupsApi.update'(walk) {
    const name = await grouped(walk)
    const changed = await walk.client.crm.properties.groupsApi.update('companies', name, { label: 'Other' })
    expect(changed).toMatchObject({ name, label: 'Other' })
    return changed
  },
  async 'crm.properties.groupsApi.archive'(walk) {
    const { groupsApi } = walk.client.crm.properties
    const name = await grouped(walk)
    await walk.client.crm.properties.coreApi.create('companies', text(named(walk), name))
    await expect(groupsApi.archive('companies', name)).rejects.toMatchObject({ code: 400 })
    await groupsApi.archive('companies', await grouped(walk))
  },
}

const schema = (walk: Walk) => {
  const name = named(walk)
  return walk.client.crm.schemas.coreApi.create({
    name,
    labels: { singular: 'Trunk', plural: 'Trunks' },
    primaryDisplayProperty: 'trunk_name',
    requiredProperties: ['trunk_name'],
    searchableProperties: ['trunk_name'],
    secondaryDisplayProperties: [],
    properties: [
      // biome-ignore lint/suspicious/noExplicitAny: the client has an enum for these
      { name: 'trunk_name', label: 'Name', type: 'string' as any, fieldType: 'text' },
    ],
    associatedObjects: ['0-2'],
    // biome-ignore lint/suspicious/noExplicitAny: the client asks for what HubSpot does without
  } as any)
}

const SCHEMAS: Cases = {
  async 'crm.schemas.coreApi.create'(walk) {
    const made = await schema(walk)
    expect(made.objectTypeId).toMatch(/^2-\d+$/)
    const { basicApi } = walk.client.crm.objects
    const record = { properties: { trunk_name: 'Production' }, associations: [] }
    expect((await basicApi.create(made.objectTypeId!, record)).properties.trunk_name).toBe('Production')
    walk.exchanges.pop()
    return made
  },
  async 'crm.schemas.coreApi.getAll'(walk) {
    await schema(walk)
    return await walk.client.crm.schemas.coreApi.getAll()
  },
  async 'crm.schemas.coreApi.getById'(walk) {
    const { objectTypeId } = await schema(walk)
    return await walk.client.crm.schemas.coreApi.getById(objectTypeId!)
  },
  async 'crm.schemas.coreApi.update'(walk) {
    const { objectTypeId } = await schema(walk)
    const labels = { singular: 'Line', plural: 'Lines' }
    const changed = await walk.client.crm.schemas.coreApi.update(objectTypeId!, {
      labels,
      // biome-ignore lint/suspicious/noExplicitAny: the client asks for what HubSpot does without
    } as any)
    expect(changed).toMatchObject({ objectTypeId, labels })
    return changed
  },
  async 'crm.schemas.coreApi.archive'(walk) {
    const { coreApi } = walk.client.crm.schemas
    const { name, objectTypeId } = await schema(walk)
    await coreApi.archive(objectTypeId!)
    await coreApi.archive(name, true)
    expect((await coreApi.getAll(true)).results.map((s) => s.name)).not.toContain(name)
  },
  async 'crm.schemas.coreApi.createAssociation'(walk) {
    const { objectTypeId } = await schema(walk)
    return await walk.client.crm.schemas.coreApi.createAssociation(objectTypeId!, {
      fromObjectTypeId: objectTypeId!,
      toObjectTypeId: '0-3',
      name: 'trunk_to_deal',
    })
  },
  async 'crm.schemas.coreApi.archiveAssociation'(walk) {
    const { objectTypeId, associations } = await schema(walk)
    await walk.client.crm.schemas.coreApi.archiveAssociation(objectTypeId!, associations[0]!.id)
  },
}

const OWNERS: Cases = {
  async 'crm.owners.ownersApi.getPage'({ client }) {
    const page = await client.crm.owners.ownersApi.getPage(undefined, undefined, 2)
    expect(page.paging?.next?.after).toBeDefined()
    return page
  },
  async 'crm.owners.ownersApi.getById'({ client }) {
    const first = (await client.crm.owners.ownersApi.getPage()).results[0]!
    return await client.crm.owners.ownersApi.getById(Number(first.id))
  },
}

export const SETUP_CASES: Cases = { ...PROPERTIES, ...SCHEMAS, ...OWNERS }
