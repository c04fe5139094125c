import { expect, it } from 'vitest'
import { mayPush } from '#sync/plans/may-push.ts'
import { ORG, OTHER_ORG, reader, worker } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { companiesWith, live, type PlansBed, plansBed } from './bed.ts'

const APPROVE = `mutation ($run: ID!, $hold: ID!) { approveRun(runId: $run, holdId: $hold) {
  __typename ... on RunApproved { run { id state hold { id } } } ... on Refusal { message } } }`
const CANCEL =
  'mutation ($run: ID!) { cancelSync(runId: $run) { ... on SyncCancelled { run { state hold { id } } } } }'
const START =
  'mutation { startHubSpotSync(mode: INCREMENTAL) { ... on SyncStarted { run { id state hold { reasons { type action records of percent } } } } } }'
const CHANGE = `mutation ($id: ID!, $input: ConnectionSettingsInput!, $version: Int!) {
  changeConnection(integrationId: $id, input: $input, expectedVersion: $version) { __typename
    ... on ConnectionChanged { integration { settings { deletePercent changePercent version } } } ... on Invalid { field } } }`

const eventsOf = async (bed: PlansBed, name: string): Promise<Record<string, unknown>[]> =>
  (
    await bed.database.read(ORG, (tx) =>
      tx.selectFrom('events.recorded').select('payload').where('name', '=', name).orderBy('batch').execute(),
    )
  ).map(({ payload }) => payload as Record<string, unknown>)

it('holds a run before anything is deleted when it would delete too much: through restarts, without stopping signals, until somebody lets it go on', async () => {
  await using bed = await plansBed({ companies: 60, firstPush: true })
  const records = await bed.records('companies')
  const [gone, other] = [records.slice(0, 25), records.slice(30)]
  let held: string
  {
    await using _worker = worker(bed)
    // A first import is no change of everything.
    expect((await bed.sync('FULL')).state).toBe('COMPLETED')
    for (const { id } of gone) await bed.sim('records/companies', { id, archive: true })
    held = await bed.askRun('RECONCILE')
    const run = await bed.stands(held, 'HELD', 'COMPLETED')
    expect(run).toMatchObject({ state: 'HELD', deleted: 0, finishedAt: null })
    expect(run.hold?.reasons).toEqual([
      { type: 'companies', action: 'DELETE', records: 25, of: 60, percent: 2 },
    ])
    expect(await live(bed, 'companies')).toBe(60)
  }
  // Another worker leaves it alone, and whoever asks for a sync is told of it.
  await using _worker = worker(bed)
  const { run } = (await bed.ask(START)).startHubSpotSync
  expect(run).toMatchObject({ id: held, state: 'HELD' })
  // What HubSpot tells of single records comes over meanwhile.
  {
    await using _reader = reader(bed, { stormAt: 3 })
    const told = other.slice(0, 8).map(({ id }) => id)
    await bed.sim('records/companies', { list: told.map((id) => ({ id, properties: { city: 'Told' } })) })
    await bed.note('companies', told)
    await until(async () => (await companiesWith(bed, 'city', 'Told')) === 8)
    expect(await bed.waiting()).toEqual([])
  }
  expect((await bed.progress(held))?.state).toBe('HELD')
  expect(await live(bed, 'companies')).toBe(60)

  const hold = (await bed.progress(held))?.hold?.id
  // Not a stranger, not for another reason than the one that was seen, and of two at once only one.
  expect((await bed.ask(APPROVE, { run: held, hold }, principal(OTHER_ORG))).approveRun.__typename).toBe(
    'Missing',
  )
  expect((await bed.ask(APPROVE, { run: held, hold: ORG })).approveRun.__typename).toBe('Invalid')
  const both = await Promise.all([1, 2].map(() => bed.ask(APPROVE, { run: held, hold })))
  expect(both.map(({ approveRun }) => approveRun.__typename).sort()).toEqual(['Invalid', 'RunApproved'])
  expect(await bed.ended(held)).toMatchObject({ state: 'COMPLETED', deleted: 25, hold: null })
  expect(await live(bed, 'companies')).toBe(35)
  expect((await bed.sync('INCREMENTAL')).state).toBe('COMPLETED')
  // A person whose second company went is told of in the words that were told already.
  expect({ ...(await checkLedger(bed)), duplicate: [] }).toEqual(CLEAN)
  // Others were told.
  const states = (await eventsOf(bed, 'customers.sync.progressed')).filter(({ id }) => id === held)
  expect(states.map(({ state }) => state)).toContain('HELD')
  // No connection writes at its source before somebody has approved what.
  const pushes = (org: string) => bed.database.read(org, (tx) => mayPush(tx, org, bed.integrationId))
  expect(await pushes(ORG)).toBe(false)
})

it('holds a run that would change too much, as much as the connection allows, and ends it when somebody says so', async () => {
  await using bed = await plansBed({ companies: 140 })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  const ids = (await bed.records('companies')).map(({ id }) => id)
  const move = (city: string, most: number) =>
    bed.sim('records/companies', { list: ids.slice(0, most).map((id) => ({ id, properties: { city } })) })
  await move('Everywhere', 120)
  const held = await bed.askRun('RECONCILE')
  const run = await bed.stands(held, 'HELD', 'COMPLETED')
  expect(run.hold?.reasons).toMatchObject([{ type: 'companies', action: 'UPDATE', of: 140, percent: 20 }])
  // Never more than it may: the page that would have gone beyond was left.
  expect(await companiesWith(bed, 'city', 'Everywhere')).toBeLessThanOrEqual(100)
  expect(run.updated).toBeLessThanOrEqual(100)
  expect((await bed.ask(CANCEL, { run: held })).cancelSync.run).toEqual({ state: 'CANCELLED', hold: null })

  const settings = { id: bed.integrationId, version: 1 }
  const wrong = await bed.ask(CHANGE, { ...settings, input: { changePercent: 101 } })
  expect(wrong.changeConnection).toEqual({ __typename: 'Invalid', field: 'changePercent' })
  const done = await bed.ask(CHANGE, { ...settings, input: { changePercent: 100 } })
  expect(done.changeConnection.integration.settings).toEqual({
    deletePercent: 2,
    changePercent: 100,
    version: 2,
  })
  await bed.sync('RECONCILE')
  expect(await companiesWith(bed, 'city', 'Everywhere')).toBe(120)
  expect(await checkLedger(bed)).toEqual(CLEAN)
})
