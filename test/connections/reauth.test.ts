import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { noteSignals } from '#sync/signals.ts'
import { eventsOf } from '#test/customers/rows.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { connectionsBed, FIRST_PORTAL, SECOND_PORTAL } from './bed.ts'

const STATUS = 'query { hubspotIntegrations { nodes { id lastError } } }'
const CHECK = `mutation { validateCredentials { __typename ... on CredentialsChecked { isValid message } ... on Invalid { message } } }`

it('fault 35: an app that is taken out in the middle of an import is told once, its jobs park without a call, and go on when the portal lets it in again', async () => {
  await using bed = await connectionsBed({ companies: 120 })
  const play = { do: 'trigger', name: 'uninstall', detail: {} }
  await bed.sim('faults', { list: [{ path: 'objects/contacts', nth: 2, play }] })
  const id = await bed.connect(FIRST_PORTAL)
  await until(async () => (await bed.integrations())[0]?.status === 'NEEDS_REAUTH')
  await bed.database.transaction(ORG, (tx) =>
    noteSignals(
      tx,
      [{ orgId: ORG, connectionId: id, type: 'companies', externalId: '1' }],
      systemClock.now(),
    ),
  )
  const parked = await until(async () => (await bed.runs()).find(({ lease_until }) => lease_until === null))
  expect(parked).toMatchObject({ state: 'RUNNING', finished_at: null })
  await bed.forgetJournal()
  const refused = await bed.rest('POST', '/api/integrations/hubspot/sync')
  expect(refused).toMatchObject({ status: 422, body: { code: 'INVALID' } })
  const checked = (await bed.ask(CHECK)).data.validateCredentials
  expect(checked).toMatchObject({ isValid: false })
  expect(checked.message).toContain('Connect it again')
  await wait(2500)
  expect((await bed.journal()).entries).toEqual([])
  const told = await eventsOf(bed, 'customers.integration.needs_reauth')
  expect(told).toEqual([expect.objectContaining({ integrationId: id, system: 'HUBSPOT' })])
  expect((await bed.ask(STATUS)).data.hubspotIntegrations.nodes[0].lastError).toContain('HubSpot')

  expect(await bed.connect(FIRST_PORTAL)).toBe(id)
  await bed.settled()
  const runs = await bed.runs()
  expect(runs).toHaveLength(1)
  expect(runs[0]).toMatchObject({ id: parked.id, state: 'COMPLETED' })
  expect(await eventsOf(bed, 'customers.integration.needs_reauth')).toHaveLength(1)
})

it('leaves other portals alone when one has to be connected again', async () => {
  await using bed = await connectionsBed()
  const first = await bed.connect(FIRST_PORTAL)
  const second = await bed.connect(SECOND_PORTAL)
  await bed.settled()
  await bed.sim('oauth', { revoke: FIRST_PORTAL })
  const check = `mutation ($id: ID) { validateCredentials(integrationId: $id) { __typename ... on CredentialsChecked { isValid } ... on Refusal { message } } }`
  expect((await bed.ask(check, {})).data.validateCredentials.__typename).toBe('Invalid')
  expect((await bed.ask(check, { id: first })).data.validateCredentials).toMatchObject({ isValid: false })
  expect((await bed.ask(check, { id: second })).data.validateCredentials).toMatchObject({ isValid: true })
  expect((await bed.integrations()).map(({ status }) => status)).toEqual(['NEEDS_REAUTH', 'ACTIVE'])
})

it('says that nobody knows when HubSpot does not answer, and parks nothing', async () => {
  await using bed = await connectionsBed({ worker: false, customers: { hubspot: { patienceMs: 500 } } })
  await bed.connect()
  await bed.sim('faults', { list: [{ path: 'oauth', play: { do: 'status', status: 503, body: {} } }] })
  const checked = (await bed.ask(CHECK)).data.validateCredentials
  expect(checked).toMatchObject({ isValid: null })
  expect(checked.message).toContain('again')
  expect((await bed.integrations())[0]?.status).toBe('ACTIVE')
})

it('forgets the tokens of a portal that is disconnected, takes them back at HubSpot, and reads nothing any more', async () => {
  await using bed = await connectionsBed()
  const id = await bed.connect()
  await bed.settled()
  const { body, status } = await bed.rest('DELETE', '/api/integrations/hubspot/disconnect')
  expect(status).toBe(200)
  expect(body).toMatchObject({ integrationId: id })
  expect(await bed.credentials()).toEqual([])
  expect((await bed.integrations())[0]).toMatchObject({ token_sealed: null })
  const taken = (await bed.journal()).entries.filter(
    ({ method, path }) => method === 'DELETE' && path.includes('refresh-tokens'),
  )
  expect(taken.map(({ status }) => status)).toEqual([204])
  await bed.forgetJournal()
  expect((await bed.rest('POST', '/api/integrations/hubspot/sync')).status).toBe(404)
  await wait(500)
  expect((await bed.journal()).entries).toEqual([])
  expect((await bed.ask('{ hubspotIntegrations { nodes { id } } }')).data.hubspotIntegrations.nodes).toEqual(
    [],
  )
  const held = await bed.ask('{ customers(first: 10) { nodes { name } } }')
  expect(held.data.customers.nodes).toHaveLength(5)
  expect((await eventsOf<{ removed?: boolean }>(bed, 'customers.integration.changed')).at(-1)).toMatchObject({
    removed: true,
  })
  expect(await bed.connect()).toBe(id)
})
