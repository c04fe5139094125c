import { expect, it } from 'vitest'
import { listLetters } from '#sync/dead-letters.ts'
import { listLogs } from '#sync/logs.ts'
import { type CustomersBed, customersBed, ORG, reader, worker } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { movable } from './poisoned.ts'
import { rowsOf } from './rows.ts'

const letters = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) => listLetters(tx, ORG, {}, { limit: 10, after: null }))
const logs = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) =>
    listLogs(tx, ORG, { type: 'companies', single: true }, { limit: 200, after: null }),
  )

/** HubSpot's answer to a batch of which it gives all but some. */
const partial = async (bed: CustomersBed, refused: readonly string[], missing: readonly string[]) => {
  const all = (await bed.records('companies')).filter(({ id }) => ![...refused, ...missing].includes(id))
  const error = (category: string, ids: readonly string[]) => ({
    status: 'error',
    category,
    message: 'for Mrs Canary',
    context: { ids },
  })
  const errors = [error('VALIDATION_ERROR', refused), error('OBJECT_NOT_FOUND', missing)]
  const results = all.map(({ id, properties, updatedAt }) => ({
    id,
    properties,
    createdAt: updatedAt,
    updatedAt,
    archived: false,
  }))
  const body = { status: 'COMPLETE', results, numErrors: 2, errors }
  await bed.sim('faults', {
    list: [{ path: 'companies/batch/read', play: { do: 'status', status: 207, body } }],
  })
}

it('fault 22: of a batch with errors stores what is good, and fails what is bad one by one with its reason; the counts add up', async () => {
  const clock = movable()
  await using bed = await customersBed({ companies: 20, clock })
  {
    await using _ = worker(bed)
    await bed.sync('FULL')
  }
  const ids = (await bed.records('companies')).map(({ id }) => id)
  const [refused, missing] = [ids.slice(0, 2).sort(), ids.slice(2, 5).sort()]
  const good = ids.slice(5).sort()
  await bed.sim('records/companies', {
    list: ids.map((id) => ({ id, properties: { name: `Changed ${id}` } })),
  })
  await partial(bed, refused, missing)
  await bed.note('companies', ids)
  await using _ = reader(bed, { random: () => 1 })
  const waiting = await until(async () => {
    const found = await bed.waiting()
    return found.length === refused.length && found.every(({ attempts }) => attempts === 3)
      ? found
      : undefined
  })
  expect(waiting.map((each) => each.external_id).sort()).toEqual(refused)
  const here = await rowsOf(bed, 'companies')
  for (const id of good) expect(here.get(id)?.properties.name).toBe(`Changed ${id}`)
  for (const id of refused) expect(here.get(id)).toMatchObject({ gone_at: null })
  for (const id of missing) expect(here.get(id)?.gone_at).not.toBeNull()
  const told = Map.groupBy(await logs(bed), ({ operation }) => operation)
  const about = (operation: 'UPDATE' | 'DELETE' | 'STORE') =>
    [...new Set(told.get(operation)?.map((log) => log.externalId))].sort()
  expect([about('UPDATE'), about('DELETE'), about('STORE')]).toEqual([good, missing, refused])
  const [failed] = told.get('STORE')!
  expect(failed).toMatchObject({ status: 'FAILED', code: 'HUB_VENDOR_RECORD_REFUSED' })
  expect(failed!.reason).toContain('VALIDATION_ERROR')
  expect(JSON.stringify([...told.values()])).not.toContain('Canary')
  // Given up one by one, and never the batch.
  for (let look = 0; look < 2; look++) {
    clock.advance(3_600_000)
    await until(async () => (await bed.waiting()).every(({ due_at }) => due_at > clock.now()))
  }
  expect((await letters(bed)).map(({ externalId, attempts }) => [externalId, attempts]).sort()).toEqual(
    refused.map((id) => [id, 5]),
  )
})

it('fault 22: a comparison of everything counts what the portal did not give as failed, and takes nothing of it for gone', async () => {
  await using bed = await customersBed({ companies: 20 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const ids = (await bed.records('companies')).map(({ id }) => id)
  // Left out of the listing and refused by id: it is there all the same.
  const [left] = ids
  await partial(bed, [left!], [])
  const listed = (await bed.records('companies')).filter(({ id }) => id !== left)
  const results = listed.map(({ id, properties, updatedAt }) => ({
    id,
    properties,
    createdAt: updatedAt,
    updatedAt,
  }))
  await bed.sim('faults', {
    list: [
      { path: 'objects/companies\\?', play: { do: 'status', status: 200, body: { results } } },
      {
        path: 'companies/batch/read',
        play: {
          do: 'status',
          status: 207,
          body: {
            status: 'COMPLETE',
            results: [],
            errors: [{ status: 'error', category: 'INTERNAL_ERROR', message: '', context: { ids: [left] } }],
          },
        },
      },
    ],
  })
  const run = await bed.sync('RECONCILE')
  const companies = run.types.find(({ type }) => type === 'companies')
  expect(run).toMatchObject({ state: 'FAILED', failed: 1, deleted: 0 })
  expect(companies?.done).toBe(20)
  expect((await rowsOf(bed, 'companies')).get(left!)).toMatchObject({ gone_at: null })
  expect(await bed.waiting()).toMatchObject([{ external_id: left, attempts: 1 }])
})

it('fault 37: keeps an impossible phone, half a character and NUL as far as they are text, and stops at no megabyte', async () => {
  await using bed = await customersBed({ companies: 30 })
  const [one, two] = await bed.records('contacts')
  await bed.sim('records/contacts', {
    list: [
      { id: one!.id, properties: { phone: 'call me maybe +++', jobtitle: 'half \ud83d a face' } },
      { id: two!.id, properties: { phone: '\u0000\u0000', jobtitle: 'a\u0000b' } },
    ],
  })
  await bed.sim('records/notes', {
    properties: { hs_note_body: 'long '.repeat(210_000), hs_timestamp: '2026-11-01T00:00:00Z' },
  })
  await using _ = worker(bed)
  await using _reader = reader(bed)
  const run = await bed.sync('FULL')
  expect(run).toMatchObject({ state: 'COMPLETED', failed: 0 })
  expect(await letters(bed)).toEqual([])
  const people = await rowsOf(bed, 'contacts')
  expect(people.size).toBe((await bed.records('contacts')).length)
  expect(people.get(one!.id)?.properties).toMatchObject({
    phone: 'call me maybe +++',
    jobtitle: 'half \ufffd a face',
  })
  expect(people.get(two!.id)?.properties).toMatchObject({ jobtitle: 'ab' })
  expect(run.types.find(({ type }) => type === 'notes')).toMatchObject({ complete: true })
})
