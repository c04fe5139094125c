import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ObjectSchema } from '#connectors/hubspot/schema-wire.ts'
import type { PropertyDefinition, PropertyGroup } from '#connectors/hubspot/setup-wire.ts'
import { ORG } from '#test/kit/customers.ts'
import { callPortal } from '#test/kit/portal.ts'
import type { ConnectionsBed } from '../connections/bed.ts'
import { connectedPortal, type Item, ownKinds, provisioningOf } from './provisioning-bed.ts'

const stack = new AsyncDisposableStack()
let bed: ConnectionsBed
let id: string
let on: ReturnType<typeof provisioningOf>
beforeAll(async () => {
  const portal = stack.use(await connectedPortal())
  bed = portal.bed
  id = portal.id
  on = portal.on
  await bed.forgetJournal()
})
afterAll(() => stack.disposeAsync())

const definitions = async (type: string) => {
  const { results } = await callPortal<{ results: PropertyDefinition[] }>(
    bed.portal,
    `/crm/v3/properties/${type}`,
  )
  return new Map(results.map((each) => [each.name, each]))
}
const groupsOf = async (type: string) =>
  (
    await callPortal<{ results: PropertyGroup[] }>(bed.portal, `/crm/v3/properties/${type}/groups`)
  ).results.map(({ name }) => name)
const schemas = async () => new Map((await ownKinds(bed)).map((each) => [each.name, each]))
const TYPES = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes']
let planned: { hash: string; requests: number; items: Item[]; problems: object[] }

it('says what it would make, what is there and how many requests it takes, and makes nothing', async () => {
  planned = await on.plan()
  expect(planned.problems).toEqual([])
  const made = on.named(planned.items, 'TO_MAKE')
  const there = on.named(planned.items, 'THERE')
  expect(there).toContain('companies.warp_ban')
  expect(there.filter((name) => name.startsWith('contacts.'))).toHaveLength(6)
  expect(there.filter((name) => name.startsWith('tickets.'))).toHaveLength(6)
  for (const type of TYPES) expect(made).toContain(`${type}.hub_external_key`)
  expect(
    made.filter((name) => /^companies\.(oppspot_|cscx_|ai_risk|predicted|next_order|recommended)/.test(name)),
  ).toHaveLength(15)
  expect(made).toEqual(
    expect.arrayContaining([
      'trunks.trunk',
      'trunks.trunk_id',
      'trunks.companies',
      'numbers.number',
      'numbers.trunks',
    ]),
  )
  // What an earlier product called the tier is only read, keys go nowhere, and streets only where somebody has said so.
  const all = planned.items.map(({ name }) => name)
  for (const never of ['warp_tier', 'warp_api_keys', 'e911_address']) expect(all).not.toContain(never)
  const sent = await on.sent()
  expect(sent.filter((line) => !line.startsWith('GET'))).toEqual([])
  expect(sent).toHaveLength(14)
  expect((await on.plan()).hash).toBe(planned.hash)
})

it('makes exactly what was planned, in one request per kind of record, group and kind of its own', async () => {
  await on.sent()
  const provisioned = await on.provision({ planHash: planned.hash })
  expect(provisioned).toMatchObject({
    __typename: 'HubSpotProvisioned',
    existing: ['warp_ban'],
    problems: [],
  })
  expect(provisioned.created).toHaveLength(34)
  expect(on.named(provisioned.items, 'MADE')).toEqual(on.named(planned.items, 'TO_MAKE'))
  const sent = await on.sent()
  expect(sent).toHaveLength(planned.requests)
  const posts = sent.filter((line) => line.startsWith('POST')).sort()
  expect(posts.filter((line) => line.endsWith('/batch/create'))).toEqual(
    [...TYPES].sort().map((type) => `POST crm/v3/properties/${type}/batch/create`),
  )
  expect(posts.filter((line) => line.endsWith('/groups'))).toHaveLength(11)
  expect(posts.filter((line) => line.includes('schemas'))).toHaveLength(2)
  expect(posts).toHaveLength(19)
})

it('gives every property its type, its options and its group, and keys that no two records share', async () => {
  const companies = await definitions('companies')
  const shape = (name: string) => {
    const { type, options } = companies.get(name)!
    return options.length === 0 ? type : [type, ...options.map(({ value }) => value)]
  }
  for (const name of ['credit_limit', 'mtd_minutes', 'mtd_spend', 'trunk_count', 'number_count', 'mrr'])
    expect(shape(`warp_${name}`)).toBe('number')
  expect(shape('warp_payment_method')).toEqual(['enumeration', 'card', 'ach', 'wire'])
  expect(shape('warp_payment_status')).toEqual(['enumeration', 'current', 'past_due', 'suspended'])
  expect(shape('warp_service_tier')).toEqual(['enumeration', 'starter', 'growth', 'enterprise'])
  expect(shape('warp_status')).toEqual(['enumeration', 'active', 'suspended', 'churned'])
  expect(shape('warp_resporg_status')).toEqual(['enumeration', 'none', 'pending', 'active'])
  for (const name of ['warp_api_enabled', 'warp_sms_enabled'])
    expect(shape(name)).toEqual(['bool', 'true', 'false'])
  for (const name of ['warp_ban', 'warp_tcr_brand_id', 'warp_e911_hash', 'recommended_actions'])
    expect(shape(name)).toBe('string')
  for (const name of ['warp_contract_end', 'next_order_prediction']) expect(shape(name)).toBe('date')
  expect(companies.get('oppspot_score')?.groupName).toBe('oppspot')
  expect(await groupsOf('companies')).toEqual(
    expect.arrayContaining(['warp', 'oppspot', 'cscx', 'ai', 'tributary']),
  )
  for (const type of TYPES)
    expect((await definitions(type)).get('hub_external_key')?.hasUniqueValue).toBe(true)
})

