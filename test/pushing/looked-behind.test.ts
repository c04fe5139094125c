import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HeldRow, rowsOf } from '#test/customers/rows.ts'
import { type CustomersBed, importedBed, ORG, reader, writer } from '#test/kit/customers.ts'
import { quiet } from '#test/kit/engine.ts'
import { until } from '#test/kit/until.ts'

const stack = new AsyncDisposableStack()
let bed: CustomersBed
let rows: HeldRow[]
beforeAll(async () => {
  bed = stack.use(await importedBed({ companies: 6, keyed: true }, [reader]))
  rows = [...(await rowsOf(bed, 'companies')).values()]
})
afterAll(() => stack.disposeAsync())

const both = async ({ id, external_id: externalId }: HeldRow, field: string) => {
  const here = [...(await rowsOf(bed, 'companies')).values()].find((row) => row.id === id)
  const there = (await bed.records('companies')).find((record) => record.id === externalId)
  return [here?.properties[field] ?? null, there?.properties[field] ?? null]
}
const decided = ({ id }: HeldRow) =>
  bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('sync.decisions')
      .select(['field', 'theirs', 'ours', 'outcome'])
      .where('local_id', '=', id)
      .orderBy('decided_at')
      .execute(),
  )
const fault = (path: string, body: string, play: object) => bed.sim('faults', { path, body, times: 1, play })
/** Somebody there writes in the moment before a request with this text is served. */
const meanwhile = ({ external_id: id }: HeldRow, text: string, properties: Record<string, string>) =>
  bed.sim('faults', {
    ...{ path: 'companies/batch/update', body: text, times: 1 },
    play: {
      do: 'trigger',
      name: 'change-records',
      detail: { type: 'companies', changes: [{ id, properties }] },
    },
  })
const write = (row: HeldRow, values: Record<string, string>) =>
  bed.change('companies', { updates: [{ localId: row.id, values }] })

it('loses nothing that somebody writes in HubSpot while what they had written before is put back', async () => {
  const row = rows[0]!
  await meanwhile(row, 'Ours at first', { city: 'Theirs at first' })
  await meanwhile(row, 'Theirs at first', { city: 'Theirs at last' })
  await write(row, { city: 'Ours at first' })
  await using _ = writer(bed)
  await quiet(bed)
  expect(await both(row, 'city')).toEqual(['Theirs at last', 'Theirs at last'])
  expect(await decided(row)).toMatchObject([
    {
      field: 'city',
      theirs: { value: 'Theirs at last' },
      ours: { value: 'Ours at first' },
      outcome: 'theirs',
    },
  ])
})

it('finds what it has written over also when it is stopped before it could look, or before it could note what it found', async () => {
  const [cut, noted] = [rows[1]!, rows[2]!]
  await using _ = writer(bed, { hubspot: { patienceMs: 50, random: () => 0 } })
  const unlooked = () => fault('companies/batch/read', '"propertiesWithHistory":\\["', { do: 'close' })
  await meanwhile(cut, 'Ours of the first', { annualrevenue: '71' })
  await unlooked()
  await write(cut, { name: 'Ours of the first', annualrevenue: '51' })
  await quiet(bed)
  expect(await both(cut, 'annualrevenue')).toEqual(['51', '71'])
  expect(await both(cut, 'name')).toEqual(['Ours of the first', 'Ours of the first'])
  await meanwhile(noted, 'Ours of the second', { annualrevenue: '72' })
  await unlooked()
  await fault('companies/batch/update', '"72"', { do: 'close', afterCommit: true })
  await write(noted, { name: 'Ours of the second', annualrevenue: '52' })
  // Read in between, it looks as if both sides had agreed.
  await until(async () => (await both(noted, 'annualrevenue')).every((value) => value === '52'))
  await bed.note('companies', [noted.external_id])
  await quiet(bed)
  expect(await both(noted, 'annualrevenue')).toEqual(['52', '72'])
  for (const row of [cut, noted])
    expect(await decided(row)).toMatchObject([{ field: 'annualrevenue', outcome: 'open' }])
})

it('does not send by itself again what HubSpot has refused', async () => {
  const row = rows[3]!
  await using _ = writer(bed)
  await bed.sim('journal', undefined, 'DELETE')
  await write(row, { annualrevenue: 'a lot' })
  for (let round = 0; round < 3; round++) {
    await quiet(bed)
    await bed.note('companies', [row.external_id])
  }
  await quiet(bed)
  const sent = (await bed.journal()).entries.filter(({ path }) => path.endsWith('companies/batch/update'))
  expect(sent).toHaveLength(1)
  await write(row, { annualrevenue: '1000' })
  await quiet(bed)
  expect(await both(row, 'annualrevenue')).toEqual(['1000', '1000'])
})
