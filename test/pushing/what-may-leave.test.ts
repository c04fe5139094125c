import { expect, it } from 'vitest'
import { rowsOf } from '#test/customers/rows.ts'
import { importedBed, writer } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { SECRET_WORDS, SECRETS } from '../privacy/canaries.ts'

it('writes no card, key or token that somebody wrote into a text here, and neither side differs for it afterwards', async () => {
  await using bed = await importedBed({ companies: 3 }, [writer])
  const [one] = await rowsOf(bed, 'companies')
  const [externalId, { id }] = one!
  const values = {
    description: Object.values(SECRETS).join(' and '),
    city: 'Here',
    warp_api_keys: SECRETS.warpKey,
  }
  await bed.change('companies', { updates: [{ localId: id, values }] })
  await until(async () => (await bed.outgoing()).length === 0)
  const held = (await rowsOf(bed, 'companies')).get(externalId)!.properties
  const there = (await bed.records('companies')).find((record) => record.id === externalId)!.properties
  expect([there.city, there.description]).toEqual(['Here', held.description])
  expect(there.description).toContain('[card number] and ')
  const said = JSON.stringify([held, there])
  expect(SECRET_WORDS.filter((word) => said.includes(word))).toEqual([])
})
