import { createHash, createHmac } from 'node:crypto'
import { Signature } from '@hubspot/api-client'
import { expect, it } from 'vitest'
import type { TokenGrant, WebhookEvent } from '#connectors/hubspot/app-wire.ts'
import {
  DEMO_APP_ID,
  DEMO_CLIENT_SECRET,
  DEMO_DEVELOPER_API_KEY,
  DEMO_PORTAL,
} from '#connectors/hubspot/simulator/index.ts'
import { signatureV3 } from '#connectors/hubspot/simulator/webhook-signing.ts'
import { until } from '#test/kit/until.ts'
import { listAll, openPortal } from './portal.ts'
import { type Journal, listen, settled, startReceiver } from './webhook-receiver.ts'

const kinds = (events: readonly WebhookEvent[]): string[] =>
  events.map((event) => event.subscriptionType + (event.propertyName ? ` ${event.propertyName}` : ''))

it('tells nobody while there is no address', async () => {
  await using portal = await openPortal()
  await portal.sim('webhooks', { subscriptions: 'all' })
  await portal.sim('records/companies', { properties: { name: 'Unheard' } })
  await using receiver = await startReceiver()
  await listen(portal, receiver)
  await portal.sim('records/companies', { properties: { name: 'Heard' } })
  await settled(portal)
  expect(receiver.events().map((event) => event.propertyValue)).toEqual([undefined, 'Heard'])
})

it('tells of a change by hand, by the API and by an import, and by whom it was made', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  const [id] = (await listAll(portal, 'companies')) as [string]
  await listen(portal, receiver, {
    subscriptions: [
      { eventType: 'company.propertyChange', propertyName: 'city' },
      { eventType: 'company.creation' },
    ],
  })
  await portal.sim('records/companies', { id, properties: { city: 'By hand', phone: '1' } })
  await portal.call(
    `/crm/v3/objects/companies/${id}`,
    { properties: { city: 'By API' } },
    { method: 'PATCH' },
  )
  await portal.call(
    `/crm/v3/objects/companies/${id}`,
    { properties: { city: 'By API' } },
    { method: 'PATCH' },
  )
  await portal.sim('import/companies', { create: 2, update: 1, properties: { city: 'By import #' } })
  await settled(portal)
  expect(receiver.events().find((event) => event.propertyValue === 'By API')).toMatchObject({
    portalId: DEMO_PORTAL,
    appId: DEMO_APP_ID,
    subscriptionType: 'company.propertyChange',
    attemptNumber: 0,
    objectId: Number(id),
    propertyName: 'city',
    changeSource: 'INTEGRATION',
    sourceId: String(DEMO_APP_ID),
  })
  const told = receiver.events().map((e) => [e.changeSource, e.propertyValue ?? e.changeFlag])
  expect(told.sort()).toEqual(
    [
      ['CRM_UI', 'By hand'],
      ['INTEGRATION', 'By API'],
      ['IMPORT', 'NEW'],
      ['IMPORT', 'NEW'],
      ['IMPORT', 'By import 0'],
      ['IMPORT', 'By import 40'],
      ['IMPORT', 'By import 41'],
    ].sort(),
  )
})

it('tells of archiving, restoring, merging, deleting for good and associating', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  const [a, b, c] = (await listAll(portal, 'contacts')) as [string, string, string]
  const { results } = await portal.sim<{ results: { id: string }[] }>('records/companies', {
    properties: { name: 'Newly met' },
  })
  const company = results[0]!.id
  await listen(portal, receiver)
  await portal.sim('records/contacts', [
    { id: a, archive: true },
    { id: a, restore: true },
    { id: a, associate: { to: 'companies', id: company, primary: true } },
    { id: a, dissociate: { to: 'companies', id: company } },
  ])
  await settled(portal)
  const associations = receiver.events().filter((e) => e.subscriptionType.endsWith('associationChange'))
  expect(associations).toContainEqual(
    expect.objectContaining({
      subscriptionType: 'contact.associationChange',
      associationType: 'CONTACT_TO_COMPANY',
      fromObjectId: Number(a),
      toObjectId: Number(company),
      isPrimaryAssociation: true,
      associationRemoved: false,
    }),
  )
  expect(associations).toContainEqual(
    expect.objectContaining({
      subscriptionType: 'company.associationChange',
      associationType: 'COMPANY_TO_CONTACT',
      associationRemoved: true,
    }),
  )
  expect(kinds(receiver.events()).slice(0, 2)).toEqual(['contact.deletion', 'contact.restore'])
  receiver.posts.length = 0
  await portal.call('/crm/v3/objects/contacts/merge', { primaryObjectId: a, objectIdToMerge: b })
  await portal.call('/crm/v3/objects/contacts/gdpr-delete', { objectId: c })
  await settled(portal)
  expect(kinds(receiver.events())).toEqual(
    expect.arrayContaining(['contact.merge', 'contact.privacyDeletion', 'contact.deletion']),
  )
  const merge = receiver.events().find((event) => event.subscriptionType === 'contact.merge')!
  expect(merge).toMatchObject({ primaryObjectId: Number(a), mergedObjectIds: [Number(b)] })
  expect(merge.newObjectId).not.toBe(Number(a))
})

