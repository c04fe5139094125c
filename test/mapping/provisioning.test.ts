import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ConnectionsBed, connectionsBed, FIRST_PORTAL } from '../connections/bed.ts'

const stack = new AsyncDisposableStack()
let bed: ConnectionsBed
let id: string
beforeAll(async () => {
  bed = stack.use(await connectionsBed({ companies: 3 }))
  id = await bed.connect(FIRST_PORTAL)
  await bed.settled()
}, 60_000)
afterAll(() => stack.disposeAsync())

const provision = (integrationId = id) =>
  bed.rest('POST', `/api/v2/integrations/hubspot/${integrationId}/provision`)
const fields = async () => {
  const path = `/api/v2/integrations/hubspot/fields?objectType=COMPANIES&text=warp_&first=200`
  const { body } = await bed.rest('GET', path)
  return new Map<string, { type: string; options: { value: string }[] }>(
    body.fieldCatalog.nodes.map((node: { name: string }) => [node.name, node]),
  )
}

it('makes the company properties that the hub needs and the portal lacks, with their types and options', async () => {
  const before = await fields()
  expect([...before.keys()]).toContain('warp_ban')
  const { status, body } = await provision()
  expect(status).toBe(200)
  expect(body).toMatchObject({ existing: ['warp_ban'], problems: [] })
  expect(body.created).toHaveLength(12)
  await bed.settled()
  const after = await fields()
  const shape = (name: string) => {
    const { type, options } = after.get(name)!
    return options.length === 0 ? type : [type, ...options.map(({ value }) => value)]
  }
  expect(shape('warp_ban')).toBe('string')
  for (const name of ['credit_limit', 'mtd_minutes', 'mtd_spend', 'trunk_count', 'number_count'])
    expect(shape(`warp_${name}`)).toBe('number')
  expect(shape('warp_payment_method')).toEqual(['enumeration', 'card', 'ach', 'wire'])
  expect(shape('warp_payment_status')).toEqual(['enumeration', 'current', 'past_due', 'suspended'])
  expect(shape('warp_service_tier')).toEqual(['enumeration', 'starter', 'growth', 'enterprise'])
  expect(shape('warp_resporg_status')).toEqual(['enumeration', 'none', 'pending', 'active'])
  expect(shape('warp_api_enabled')).toEqual(['bool', 'true', 'false'])
  expect(shape('warp_sms_enabled')).toEqual(['bool', 'true', 'false'])
  expect(shape('warp_tcr_brand_id')).toBe('string')
})

it('makes nothing a second time, leaves what is otherwise alone, and names it', async () => {
  await bed.sim('properties/companies', { name: 'warp_trunk_count', type: 'string', fieldType: 'text' })
  await bed.sim('properties/companies', {
    name: 'warp_payment_method',
    options: [{ value: 'card', label: 'Card' }],
  })
  await bed.forgetJournal()
  const { body } = await provision()
  expect(body).toMatchObject({
    created: [],
    problems: [
      { name: 'warp_payment_method', message: 'warp_payment_method lacks the options ach, wire.' },
      {
        name: 'warp_trunk_count',
        message: 'The portal has warp_trunk_count as string; the hub needs number.',
      },
    ],
  })
  const { entries } = await bed.journal()
  expect(entries.filter(({ method }) => method !== 'GET')).toEqual([])
})

it('writes nothing where it may not: by direction, by scope, or where nothing is connected', async () => {
  expect((await provision('00000000-0000-4000-8000-00000000000f')).status).toBe(404)
  await bed.database.transaction('00000000-0000-4000-8000-000000000001', (tx) =>
    tx
      .updateTable('customers.integrations')
      .set({ granted_scopes: ['oauth', 'crm.objects.companies.read'] })
      .execute(),
  )
  const refused = await provision()
  expect(refused).toMatchObject({ status: 422 })
  expect(refused.body.detail).toContain('crm.schemas.companies.write')
  await bed.database.transaction('00000000-0000-4000-8000-000000000001', (tx) =>
    tx.updateTable('customers.integrations').set({ direction: 'IN' }).execute(),
  )
  expect((await provision()).body.detail).toContain('Change its direction')
})
