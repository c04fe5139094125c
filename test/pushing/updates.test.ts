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

it('writes what is the hub’s own to say of a thousand companies in ten batches and nothing else', async () => {
  await using bed = await importedBed({ companies: 1000 })
  const rows = await rowsOf(bed, 'companies')
  const ours = [...rows.values()].map(({ id }, n) => ({
    localId: id,
    values: { warp_ban: `NET${n}` },
  }))
  await bed.change('companies', { updates: ours })
  // Nothing is said twice: a second change of the same record waits with the first.
  const again = ours.slice(0, 10).map(({ localId }) => ({ localId, values: { warp_ban: 'LAST' } }))
  await bed.change('companies', { updates: again })
  expect(await bed.outgoing()).toHaveLength(1000)
  await using _ = writer(bed)
  await written(bed)
  expect(await requests(bed)).toEqual(Array(10).fill('POST /crm/v3/objects/companies/batch/update'))
  const said = (await bed.records('companies')).map(
    ({ id, properties }) => [id, properties.warp_ban] as const,
  )
  const there = new Map(said)
  for (const [externalId, { properties }] of await rowsOf(bed, 'companies'))
    expect(there.get(externalId)).toBe(properties.warp_ban)
  expect(said.filter(([, terms]) => terms === 'LAST')).toHaveLength(10)
  expect(await baseOf(bed, ours[0]!.localId)).toEqual({ base: null })
  const notes = await ledger(bed)
  expect(notes).toHaveLength(1000)
  expect(new Set(notes.map(({ state }) => state))).toEqual(new Set(['DONE']))
})

it('asks before it writes what HubSpot may know better, and looks afterwards what it has written over', async () => {
  await using bed = await importedBed({ companies: 100 })
  const rows = [...(await rowsOf(bed, 'companies')).values()]
  await bed.change('companies', {
    updates: rows.map(({ id }, n) => ({ localId: id, values: { city: `City ${n}` } })),
  })
  await using _ = writer(bed)
  await written(bed)
  const [read, update] = ['read', 'update'].map((verb) => `POST /crm/v3/objects/companies/batch/${verb}`)
  // HubSpot tells former values of fifty records at a time.
  expect(await requests(bed)).toEqual([read, update, read, read])
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