it('makes trunks and numbers kinds of records, linked to companies and to each other, with keys of their own', async () => {
  const [trunk, number] = [(await schemas()).get('trunk')!, (await schemas()).get('number')!]
  const keys = (schema: ObjectSchema) =>
    schema.properties.filter(({ hasUniqueValue }) => hasUniqueValue).map(({ name }) => name)
  expect(keys(trunk).sort()).toEqual(['hub_external_key', 'trunk_id'])
  expect(keys(number).sort()).toEqual(['hub_external_key', 'number'])
  const targets = ({ associations }: ObjectSchema) => associations.map(({ toObjectTypeId }) => toObjectTypeId)
  expect(targets(trunk)).toContain('0-2')
  expect(targets(number)).toEqual(expect.arrayContaining(['0-2', trunk.objectTypeId]))
  expect(number.properties.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['cnam', 'e911_status', 'e911_hash']),
  )
  const held = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.portal_objects').select(['type', 'object_type_id']).orderBy('type').execute(),
  )
  expect(held).toEqual([
    { type: 'numbers', object_type_id: number.objectTypeId },
    { type: 'trunks', object_type_id: trunk.objectTypeId },
  ])
})

it('makes nothing a second time, leaves what is otherwise alone, and names it', async () => {
  await bed.sim('properties/companies', { name: 'warp_trunk_count', type: 'string', fieldType: 'text' })
  await bed.sim('properties/companies', {
    name: 'warp_payment_method',
    options: [{ value: 'card', label: 'Card' }],
  })
  await bed.sim('properties/deals', { name: 'hub_external_key', hasUniqueValue: false })
  await on.sent()
  const provisioned = await on.provision()
  expect(provisioned.created).toEqual([])
  expect(provisioned.problems).toMatchObject([
    {
      objectType: 'companies',
      name: 'warp_payment_method',
      message: 'warp_payment_method lacks the options ach, wire.',
    },
    { name: 'warp_trunk_count', message: 'The portal has warp_trunk_count as string; the hub needs number.' },
    { objectType: 'deals', name: 'hub_external_key', message: expect.stringContaining('needs it unique') },
  ])
  const sent = await on.sent()
  expect(sent).toHaveLength(7)
  expect(sent.filter((line) => !line.startsWith('GET'))).toEqual([])
})

it('makes the street of emergency addresses a property only where the organisation lets streets go', async () => {
  const { hash } = await on.plan()
  const { body } = await bed.rest('PATCH', `/api/v2/integrations/hubspot/${id}/settings`, {
    input: { sendsAddresses: true },
    expectedVersion: 1,
  })
  expect(body.integration.settings.sendsAddresses).toBe(true)
  // It is not the plan that somebody has seen any more.
  const moved = await bed.rest('POST', on.path, { planHash: hash })
  expect(moved).toMatchObject({ status: 422, body: { code: 'PLAN_MOVED' } })
  await on.sent()
  const plan = await on.plan()
  expect(on.named(plan.items, 'TO_MAKE')).toEqual(['numbers.e911_address'])
  await on.sent()
  expect(on.named((await on.provision({ planHash: plan.hash })).items, 'MADE')).toEqual([
    'numbers.e911_address',
  ])
  expect(await on.sent()).toHaveLength(plan.requests)
  expect((await schemas()).get('number')?.properties.map(({ name }) => name)).toContain('e911_address')
})

it('writes nothing where it may not: by direction, by scope, or where nothing is connected', async () => {
  expect(
    (await bed.rest('POST', provisioningOf(bed, '00000000-0000-4000-8000-00000000000f').path)).status,
  ).toBe(404)
  const set = (values: object) =>
    bed.database.transaction(ORG, (tx) => tx.updateTable('customers.integrations').set(values).execute())
  await set({ granted_scopes: ['oauth', 'crm.objects.companies.read'] })
  const refused = await bed.rest('POST', on.path)
  expect(refused).toMatchObject({ status: 422 })
  expect(refused.body.detail).toContain('crm.schemas.companies.write')
  await set({ direction: 'IN' })
  for (const method of ['GET', 'POST'])
    expect((await bed.rest(method, on.path)).body.detail).toContain('Change its direction')
})
