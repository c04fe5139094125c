import { expect, it } from 'vitest'
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import { ensureIntegration } from '#subgraphs/customers/commands/ensure-integration.ts'
import { eventsOf, rowsOf } from '#test/customers/rows.ts'
import { ORG, OTHER_ORG, worker } from '#test/kit/customers.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'
import { PATH, type WebhookBed, webhookBed } from './bed.ts'

const told = async (t: WebhookBed, event: object, path = PATH) => {
  expect((await t.deliver([event], { path })).status).toBe(200)
  await t.settled()
}

it('follows what is made, goes, comes back and moves at HubSpot, each by its webhook at the address of its kind', async () => {
  await using t = await webhookBed()
  const { results } = await t.sim<{ results: { id: string }[] }>('records/deals', {
    list: [{ properties: { dealname: 'New', dealstage: 'appointmentscheduled', pipeline: 'default' } }],
  })
  const deal = results[0]!.id
  const row = async () => (await rowsOf(t, 'deals')).get(deal)
  await told(t, t.event('deal.creation', deal, { changeFlag: 'NEW' }), `${PATH}/deal`)
  expect(await row()).toMatchObject({ properties: { dealname: 'New' }, gone_at: null })
  await t.sim('records/deals', { id: deal, archive: true })
  await told(t, t.event('deal.deletion', deal, { changeFlag: 'DELETED' }), `${PATH}/deal`)
  expect((await row())?.gone_at).toBeInstanceOf(Date)
  await t.sim('records/deals', { id: deal, restore: true })
  await told(t, t.event('deal.restore', deal))
  expect(await row()).toMatchObject({ gone_at: null })
  await t.sim('records/deals', { id: deal, properties: { dealstage: 'contractsent' } })
  await told(
    t,
    t.event('deal.propertyChange', deal, { propertyName: 'dealstage', propertyValue: 'contractsent' }),
  )
  const moves = await eventsOf<{ stage: string; previousStage: string | null }>(t, 'customers.deal.changed')
  expect(moves.at(-1)).toMatchObject({ stage: 'contractsent', previousStage: 'appointmentscheduled' })
})

it('fault 29: takes away and gives back a link within five seconds of its webhook, whichever side told', async () => {
  await using t = await webhookBed()
  const deal = (await t.records('deals', '&associations=companies')).find(
    (one) => one.associations?.companies?.length,
  )!
  const company = deal.associations!.companies![0]!.id
  const companyOf = async () =>
    (await rowsOf(t, 'deals')).get(deal.id) as unknown as { properties: { '→companies'?: unknown } }
  const before = JSON.stringify(await companyOf())
  using since = stopwatch()
  await t.sim('records/deals', { id: deal.id, dissociate: { to: 'companies', id: company } })
  const ends = { associationRemoved: true, isPrimaryAssociation: true }
  await told(
    t,
    t.event('deal.associationChange', deal.id, {
      ...{ objectId: undefined, associationType: 'DEAL_TO_COMPANY', ...ends },
      ...{ fromObjectId: Number(deal.id), toObjectId: Number(company) },
    }),
  )
  const edges = async () =>
    (await t.rows('customers.edges')).filter(
      (edge) => edge.from_id === deal.id && edge.from_type === 'deals' && edge.to_type === 'companies',
    )
  expect(await edges()).toEqual([])
  expect(since.ms()).toBeLessThan(5_000)
  expect(JSON.stringify(await companyOf())).not.toBe(before)
  await t.sim('records/deals', { id: deal.id, associate: { to: 'companies', id: company, primary: true } })
  await told(
    t,
    t.event('company.associationChange', company, {
      ...{ objectId: undefined, associationType: 'COMPANY_TO_DEAL', associationRemoved: false },
      ...{ fromObjectId: Number(company), toObjectId: Number(deal.id) },
    }),
  )
  expect(await edges()).toMatchObject([{ to_id: company }])
})

