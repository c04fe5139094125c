import { expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { listAll, openPortal, type Page } from './portal.ts'

const search = (type: string) => `/crm/v3/objects/${type}/search`
const since = (property: string, at: string | number, operator = 'GTE') => ({
  filterGroups: [{ filters: [{ propertyName: property, operator, value: String(at) }] }],
})

it('ends a search at its ten thousandth result, though its total goes on', async () => {
  await using portal = await openPortal({ companies: 4_000 })
  await portal.sim('limits', 'off')
  const at = Date.parse('2026-11-10T00:00:00Z')
  await portal.sim('records/contacts', { touch: 11_000, at })
  const query = { ...since('lastmodifieddate', at, 'EQ'), sorts: ['hs_object_id'], limit: 200 }
  const last = (await portal.call<Page>(search('contacts'), { ...query, after: '9800' })).json()
  expect(last.total).toBe(11_000)
  expect(last.results).toHaveLength(200)
  expect(last.paging?.next?.after).toBe('10000')
  expect((await portal.call(search('contacts'), { ...query, after: '10000' })).status).toBe(400)
  expect((await portal.call(search('contacts'), { ...query, after: '9801' })).status).toBe(400)
})

it('gives 25,000 records of one modified time once each when asked by windows of ids', async () => {
  await using portal = await openPortal({ companies: 9_000 })
  await portal.sim('limits', 'off')
  const at = Date.parse('2026-11-10T00:00:00Z')
  await portal.sim('records/contacts', { touch: 25_000, at })
  const seen = new Set<string>()
  let above = '0'
  for (;;) {
    const body = {
      filterGroups: [
        {
          filters: [
            { propertyName: 'lastmodifieddate', operator: 'EQ', value: String(at) },
            { propertyName: 'hs_object_id', operator: 'GT', value: above },
          ],
        },
      ],
      sorts: ['hs_object_id'],
      limit: 200,
    }
    const { results } = (await portal.call<Page>(search('contacts'), body)).json()
    if (results.length === 0) break
    for (const record of results) {
      expect(seen.has(record.id)).toBe(false)
      seen.add(record.id)
    }
    above = results.at(-1)!.id
  }
  expect(seen.size).toBe(25_000)
})

it('shows a change in lists at once and in searches after the index lag', async () => {
  const clock = new TestClock('2026-11-20T09:00:00Z')
  await using portal = await openPortal({ clock })
  await portal.sim('faults', { indexLagMs: 30_000 })
  const [id] = await listAll(portal, 'companies')
  await portal.sim('records/companies', { id, properties: { city: 'Reno' } })
  const made = await portal.sim<{ results: { id: string }[] }>('records/companies', {
    properties: { name: 'Late Arrival' },
  })
  const recent = { ...since('hs_lastmodifieddate', Date.parse('2026-11-20T08:59:00Z')), properties: ['city'] }
  const read = (
    await portal.call<Page['results'][0]>(`/crm/v3/objects/companies/${id}?properties=city`)
  ).json()
  expect(read.properties.city).toBe('Reno')
  clock.advance(29_000)
  expect((await portal.call<Page>(search('companies'), recent)).json().total).toBe(0)
  clock.advance(1_500)
  const found = (await portal.call<Page>(search('companies'), recent)).json()
  expect(found.results.map((r) => r.id).sort()).toEqual([id, made.results[0]!.id].sort())
})

it('keeps to the limits of a search request', async () => {
  await using portal = await openPortal()
  await portal.sim('limits', 'off')
  const refused = async (body: unknown) => (await portal.call(search('contacts'), body)).status
  const filter = { propertyName: 'city', operator: 'EQ', value: 'Denver' }
  expect(await refused({ limit: 201 })).toBe(400)
  expect(await refused({ filterGroups: Array(6).fill({ filters: [filter] }) })).toBe(400)
  expect(await refused({ filterGroups: [{ filters: Array(7).fill(filter) }] })).toBe(400)
  expect(await refused({ filterGroups: Array(5).fill({ filters: Array(4).fill(filter) }) })).toBe(400)
  expect(await refused({ sorts: ['city', 'state'] })).toBe(400)
  expect(await refused({ filterGroups: [{ filters: [{ ...filter, propertyName: 'no_such' }] }] })).toBe(400)
  expect(await refused({ query: 'x'.repeat(3_001) })).toBe(400)
})

it('finds by every operator what a scan of all records finds', async () => {
  await using portal = await openPortal({ companies: 120 })
  await portal.sim('limits', 'off')
  const { results } = await portal.sim<Page>('records/companies')
  const city = results[0]!.properties.city!
  const revenue = (r: Page['results'][0]) => Number(r.properties.annualrevenue ?? Number.NaN)
  const cases: [object, (r: Page['results'][0]) => boolean][] = [
    [{ propertyName: 'city', operator: 'EQ', value: city.toLowerCase() }, (r) => r.properties.city === city],
    [{ propertyName: 'city', operator: 'NEQ', value: city }, (r) => r.properties.city !== city],
    [{ propertyName: 'annualrevenue', operator: 'GT', value: '50000000' }, (r) => revenue(r) > 5e7],
    [
      { propertyName: 'annualrevenue', operator: 'BETWEEN', value: '10000000', highValue: '90000000' },
      (r) => revenue(r) >= 1e7 && revenue(r) <= 9e7,
    ],
    [{ propertyName: 'domain', operator: 'NOT_HAS_PROPERTY' }, (r) => r.properties.domain === null],
    [{ propertyName: 'domain', operator: 'HAS_PROPERTY' }, (r) => r.properties.domain !== null],
    [
      { propertyName: 'state', operator: 'IN', values: ['co', 'tx'] },
      (r) => ['CO', 'TX'].includes(String(r.properties.state)),
    ],
    [
      { propertyName: 'hs_lastmodifieddate', operator: 'LT', value: String(Date.parse('2026-09-01')) },
      (r) => Date.parse(r.updatedAt) < Date.parse('2026-09-01'),
    ],
  ]
  for (const [filter, expected] of cases) {
    const body = { filterGroups: [{ filters: [filter] }], limit: 200 }
    const found = (await portal.call<Page>(search('companies'), body)).json()
    expect(found.results.map((r) => r.id)).toEqual(results.filter(expected).map((r) => r.id))
    expect(found.results.length).toBeGreaterThan(0)
  }
})

it('leaves archived records out', async () => {
  await using portal = await openPortal()
  const [id] = await listAll(portal, 'deals')
  await portal.sim('records/deals', { id, archive: true })
  const body = { filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'EQ', value: id }] }] }
  expect((await portal.call<Page>(search('deals'), body)).json().total).toBe(0)
})

it('lags and ends with tasks and notes as with every other type', async () => {
  await using portal = await openPortal()
  await portal.sim('limits', 'off')
  await portal.sim('faults', { indexLagMs: 60_000 })
  const made = await portal.call<{ id: string }>('/crm/v3/objects/notes', {
    properties: { hs_timestamp: '2026-11-20T10:00:00.000Z', hs_note_body: 'Just written' },
  })
  const { id } = made.json()
  const byId = { filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'EQ', value: id }] }] }
  const total = async () => (await portal.call<Page>('/crm/v3/objects/notes/search', byId)).json().total
  expect(await total()).toBe(0)
  expect((await portal.call(`/crm/v3/objects/notes/${id}`)).status).toBe(200)
  await portal.sim('faults', { indexLagMs: 0 })
  expect(await total()).toBe(1)
  for (const type of ['tasks', 'notes'])
    for (const request of [{ limit: 201 }, { limit: 200, after: '9900' }])
      expect((await portal.call(`/crm/v3/objects/${type}/search`, request)).status).toBe(400)
})
