import { expect } from 'vitest'
import { DEMO_CLIENT_ID, DEMO_CLIENT_SECRET } from '#connectors/hubspot/simulator/index.ts'
import type { Cases, Walk } from '../walk.ts'

// biome-ignore lint/suspicious/noExplicitAny: the client has an enum for the kinds of token
const kind = (type: string): any => type
const TOKENS = [
  { name: 'trunk_id', label: 'Trunk', type: kind('string') },
  { name: 'lines', label: 'Lines', type: kind('number') },
]
const template = ({ client, appId, fresh }: Walk) =>
  client.crm.timeline.templatesApi.create(appId, {
    name: fresh(),
    objectType: 'COMPANY',
    headerTemplate: 'Trunk {{trunk_id}} was made',
    detailTemplate: '{{lines}} lines',
    tokens: TOKENS,
  })
const event = async (walk: Walk) => ({
  eventTemplateId: (await template(walk)).id,
  objectId: await walk.make('companies'),
  tokens: { trunk_id: 'trunk_1', lines: '40' },
  id: walk.fresh(),
})

const TIMELINE: Cases = {
  async 'crm.timeline.templatesApi.create'(walk) {
    return await template(walk)
  },
  async 'crm.timeline.templatesApi.getAll'(walk) {
    await template(walk)
    return await walk.client.crm.timeline.templatesApi.getAll(walk.appId)
  },
  async 'crm.timeline.templatesApi.getById'(walk) {
    const { id } = await template(walk)
    return await walk.client.crm.timeline.templatesApi.getById(id, walk.appId)
  },
  async 'crm.timeline.templatesApi.update'(walk) {
    const { id, name } = await template(walk)
    const wish = { id, name, headerTemplate: 'Other', tokens: TOKENS }
    const changed = await walk.client.crm.timeline.templatesApi.update(id, walk.appId, wish)
    expect(changed).toMatchObject({ id, headerTemplate: 'Other' })
    return changed
  },
  async 'crm.timeline.templatesApi.archive'(walk) {
    const { id } = await template(walk)
    await walk.client.crm.timeline.templatesApi.archive(id, walk.appId)
  },
  async 'crm.timeline.tokensApi.create'(walk) {
    const { id } = await template(walk)
    const token = { name: 'site', label: 'Site', type: kind('string') }
    return await walk.client.crm.timeline.tokensApi.create(id, walk.appId, token)
  },
  async 'crm.timeline.tokensApi.update'(walk) {
    const { id } = await template(walk)
    return await walk.client.crm.timeline.tokensApi.update(id, 'lines', walk.appId, { label: 'Channels' })
  },
  async 'crm.timeline.tokensApi.archive'(walk) {
    const { id } = await template(walk)
    await walk.client.crm.timeline.tokensApi.archive(id, 'lines', walk.appId)
  },
  async 'crm.timeline.eventsApi.create'(walk) {
    const { eventsApi } = walk.client.crm.timeline
    const wish = await event(walk)
    const made = await eventsApi.create(wish)
    expect(made).toMatchObject({ id: wish.id, objectType: 'COMPANY', tokens: wish.tokens })
    await expect(eventsApi.create(wish)).rejects.toMatchObject({ code: 409 })
    walk.exchanges.pop()
    return made
  },
  async 'crm.timeline.eventsApi.createBatch'(walk) {
    const { eventsApi } = walk.client.crm.timeline
    const [first, second] = [await event(walk), await event(walk)]
    await eventsApi.createBatch({ inputs: [first] })
    const some = await eventsApi.createBatch({ inputs: [first, second] })
    expect(some).toMatchObject({ results: [{ id: second.id }], numErrors: 1 })
    return some
  },
  async 'crm.timeline.eventsApi.getById'(walk) {
    const { eventTemplateId, id } = await walk.client.crm.timeline.eventsApi.create(await event(walk))
    return await walk.client.crm.timeline.eventsApi.getById(eventTemplateId, id)
  },
  async 'crm.timeline.eventsApi.getDetailById'(walk) {
    const { eventTemplateId, id } = await walk.client.crm.timeline.eventsApi.create(await event(walk))
    const detail = await walk.client.crm.timeline.eventsApi.getDetailById(eventTemplateId, id)
    expect(detail.details).toBe('40 lines')
    return detail
  },
  async 'crm.timeline.eventsApi.getRenderById'(walk) {
    const { eventTemplateId, id } = await walk.client.crm.timeline.eventsApi.create(await event(walk))
    const html = await walk.client.crm.timeline.eventsApi.getRenderById(eventTemplateId, id)
    expect(html).toBe('Trunk trunk_1 was made')
    return html
  },
}