it('fault 27: follows a merge by its webhook to the person that is left', async () => {
  await using t = await webhookBed()
  const [winner, loser] = await t.records('contacts')
  // The merged record has an id of its own.
  const { results } = await t.sim<{ results: { id: string }[] }>('records/contacts', {
    list: [{ id: winner!.id, merge: loser!.id }],
  })
  const live = (await t.records('contacts'))
    .filter((record) => !record.archived && !('mergedInto' in record))
    .map(({ id }) => id)
  await told(
    t,
    t.event('contact.merge', winner!.id, {
      ...{ primaryObjectId: Number(winner!.id), mergedObjectIds: [Number(loser!.id)] },
      ...{ newObjectId: Number(results[0]!.id), numberOfPropertiesMoved: 3 },
    }),
    `${PATH}/contact`,
  )
  const here = [...(await rowsOf(t, 'contacts')).values()].filter(({ gone_at }) => gone_at === null)
  expect(here.map(({ external_id }) => external_id).sort()).toEqual(live.sort())
})

it('writes down whom HubSpot was told to forget, and what it does not keep only as a count', async () => {
  await using t = await webhookBed({ worker: false })
  const answer = await t.deliver([
    t.event('contact.privacyDeletion', 7),
    t.event('product.creation', 8),
    t.event('conversation.newMessage', 9, { propertyValue: 'canary@example.com' }),
    { nonsense: true },
  ])
  expect(await answer.json()).toEqual({ received: 3 })
  expect(await t.rows('customers.privacy_requests')).toMatchObject([{ external_id: '7', completed_at: null }])
  expect(await t.waiting()).toMatchObject([{ type: 'contacts', external_id: '7' }])
  const deliveries = await t.rows('customers.webhook_deliveries')
  expect(deliveries).toMatchObject([{ event_count: 3, ignored_count: 2, status: 'RECEIVED' }])
  expect(JSON.stringify([deliveries, t.lines])).not.toMatch(/canary|userId/)
  await t.deliver([t.event('product.creation', 8)])
  expect((await t.rows('customers.webhook_deliveries')).map(({ status }) => status).sort()).toEqual([
    'IGNORED',
    'RECEIVED',
  ])
})

it('gives each organisation that is connected to a portal its webhooks, and none another’s', async () => {
  await using t = await webhookBed({ worker: false })
  const { database, vault, clock } = t
  const mine = { orgId: OTHER_ORG, name: 'Same portal', baseUrl: t.portal.url, token: DEMO_TOKEN }
  const integrationId = await ensureIntegration({ database, vault, clock }, mine)
  {
    await using _ = worker(t)
    await until(async () => {
      const [row] = await database.read(OTHER_ORG, (tx) =>
        tx.selectFrom('customers.integrations').selectAll().execute(),
      )
      return row?.last_sync_at
    })
  }
  expect((await t.deliver([t.event('company.creation', 1)])).status).toBe(200)
  const of = (orgId: string) =>
    database.read(orgId, async (tx) => [
      await tx.selectFrom('sync.signals').select(['connection_id', 'external_id']).execute(),
      await tx.selectFrom('customers.webhook_deliveries').select(['integration_id', 'status']).execute(),
    ])
  expect(await of(ORG)).toEqual([
    [{ connection_id: t.integrationId, external_id: '1' }],
    [{ integration_id: t.integrationId, status: 'RECEIVED' }],
  ])
  expect(await of(OTHER_ORG)).toEqual([
    [{ connection_id: integrationId, external_id: '1' }],
    [{ integration_id: integrationId, status: 'RECEIVED' }],
  ])
})
it('takes the one object of the telephone platform for the only portal there is, or the one its signed address names', async () => {
  await using t = await webhookBed({ worker: false })
  const old = (objectId: string) => ({
    eventType: 'company.propertyChange',
    objectId,
    propertyName: 'warp_credit_limit',
    propertyValue: 15_000,
    timestamp: t.clock.now().toISOString(),
  })
  expect((await t.deliver(old('11'))).status).toBe(200)
  const [{ portal_id: portal }] = (await t.rows('customers.integrations')) as [{ portal_id: string }]
  expect((await t.deliver(old('12'), { path: `${PATH}/company?portalId=${portal}` })).status).toBe(200)
  expect((await t.deliver(old('13'), { path: `${PATH}/company?portalId=666` })).status).toBe(200)
  expect((await t.waiting()).map(({ external_id: id }) => id)).toEqual(['11', '12'])
})
