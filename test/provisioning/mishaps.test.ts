import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openHubSpot } from '#connectors/hubspot/index.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import { systemClock } from '#kernel/clock.ts'
import { planProvisioning, wantedOf } from '#subgraphs/customers/domain/provisioning.ts'
import { openProvisioner } from '#subgraphs/customers/sync/provisioner.ts'
import { ORG } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { callPortal } from '#test/kit/portal.ts'
import { type ConnectionsBed, DEMO_TOKEN, SECOND_PORTAL, SECOND_TOKEN, writer } from '../connections/bed.ts'
import { connectedPortal, ownKinds, provisioningOf } from './provisioning-bed.ts'

const stack = new AsyncDisposableStack()
let bed: ConnectionsBed
let id: string
let on: ReturnType<typeof provisioningOf>
beforeAll(async () => {
  const portal = stack.use(await connectedPortal())
  bed = portal.bed
  id = portal.id
  on = portal.on
})
afterAll(() => stack.disposeAsync())
beforeEach(async () => {
  // A portal that nobody has provisioned, and a hub that remembers nothing of it.
  await bed.sim('faults', undefined, 'DELETE')
  await bed.sim('seed', { companies: 3, seed: 7 })
  await bed.database.transaction(ORG, async (tx) => {
    await tx.deleteFrom('customers.portal_objects').execute()
    await tx.deleteFrom('customers.portal_properties').execute()
  })
  await bed.forgetJournal()
})

const kindsMade = async () => (await ownKinds(bed)).map(({ name }) => name)
const remembered = () =>
  bed.database.read(ORG, async (tx) => ({
    objects: (await tx.selectFrom('customers.portal_objects').select('type').orderBy('type').execute()).map(
      ({ type }) => type,
    ),
    keyed: (
      await tx
        .selectFrom('customers.portal_properties')
        .select('type')
        .where('name', '=', 'hub_external_key')
        .orderBy('type')
        .execute()
    ).map(({ type }) => type),
  }))
const OURS = ['notes', 'numbers', 'tasks', 'trunks']

it('takes what was made for made when HubSpot’s answers get lost, and makes nothing twice', async () => {
  const play = { do: 'close', afterCommit: true }
  await bed.sim('faults', [
    { method: 'POST', path: 'companies/groups$', nth: 2, play },
    { method: 'POST', path: 'properties/companies/batch/create', nth: 1, play },
    { method: 'POST', path: '/schemas$', nth: 2, play },
  ])
  const plan = await on.plan()
  const provisioned = await on.provision({ planHash: plan.hash })
  expect(provisioned.problems).toEqual([])
  expect(on.states(provisioned.items)).toEqual({
    MADE: on.states(plan.items).TO_MAKE,
    THERE: on.states(plan.items).THERE,
  })
  expect(await kindsMade()).toEqual(['trunk', 'number'])
  expect(await remembered()).toEqual({ objects: ['numbers', 'trunks'], keyed: OURS })
  await on.sent()
  expect(Object.keys(on.states((await on.provision()).items))).toEqual(['THERE'])
  expect((await on.sent()).filter((line) => line.startsWith('POST'))).toEqual([])
})

it('finds what was made when the hub stopped before it could write it down', async () => {
  const hubspot = openHubSpot({
    ...{ baseUrl: bed.portal.url, token: async () => DEMO_TOKEN, clock: systemClock, log: silentLog },
    ...{ limiter: memoryLimiter({ clock: systemClock }), random: Math.random },
  })
  const provisioner = openProvisioner(hubspot)
  const granted = { granted_scopes: null, lacking_scopes: [], sends_addresses: false }
  const { wanted, survey } = await provisioner.survey(wantedOf(granted))
  const { outcomes } = await provisioner.furnish({
    ...{ plan: planProvisioning(wanted, survey), survey, own: wanted.objects },
  })
  expect(outcomes.size).toBe(82)
  expect(await remembered()).toEqual({ objects: [], keyed: [] })
  await on.sent()
  const provisioned = await on.provision()
  expect(on.named(provisioned.items, 'MADE')).toEqual([])
  expect(provisioned.problems).toEqual([])
  expect((await on.sent()).filter((line) => line.startsWith('POST'))).toEqual([])
  expect(await remembered()).toEqual({ objects: ['numbers', 'trunks'], keyed: OURS })
})

it('lets two provision at once, and both find everything there', async () => {
  await bed.sim('faults', { method: 'POST', path: '/crm', play: { do: 'delay', ms: 20 } })
  const both = await Promise.all([on.provision(), on.provision()])
  for (const { problems } of both) expect(problems).toEqual([])
  expect(await kindsMade()).toEqual(['trunk', 'number'])
  const made = both.map(({ items }) => on.named(items, 'MADE'))
  expect(made[0]!.filter((name) => made[1]!.includes(name))).toEqual([])
  expect(Object.keys(on.states((await on.plan()).items))).toEqual(['THERE'])
})

