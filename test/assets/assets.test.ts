import { afterAll, beforeAll, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { accountChanged, type ToldNumber, type ToldTrunk } from '#subgraphs/telephony/domain/telling.ts'
import { FIRST_PORTAL } from '#test/connections/bed.ts'
import { nameOf } from '#test/kit/business-names.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { provisioningOf } from '#test/provisioning/provisioning-bed.ts'
import { type AssetsBed, assetsBed, type Dump } from './bed.ts'

const COUNT = 120
const account = (ban: string, domain: string, more: object = {}) => ({
  ...{
    ban,
    name: nameOf(domain, ban),
    domain,
    tier: 'GROWTH',
    mrr: '100',
    creditLimit: '1000',
    currency: 'USD',
  },
  ...more,
})
const stack = new AsyncDisposableStack()
let bed: AssetsBed
let integrationId: string
beforeAll(async () => {
  const line = (n: number, address = `198.51.100.${n + 10}`) => ({
    ...{ name: `Line ${n}`, ipAddresses: [address], concurrentCalls: 10, monthlyMinutes: 100 },
  })
  const lines = Array.from({ length: COUNT }, (_, n) => line(n))
  const numbers = Array.from({ length: COUNT }, (_, n) => ({
    ...{ number: `+1303555${1000 + n}`, trunkName: 'Line 0', type: 'LOCAL', capabilities: ['VOICE', 'SMS'] },
    ...{ monthlyCost: '1.50', cnam: 'ACME' },
  }))
  bed = stack.use(
    await assetsBed(([first]) => [
      account('A-1', first!, { trunks: lines, numbers }),
      account('A-2', 'nobody-yet.example', { trunks: [line(0, '203.0.113.1')] }),
    ]),
  )
  integrationId = await bed.connect(FIRST_PORTAL)
  await bed.settled()
}, 60_000)
afterAll(() => stack.disposeAsync())

const run = async (path: string) => expect((await bed.rest('POST', path, { integrationId })).status).toBe(202)
/** Lanes that nothing could be written of rest for a while: they need not here. */
const wakeLanes = () =>
  bed.database.relay((tx) => tx.updateTable('sync.outgoing_lanes').set({ rest_until: null }).execute())
const waitingFor = (what: RegExp | null) =>
  until(async () => {
    const [trunks] = await bed.progress(integrationId)
    const isSo = what === null ? trunks?.waitsFor === null : what.test(trunks?.waitsFor ?? '')
    if (isSo && (trunks?.records ?? 0) > 0) return trunks
    throw new Error(JSON.stringify(trunks))
  })
const trunkOf = async (name: string, ban = 'A-1') => {
  const found = (await bed.rows('trunks')).find((row) => row.name === name && row.ban === ban)!
  return {
    ...{ id: found.id, ban, name, status: 'ACTIVE', concurrentCalls: 10, monthlyMinutes: 100 },
    ...{
      ipAddresses: ['198.51.100.10'],
      partitionId: found.partition_id,
      createdAt: new Date(found.created_at),
    },
  } as ToldTrunk
}
const later = (seconds: number) => new Date(bed.clock.now().getTime() + seconds * 1000)
const recordOf = async (trunkId: string) =>
  (await bed.there('trunk')).find(({ properties }) => properties.trunk_id === trunkId)

it('brings a portfolio that was there before to a portal once it has room for it: in batches of a hundred, linked to its company and each other', async () => {
  // Nothing is tried meanwhile, and the connection says why.
  await waitingFor(/Provision/)
  await bed.approve(integrationId)
  await provisioningOf(bed, integrationId).provision()
  await wakeLanes()
  await bed.forgetJournal()
  await until(async () => (await bed.there('number')).length === COUNT)
  await bed.quiet()
  const { id: company } = bed.companies[0]!
  const types = await bed.typeIds()
  const trunks = await bed.there('trunk')
  expect(trunks).toHaveLength(COUNT)
  const first = await trunkOf('Line 0')
  const trunk = trunks.find(({ properties }) => properties.trunk_id === first.id)!
  expect(trunk.properties).toMatchObject({
    ...{
      name: 'Line 0',
      status: 'active',
      concurrent_calls: '10',
      monthly_minutes: '100',
      company_id: company,
    },
    ...{ ip_addresses: '198.51.100.10', partition_id: first.partitionId },
    created_date: first.createdAt.toISOString().slice(0, 10),
  })
  expect(trunks.every(({ associations }) => associations.companies?.[0]?.id === company)).toBe(true)
  const numbers = await bed.there('number', types.get('trunk'))
  expect(numbers).toHaveLength(COUNT)
  const number = numbers.find(({ properties }) => properties.number === '+13035551007')!
  expect(number.properties).toMatchObject({
    ...{ type: 'local', capabilities: 'voice;sms', monthly_cost: '1.5', cnam: 'ACME', company_id: company },
    trunk_id: first.id,
  })
  expect(number.associations[types.get('trunk')!]).toMatchObject([{ id: trunk.id }])
  // Two for each kind, and one more for each where a writer begins while what is to be written is still being put down.
  const written = await bed.writes()
  expect(new Set(written)).toEqual(new Set(['upsert']))
  expect(written.length).toBeLessThanOrEqual(6)
  expect(await bed.progress(integrationId)).toEqual([
    { kind: 'TRUNK', records: COUNT, waiting: 0, waitsFor: null },
    { kind: 'NUMBER', records: COUNT, waiting: 0, waitsFor: null },
  ])
  // What number it is, no event tells in words that others could read.
  const logged = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.timeline_told').selectAll().execute(),
  )
  expect(JSON.stringify(logged)).not.toContain('3035551007')
})

