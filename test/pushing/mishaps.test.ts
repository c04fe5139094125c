import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { Values } from '#sync/values.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { type CustomersBed, importedBed, ORG, reader, worker, writer } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { until } from '#test/kit/until.ts'

const PROGRAM = fileURLToPath(new URL('./writer-process.ts', import.meta.url))
const quiet = (bed: CustomersBed) =>
  until(async () => (await bed.outgoing()).length + (await bed.waiting()).length === 0)
const firstOf = async (bed: CustomersBed, type: 'companies' | 'contacts') =>
  [...(await rowsOf(bed, type)).values()][0]!
const decisions = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.decisions').select(['field', 'theirs', 'ours', 'outcome']).orderBy('field').execute(),
  )
const there = async (bed: CustomersBed, id: string) =>
  (await bed.records('companies')).find((record) => record.id === id)!.properties

/** A writer in a process of its own. */
const writerProcess = async (bed: CustomersBed) => {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(bed.test.urls)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

it('loses nothing that somebody writes in HubSpot between being asked and being written over', async () => {
  await using bed = await importedBed({ companies: 3 }, [reader])
  const { id, external_id: externalId } = await firstOf(bed, 'companies')
  await bed.sim('faults', {
    path: 'companies/batch/update',
    times: 1,
    play: {
      do: 'trigger',
      name: 'change-records',
      detail: {
        type: 'companies',
        changes: [{ id: externalId, properties: { city: 'Theirs meanwhile', annualrevenue: '777' } }],
      },
    },
  })
  await bed.change('companies', {
    updates: [{ localId: id, values: { city: 'Ours', annualrevenue: '555', phone: '+1 212 555 0199' } }],
  })
  await using _ = writer(bed)
  await quiet(bed)
  // The city is HubSpot's to say; money is for a person to decide, and neither side is written over meanwhile.
  expect(await there(bed, externalId)).toMatchObject({
    city: 'Theirs meanwhile',
    annualrevenue: '777',
    phone: '+1 212 555 0199',
  })
  expect((await rowsOf(bed, 'companies')).get(externalId)?.properties).toMatchObject({
    city: 'Theirs meanwhile',
    annualrevenue: '555',
  })
  expect(await decisions(bed)).toMatchObject([
    { field: 'annualrevenue', theirs: { value: '777' }, ours: { value: '555' }, outcome: 'open' },
    { field: 'city', theirs: { value: 'Theirs meanwhile' }, ours: { value: 'Ours' }, outcome: 'theirs' },
  ])
})

it('fault 22: takes the good rows of a batch, and gives up the bad one with HubSpot’s reason until it is put right', async () => {
  await using bed = await importedBed({ companies: 4 }, [reader])
  const rows = [...(await rowsOf(bed, 'companies')).values()]
  const bad = rows[1]!
  const wrong: Values = { annualrevenue: 'a lot' }
  const right: Values = { phone: '+1 212 555 0101' }
  await bed.change('companies', {
    updates: rows.map(({ id }) => ({ localId: id, values: id === bad.id ? wrong : right })),
  })
  await using _ = writer(bed)
  await quiet(bed)
  const phones = (await bed.records('companies')).map(({ properties }) => properties.phone)
  expect(phones.filter((phone) => phone === '+1 212 555 0101')).toHaveLength(3)
  const letters = () =>
    bed.database.read(ORG, (tx) =>
      tx
        .selectFrom('sync.dead_letters')
        .select(['external_id', 'direction', 'state', 'code', 'reason'])
        .execute(),
    )
  const [letter, ...others] = await letters()
  expect(others).toEqual([])
  expect(letter).toMatchObject({
    external_id: bad.external_id,
    direction: 'OUT',
    state: 'OPEN',
    code: 'HUB_VENDOR_REFUSED',
  })
  expect(letter?.reason).toMatch(/annualrevenue|number/i)
  await bed.change('companies', { updates: [{ localId: bad.id, values: { annualrevenue: '1000' } }] })
  await quiet(bed)
  expect(await there(bed, bad.external_id)).toMatchObject({ annualrevenue: '1000' })
  expect(await letters()).toMatchObject([{ state: 'RESOLVED' }])
})

it('fault 2: makes exactly one record when it is killed after HubSpot has made it and before it could note that', async () => {
  await using bed = await importedBed({ companies: 3, keyed: true })
  await bed.sim('faults', {
    path: 'companies/batch/upsert',
    times: 1,
    play: { do: 'hang', afterCommit: true },
  })
  const localId = randomUUID()
  const values = { name: 'Made once', domain: 'made-once.example' }
  await bed.change('companies', {
    creates: [{ localId, values, assumed: { createdate: bed.clock.now().toISOString() } }],
  })
  const made = async () =>
    (await bed.records('companies')).filter(({ properties }) => properties.hub_external_key === localId)
  const child = await writerProcess(bed)
  await until(async () => (await made()).length === 1)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await bed.lapse()
  await using _ = writer(bed)
  await quiet(bed)
  expect(await made()).toHaveLength(1)
  await using __ = worker(bed)
  await bed.sync('RECONCILE')
  expect(await checkLedger(bed)).toEqual(CLEAN)
})

it('fault 20: what is written here after a write whose answer was lost is not given up for that one', async () => {
  await using bed = await importedBed({ companies: 3 }, [reader])
  const { id, external_id: externalId } = await firstOf(bed, 'companies')
  const say = (city: string) => bed.change('companies', { updates: [{ localId: id, values: { city } }] })
  await bed.sim('faults', {
    path: 'companies/batch/update',
    times: 1,
    play: { do: 'close', afterCommit: true },
  })
  await say('First')
  {
    await using _ = writer(bed, { hubspot: { patienceMs: 50, random: () => 0 } })
    const unanswered = () =>
      bed.database.read(ORG, (tx) =>
        tx.selectFrom('sync.writes').select('id').where('state', '=', 'UNKNOWN').execute(),
      )
    await until(async () => (await unanswered()).length === 1)
  }
  expect((await there(bed, externalId)).city).toBe('First')
  await say('Second')
  // It is read before anything is written, and by whoever writes it.
  await bed.note('companies', [externalId])
  await until(async () => (await bed.waiting()).length === 0)
  await using _ = writer(bed)
  await quiet(bed)
  expect((await there(bed, externalId)).city).toBe('Second')
  expect((await rowsOf(bed, 'companies')).get(externalId)?.properties.city).toBe('Second')
  expect(await decisions(bed)).toEqual([])
  // Whoever says there what we once said without an answer says it: an answer was heard since.
  await bed.sim('records/companies', { id: externalId, properties: { city: 'First' } })
  await say('Third')
  await bed.note('companies', [externalId])
  await quiet(bed)
  expect((await there(bed, externalId)).city).toBe('First')
  expect(await decisions(bed)).toMatchObject([{ field: 'city', ours: { value: 'Third' }, outcome: 'theirs' }])
})

it('fault 9: what a writer does that was asleep while another took its lane is refused', async () => {
  await using bed = await importedBed({ companies: 3 })
  const { id, external_id: externalId } = await firstOf(bed, 'companies')
  await bed.sim('faults', {
    path: 'companies/batch/update',
    times: 1,
    play: { do: 'hold', afterCommit: true },
  })
  await bed.change('companies', { updates: [{ localId: id, values: { city: 'First' } }] })
  const child = await writerProcess(bed)
  const intended = () =>
    bed.database.read(ORG, (tx) =>
      tx.selectFrom('sync.writes').select(['id', 'state']).orderBy('written_at').execute(),
    )
  await until(async () => (await there(bed, externalId)).city === 'First')
  // It sleeps in the middle of its request, longer than its lease.
  child.kill('SIGSTOP')
  await bed.lapse()
  await bed.change('companies', { updates: [{ localId: id, values: { city: 'Second' } }] })
  {
    await using _ = writer(bed)
    await until(async () => (await there(bed, externalId)).city === 'Second')
    await quiet(bed)
  }
  const before = await intended()
  const base = () =>
    bed.database.read(ORG, (tx) =>
      tx.selectFrom('sync.links').select(['base', 'external_modified']).where('local_id', '=', id).execute(),
    )
  const agreed = await base()
  await bed.sim('faults', undefined, 'DELETE')
  child.kill('SIGCONT')
  // It wakes, is told that the lane is another's, and looks for work again.
  const token = async () => {
    const lanes = await bed.database.relay((tx) =>
      sql<{ token: number }>`select token::int as token from sync.outgoing_lanes`.execute(tx),
    )
    return Math.max(...lanes.rows.map((lane) => lane.token))
  }
  const mine = await token()
  await bed.change('companies', { updates: [{ localId: id, values: { country: 'Third' } }] })
  await until(async () => (await token()) > mine && (await bed.outgoing()).length === 0)
  expect((await base())[0]?.base).toEqual(agreed[0]?.base)
  expect((await intended()).slice(0, before.length)).toEqual(before)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect((await rowsOf(bed, 'companies')).get(externalId)?.properties.city).toBe('Second')
})
