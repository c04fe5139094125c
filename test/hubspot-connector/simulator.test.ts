import { expect, it } from 'vitest'
import { gather } from './scripted-portal.ts'
import { startPortal } from './simulated-portal.ts'

it('reads a portal whole in one request per hundred records, and never above its limits', async () => {
  await using on = await startPortal(700)
  const ids = await Promise.all([
    gather(on.hubspot.list('companies')),
    gather(on.hubspot.list('contacts', { associations: ['companies'] })),
    gather(on.hubspot.list('deals', { associations: ['companies', 'contacts'] })),
    gather(on.hubspot.list('tickets', { associations: ['companies', 'contacts'] })),
  ])
  expect(ids.map((records) => new Set(records.map((record) => record.id)).size)).toEqual([
    700, 2_100, 560, 280,
  ])
  // 37 pages, and one more for each page that holds a deal or ticket with more links than come inline.
  expect(on.hubspot.requests.list).toBe(7 + 21 + 6 + 3)
  const { counts, windows } = await on.journal()
  expect(counts.refused).toEqual({})
  expect(windows.every((window) => window.busiest <= window.max)).toBe(true)
})

it('searches at most five times a second, and reads all changes', async () => {
  await using on = await startPortal(400)
  const window = { since: new Date(0), until: on.clock.now() }
  const read = await Promise.all(
    ['companies', 'contacts', 'deals', 'tickets'].map((type) =>
      gather(on.hubspot.changedSince(type, window)),
    ),
  )
  expect(read.map((records) => new Set(records.map((record) => record.id)).size)).toEqual([
    400, 1_200, 320, 160,
  ])
  const { counts, windows } = await on.journal()
  expect(counts.refused).toEqual({})
  expect(windows.find((each) => each.limit === 'search')).toMatchObject({ busiest: 5 })
})

it('fault 24: reads 11,000 contacts that a bulk edit left with one modified time, once each, in at most 1.1 times the fewest calls', async () => {
  await using on = await startPortal(3_700, { limits: false })
  const at = '2026-11-19T08:00:00.000Z'
  await on.sim('records/contacts', { touch: 11_000, at })
  const window = { since: new Date('2026-11-19T00:00:00Z'), until: on.clock.now(), properties: ['email'] }
  const records = await gather(on.hubspot.changedSince('contacts', window))
  expect(new Set(records.map((record) => record.id)).size).toBe(11_000)
  expect(records).toHaveLength(11_000)
  expect(on.hubspot.requests.total).toBeLessThanOrEqual(1.1 * (11_000 / 200))
})

it('fault 23: a script of lies, cuts, 5xx and bans changes nothing about what is read', async () => {
  await using on = await startPortal(400)
  await on.sim('faults', [
    { nth: 2, play: { do: 'truncate' } },
    { nth: 4, play: { do: 'html' } },
    { nth: 6, play: { do: 'html', status: 200 } },
    { nth: 8, play: { do: 'ban', ms: 3_000, retryAfter: true } },
    { nth: 12, play: { do: 'close' } },
    { nth: 13, play: { do: 'close', bytes: 700 } },
    { nth: 15, play: { do: 'status', status: 502, body: '' } },
    { nth: 17, play: { do: 'ban', ms: 2_500 } },
  ])
  const contacts = await gather(
    on.hubspot.list('contacts', { associations: ['companies'], properties: ['email'] }),
  )
  expect(new Set(contacts.map((record) => record.id)).size).toBe(1_200)
  const { entries } = await on.journal()
  const cursors = entries
    .filter(({ status }) => status === 200)
    .map(({ path }) => new URL(path, 'http://x').searchParams.get('after'))
  expect(cursors.length).toBeGreaterThanOrEqual(12)
  expect(entries.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(4)
})

it('fault 31: reads a thousand custom properties of every contact', async () => {
  await using on = await startPortal(40)
  await on.sim('seed', { companies: 40, seed: 7, customProperties: { contacts: 1_000 } })
  const names = (await on.hubspot.properties('contacts')).map((property) => property.name)
  expect(names.length).toBeGreaterThan(1_000)
  const contacts = await gather(on.hubspot.list('contacts', { properties: names }))
  expect(contacts).toHaveLength(120)
  expect(contacts.every((record) => names.every((name) => name in record.properties))).toBe(true)
  const { entries } = await on.journal()
  expect(entries.every(({ status, path }) => status === 200 && path.length <= 15_000)).toBe(true)
})

it('sees what was archived, and follows a merged record to its survivor', async () => {
  await using on = await startPortal(30)
  const [first, second, third] = (await gather(on.hubspot.list('companies'))).map((record) => record.id)
  await on.sim('records/companies', [
    { id: first, archive: true },
    { id: second, merge: third },
  ])
  const archived = await gather(on.hubspot.list('companies', { archived: true }))
  expect(archived.map((record) => [record.id, record.archived])).toContainEqual([first, true])
  const survivor = await on.hubspot.get('companies', third!, ['hs_merged_object_ids'])
  expect(survivor?.properties.hs_merged_object_ids?.split(';')).toContain(third)
  const { missing } = await on.hubspot.readBatch('companies', [first!, third!])
  expect(missing).toEqual([first, third])
})
