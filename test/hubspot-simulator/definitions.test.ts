import { expect, it } from 'vitest'
import type { Pipeline, PropertyDefinition } from '#connectors/hubspot/setup-wire.ts'
import type { CrmRecord, ErrorBody } from '#connectors/hubspot/wire.ts'
import { listAll, type OpenPortal, openPortal } from './portal.ts'

const PATH = '/crm/v3/properties/companies'
const PATCH = { method: 'PATCH' }
const DELETE = { method: 'DELETE' }

const make = (portal: OpenPortal, write: object) =>
  portal.call<PropertyDefinition & ErrorBody>(PATH, {
    groupName: 'companyinformation',
    name: 'warp_tier_test',
    label: 'Tier',
    type: 'enumeration',
    fieldType: 'select',
    options: ['starter', 'growth'].map((value, displayOrder) => ({ label: value, value, displayOrder })),
    ...write,
  })
const write = (portal: OpenPortal, id: string, properties: Record<string, string>) =>
  portal.call<CrmRecord & ErrorBody>(`/crm/v3/objects/companies/${id}`, { properties }, PATCH)

it('takes a new property, values for it, and renames an option under the values that are there', async () => {
  await using portal = await openPortal()
  const [id, other] = (await listAll(portal, 'companies')) as [string, string]
  expect((await make(portal, {})).status).toBe(201)
  expect((await write(portal, id, { warp_tier_test: 'growth' })).status).toBe(200)
  const options = ['starter', 'scale'].map((value, displayOrder) => ({ label: value, value, displayOrder }))
  const changed = await portal.call<PropertyDefinition>(`${PATH}/warp_tier_test`, { options }, PATCH)
  expect(changed.json().options.map((o) => o.value)).toEqual(['starter', 'scale'])
  // What a record has stays as it was, though nobody may write it any more.
  const read = await portal.call<CrmRecord>(`/crm/v3/objects/companies/${id}?properties=warp_tier_test`)
  expect(read.json().properties.warp_tier_test).toBe('growth')
  expect((await write(portal, other, { warp_tier_test: 'growth' })).json()).toMatchObject({
    errors: [{ code: 'INVALID_OPTION' }],
  })
  expect((await write(portal, other, { warp_tier_test: 'scale' })).status).toBe(200)
})

it('says that a property exists already, and what a name or a type must be', async () => {
  await using portal = await openPortal()
  await make(portal, {})
  const twin = await make(portal, {})
  expect(twin.status).toBe(409)
  expect(twin.json()).toMatchObject({
    category: 'OBJECT_ALREADY_EXISTS',
    subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
    message: "A property named 'warp_tier_test' already exists.",
  })
  const refused: object[] = [
    { name: 'Upper' },
    { name: '1st' },
    { name: 'x', type: 'number', fieldType: 'text' },
    { name: 'x', type: 'rope' },
    { name: 'x', options: [] },
    { name: 'x', groupName: 'no_such_group' },
    { name: 'x', type: 'bool', fieldType: 'booleancheckbox' },
  ]
  for (const change of refused) expect((await make(portal, change)).status, JSON.stringify(change)).toBe(400)
})

it('changes the type of a property under the values that are there', async () => {
  await using portal = await openPortal()
  const [id] = (await listAll(portal, 'companies')) as [string]
  await make(portal, { type: 'string', fieldType: 'text', options: [] })
  await write(portal, id, { warp_tier_test: 'about five' })
  const wish = { type: 'number', fieldType: 'number' }
  expect((await portal.call(`${PATH}/warp_tier_test`, wish, PATCH)).status).toBe(200)
  const read = await portal.call<CrmRecord>(`/crm/v3/objects/companies/${id}?properties=warp_tier_test`)
  expect(read.json().properties.warp_tier_test).toBe('about five')
  expect((await write(portal, id, { warp_tier_test: 'six' })).status).toBe(400)
  expect((await portal.call(`${PATH}/name`, wish, PATCH)).status).toBe(400)
  expect((await portal.call(`${PATH}/warp_tier_test`, { hasUniqueValue: true }, PATCH)).status).toBe(400)
})