it('writes a trunk once as it is at last, however often and in whatever order it is told of, and takes it away when it is deleted', async () => {
  const told = await trunkOf('Line 1')
  await bed.forgetJournal()
  await bed.trunkChanged({ ...told, concurrentCalls: 30 }, later(30))
  await bed.trunkChanged({ ...told, concurrentCalls: 20 }, later(20))
  await bed.trunkChanged({ ...told, concurrentCalls: 40, status: 'SUSPENDED' }, later(40))
  await bed.trunkChanged({ ...told, concurrentCalls: 25 }, later(25))
  await until(async () => (await recordOf(told.id))?.properties.concurrent_calls === '40')
  await bed.quiet()
  expect((await recordOf(told.id))?.properties.status).toBe('suspended')
  expect((await bed.writes()).length).toBeLessThanOrEqual(2)
  const before = await bed.writes()
  await bed.trunkChanged({ ...told, concurrentCalls: 40, status: 'SUSPENDED' }, later(40))
  await bed.trunkChanged({ ...told, status: 'DELETED' }, later(10))
  await bed.trunkChanged({ ...(await trunkOf('Line 2')), status: 'DELETED' }, later(50))
  await until(async () => (await bed.there('trunk')).length === COUNT - 1)
  await bed.quiet()
  expect((await bed.writes()).slice(before.length)).toEqual(['archive'])
  expect((await recordOf(told.id))?.properties.concurrent_calls).toBe('40')
})

it('lets numbers go from a trunk that is deleted, and follow to another', async () => {
  const [zero, three] = [await trunkOf('Line 0'), await trunkOf('Line 3')]
  const held = (await bed.rows('numbers'))[0]!
  const number = {
    ...{ id: held.id, ban: 'A-1', trunkId: three.id, type: 'LOCAL', number: held.number, cnam: 'ACME' },
    ...{ capabilities: ['VOICE', 'SMS'], monthlyCost: '1.50', createdAt: new Date(held.created_at) },
    ...{ status: 'ACTIVE', origin: 'PURCHASED', respOrg: 'NONE' },
    ...{ e911Status: 'NONE', e911Address: null, e911Hash: null },
  } as ToldNumber
  const types = await bed.typeIds()
  const shown = async () => {
    const all = await bed.there('number', types.get('trunk'))
    return all.find(({ properties }) => properties.number === number.number)
  }
  await bed.numberChanged(number, later(60))
  await until(async () => (await shown())?.properties.trunk_id === three.id)
  await bed.quiet()
  const record = await recordOf(three.id)
  expect((await shown())?.associations[types.get('trunk')!]).toMatchObject([{ id: record!.id }])
  await bed.trunkChanged({ ...zero, status: 'DELETED' }, later(70))
  const on = async (trunkId: string) =>
    (await bed.there('number')).filter(({ properties }) => properties.trunk_id === trunkId).length
  await until(async () => (await on(zero.id)) === 0)
  expect(await on(three.id)).toBe(1)
  expect(await bed.there('number')).toHaveLength(COUNT)
})

