import { expect } from 'vitest'
import type { Cases, Walk } from '../walk.ts'

// biome-ignore lint/suspicious/noExplicitAny: each client has an enum of its own for the four categories
const HUBSPOT: any = 'HUBSPOT_DEFINED'
// biome-ignore lint/suspicious/noExplicitAny: as above
const PORTAL: any = 'USER_DEFINED'

const pair = async (walk: Walk) => ({
  contact: await walk.make('contacts'),
  company: await walk.make('companies'),
})
const input = ({ contact, company }: { contact: string; company: string }) => ({
  _from: { id: contact },
  to: { id: company },
})
const PLAIN = { associationCategory: HUBSPOT, associationTypeId: 279 }
const PRIMARY = { associationCategory: HUBSPOT, associationTypeId: 1 }

const label = async ({ client, fresh }: Walk) => {
  const name = fresh().replaceAll('-', '_')
  const made = await client.crm.associations.v4.schema.definitionsApi.create('contacts', 'companies', {
    name,
    label: `Billed by ${name}`,
    inverseLabel: `Bills ${name}`,
  })
  return { made, typeId: made.results[0]!.typeId }
}

/** Associations as v4 has them. */
const V4: Cases = {
  async 'crm.associations.v4.basicApi.create'(walk) {
    const { contact, company } = await pair(walk)
    const { basicApi } = walk.client.crm.associations.v4
    const made = await basicApi.create('contacts', contact, 'companies', company, [PRIMARY])
    expect(made.labels).toEqual(['Primary'])
    return made
  },
  async 'crm.associations.v4.basicApi.createDefault'(walk) {
    const { contact, company } = await pair(walk)
    const { basicApi } = walk.client.crm.associations.v4
    return await basicApi.createDefault('contacts', contact, 'companies', company)
  },
  async 'crm.associations.v4.basicApi.getPage'(walk) {
    const { contact, company } = await pair(walk)
    const { basicApi } = walk.client.crm.associations.v4
    await basicApi.create('contacts', contact, 'companies', company, [PRIMARY])
    const page = await basicApi.getPage('contacts', contact, 'companies', undefined, 500)
    expect(page.results.map((r) => String(r.toObjectId))).toEqual([company])
    expect(page.results[0]!.associationTypes.map((t) => t.typeId).sort()).toEqual([1, 279])
    return page
  },
  async 'crm.associations.v4.basicApi.archive'(walk) {
    const { contact, company } = await pair(walk)
    const { basicApi } = walk.client.crm.associations.v4
    await basicApi.createDefault('contacts', contact, 'companies', company)
    await basicApi.archive('contacts', contact, 'companies', company)
    expect((await basicApi.getPage('companies', company, 'contacts')).results).toEqual([])
  },
  async 'crm.associations.v4.batchApi.create'(walk) {
    const { batchApi } = walk.client.crm.associations.v4
    const good = { ...input(await pair(walk)), types: [PLAIN] }
    await batchApi.create('contacts', 'companies', { inputs: [good] })
    const some = await batchApi.create('contacts', 'companies', {
      inputs: [good, { ...good, _from: { id: '1' } }],
    })
    expect(some).toMatchObject({ numErrors: 1, errors: [{ category: 'OBJECT_NOT_FOUND' }] })
    return some
  },
  async 'crm.associations.v4.batchApi.createDefault'(walk) {
    const { batchApi } = walk.client.crm.associations.v4
    return await batchApi.createDefault('contacts', 'companies', { inputs: [input(await pair(walk))] })
  },
  async 'crm.associations.v4.batchApi.getPage'(walk) {
    const { contact, company } = await pair(walk)
    const { basicApi, batchApi } = walk.client.crm.associations.v4
    await basicApi.createDefault('contacts', contact, 'companies', company)
    const read = (ids: string[]) =>
      batchApi.getPage('contacts', 'companies', { inputs: ids.map((id) => ({ id })) })
    await read([contact])
    const some = await read([contact, await walk.make('contacts')])
    expect(some).toMatchObject({
      results: [{ _from: { id: contact } }],
      errors: [{ subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND' }],
    })
    return some
  },
  async 'crm.associations.v4.batchApi.archive'(walk) {
    const { contact, company } = await pair(walk)
    await walk.client.crm.associations.v4.batchApi.archive('contacts', 'companies', {
      inputs: [{ _from: { id: contact }, to: [{ id: company }] }],
    })
  },
  async 'crm.associations.v4.batchApi.archiveLabels'(walk) {
    const { contact, company } = await pair(walk)
    const { basicApi, batchApi } = walk.client.crm.associations.v4
    await basicApi.create('contacts', contact, 'companies', company, [PRIMARY])
    const inputs = [{ ...input({ contact, company }), types: [PRIMARY] }]
    await batchApi.archiveLabels('contacts', 'companies', { inputs })
    const left = await basicApi.getPage('contacts', contact, 'companies')
    expect(left.results[0]!.associationTypes.map((t) => t.typeId)).toEqual([279])
  },
  async 'crm.associations.v4.reportApi.request'({ client }) {
    return await client.crm.associations.v4.reportApi.request(5_500)
  },
}

/** What associations can say. */
const LABELS: Cases = {
  async 'crm.associations.v4.schema.definitionsApi.create'(walk) {
    const { made } = await label(walk)
    expect(made.results).toHaveLength(2)
    return made
  },
  async 'crm.associations.v4.schema.definitionsApi.getAll'({ client }) {
    const { definitionsApi } = client.crm.associations.v4.schema
    const all = await definitionsApi.getAll('contacts', 'companies')
    expect(all.results.map((r) => r.typeId)).toEqual(expect.arrayContaining([1, 279]))
    return all
  },
  async 'crm.associations.v4.schema.definitionsApi.update'(walk) {
    const { typeId } = await label(walk)
    const wish = { associationTypeId: typeId, label: walk.fresh() }
    await walk.client.crm.associations.v4.schema.definitionsApi.update('contacts', 'companies', wish)
  },
  async 'crm.associations.v4.schema.definitionsApi.remove'(walk) {
    const { typeId } = await label(walk)
    await walk.client.crm.associations.v4.schema.definitionsApi.remove('contacts', 'companies', typeId)
  },
  async 'crm.associations.v4.schema.definitionConfigurationsApi.batchCreate'(walk) {
    const { typeId } = await label(walk)
    const api = walk.definitionConfigurationsApi
    const limit = { category: PORTAL, typeId, maxToObjectIds: 1 }
    await api.batchCreate('contacts', 'companies', { inputs: [limit] })
    const some = await api.batchCreate('contacts', 'companies', {
      inputs: [limit, { ...limit, typeId: 9_999 }],
    })
    expect(some).toMatchObject({ numErrors: 1 })
    return some
  },
  async 'crm.associations.v4.schema.definitionConfigurationsApi.batchUpdate'(walk) {
    const { typeId } = await label(walk)
    const api = walk.definitionConfigurationsApi
    const limit = { category: PORTAL, typeId, maxToObjectIds: 2 }
    await api.batchUpdate('contacts', 'companies', { inputs: [limit] })
    return await api.batchUpdate('contacts', 'companies', { inputs: [limit, { ...limit, typeId: 9_999 }] })
  },
  async 'crm.associations.v4.schema.definitionConfigurationsApi.batchRemove'(walk) {
    const { typeId } = await label(walk)
    const api = walk.definitionConfigurationsApi
    await api.batchRemove('contacts', 'companies', { inputs: [{ category: PORTAL, typeId }] })
  },
  async 'crm.associations.v4.schema.definitionConfigurationsApi.getAll'(walk) {
    return await walk.definitionConfigurationsApi.getAll()
  },
  async 'crm.associations.v4.schema.definitionConfigurationsApi.getAllBetweenTwoObjectTypes'(walk) {
    const { typeId } = await label(walk)
    const api = walk.definitionConfigurationsApi
    await api.batchCreate('contacts', 'companies', {
      inputs: [{ category: PORTAL, typeId, maxToObjectIds: 3 }],
    })
    const all = await api.getAllBetweenTwoObjectTypes('contacts', 'companies')
    expect(all.results.find((r) => r.typeId === typeId)).toMatchObject({ userEnforcedMaxToObjectIds: 3 })
    return all
  },
}

/** Associations as v3 has them: a name instead of a number. */
const V3: Cases = {
  async 'crm.associations.batchApi.create'(walk) {
    const { batchApi } = walk.client.crm.associations
    const good = { ...input(await pair(walk)), type: 'contact_to_company_unlabeled' }
    await batchApi.create('contacts', 'companies', { inputs: [good] })
    const some = await batchApi.create('contacts', 'companies', {
      inputs: [good, { ...good, to: { id: '1' } }],
    })
    expect(some).toMatchObject({ numErrors: 1 })
    return some
  },
  async 'crm.associations.batchApi.read'(walk) {
    const { contact, company } = await pair(walk)
    const { batchApi } = walk.client.crm.associations
    await batchApi.create('contacts', 'companies', {
      inputs: [{ ...input({ contact, company }), type: 'contact_to_company' }],
    })
    const read = (ids: string[]) =>
      batchApi.read('contacts', 'companies', { inputs: ids.map((id) => ({ id })) })
    const all = await read([contact])
    expect(all.results[0]!.to.map((t) => t.type)).toContain('contact_to_company')
    return await read([contact, '1'])
  },
  async 'crm.associations.batchApi.archive'(walk) {
    const inputs = [{ ...input(await pair(walk)), type: 'contact_to_company' }]
    await walk.client.crm.associations.batchApi.archive('contacts', 'companies', { inputs })
  },
  async 'crm.associations.schema.typesApi.getAll'({ client }) {
    const all = await client.crm.associations.schema.typesApi.getAll('contacts', 'companies')
    expect(all.results).toContainEqual({ id: '1', name: 'contact_to_company' })
    return all
  },
}

export const ASSOCIATION_CASES: Cases = { ...V4, ...LABELS, ...V3 }