it('archives a property unless it is in use, and brings it back under its name with its values', async () => {
  await using portal = await openPortal()
  const [id] = (await listAll(portal, 'companies')) as [string]
  await make(portal, {})
  await write(portal, id, { warp_tier_test: 'growth' })
  await portal.sim('properties/companies', { name: 'warp_tier_test', inUse: true })
  const used = await portal.call(`${PATH}/warp_tier_test`, undefined, DELETE)
  expect(used.json()).toMatchObject({ subCategory: 'PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE' })
  await portal.sim('properties/companies', { name: 'warp_tier_test', inUse: false })
  expect((await portal.call(`${PATH}/warp_tier_test`, undefined, DELETE)).status).toBe(204)
  expect((await portal.call(`${PATH}/warp_tier_test`)).status).toBe(404)
  const archived = await portal.call<PropertyDefinition>(`${PATH}/warp_tier_test?archived=true`)
  expect(archived.json().archived).toBe(true)
  expect((await write(portal, id, { warp_tier_test: 'growth' })).json()).toMatchObject({
    errors: [{ code: 'PROPERTY_DOESNT_EXIST' }],
  })
  expect((await make(portal, {})).status).toBe(201)
  const read = await portal.call<CrmRecord>(`/crm/v3/objects/companies/${id}?properties=warp_tier_test`)
  expect(read.json().properties.warp_tier_test).toBe('growth')
})

it('lets ten properties of a type be unique', async () => {
  await using portal = await openPortal()
  const statuses = []
  for (let i = 0; i < 11; i += 1)
    statuses.push(
      (
        await make(portal, {
          name: `key_${i}`,
          type: 'string',
          fieldType: 'text',
          options: [],
          hasUniqueValue: true,
        })
      ).status,
    )
  expect(statuses).toEqual([...Array(10).fill(201), 400])
})

it('moves deals through a pipeline that was made, and keeps stages that deals are in', async () => {
  await using portal = await openPortal()
  const made = await portal.call<Pipeline>('/crm/v3/pipelines/deals', {
    label: 'Renewals',
    displayOrder: 1,
    stages: [
      { label: 'Due', displayOrder: 0, metadata: { probability: '0.5' } },
      { label: 'Renewed', displayOrder: 1, metadata: { probability: '1.0' } },
    ],
  })
  const { id, stages } = made.json()
  const property = await portal.call<PropertyDefinition>('/crm/v3/properties/deals/dealstage')
  expect(property.json().options.map((option) => option.label)).toContain('Due (Renewals)')
  const which = await portal.call<PropertyDefinition>('/crm/v3/properties/deals/pipeline')
  expect(which.json().options.map((option) => option.value)).toEqual(['default', id])
  const [due, renewed] = stages.map((stage) => stage.id) as [string, string]
  const deal = await portal.call<CrmRecord>('/crm/v3/objects/deals', {
    properties: { dealname: 'Renewal of Elko', dealstage: due },
  })
  expect(deal.json().properties).toMatchObject({ dealstage: due })
  const path = `/crm/v3/objects/deals/${deal.json().id}`
  const strange = { properties: { pipeline: 'default', dealstage: renewed } }
  expect((await portal.call(path, strange, PATCH)).json()).toMatchObject({
    errors: [{ code: 'INVALID_OPTION', context: { propertyName: ['dealstage'] } }],
  })
  await portal.call(path, { properties: { dealstage: renewed } }, PATCH)
  const closed = await portal.call<CrmRecord>(
    `${path}?properties=pipeline,hs_is_closed_won,hs_deal_stage_probability`,
  )
  expect(closed.json().properties).toMatchObject({
    pipeline: id,
    hs_is_closed_won: 'true',
    hs_deal_stage_probability: '1.0',
  })
  const used = await portal.call(`/crm/v3/pipelines/deals/${id}/stages/${renewed}`, undefined, DELETE)
  expect(used.json()).toMatchObject({ subCategory: 'PipelineError.STAGE_ID_IN_USE' })
  expect((await portal.call(`/crm/v3/pipelines/deals/${id}`, undefined, DELETE)).status).toBe(400)
  expect((await portal.call(`/crm/v3/pipelines/deals/${id}/stages/${due}`, undefined, DELETE)).status).toBe(
    204,
  )
})
