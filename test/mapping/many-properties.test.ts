import { expect, it } from 'vitest'
import { customersBed, ORG, reader, worker } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { rowsOf } from '../customers/rows.ts'

const MANY = 1000
const TYPES = ['companies', 'contacts', 'deals', 'tickets'] as const

it('fault 31: reads every value of 1,000 custom properties per kind, by lists, searches and signals, and no address is too long', async () => {
  await using bed = await customersBed({ companies: 12 })
  await bed.sim('seed', { customProperties: Object.fromEntries(TYPES.map((type) => [type, MANY])) })
  await using _ = worker(bed)
  expect(await bed.sync('FULL')).toMatchObject({ state: 'COMPLETED', failed: 0 })
  const agrees = async () => {
    let values = 0
    for (const type of TYPES) {
      const held = await rowsOf(bed, type)
      for (const { id, properties } of await bed.records(type)) {
        const custom = Object.entries(properties).filter(([name]) => name.startsWith('made_up_'))
        expect(custom).toHaveLength(MANY)
        expect(held.get(id)?.properties).toMatchObject(Object.fromEntries(custom))
        values += custom.filter(([, value]) => value !== null).length
      }
    }
    return values
  }
  expect(await agrees()).toBeGreaterThan(MANY)
  const [first, second] = await bed.records('companies')
  const everything = (text: string) =>
    Object.fromEntries(
      Object.entries(first?.properties ?? {})
        .filter(
          ([name, value]) =>
            name.startsWith('made_up_') && typeof value === 'string' && !/^[\d-]/.test(value),
        )
        .map(([name]) => [name, text]),
    )
  await bed.sim('records/companies', [{ id: first?.id, properties: everything('by search') }])
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ state: 'COMPLETED', updated: 1 })
  await agrees()
  await bed.sim('records/companies', [{ id: second?.id, properties: everything('by signal') }])
  await using _reader = reader(bed)
  await bed.note('companies', [second?.id ?? ''])
  await until(async () => (await bed.waiting()).length === 0)
  await agrees()
  const { entries } = await bed.journal()
  expect(entries.filter(({ status }) => status >= 400)).toEqual([])
  const [kept] = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('customers.portal_properties')
      .select((e) => e.fn.countAll<number>().as('n'))
      .execute(),
  )
  expect(Number(kept?.n)).toBeGreaterThan(4 * MANY)
})