it('tells of tasks and made-up types as objects', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  await listen(portal, receiver, {
    subscriptions: [{ eventType: 'object.creation', objectTypeId: '0-27' }],
  })
  await portal.call('/crm/v3/objects/tasks', { properties: { hs_timestamp: '2026-11-22T00:00:00Z' } })
  await settled(portal)
  expect(receiver.events()).toMatchObject([
    { subscriptionType: 'object.creation', objectTypeId: '0-27', changeFlag: 'NEW' },
  ])
})

it('posts at most a hundred events together and ten posts at a time', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  receiver.slowness = 100
  await listen(portal, receiver)
  await portal.sim('import/companies', { create: 900, properties: { city: 'Everywhere' } })
  await settled(portal)
  expect(receiver.events()).toHaveLength(2_700)
  expect(Math.max(...receiver.posts.map((post) => post.events.length))).toBe(100)
  expect(receiver.mostOpen).toBe(10)
})

it('signs every post in both ways', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  await listen(portal, receiver)
  await portal.sim('records/companies', { properties: { name: 'Søren & Sons' } })
  await settled(portal)
  const { headers, body } = receiver.posts[0]!
  expect(headers['x-hubspot-signature-version']).toBe('v1')
  expect(headers['x-hubspot-signature']).toBe(
    createHash('sha256')
      .update(DEMO_CLIENT_SECRET + body)
      .digest('hex'),
  )
  const uri = receiver.url.replace('%3A', ':')
  const stamp = String(headers['x-hubspot-request-timestamp'])
  expect(headers['x-hubspot-signature-v3']).toBe(
    createHmac('sha256', DEMO_CLIENT_SECRET).update(`POST${uri}${body}${stamp}`).digest('base64'),
  )
  expect(
    Signature.isValid({
      signatureVersion: 'v3',
      signature: String(headers['x-hubspot-signature-v3']),
      method: 'POST',
      clientSecret: DEMO_CLIENT_SECRET,
      requestBody: body,
      url: uri,
      timestamp: Number(stamp),
    }),
  ).toBe(true)
})

it('signs as HubSpot’s own example says', () => {
  expect(
    signatureV3({
      secret: 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
      method: 'POST',
      url: 'https://www.example.com/webhook_uri',
      body: "{'example_field':'example_value'}",
      timestamp: 1693657560000,
    }),
  ).toBe('K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=')
})

it('tries again after a refusal, an error and silence, counting the attempts, and gives up after ten retries', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  await listen(portal, receiver, { timeoutMs: 1_500 })
  receiver.answers = [404, 500, 'hang']
  await portal.sim('records/companies', { properties: { name: 'Insistent' } })
  const journal = await settled(portal)
  expect(journal.attempts.map(({ status, attemptNumber, error }) => [status, attemptNumber, error])).toEqual([
    [404, 0, undefined],
    [500, 1, undefined],
    [0, 2, 'timeout'],
    [204, 3, undefined],
  ])
  expect(receiver.posts.map((post) => post.events[0]!.attemptNumber)).toEqual([0, 1, 2, 3])
  receiver.answers = Array(20).fill(503)
  await portal.sim('records/companies', { properties: { name: 'Hopeless' } })
  const { counts } = await settled(portal)
  expect(counts).toMatchObject({ attempts: 4 + 11, givenUp: 1 })
})

it('waits between retries, unless it is told to make them now', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  await listen(portal, receiver, { retryScale: 1 })
  receiver.answers = [500]
  await portal.sim('records/companies', { properties: { name: 'Patient' } })
  await until(async () => (await portal.sim<Journal>('webhooks/journal')).waiting.retrying === 1)
  expect(await portal.sim('webhooks/retry', {})).toEqual({ retried: 1 })
  expect((await settled(portal)).counts).toMatchObject({ delivered: 1, failed: 1 })
})

