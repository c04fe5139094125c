import { expect, it } from 'vitest'
import { rowsOf } from '#test/customers/rows.ts'
import { type CustomersBed, importedBed, ORG, reader, writer } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'

const written = (bed: CustomersBed) => until(async () => (await bed.outgoing()).length === 0)
const ledger = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) => tx.selectFrom('sync.writes').selectAll().orderBy('written_at').execute())
const baseOf = async (bed: CustomersBed, localId: string) =>
  bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.links').select('base').where('local_id', '=', localId).executeTakeFirst(),
  )
const requests = async (bed: CustomersBed) =>
  (await bed.journal()).entries
    .filter(({ path }) => path.startsWith('/crm'))
    .map(({ method, path }) => `${method} ${path}`)

it('writes a thousand companies that changed here in ten batches, and asks before it writes over what HubSpot may know better', async () => {
  await using bed = await importedBed({ companies: 1000 })
  const rows = await rowsOf(bed, 'companies')
  const ours = [...rows.values()].map(({ id }, n) => ({ localId: id, values: { city: `City ${n}` } }))
  await bed.change('companies', { updates: ours })
  // Nothing has been said twice: a second change of the same record waits with the first.
  await bed.change('companies', {
    updates: ours.slice(0, 10).map(({ localId }) => ({ localId, values: { city: 'Last' } })),
  })
  expect(await bed.outgoing()).toHaveLength(1000)
  await using _ = writer(bed)
  await written(bed)
  const sent = await requests(bed)
  expect(sent.filter((each) => each === 'POST /crm/v3/objects/companies/batch/update')).toHaveLength(10)
  expect(sent.filter((each) => each === 'POST /crm/v3/objects/companies/batch/read')).toHaveLength(10)
  expect(sent).toHaveLength(20)
  const there = new Map((await bed.records('companies')).map((record) => [record.id, record.properties.city]))
  for (const [externalId, { properties }] of await rowsOf(bed, 'companies'))
    expect(there.get(externalId)).toBe(properties.city)
  expect([...there.values()].filter((city) => city === 'Last')).toHaveLength(10)
  expect(await baseOf(bed, ours[0]!.localId)).toEqual({ base: null })
  const notes = await ledger(bed)
  expect(notes).toHaveLength(1000)
  expect(new Set(notes.map(({ state }) => state))).toEqual(new Set(['DONE']))
})

it('writes back nothing that came from there, and drops the echo of what it wrote', async () => {
  await using bed = await importedBed({ companies: 3 }, [writer, reader])
  const [one] = await rowsOf(bed, 'companies')
  const [externalId, { id }] = one!
  await bed.change('companies', { updates: [{ localId: id, values: { city: 'Here' } }] })
  await written(bed)
  const before = (await ledger(bed)).length
  for (let round = 0; round < 3; round++) {
    await bed.note('companies', [externalId])
    await until(async () => (await bed.waiting()).length === 0)
    await written(bed)
  }
  expect(await ledger(bed)).toHaveLength(before)
  expect((await rowsOf(bed, 'companies')).get(externalId)?.properties.city).toBe('Here')
})
