import { expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { noteSignals } from '#sync/signals.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { type ConnectionsBed, connectionsBed } from './bed.ts'

const CHANGE = `mutation ($id: ID!, $input: ConnectionSettingsInput!, $version: Int!) {
  changeConnection(integrationId: $id, input: $input, expectedVersion: $version) {
    __typename
    ... on ConnectionChanged { integration { settings { direction frequency autoEnrich autoScore autoAssign autoCreateTasks autoCreateDeals version } } }
    ... on Stale { currentVersion } ... on Invalid { field } ... on Refusal { code } } }`
const turn = (verb: 'pause' | 'resume') => `mutation ($id: ID!, $direction: SyncWay!, $type: String) {
  ${verb}Integration(integrationId: $id, direction: $direction, type: $type) {
    __typename ... on ConnectionChanged { integration { pauses { direction type } } } ... on Invalid { field } ... on Refusal { code } } }`

const signal = (bed: ConnectionsBed, connectionId: string, type: string, externalId: string) =>
  bed.database.transaction(ORG, (tx) =>
    noteSignals(tx, [{ orgId: ORG, connectionId, type, externalId }], systemClock.now()),
  )
const waiting = async (bed: ConnectionsBed) =>
  (await bed.database.read(ORG, (tx) => tx.selectFrom('sync.signals').select('external_id').execute())).length
const nameOf = async (bed: ConnectionsBed, type: 'companies' | 'deals', externalId: string) => {
  const table = type === 'companies' ? 'customers.companies' : 'customers.deals'
  const rows = await bed.database.read(ORG, (tx) =>
    tx.selectFrom(table).select('properties').where('external_id', '=', externalId).execute(),
  )
  const properties = rows[0]?.properties as Record<string, string> | undefined
  return properties?.[type === 'companies' ? 'name' : 'dealname']
}
const firstOf = async (bed: ConnectionsBed, type: string) =>
  (await bed.sim<{ results: { id: string }[] }>(`records/${type}?limit=1`)).results[0]?.id ?? ''

it('changes how a connection is kept in step, everything automatic off at first, with an audit and against the version one knows', async () => {
  await using bed = await connectionsBed({ worker: false })
  const id = await bed.connect()
  const off = {
    autoEnrich: false,
    autoScore: false,
    autoAssign: false,
    autoCreateTasks: false,
    autoCreateDeals: false,
  }
  const shown = await bed.ask(
    '{ hubspotIntegrations { nodes { settings { direction frequency autoEnrich autoScore autoAssign autoCreateTasks autoCreateDeals version } } } }',
  )
  const settings = shown.data.hubspotIntegrations.nodes[0].settings
  expect(settings).toEqual({ direction: 'BIDIRECTIONAL', frequency: 'REALTIME', ...off, version: 1 })
  const change = async (input: object, version: number) =>
    (await bed.ask(CHANGE, { id, input, version })).data.changeConnection
  const changed = await change({ direction: 'IN', autoScore: true }, 1)
  expect(changed.integration.settings).toEqual({ ...settings, direction: 'IN', autoScore: true, version: 2 })
  expect(await change({ direction: 'OUT' }, 1)).toMatchObject({ __typename: 'Stale', currentVersion: 2 })
  expect(
    await change({ inclusion: [{ type: 'companies', by: 'PIPELINE', values: ['x'] }] }, 2),
  ).toMatchObject({ field: 'inclusion' })
  expect(await change({ name: ' ' }, 2)).toMatchObject({ field: 'name' })
  expect(await change({ autoScore: true }, 2)).toMatchObject({ integration: { settings: { version: 2 } } })
  const audits = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('service.audit_log')
      .select(['who_id', 'diff'])
      .where('action', '=', 'changeConnection')
      .execute(),
  )
  expect(audits).toEqual([
    { who_id: 'user:test', diff: { direction: ['BIDIRECTIONAL', 'IN'], autoScore: [false, true] } },
  ])
})

it('brings over what a portal tells of at once in real time, and only together with a run otherwise', async () => {
  await using bed = await connectionsBed()
  const id = await bed.connect()
  await bed.settled()
  const company = await firstOf(bed, 'companies')
  const rename = async (name: string) => {
    await bed.sim('records/companies', { id: company, properties: { name } })
    await signal(bed, id, 'companies', company)
  }
  await rename('At once')
  await until(async () => (await nameOf(bed, 'companies', company)) === 'At once')
  await bed.ask(CHANGE, { id, input: { frequency: 'MANUAL' }, version: 1 })
  // The last run is long over.
  await bed.database.transaction(ORG, (tx) =>
    tx
      .updateTable('customers.integrations')
      .set({ last_sync_at: new Date(systemClock.now().getTime() - 120_000) })
      .execute(),
  )
  await rename('When asked')
  await until(async () => (await waiting(bed)) === 1)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(await nameOf(bed, 'companies', company)).toBe('At once')
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: id })
  await until(async () => (await nameOf(bed, 'companies', company)) === 'When asked')
})

it('pauses coming in for one kind of record while the others come, and brings over later what changed meanwhile', async () => {
  await using bed = await connectionsBed()
  const id = await bed.connect()
  await bed.settled()
  const paused = await bed.ask(turn('pause'), { id, direction: 'IN', type: 'deals' })
  expect(paused.data.pauseIntegration.integration.pauses).toEqual([{ direction: 'IN', type: 'deals' }])
  await bed.settled()
  expect(
    (await bed.ask(turn('pause'), { id, direction: 'IN', type: 'dragons' })).data.pauseIntegration,
  ).toMatchObject({ field: 'type' })
  const [company, deal] = [await firstOf(bed, 'companies'), await firstOf(bed, 'deals')]
  await bed.sim('records/companies', { id: company, properties: { name: 'Comes' } })
  await bed.sim('records/deals', { id: deal, properties: { dealname: 'Waits' } })
  await signal(bed, id, 'companies', company)
  await signal(bed, id, 'deals', deal)
  await until(async () => (await nameOf(bed, 'companies', company)) === 'Comes')
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: id })
  await bed.settled()
  expect(await nameOf(bed, 'deals', deal)).not.toBe('Waits')
  expect(await waiting(bed)).toBe(1)
  const resumed = await bed.ask(turn('resume'), { id, direction: 'IN' })
  expect(resumed.data.resumeIntegration.integration.pauses).toEqual([])
  await until(async () => (await nameOf(bed, 'deals', deal)) === 'Waits')
  await until(async () => (await waiting(bed)) === 0)
})

it('stops an import when coming in is paused, refuses to begin another, and goes on when it is resumed', async () => {
  await using bed = await connectionsBed({ companies: 120 })
  await bed.sim('faults', { path: 'objects/contacts.*after', play: { do: 'hold' } })
  const id = await bed.connect()
  await until(async () => (await bed.runs())[0]?.state === 'RUNNING')
  await bed.ask(turn('pause'), { id, direction: 'IN' })
  await bed.sim('faults', undefined, 'DELETE')
  await bed.settled()
  expect((await bed.runs()).map(({ state }) => state)).toEqual(['CANCELLED'])
  const refused = await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: id })
  expect(refused).toMatchObject({ status: 422 })
  expect(refused.body.detail).toContain('Resume it')
  await bed.ask(turn('resume'), { id, direction: 'IN' })
  await until(async () => (await bed.runs()).at(-1)?.state === 'COMPLETED')
  expect((await bed.ask('{ customers(first: 1) { totalCount } }')).data.customers.totalCount).toBeGreaterThan(
    100,
  )
})