it('drops, doubles, shuffles, forges and holds back when the script says so', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  await listen(portal, receiver)
  const play = async (webhooks: unknown) => {
    receiver.posts.length = 0
    await portal.sim('webhooks/journal', undefined, 'DELETE')
    await portal.sim('faults', { webhooks: 'off' })
    await portal.sim('faults', { webhooks })
    await portal.sim('import/companies', { create: 150 })
    return settled(portal)
  }
  const dropped = await play({ drop: 0.5 })
  expect(dropped.counts.dropped).toBeGreaterThan(50)
  expect(receiver.events()).toHaveLength(300 - dropped.counts.dropped)
  await play({ duplicate: 1 })
  expect(receiver.events()).toHaveLength(600)
  await play({ reorder: 1 })
  const ids = receiver.events().map((event) => event.eventId)
  expect(ids).not.toEqual([...ids].sort((a, b) => a - b))
  expect(new Set(ids).size).toBe(300)
  const forged = await play({ forge: 1 })
  expect(forged.attempts.filter((attempt) => attempt.forged)).toHaveLength(forged.attempts.length / 2)
  const right = receiver.posts.filter(
    ({ headers, body }) =>
      headers['x-hubspot-signature'] ===
      createHash('sha256')
        .update(DEMO_CLIENT_SECRET + body)
        .digest('hex'),
  )
  expect(right).toHaveLength(receiver.posts.length / 2)
  const before = performance.now()
  await play({ delayMs: 200 })
  expect(performance.now() - before).toBeGreaterThan(200)
})

it('ends deliveries to a portal that has taken the app out, and to an address that is taken back', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  await portal.sim<TokenGrant>('oauth', { install: DEMO_PORTAL })
  await listen(portal, receiver)
  await portal.sim('oauth', { uninstall: DEMO_PORTAL })
  await portal.sim('records/companies', { properties: { name: 'Unheard' } })
  await portal.sim('oauth', { install: DEMO_PORTAL })
  await portal.sim('webhooks', { targetUrl: null })
  await portal.sim('records/companies', { properties: { name: 'Unheard too' } })
  await portal.sim('webhooks', { targetUrl: receiver.url })
  await portal.sim('records/companies', { properties: { name: 'Heard' } })
  await settled(portal)
  expect(receiver.events().map((event) => event.propertyValue)).toEqual([undefined, 'Heard'])
})

it('takes settings and subscriptions from the developer of the app, and from nobody else', async () => {
  await using portal = await openPortal()
  await using receiver = await startReceiver()
  const call = async <T = { id: string }>(path: string, body?: unknown, method?: string) => {
    const at = `/webhooks/v3/${DEMO_APP_ID}${path}?hapikey=${DEMO_DEVELOPER_API_KEY}`
    const answer = await portal.call<T>(at, body, method === undefined ? {} : { method })
    return { status: answer.status, body: answer.text === '' ? undefined : answer.json() }
  }
  expect((await portal.call(`/webhooks/v3/${DEMO_APP_ID}/settings?hapikey=wrong`)).status).toBe(401)
  expect((await call('/settings')).status).toBe(404)
  const throttling = { maxConcurrentRequests: 10 }
  expect((await call('/settings', { targetUrl: 'nowhere', throttling }, 'PUT')).status).toBe(400)
  expect((await call('/settings', { targetUrl: receiver.url, throttling }, 'PUT')).status).toBe(200)
  const wrong = [
    { eventType: 'company.explosion' },
    { eventType: 'company.propertyChange' },
    { eventType: 'company.propertyChange', propertyName: 'hs_lastmodifieddate' },
    { eventType: 'object.creation' },
  ]
  for (const wish of wrong) expect((await call('/subscriptions', wish)).status).toBe(400)
  const made = await call('/subscriptions', { eventType: 'company.creation' })
  expect(made).toMatchObject({ status: 201, body: { eventType: 'company.creation', active: false } })
  await portal.sim('records/companies', { properties: { name: 'Paused' } })
  const { id } = made.body as { id: string }
  expect(await call(`/subscriptions/${id}`, { active: true }, 'PATCH')).toMatchObject({
    status: 200,
    body: { active: true },
  })
  await portal.sim('records/companies', { properties: { name: 'Told' } })
  const { counts } = await settled(portal)
  expect(counts.delivered).toBe(1)
  expect(receiver.events()).toMatchObject([{ subscriptionId: Number(id), changeFlag: 'NEW' }])
  const batch = await call('/subscriptions/batch/update', { inputs: [{ id: Number(id), active: false }] })
  expect(batch).toMatchObject({ status: 200, body: { results: [{ active: false }] } })
  expect((await call(`/subscriptions/${id}`, undefined, 'DELETE')).status).toBe(204)
  expect((await call('/settings', undefined, 'DELETE')).status).toBe(204)
})
