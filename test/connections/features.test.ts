import { expect, it } from 'vitest'
import { ORG } from '#test/kit/customers.ts'
import { WRITE_KEY } from '#test/kit/graph.ts'
import { searchDatabase } from '#test/kit/searching.ts'
import { connectionsBed, DEMO_TOKEN, FIRST_PORTAL, SECOND_TOKEN, writer } from './bed.ts'

const FEATURES =
  '{ hubspotIntegrations { nodes { mode grantedScopes features { capability isOn missingScopes fallback } } } }'
interface Feature {
  capability: string
  isOn: boolean
  missingScopes: string[]
  fallback: string | null
}
const WITH_TOKEN = `mutation ($input: HubSpotTokenInput!) {
  connectHubSpotWithToken(input: $input) {
    __typename ... on HubSpotConnected { success integration { id portalId mode settings { direction frequency autoEnrich version } } }
    ... on Invalid { field } ... on Refusal { code message } } }`

it('names what a portal does not grant, with what is done instead, and reads the rest', async () => {
  await using bed = await connectionsBed()
  await bed.sim('faults', { withheldScopes: ['timeline', 'crm.schemas.custom.write', 'tickets'] })
  await bed.connect(FIRST_PORTAL)
  await bed.settled()
  const [node] = (await bed.ask(FEATURES)).data.hubspotIntegrations.nodes
  const off = (node.features as Feature[]).filter(({ isOn }) => !isOn)
  expect(off.map(({ capability, missingScopes }) => [capability, missingScopes])).toEqual([
    ['TICKETS', ['tickets']],
    ['CUSTOM_OBJECTS', ['crm.schemas.custom.write']],
    ['TIMELINE', ['timeline']],
  ])
  expect(off.find(({ capability }) => capability === 'TIMELINE')?.fallback).toContain('notes')
  expect(off.find(({ capability }) => capability === 'CUSTOM_OBJECTS')?.fallback).toContain('properties')
  expect((await bed.runs())[0]).toMatchObject({ state: 'COMPLETED' })
  const { entries } = await bed.journal()
  expect(entries.filter(({ status }) => status === 403)).toEqual([])
  expect(entries.filter(({ path }) => /^\/crm.*tickets/.test(path))).toEqual([])
})

it('asks only for what somebody wants', async () => {
  await using bed = await connectionsBed({ worker: false })
  const { body } = await bed.begin({ capabilities: ['DEALS', 'CONTACTS'] })
  expect(body.scopes).toEqual(['oauth', 'crm.objects.companies.read'])
  expect(body.optionalScopes).toEqual(['crm.objects.contacts.read', 'crm.objects.deals.read'])
  const asked = new URL(body.authorizeUrl).searchParams
  expect(asked.get('optional_scope')).toBe('crm.objects.contacts.read crm.objects.deals.read')
})

it('fault 36: a scope that is taken away switches off what needs it, by name, and everything else goes on', async () => {
  await using bed = await connectionsBed({ companies: 20 })
  const { data } = await bed.ask(WITH_TOKEN, { input: { accessToken: SECOND_TOKEN } }, writer)
  expect(data.connectHubSpotWithToken.__typename).toBe('HubSpotConnected')
  await bed.settled()
  const all = [
    'crm.objects.companies.read',
    'crm.objects.contacts.read',
    'crm.objects.deals.read',
    'crm.objects.owners.read',
  ]
  await bed.sim('oauth', { token: SECOND_TOKEN, scopes: all })
  await bed.forgetJournal()
  const { id } = data.connectHubSpotWithToken.integration
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: id, mode: 'RECONCILE' })
  await bed.settled()
  expect((await bed.runs()).at(-1)).toMatchObject({ mode: 'RECONCILE', state: 'COMPLETED' })
  const [node] = (await bed.ask(FEATURES)).data.hubspotIntegrations.nodes
  const off = (node.features as Feature[]).filter(
    ({ isOn, missingScopes }) => !isOn && missingScopes.length > 0,
  )
  expect(off).toEqual([
    {
      capability: 'TICKETS',
      isOn: false,
      missingScopes: ['tickets'],
      fallback: 'Tickets are neither read from HubSpot nor written there.',
    },
  ])
  // Found out by what was under way at that moment, and never tried again.
  const refused = (await bed.journal()).entries.filter(({ status }) => status === 403).length
  expect(refused).toBeGreaterThan(0)
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: id, mode: 'RECONCILE' })
  await bed.settled()
  expect((await bed.journal()).entries.filter(({ status }) => status === 403)).toHaveLength(refused)
  expect((await bed.integrations())[0]?.status).toBe('ACTIVE')
  const tickets = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.links').select('gone_at').where('type', '=', 'tickets').execute(),
  )
  expect(tickets.length).toBeGreaterThan(0)
  expect(tickets.every(({ gone_at }) => gone_at === null)).toBe(true)
})

