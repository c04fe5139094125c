import { expect, it } from 'vitest'
import { rowsOf } from '#test/customers/rows.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { webhookBed } from '#test/webhooks/bed.ts'

it('fault 47: drops the echo of its own write, keeps a different value told at the same time, and writes nothing more in three rounds', async () => {
  await using t = await webhookBed({ companies: 5 })
  const rows = [...(await rowsOf(t, 'companies')).values()]
  const written = () => until(async () => (await t.outgoing()).length === 0)
  const writes = () =>
    t.database.read(ORG, (tx) => tx.selectFrom('sync.writes').select(['external_id', 'state']).execute())
  const tell = (externalId: string, value: string) =>
    t.deliver([
      t.event('company.propertyChange', externalId, {
        propertyName: 'city',
        propertyValue: value,
        changeSource: 'INTEGRATION',
      }),
    ])
  const reads = async () =>
    (await t.journal()).entries.filter(({ path }) => path === '/crm/v3/objects/companies/batch/read').length

  await t.change('companies', {
    updates: rows.map(({ id }, n) => ({ localId: id, values: { city: `Ours ${n}` } })),
  })
  await written()
  expect(await writes()).toHaveLength(5)
  const asked = await reads()
  for (const [n, { external_id }] of rows.entries())
    expect((await tell(external_id, `Ours ${n}`)).status).toBe(200)
  expect(await t.waiting()).toEqual([])
  expect(await reads()).toBe(asked)

  // Somebody there writes something else in the same second: their word is read, and holds.
  const [first] = rows
  await t.sim('records/companies', { id: first!.external_id, properties: { city: 'Theirs' } })
  await tell(first!.external_id, 'Theirs')
  await t.settled()
  expect((await rowsOf(t, 'companies')).get(first!.external_id)?.properties.city).toBe('Theirs')
  for (let round = 0; round < 3; round++) {
    await t.note(
      'companies',
      rows.map(({ external_id }) => external_id),
    )
    await t.settled()
    await written()
  }
  expect(await writes()).toHaveLength(5)
})