it('waits for the company that HubSpot does not have yet, and then links to it', async () => {
  const { id } = await trunkOf('Line 0', 'A-2')
  expect(await recordOf(id)).toBeUndefined()
  const { results } = await bed.sim<{ results: { id: string }[] }>('records/companies', {
    properties: { name: 'Nobody Yet', domain: 'nobody-yet.example' },
  })
  await run('/api/integrations/hubspot/sync')
  await until(async () => (await recordOf(id)) !== undefined)
  await bed.quiet()
  const made = (await recordOf(id))!
  expect(made.associations.companies).toMatchObject([{ id: results[0]!.id }])
  expect(made.properties.company_id).toBe(results[0]!.id)
})

it('puts back what people change in HubSpot of what telephony says, and what they delete, and leaves them their own', async () => {
  const { id } = await trunkOf('Line 4')
  const record = (await recordOf(id))!
  const type = (await bed.typeIds()).get('trunk')!
  await bed.sim(`records/${type}`, { id: record.id, properties: { concurrent_calls: '999' } })
  const gone = (await recordOf((await trunkOf('Line 5')).id))!
  await bed.sim(`records/${type}`, { id: gone.id, archive: true })
  const own = await bed.sim<{ results: { id: string }[] }>(`records/${type}`, {
    properties: { name: 'Somebody’s own', trunk_id: 'own' },
  })
  // Of the one a webhook tells, of the other nobody: that is found when everything is looked at.
  const told = { propertyName: 'concurrent_calls', propertyValue: '999' }
  expect(await bed.deliver('object.propertyChange', type, record.id, told)).toBe(200)
  await until(async () => (await recordOf(id))?.properties.concurrent_calls === '10')
  await run('/api/v2/sync/hubspot/reconcile')
  await until(async () => (await recordOf((await trunkOf('Line 5')).id)) !== undefined)
  await bed.quiet()
  expect((await bed.there('trunk')).some((each) => each.id === own.results[0]!.id)).toBe(true)
  const decisions = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('sync.decisions')
      .select(['field', 'policy', 'outcome'])
      .where('type', '=', 'trunks')
      .execute(),
  )
  expect(decisions).toContainEqual({ field: 'concurrent_calls', policy: 'WARP', outcome: 'ours' })
})

it('writes nothing while the connection only reads, and catches up when it writes again', async () => {
  const settle = async (direction: string) => {
    const [row] = await bed.integrations()
    const answer = await bed.rest('PATCH', `/api/v2/integrations/hubspot/${integrationId}/settings`, {
      ...{ input: { direction }, expectedVersion: row!.settings_version },
    })
    expect(answer.status).toBe(200)
  }
  await settle('IN')
  const told = await trunkOf('Line 6')
  await bed.forgetJournal()
  await bed.trunkChanged({ ...told, concurrentCalls: 77 }, later(80))
  await bed.trunkChanged({ ...told, id: 'made-meanwhile', name: 'Meanwhile' }, later(80))
  await until(async () => {
    const rows = await bed.database.read(ORG, (tx) =>
      tx
        .selectFrom('customers.timeline_told')
        .select(['observed_at', 'placed_as_of'])
        .where('id', '=', 'made-meanwhile')
        .execute(),
    )
    return rows[0]?.placed_as_of !== null && rows.length > 0
  })
  expect(await bed.writes()).toEqual([])
  expect((await bed.progress(integrationId))[0]?.waitsFor).toMatch(/Nothing is written/)
  await settle('BIDIRECTIONAL')
  await until(async () => (await recordOf('made-meanwhile')) !== undefined)
  await until(async () => (await recordOf(told.id))?.properties.concurrent_calls === '77')
  await bed.quiet()
})

