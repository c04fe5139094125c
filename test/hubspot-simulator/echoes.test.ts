import { expect, it } from 'vitest'
import type { TimelineTemplate, TokenGrant, WebhookEvent } from '#connectors/hubspot/app-wire.ts'
import { DEMO_APP_ID, DEMO_DEVELOPER_API_KEY, DEMO_PORTAL } from '#connectors/hubspot/simulator/index.ts'
import type { BatchAnswer, CrmRecord } from '#connectors/hubspot/wire.ts'
import { listAll, type OpenPortal, openPortal } from './portal.ts'
import { listen, type Receiver, settled, startReceiver } from './webhook-receiver.ts'

/** What an event is about, in a line. */
const told = (event: WebhookEvent): string =>
  [event.subscriptionType, event.propertyName ?? event.associationType, event.propertyValue]
    .filter(Boolean)
    .join(' ')

/** A portal with the app in it, the app's token, and somebody who is told everything. */
const start = async (): Promise<
  AsyncDisposable & {
    portal: OpenPortal
    receiver: Receiver
    token: string
    events(): Promise<WebhookEvent[]>
  }
> => {
  const [portal, receiver] = [await openPortal(), await startReceiver()]
  const { access_token: token } = await portal.sim<TokenGrant>('oauth', { install: DEMO_PORTAL })
  await listen(portal, receiver)
  return {
    portal,
    receiver,
    token,
    async events() {
      await settled(portal)
      return receiver.posts.splice(0).flatMap((post) => post.events)
    },
    async [Symbol.asyncDispose]() {
      await portal[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

it('tells the app of its own batches, signed as its own, and not of what they left as it was', async () => {
  await using ground = await start()
  const { portal, token } = ground
  const [id] = (await listAll(portal, 'companies')) as [string]
  const path = '/crm/v3/objects/companies/batch'
  const made = await portal.call<BatchAnswer<CrmRecord>>(
    `${path}/create`,
    { inputs: [{ properties: { name: 'Echo' } }] },
    { token },
  )
  const created = await ground.events()
  expect(created.map(told)).toEqual(['company.creation', 'company.propertyChange name Echo'])
  for (const event of created)
    expect(event).toMatchObject({
      objectId: Number(made.json().results[0]!.id),
      changeSource: 'INTEGRATION',
      sourceId: String(DEMO_APP_ID),
    })
  const inputs = [{ id, properties: { city: 'Elko', phone: '+17755550100' } }]
  await portal.call(`${path}/update`, { inputs }, { token })
  expect((await ground.events()).map(told)).toEqual([
    'company.propertyChange city Elko',
    'company.propertyChange phone +17755550100',
  ])
  await portal.call(
    `${path}/update`,
    { inputs: [{ id, properties: { city: 'Elko', phone: '1' } }] },
    { token },
  )
  expect((await ground.events()).map(told)).toEqual(['company.propertyChange phone 1'])
  await portal.call(`${path}/archive`, { inputs: [{ id }] }, { token })
  expect((await ground.events()).map(told)).toEqual(['company.deletion'])
})

it('tells the app of its own associations, from both sides, and of tasks and notes as objects', async () => {
  await using ground = await start()
  const { portal, token } = ground
  const note = await portal.call<CrmRecord>(
    '/crm/v3/objects/notes',
    { properties: { hs_timestamp: '2026-11-20T10:00:00.000Z', hs_note_body: 'By the hub' } },
    { token },
  )
  const written = await ground.events()
  expect(written.map((e) => [e.subscriptionType, e.objectTypeId])).toContainEqual(['object.creation', '0-46'])
  const [company] = (await listAll(portal, 'companies')) as [string]
  const inputs = [{ from: { id: note.json().id }, to: { id: company } }]
  await portal.call('/crm/v4/associations/notes/companies/batch/associate/default', { inputs }, { token })
  const associated = await ground.events()
  expect(associated.map(told).sort()).toEqual([
    'company.associationChange COMPANY_TO_NOTE',
    'object.associationChange NOTE_TO_COMPANY',
  ])
  expect(associated.every((e) => e.changeSource === 'INTEGRATION' && e.associationRemoved === false)).toBe(
    true,
  )
})

it('tells the app of what its timeline events have written', async () => {
  await using ground = await start()
  const { portal, token } = ground
  const template = await portal.call<TimelineTemplate>(
    `/integrators/timeline/v3/${DEMO_APP_ID}/event-templates?hapikey=${DEMO_DEVELOPER_API_KEY}`,
    {
      name: 'moved',
      objectType: 'COMPANY',
      tokens: [{ name: 'to', label: 'To', type: 'string', objectPropertyName: 'city' }],
    },
  )
  const [objectId] = (await listAll(portal, 'companies')) as [string]
  const event = { eventTemplateId: template.json().id, objectId, tokens: { to: 'Elko' } }
  await portal.call('/integrators/timeline/v3/events', event, { token })
  expect((await ground.events()).map((e) => [told(e), e.changeSource])).toEqual([
    ['company.propertyChange city Elko', 'INTEGRATION'],
  ])
})
