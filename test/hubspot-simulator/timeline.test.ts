import { expect, it } from 'vitest'
import type { TimelineEvent, TimelineTemplate, TokenGrant } from '#connectors/hubspot/app-wire.ts'
import { DEMO_APP_ID, DEMO_DEVELOPER_API_KEY, DEMO_PORTAL } from '#connectors/hubspot/simulator/index.ts'
import type { CrmRecord, ErrorBody } from '#connectors/hubspot/wire.ts'
import { listAll, type OpenPortal, openPortal } from './portal.ts'

const EVENTS = '/integrators/timeline/v3/events'
const TEMPLATES = `/integrators/timeline/v3/${DEMO_APP_ID}/event-templates`
const KEY = `?hapikey=${DEMO_DEVELOPER_API_KEY}`

const design = async (portal: OpenPortal): Promise<TimelineTemplate> => {
  const made = await portal.call<TimelineTemplate>(`${TEMPLATES}${KEY}`, {
    name: 'trunk_created',
    objectType: 'COMPANY',
    headerTemplate: 'Trunk {{trunk_name}} was made',
    tokens: [
      { name: 'trunk_id', label: 'Trunk', type: 'string' },
      { name: 'trunk_name', label: 'Name', type: 'string', objectPropertyName: 'city' },
    ],
  })
  expect(made.status).toBe(201)
  return made.json()
}
const install = (portal: OpenPortal) => portal.sim<TokenGrant>('oauth', { install: DEMO_PORTAL })

it('puts an event of an installed app on a company, once for an id, and never changes it', async () => {
  await using portal = await openPortal()
  const [{ id: eventTemplateId }, { access_token: token }] = [await design(portal), await install(portal)]
  const [objectId] = (await listAll(portal, 'companies')) as [string]
  const event = { eventTemplateId, objectId, id: 'trunk_created:trunk_1', tokens: { trunk_id: 'trunk_1' } }
  const made = await portal.call<TimelineEvent>(EVENTS, event, { token })
  expect(made.status).toBe(201)
  expect(made.json()).toMatchObject({ id: event.id, objectType: 'COMPANY', objectId })
  const changed = { ...event, tokens: { trunk_id: 'trunk_2' } }
  expect((await portal.call(EVENTS, changed, { token })).status).toBe(409)
  const { results } = await portal.sim<{ results: TimelineEvent[] }>('timeline')
  expect(results).toMatchObject([{ id: event.id, tokens: { trunk_id: 'trunk_1' } }])
})

it('copies a token to the property that the template names, and refuses tokens it does not know', async () => {
  await using portal = await openPortal()
  const [{ id: eventTemplateId }, { access_token: token }] = [await design(portal), await install(portal)]
  const [objectId] = (await listAll(portal, 'companies')) as [string]
  await portal.call(EVENTS, { eventTemplateId, objectId, tokens: { trunk_name: 'Elko' } }, { token })
  const read = await portal.call<CrmRecord>(`/crm/v3/objects/companies/${objectId}?properties=city`)
  expect(read.json().properties.city).toBe('Elko')
  const unknown = { eventTemplateId, objectId, tokens: { colour: 'red' } }
  expect((await portal.call(EVENTS, unknown, { token })).status).toBe(400)
})

it('takes events from installed apps with the scope alone, and templates from the developer alone', async () => {
  await using portal = await openPortal()
  const { id: eventTemplateId } = await design(portal)
  const [objectId] = (await listAll(portal, 'companies')) as [string]
  const event = { eventTemplateId, objectId, tokens: {} }
  const own = await portal.call<ErrorBody>(EVENTS, event)
  expect(own.status).toBe(403)
  expect(own.json()).toMatchObject({ errors: [{ context: { requiredGranularScopes: ['timeline'] } }] })
  const { access_token: few } = await portal.sim<TokenGrant>('oauth', {
    install: DEMO_PORTAL,
    scopes: ['oauth', 'crm.objects.companies.write'],
  })
  expect((await portal.call(EVENTS, event, { token: few })).status).toBe(403)
  expect((await portal.call(TEMPLATES, undefined, { token: few })).status).toBe(401)
  expect((await portal.call(`${TEMPLATES}?hapikey=wrong`)).status).toBe(401)
})