it('takes a token only from a program with a key, seals it, and says it nowhere', async () => {
  await using bed = await connectionsBed()
  const input = { accessToken: DEMO_TOKEN, settings: { direction: 'IN', autoEnrich: true } }
  const byPerson = (await bed.ask(WITH_TOKEN, { input })).data.connectHubSpotWithToken
  expect(byPerson).toMatchObject({ __typename: 'Invalid', code: 'KEY_NEEDED' })
  const bad = (await bed.ask(WITH_TOKEN, { input: { accessToken: 'pat-na1-wrong' } }, writer)).data
    .connectHubSpotWithToken
  expect(bad).toMatchObject({ __typename: 'Invalid', field: 'accessToken' })
  expect(bad.message).toMatch(/Refresh it, or connect/)
  expect(await bed.integrations()).toEqual([])
  const good = await bed.ask(WITH_TOKEN, { input }, writer)
  expect(good.data.connectHubSpotWithToken).toMatchObject({
    success: true,
    integration: {
      portalId: String(FIRST_PORTAL),
      mode: 'TOKEN',
      settings: { direction: 'IN', autoEnrich: true },
    },
  })
  const [node] = (await bed.ask(FEATURES)).data.hubspotIntegrations.nodes
  expect((node.features as Feature[]).find(({ capability }) => capability === 'TIMELINE')).toMatchObject({
    isOn: false,
    fallback: expect.stringContaining('private app'),
  })
  await bed.settled()
  expect(await searchDatabase(bed.test.adminUrl, [DEMO_TOKEN])).toEqual([])
  expect(JSON.stringify(bed.lines)).not.toContain(DEMO_TOKEN)
  expect(JSON.stringify([good, bad, byPerson])).not.toContain(DEMO_TOKEN)
})

it('connects and lists in the words of an earlier product', async () => {
  await using bed = await connectionsBed()
  const granted = await bed.sim<{ access_token: string; refresh_token: string }>('oauth', {
    install: FIRST_PORTAL,
  })
  const ask = {
    crm_type: 'hubspot',
    access_token: granted.access_token,
    refresh_token: granted.refresh_token,
    sync_direction: 'bidirectional',
    sync_frequency: 'hourly',
    auto_enrich: true,
    auto_score: true,
    auto_assign: true,
    auto_create_tasks: true,
  }
  const { status, body } = await bed.rest('POST', '/api/integrations/crm/connect', ask, WRITE_KEY)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    success: true,
    integration: {
      crm_type: 'hubspot',
      is_active: true,
      sync_frequency: 'hourly',
      auto_create_tasks: true,
      auto_create_deals: false,
    },
  })
  expect((await bed.credentials())[0]).toMatchObject({ mode: 'OAUTH' })
  const changed = await bed.rest(
    'POST',
    '/api/integrations/crm/connect',
    { ...ask, sync_direction: 'in', auto_score: false },
    WRITE_KEY,
  )
  expect(changed.body.integration).toMatchObject({
    id: body.integration.id,
    sync_direction: 'in',
    auto_score: false,
    auto_enrich: true,
  })
  const listed = await bed.rest('GET', '/api/integrations/crm/connect')
  expect(listed.body.integrations).toEqual([
    expect.objectContaining({ id: body.integration.id, sync_direction: 'in' }),
  ])
  const wrong = await bed.rest(
    'POST',
    '/api/integrations/crm/connect',
    { ...ask, sync_frequency: 'sometimes' },
    WRITE_KEY,
  )
  expect(wrong).toMatchObject({ status: 422, body: { field: 'frequency' } })
  const words = [granted.refresh_token, granted.access_token]
  expect(await searchDatabase(bed.test.adminUrl, words)).toEqual([])
  const said = JSON.stringify([body, changed.body, listed.body, wrong.body, bed.lines])
  expect(words.filter((word) => said.includes(word))).toEqual([])
})