it('names each thing that HubSpot does not make with its reason, and makes all the others', async () => {
  const refusal = (status: number, category: string, message: string) => ({
    ...{ do: 'status', status, body: { status: 'error', category, message } },
  })
  await bed.sim('faults', [
    {
      ...{ method: 'POST', path: 'companies/groups$', body: 'oppspot' },
      play: refusal(400, 'VALIDATION_ERROR', 'No room for groups, says jo@example.com'),
    },
    {
      ...{ method: 'POST', path: 'contacts/batch/create' },
      play: refusal(400, 'VALIDATION_ERROR', 'No room for keys'),
    },
    {
      method: 'POST',
      path: '/schemas$',
      body: '"trunk"',
      play: refusal(400, 'VALIDATION_ERROR', 'No room for kinds'),
    },
  ])
  const { problems, items, created } = await on.provision()
  const told = new Map<string, { message: string; fix: string }>(
    problems.map((each: { objectType: string; name: string }) => [`${each.objectType}.${each.name}`, each]),
  )
  expect(told.get('contacts.hub_external_key')?.message).toBe(
    'HubSpot did not make hub_external_key: No room for keys',
  )
  expect(told.get('companies.oppspot')?.message).toBe(
    'HubSpot did not make the group oppspot: No room for groups, says [email]',
  )
  expect(told.get('companies.oppspot_score')?.message).toContain('HubSpot did not make oppspot_score: ')
  expect(told.get('trunks.trunk')?.message).toBe('HubSpot did not make trunk: No room for kinds')
  expect(told.get('numbers.trunks')?.message).toBe('Records of numbers cannot be linked to trunks yet.')
  expect([...told.values()].every(({ fix }) => fix.length > 10)).toBe(true)
  expect(created).toHaveLength(34 - 9)
  expect(on.named(items, 'MADE')).toEqual(
    expect.arrayContaining(['numbers.number', 'deals.hub_external_key']),
  )
  // Once there is room, what is lacking is made, the link between kinds that are there too.
  await bed.sim('faults', undefined, 'DELETE')
  const again = await on.provision()
  expect(again.problems).toEqual([])
  expect(on.named(again.items, 'MADE')).toEqual(
    expect.arrayContaining(['companies.oppspot_score', 'trunks.trunk', 'numbers.trunks']),
  )
  expect(on.named(again.items, 'MADE')).not.toContain('numbers.number')
})

it('says of a kind that was given up that it holds its name, and what to do', async () => {
  await on.provision()
  const { objectTypeId } = (await ownKinds(bed)).find(({ name }) => name === 'number')!
  await callPortal(bed.portal, `/crm/v3/schemas/${objectTypeId}`, undefined, { method: 'DELETE' })
  const plan = await on.plan()
  expect(on.named(plan.items, 'IN_THE_WAY')).toEqual(['numbers.number'])
  expect(plan.problems[0].fix).toContain('delete it there for good')
  await on.sent()
  expect((await on.provision({ planHash: plan.hash })).problems).toEqual(plan.problems)
  expect(await on.sent()).toHaveLength(plan.requests)
})

it('makes nothing for what was not granted, names it once, and makes the rest', async () => {
  const [before] = await bed.integrations()
  const without = ['crm.schemas.deals.write', 'tickets', 'crm.objects.custom.write']
  const granted_scopes = before!.granted_scopes!.filter((scope) => !without.includes(scope))
  const set = (scopes: string[]) =>
    bed.database.transaction(ORG, (tx) =>
      tx.updateTable('customers.integrations').set({ granted_scopes: scopes }).where('id', '=', id).execute(),
    )
  await set(granted_scopes)
  const plan = await on.plan()
  expect(
    plan.problems.map(({ name, message }: { name: string; message: string }) => [name, message]),
  ).toEqual([
    ['deals', 'HubSpot does not grant crm.schemas.deals.write, so nothing is made for deals.'],
    ['tickets', 'HubSpot does not grant tickets, so nothing is made for tickets.'],
    [
      'trunks',
      expect.stringContaining('crm.objects.custom.write. They are written as properties of the company'),
    ],
  ])
  const provisioned = await on.provision({ planHash: plan.hash })
  expect(provisioned.created).toEqual(expect.arrayContaining(['warp_trunks', 'warp_numbers']))
  const sent = await on.sent()
  expect(sent.filter((line) => /deals|tickets|schemas/.test(line))).toEqual([])
  await set(before!.granted_scopes!)
})

it('writes trunks and numbers to the company where the portal’s edition has no kinds of its own, and asks for them only once', async () => {
  await bed.sim(`account?portal=${SECOND_PORTAL}`, { edition: 'professional' })
  const { data } = await bed.ask(
    `mutation ($input: HubSpotTokenInput!) { connectHubSpotWithToken(input: $input) { ... on HubSpotConnected { integration { id } } } }`,
    { input: { accessToken: SECOND_TOKEN } },
    writer,
  )
  const second = provisioningOf(bed, data.connectHubSpotWithToken.integration.id)
  await bed.forgetJournal()
  const provisioned = await second.provision()
  expect(provisioned.problems).toMatchObject([
    { objectType: 'trunks', message: expect.stringContaining('written as properties of the company') },
  ])
  expect(provisioned.created).toEqual(expect.arrayContaining(['warp_trunks', 'warp_numbers']))
  expect((await second.sent()).filter((line) => line.includes('schemas'))).toHaveLength(1)
  expect((await second.provision()).created).toEqual([])
  expect((await second.sent()).filter((line) => line.includes('schemas'))).toEqual([])
})
