import { expect, it } from 'vitest'
import { raiseAlerts } from '#subgraphs/customers/commands/raise-alerts.ts'
import { listLetters } from '#sync/dead-letters.ts'
import { listLogs } from '#sync/logs.ts'
import { type CustomersBed, customersBed, ORG, reader, worker } from '#test/kit/customers.ts'
import { recordingLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { poisoned, SECRET } from './poisoned.ts'
import { eventsOf, rowsOf } from './rows.ts'

const HOUR = 3_600_000
const letters = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) => listLetters(tx, ORG, {}, { limit: 10, after: null }))
const logs = (bed: CustomersBed, filter = {}) =>
  bed.database.read(ORG, (tx) => listLogs(tx, ORG, filter, { limit: 100, after: null }))
const noJobs = {
  enqueue: async () => true,
  enqueueAll: async () => {},
  work: async () => {},
  [Symbol.asyncDispose]: async () => {},
}

it('fault 37: gives a record that cannot be stored five tries, three of them quick, and then a dead letter without its words', async () => {
  await using bed = await poisoned(30)
  const { log, lines } = recordingLog()
  const raise = raiseAlerts({ jobs: noJobs, clock: bed.clock, log, sends: false })
  await using _worker = worker(bed, { log, raise })
  const run = await bed.sync('FULL')
  expect(run).toMatchObject({ state: 'FAILED', failed: 1, created: 215, done: 216 })
  expect(run.error).toContain('tried again')
  await using _reader = reader(bed, { log, raise, random: () => 1 })
  // The run's was the first; two more follow within seconds.
  await until(async () => (await bed.waiting())[0]?.attempts === 3)
  expect(await letters(bed)).toEqual([])
  const alerts = await eventsOf(bed, 'customers.alert.raised')
  expect(alerts).toMatchObject([
    { subject: 'RECORD', type: 'companies', code: 'HUB_RECORD_CONFLICTS', count: 1 },
  ])
  for (const tries of [4, 5]) {
    const [waiting] = await bed.waiting()
    const waitMs = waiting!.due_at.getTime() - bed.clock.now().getTime()
    expect(waitMs).toBeGreaterThan(5 * 60_000)
    bed.clock.advance(waitMs)
    await until(async () => (await bed.waiting())[0]?.attempts === tries || (await letters(bed)).length > 0)
  }
  const [letter] = await until(async () => {
    const found = await letters(bed)
    return found.length > 0 ? found : undefined
  })
  expect(letter).toMatchObject({
    type: 'companies',
    externalId: bed.poison,
    state: 'OPEN',
    code: 'HUB_RECORD_CONFLICTS',
    attempts: 5,
  })
  expect(letter!.lastFailedAt.getTime()).toBeGreaterThan(letter!.firstFailedAt.getTime() - 1)
  expect(await bed.waiting()).toEqual([])
  const said = JSON.stringify([letter, await logs(bed), alerts, lines])
  for (const word of ['Poison', 'Canary', 'canary@']) expect(said).not.toContain(word)
  // Every other record is here, and each try is told with what to do.
  expect((await rowsOf(bed, 'companies')).size).toBe(29)
  const failed = await logs(bed, { status: 'FAILED', externalId: bed.poison })
  expect(failed).toHaveLength(5)
  expect(failed[0]).toMatchObject({ operation: 'STORE', code: 'HUB_RECORD_CONFLICTS' })
  expect(failed[0]!.guidance).toContain('correct it at the source')
})

it('closes a dead letter by itself when the record is read well, whether by a signal or by a run', async () => {
  await using bed = await poisoned(10)
  await using _worker = worker(bed)
  await bed.sync('FULL')
  const bury = async () => {
    await bed.note('companies', [bed.poison])
    await using _ = reader(bed, { tries: 1 })
    await until(async () => (await letters(bed))[0]?.state === 'OPEN' && (await bed.waiting()).length === 0)
  }
  await bury()
  expect(await letters(bed)).toMatchObject([{ state: 'OPEN', attempts: 2 }])
  // Failing again keeps the one letter.
  await bury()
  expect(await letters(bed)).toMatchObject([{ state: 'OPEN', attempts: 3 }])
  await bed.sim('records/companies', { id: bed.poison, properties: { name: 'Well' } })
  await bed.note('companies', [bed.poison])
  {
    await using _ = reader(bed)
    await until(async () => (await letters(bed))[0]?.state === 'RESOLVED')
  }
  await bed.sim('records/companies', { id: bed.poison, properties: { name: SECRET } })
  await bury()
  // A run meets it too: it is not tried all over again, but the letter tells.
  await bed.sync('FULL')
  expect((await letters(bed))[0]).toMatchObject({ state: 'OPEN', attempts: 2 })
  expect(await bed.waiting()).toEqual([])
  await bed.sim('records/companies', { id: bed.poison, properties: { name: 'Well again' } })
  await bed.sync('INCREMENTAL')
  expect((await letters(bed)).map(({ state }) => state)).toEqual(['RESOLVED', 'RESOLVED'])
})

it('lets the neighbours in a batch proceed when one record cannot be stored, and tells of each what was done', async () => {
  await using bed = await poisoned(60)
  {
    await using _ = worker(bed)
    await bed.sync('FULL')
  }
  await bed.database.transaction(ORG, (tx) => tx.deleteFrom('sync.signals').execute())
  const others = (await bed.records('companies')).map(({ id }) => id).filter((id) => id !== bed.poison)
  await bed.sim('records/companies', {
    list: others.map((id) => ({ id, properties: { name: `Told ${id}` } })),
  })
  await bed.note('companies', [...others, bed.poison])
  await using _ = reader(bed, { tries: 1 })
  await until(async () => (await letters(bed)).length === 1)
  const here = await rowsOf(bed, 'companies')
  expect(others.map((id) => here.get(id)?.properties.name)).toEqual(others.map((id) => `Told ${id}`))
  const told = Map.groupBy(await logs(bed, { type: 'companies' }), ({ operation }) => operation)
  expect(new Set(told.get('UPDATE')?.map(({ externalId }) => externalId))).toEqual(new Set(others))
  // In the run, and now.
  expect(told.get('STORE')?.map(({ externalId }) => externalId)).toEqual([bed.poison, bed.poison])
})

it('alerts once of a connection that has failed three times, and again only after an hour', async () => {
  await using bed = await customersBed({ companies: 5 })
  const { log, lines } = recordingLog()
  await bed.sim('faults', { list: [{ path: 'objects/', play: { do: 'status', status: 400, body: {} } }] })
  const raise = raiseAlerts({ jobs: noJobs, clock: bed.clock, log, sends: false })
  await using _ = worker(bed, { raise })
  for (let run = 1; run <= 5; run++) {
    expect(await bed.sync('FULL')).toMatchObject({ state: 'FAILED' })
    expect(await eventsOf(bed, 'customers.alert.raised')).toHaveLength(run < 3 ? 0 : 1)
  }
  expect(await eventsOf(bed, 'customers.alert.raised')).toMatchObject([
    { subject: 'CONNECTION', type: null, count: 3, integrationId: bed.integrationId },
  ])
  expect(lines.filter(({ msg }) => msg === 'alert raised')).toHaveLength(1)
  await bed.database.transaction(ORG, (tx) =>
    tx
      .updateTable('sync.alerts')
      .set({ raised_at: new Date(bed.clock.now().getTime() - HOUR) })
      .execute(),
  )
  await bed.sync('FULL')
  expect(await eventsOf(bed, 'customers.alert.raised')).toHaveLength(2)
})
