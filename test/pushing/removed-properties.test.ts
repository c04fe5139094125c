import { expect, it } from 'vitest'
import { rowsOf } from '#test/customers/rows.ts'
import { importedBed, writer } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'

it('writes the rest of a record when a property was removed under it, and tries that property no second time', async () => {
  await using bed = await importedBed({ companies: 3 }, [writer])
  const rows = await rowsOf(bed, 'companies')
  await bed.sim('properties/companies', { name: 'customer_number', archived: true })
  const say = async (city: string) => {
    await bed.sim('journal', undefined, 'DELETE')
    await bed.change('companies', {
      updates: [...rows.values()].map(({ id }) => ({
        localId: id,
        values: { city, customer_number: `N ${city}` },
      })),
    })
    await until(async () => (await bed.outgoing()).length === 0)
    return (await bed.journal()).entries.filter(({ path }) => path.endsWith('companies/batch/update')).length
  }
  expect(await say('Here')).toBe(2)
  expect(await say('There')).toBe(1)
  expect((await bed.records('companies')).map(({ properties }) => properties.city)).toEqual([
    'There',
    'There',
    'There',
  ])
})