const OAUTH: Cases = {
  async 'oauth.tokensApi.create'(walk) {
    const { refresh_token } = await walk.install()
    const given = await walk.client.oauth.tokensApi.create(
      'refresh_token',
      undefined,
      undefined,
      DEMO_CLIENT_ID,
      DEMO_CLIENT_SECRET,
      refresh_token,
    )
    expect(given).toMatchObject({ refreshToken: refresh_token, expiresIn: 1_800, tokenType: 'bearer' })
    // Newer answers say more than the client reads.
    return undefined
  },
  async 'oauth.accessTokensApi.get'(walk) {
    return await walk.client.oauth.accessTokensApi.get((await walk.install()).access_token)
  },
  async 'oauth.refreshTokensApi.get'(walk) {
    return await walk.client.oauth.refreshTokensApi.get((await walk.install()).refresh_token)
  },
  async 'oauth.refreshTokensApi.archive'(walk) {
    const { refresh_token } = await walk.install()
    await walk.client.oauth.refreshTokensApi.archive(refresh_token)
    await expect(walk.client.oauth.refreshTokensApi.get(refresh_token)).rejects.toMatchObject({ code: 404 })
  },
}

const WISH = { targetUrl: 'https://hub.example/webhooks', throttling: { maxConcurrentRequests: 10 } }
let subscribed = 0
const subscription = async ({ client, appId }: Walk) => {
  subscribed += 1
  // biome-ignore lint/suspicious/noExplicitAny: the client has an enum for the types of event
  const eventType: any = 'company.propertyChange'
  const wish = { eventType, propertyName: `walk_${subscribed}`, active: false }
  return await client.webhooks.subscriptionsApi.create(appId, wish)
}

const WEBHOOKS: Cases = {
  async 'webhooks.settingsApi.configure'({ client, appId }) {
    return await client.webhooks.settingsApi.configure(appId, WISH)
  },
  async 'webhooks.settingsApi.getAll'({ client, appId }) {
    await client.webhooks.settingsApi.configure(appId, WISH)
    return await client.webhooks.settingsApi.getAll(appId)
  },
  async 'webhooks.settingsApi.clear'({ client, appId }) {
    await client.webhooks.settingsApi.clear(appId)
  },
  async 'webhooks.subscriptionsApi.create'(walk) {
    return await subscription(walk)
  },
  async 'webhooks.subscriptionsApi.getAll'(walk) {
    await subscription(walk)
    return await walk.client.webhooks.subscriptionsApi.getAll(walk.appId)
  },
  async 'webhooks.subscriptionsApi.getById'(walk) {
    const { id } = await subscription(walk)
    return await walk.client.webhooks.subscriptionsApi.getById(Number(id), walk.appId)
  },
  async 'webhooks.subscriptionsApi.update'(walk) {
    const { id } = await subscription(walk)
    const { subscriptionsApi } = walk.client.webhooks
    const changed = await subscriptionsApi.update(Number(id), walk.appId, { active: true })
    expect(changed).toMatchObject({ id, active: true })
    return changed
  },
  async 'webhooks.subscriptionsApi.updateBatch'(walk) {
    const id = Number((await subscription(walk)).id)
    const { subscriptionsApi } = walk.client.webhooks
    await subscriptionsApi.updateBatch(walk.appId, { inputs: [{ id, active: true }] })
    const some = await subscriptionsApi.updateBatch(walk.appId, {
      inputs: [
        { id, active: false },
        { id: 1, active: false },
      ],
    })
    expect(some).toMatchObject({ numErrors: 1 })
    return some
  },
  async 'webhooks.subscriptionsApi.archive'(walk) {
    const { id } = await subscription(walk)
    await walk.client.webhooks.subscriptionsApi.archive(Number(id), walk.appId)
  },
}

export const APP_CASES: Cases = { ...TIMELINE, ...OAUTH, ...WEBHOOKS }
