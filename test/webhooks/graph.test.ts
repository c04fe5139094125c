import { expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { cutDeliveries } from '#subgraphs/customers/store/personal-deliveries.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { PATH, type WebhookBed, webhookBed } from './bed.ts'

const LIST = `query ($filter: WebhookDeliveryFilter, $first: Int! = 20, $after: Cursor) {
  webhookDeliveries(filter: $filter, first: $first, after: $after) {
    nodes { id integration { id webhooks { waiting failed days { deliveries events duplicates applied averageLatencyMs } } }
      portalId receiver receivedAt attempt status eventCount duplicateCount ignoredCount appliedAt latencyMs replayedAt
      events { type objectId propertyName changeSource occurredAt } records { type externalId } }
    pageInfo { endCursor hasNextPage }
  }
}`
const REPLAY = `mutation ($id: ID!) { replayDelivery(id: $id) {
  __typename
  ... on DeliveryReplayed { delivery { id status replayedAt appliedAt } receipt { position } }
  ... on Refusal { code message }
} }`

interface Listed {
  webhookDeliveries: {
    nodes: ({ id: string; status: string; latencyMs: number } & Record<string, unknown>)[]
    pageInfo: { endCursor: string; hasNextPage: boolean }
  }
}
const list = async (t: WebhookBed, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await t.graph(LIST, variables)
  expect(errors).toBeUndefined()
  return (data as unknown as Listed).webhookDeliveries
}
const replay = async (t: WebhookBed, id: string) => {
  const { data, errors } = await t.graph(REPLAY, { id })
  expect(errors).toBeUndefined()
  return (data as { replayDelivery: Record<string, unknown> }).replayDelivery
}
const applied = (t: WebhookBed) =>
  until(async () =>
    (await t.rows('customers.webhook_deliveries')).every(({ status }) => status !== 'RECEIVED'),
  )

it('tells what webhooks told, page by page, what became of them and how long it took', async () => {
  await using t = await webhookBed()
  const [one, other] = await t.records('companies')
  const change = t.event('company.propertyChange', one!.id, {
    propertyName: 'name',
    propertyValue: 'Canary Ltd',
  })
  await t.deliver([change, t.event('product.creation', 5)], { path: `${PATH}/company` })
  await t.deliver([change, t.event('company.propertyChange', other!.id, { propertyName: 'city' })])
  await t.deliver([t.event('product.creation', 6)])
  await applied(t)
  const { nodes } = await list(t)
  expect(nodes).toMatchObject([
    { status: 'IGNORED', eventCount: 1, ignoredCount: 1, records: [], appliedAt: null, latencyMs: null },
    { status: 'APPLIED', receiver: null, eventCount: 2, duplicateCount: 1 },
    {
      ...{
        status: 'APPLIED',
        receiver: 'company',
        eventCount: 2,
        duplicateCount: 0,
        ignoredCount: 1,
        attempt: 0,
      },
      events: [
        { type: 'company.propertyChange', objectId: one!.id, propertyName: 'name', changeSource: 'CRM_UI' },
        { type: 'product.creation', objectId: '5' },
      ],
      records: [{ type: 'companies', externalId: one!.id }],
      integration: { id: t.integrationId },
    },
  ])
  for (const { latencyMs, receivedAt, appliedAt } of nodes.slice(1))
    expect(latencyMs).toBe(Date.parse(String(appliedAt)) - Date.parse(String(receivedAt)))
  // The words of a delivery go as soon as its records are read, and nobody is ever shown them.
  const rows = await t.rows('customers.webhook_deliveries')
  expect(rows.map(({ raw_sealed }) => raw_sealed)).toEqual([null, null, null])
  expect(JSON.stringify([nodes, rows])).not.toContain('Canary')
  expect((nodes[0] as { integration?: object }).integration).toMatchObject({
    webhooks: { waiting: 0, failed: 0, days: [{ deliveries: 3, events: 4, duplicates: 1, applied: 2 }] },
  })
  const first = await list(t, { first: 2 })
  const second = await list(t, { first: 2, after: first.pageInfo.endCursor })
  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
  expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual(nodes.map(({ id }) => id))
  const ignored = { status: ['IGNORED'], integrationId: t.integrationId }
  expect((await list(t, { filter: ignored })).nodes.map(({ id }) => id)).toEqual([nodes[0]!.id])
  const later = { receivedFrom: new Date(Date.parse(String(nodes[0]!.receivedAt)) + 1).toISOString() }
  expect((await list(t, { filter: later })).nodes).toEqual([])
  expect((await list(t, { filter: { receivedBefore: later.receivedFrom } })).nodes).toHaveLength(3)
  expect((await list(t, { filter: { integrationId: 'nobody' } })).nodes).toEqual([])
})

it('reads the records of a delivery again when somebody asks, and keeps in the books who did', async () => {
  await using t = await webhookBed()
  const [company] = await t.records('companies')
  await t.deliver([t.event('company.propertyChange', company!.id, { propertyName: 'name' })])
  await t.deliver([t.event('product.creation', 1)])
  await applied(t)
  const [nothing, delivery] = (await list(t)).nodes
  await t.sim('records/companies', { id: company!.id, properties: { name: 'Changed in silence' } })
  expect(await replay(t, delivery!.id)).toMatchObject({
    __typename: 'DeliveryReplayed',
    delivery: { id: delivery!.id, status: 'RECEIVED', appliedAt: null },
    receipt: { position: expect.any(String) },
  })
  await applied(t)
  expect((await rowsOf(t, 'companies')).get(company!.id)?.properties.name).toBe('Changed in silence')
  const [, again] = (await list(t)).nodes
  expect(again).toMatchObject({ status: 'APPLIED', replayedAt: expect.any(String) })
  const audits = await t.rows('service.audit_log')
  expect(audits.filter(({ action }) => action === 'replayDelivery')).toMatchObject([
    { who_id: expect.any(String), subject_type: 'WebhookDelivery', subject_id: delivery!.id },
  ])
  expect(audits.filter(({ action }) => action === 'takeDeliveries')).toMatchObject([
    {
      who_id: 'system:intake',
      subject_id: t.integrationId,
      diff: { deliveries: [null, 1], events: [null, 1] },
    },
    { diff: { deliveries: [null, 1] } },
  ])
  expect(await replay(t, nothing!.id)).toMatchObject({ __typename: 'Invalid' })
  expect(await replay(t, 'nonsense')).toMatchObject({ __typename: 'Missing', code: 'NOT_FOUND' })
  await session(t.test.adminUrl, (client) =>
    client.query('update customers.integrations set disconnected_at = updated_at'),
  )
  expect(await replay(t, delivery!.id)).toMatchObject({ __typename: 'Invalid' })
  // What an ended connection still gets is kept apart, and nothing is read for it.
  await t.deliver([t.event('company.propertyChange', company!.id, { propertyName: 'city' })])
  expect((await list(t, { filter: { status: ['UNROUTABLE'] } })).nodes).toHaveLength(1)
  expect(await t.waiting()).toEqual([])
})

it('says of a delivery that it failed while its record cannot be stored, and that it is applied once it can', async () => {
  await using t = await webhookBed()
  const [company] = await t.records('companies')
  const inDatabase = (sql: string) => session(t.test.urls.owner, (client) => client.query(sql))
  await inDatabase(`alter table customers.companies add constraint no_poison check (name not like 'Poison%')`)
  await t.sim('records/companies', { id: company!.id, properties: { name: 'Poison Ltd' } })
  await t.deliver([
    t.event('company.propertyChange', company!.id, { propertyName: 'name', propertyValue: 'Poison Ltd' }),
  ])
  await until(async () => (await t.rows('customers.webhook_deliveries'))[0]?.status === 'FAILED')
  const [row] = await t.rows('customers.webhook_deliveries')
  expect(row).toMatchObject({ applied_at: null, raw_sealed: expect.stringMatching(/^v1\./) })
  await inDatabase('alter table customers.companies drop constraint no_poison')
  await replay(t, String(row!.id))
  await until(async () => (await t.rows('customers.webhook_deliveries'))[0]?.status === 'APPLIED')
  expect((await rowsOf(t, 'companies')).get(company!.id)?.properties.name).toBe('Poison Ltd')
})

it('takes a record out of what deliveries are remembered by, with their words', async () => {
  await using t = await webhookBed({ worker: false })
  await t.deliver([
    t.event('contact.propertyChange', 71, { propertyName: 'email', propertyValue: 'canary@example.com' }),
    t.event('contact.propertyChange', 72, { propertyName: 'email' }),
    t.event('contact.merge', 72, { primaryObjectId: 72, mergedObjectIds: [71], newObjectId: 73 }),
    t.event('deal.associationChange', 9, {
      associationType: 'DEAL_TO_CONTACT',
      fromObjectId: 9,
      toObjectId: 71,
    }),
  ])
  await t.deliver([t.event('contact.propertyChange', 72, { propertyName: 'phone' })])
  const forgotten = await t.database.transaction(ORG, (tx) =>
    cutDeliveries(tx, ORG, [{ type: 'contacts', connection: t.integrationId, record: '71', local: null }]),
  )
  expect(forgotten).toMatchObject([{ rows: 1 }])
  const rows = await t.rows('customers.webhook_deliveries')
  const [cut, whole] = rows.sort((a, b) => Number(b.event_count) - Number(a.event_count))
  expect(cut).toMatchObject({ raw_sealed: null, events: [{ objectId: '72' }] })
  expect(JSON.stringify(cut!.records)).not.toContain('71')
  expect(whole).toMatchObject({ raw_sealed: expect.any(String) })
})
