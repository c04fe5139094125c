import { expect, it } from 'vitest'
import type { OwnedType } from '#subgraphs/customers/domain/own-objects.ts'
import { portalObjectsOf } from '#subgraphs/customers/store/portal-objects.ts'
import { notePropertiesGone, writableProperties } from '#subgraphs/customers/store/writable.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { connectionsBed, FIRST_PORTAL } from '../connections/bed.ts'
import { connectedPortal, provisioningOf } from './provisioning-bed.ts'

it('tells writers what a portal takes from us, as soon as it was provisioned: what is missing or otherwise there is left out, with why', async () => {
  await using bed = await connectionsBed({ companies: 3 })
  const id = await bed.connect(FIRST_PORTAL)
  await bed.settled()
  const on = provisioningOf(bed, id)
  const place = { orgId: ORG, integrationId: id }
  const of = (type: OwnedType) => bed.database.read(ORG, (tx) => writableProperties(tx, place, type))

  const before = { companies: await of('companies'), tasks: await of('tasks') }
  expect(before.companies.refusalOf('name', 'Acme')).toBeNull()
  expect(before.companies.refusalOf('warp_ban', 'B-1')).toBeNull()
  expect(before.companies.refusalOf('oppspot_score')).toMatchObject({ fix: 'Provision the portal.' })
  // Of tasks nobody has read what they may have: HubSpot's own properties are tried, ours are not.
  expect(before.tasks.isKnown).toBe(false)
  expect(before.tasks.refusalOf('hs_task_subject', 'Call')).toBeNull()
  expect(before.tasks.refusalOf('hub_external_key')).toMatchObject({ fix: 'Provision the portal.' })

  await on.provision()
  for (const type of ['tasks', 'notes', 'trunks', 'numbers'] as const)
    expect((await of(type)).refusalOf('hub_external_key', 'key')).toBeNull()
  expect((await of('numbers')).refusalOf('capabilities', 'voice;sms')).toBeNull()
  expect((await of('numbers')).refusalOf('capabilities', 'voice;fax')?.message).toContain('the value fax')
  expect((await of('numbers')).refusalOf('e911_address', '1 Main St')).toMatchObject({
    fix: 'Provision the portal.',
  })
  expect([...(await bed.database.read(ORG, (tx) => portalObjectsOf(tx, place))).keys()].sort()).toEqual([
    'numbers',
    'trunks',
  ])
  await until(async () => (await of('companies')).refusalOf('oppspot_score', '80') === null)

  await bed.settled()
  await bed.sim('properties/companies', { name: 'warp_mrr', type: 'string', fieldType: 'text' })
  await bed.sim('properties/companies', {
    name: 'warp_payment_method',
    options: [{ value: 'card', label: 'Card' }],
  })
  await bed.sim('properties/companies', { name: 'warp_tcr_brand_id', archived: true })
  await bed.rest('POST', `/api/v2/integrations/hubspot/${id}/fields/refresh`)
  await until(async () => (await of('companies')).refusalOf('warp_mrr') !== null)
  const { refusalOf } = await of('companies')
  expect(refusalOf('warp_mrr', '12')?.message).toBe(
    'The portal has warp_mrr as string; the hub needs number.',
  )
  expect(refusalOf('warp_payment_method', 'card')).toBeNull()
  expect(refusalOf('warp_payment_method', '')).toBeNull()
  expect(refusalOf('warp_payment_method', 'wire')?.fix).toContain('Add it to its options')
  expect(refusalOf('warp_tcr_brand_id')?.message).toBe('The portal has no property warp_tcr_brand_id.')
  expect(refusalOf('hs_lastmodifieddate')?.message).toContain('lets nobody write')
  expect((await of('contacts')).refusalOf('warp_api_keys')?.message).toBe('warp_api_keys is never written.')
  // HubSpot lists no owners as options: any may be written.
  expect(refusalOf('hubspot_owner_id', '42')).toBeNull()
})

it('knows what it may write where nothing is ever read, and what HubSpot says is gone', async () => {
  await using connected = await connectedPortal()
  const { bed, id, on } = connected
  await bed.database.transaction(ORG, (tx) =>
    tx.updateTable('customers.integrations').set({ direction: 'OUT' }).execute(),
  )
  await on.provision()
  const place = { orgId: ORG, integrationId: id }
  const companies = await bed.database.read(ORG, (tx) => writableProperties(tx, place, 'companies'))
  expect(companies.refusalOf('cscx_health_score', '80')).toBeNull()
  expect(companies.refusalOf('made_up')?.message).toBe('The portal has no property made_up.')
  // A write was refused because somebody has taken the property away meanwhile.
  await bed.database.transaction(ORG, (tx) =>
    notePropertiesGone(tx, place, 'companies', ['cscx_health_score', 'unheard_of'], bed.clock.now()),
  )
  const after = await bed.database.read(ORG, (tx) => writableProperties(tx, place, 'companies'))
  expect(after.refusalOf('cscx_health_score')?.fix).toBe('Provision the portal.')
  expect(after.refusalOf('cscx_health_trend', 'growing')).toBeNull()
})