it('a record whose answer is lost, or whose writer never comes to note it, is there once', async () => {
  const told = await trunkOf('Line 7')
  const alter = (text: string) => session(bed.test.adminUrl, (client) => client.query(text))
  await bed.sim('faults', { path: 'batch/upsert', nth: 1, play: { do: 'close', afterCommit: true } })
  await bed.trunkChanged({ ...told, id: 'lost', name: 'Lost' }, later(90))
  await until(async () => (await recordOf('lost')) !== undefined)
  await bed.quiet()
  await alter(
    `alter table sync.writes add constraint killed check (type <> 'trunks' or state <> 'DONE') not valid`,
  )
  await bed.trunkChanged({ ...told, id: 'killed', name: 'Killed' }, later(90))
  await until(async () => (await recordOf('killed')) !== undefined)
  await alter('alter table sync.writes drop constraint killed')
  await bed.quiet()
  const names = (await bed.there('trunk')).map(({ properties }) => properties.name)
  expect(names.filter((name) => name === 'Lost' || name === 'Killed').sort()).toEqual(['Killed', 'Lost'])
})

it('says it in properties of the company where a portal has no room for records of ours, and takes it back from who has nothing any more', async () => {
  await bed.database.transaction(ORG, (tx) =>
    tx
      .updateTable('customers.integrations')
      .set({ lacking_scopes: ['crm.objects.custom.write'] })
      .execute(),
  )
  await provisioningOf(bed, integrationId).provision()
  const saying = async (name: string) => {
    const { results } = await bed.sim<{ results: Dump[] }>('records/companies?limit=100')
    const { properties } = results.find((each) => each.properties.domain === name)!
    return ['warp_trunk_count', 'warp_trunks', 'warp_number_count', 'warp_numbers'].map(
      (each) => properties[each] || null,
    )
  }
  const own = bed.companies[0]!.domain
  await bed.forgetJournal()
  await bed.trunkChanged({ ...(await trunkOf('Line 8')), status: 'SUSPENDED' }, later(100))
  await bed.trunkChanged({ ...(await trunkOf('Line 0', 'A-2')), concurrentCalls: 11 }, later(100))
  await until(async () => (await saying(own))[1]?.includes('Line 8 (suspended)'))
  // How many there are is also written with the account, by itself.
  await until(async () => (await saying('nobody-yet.example'))[1] === 'Line 0 (active)')
  const [trunks, , numbers, list] = await saying(own)
  expect([trunks, numbers]).toEqual([String((await bed.there('trunk')).length - 2), String(COUNT)])
  expect(list?.split('\n')).toContain('+13035551007')
  expect(await saying('nobody-yet.example')).toEqual(['1', 'Line 0 (active)', '0', null])
  await bed.quiet()
  expect(await bed.writes()).toEqual([])
  // Its account goes to somebody else.
  const moved = {
    ban: 'A-2',
    name: 'Account A-2',
    domain: 'elsewhere.example',
    status: 'ACTIVE',
    tier: 'GROWTH',
  } as const
  const money = {
    mrr: '100',
    creditLimit: '1000',
    currency: 'USD',
    paymentStatus: 'CURRENT',
    contractEnd: null,
    paymentTerms: 'NET30',
    paymentMethod: 'ACH',
    ...{ apiEnabled: true, smsEnabled: false, openedFor: null },
  } as const
  await bed.tell([accountChanged({ ...moved, ...money, createdAt: later(0), closedAt: null }, later(110))])
  await until(async () => (await saying('nobody-yet.example')).every((each) => each === null))
})
