import { expect, it } from 'vitest'
import type { HubSpotRecord } from '#connectors/hubspot/index.ts'
import { crmRecord, gather, type Heard, numbers, type Reply, scriptedPortal } from './scripted-portal.ts'
import { steppedClock } from './stepped-clock.ts'

const START = Date.parse('2026-11-20T10:00:00Z')
const UNTIL = new Date(START + 3_600_000)

interface Row {
  id: number
  at: number
}

const value = (row: Row, name: string) => (name === 'hs_object_id' ? row.id : row.at)
const stir = (row: Row) => (row.id * 7919) % 101

const orders = new WeakMap<readonly Row[], Map<string, Row[]>>()
/** Rows in the order of a property. Kept, because tens of thousands of rows are searched hundreds of times. */
const inOrder = (rows: readonly Row[], name: string): Row[] => {
  const known = orders.get(rows) ?? new Map<string, Row[]>()
  orders.set(rows, known)
  const order =
    known.get(name) ?? [...rows].sort((a, b) => value(a, name) - value(b, name) || stir(a) - stir(b))
  known.set(name, order)
  return order
}

/** Answers a search over rows as HubSpot does: one sort, offsets, nothing beyond 10,000. Equal sort values come in no useful order. */
const searchOver = (rows: readonly Row[], { body, path }: Heard): Reply => {
  if (!path.endsWith('/search')) return { status: 404 }
  const { filterGroups, sorts, limit, after } = body as {
    filterGroups: { filters: { propertyName: string; operator: string; value: string }[] }[]
    sorts: { propertyName: string }[]
    limit: number
    after?: string
  }
  const holds = (row: Row) =>
    filterGroups.some(({ filters }) =>
      filters.every(({ propertyName, operator, value: text }) => {
        const [is, bound] = [value(row, propertyName), Number(text)]
        if (operator === 'GTE') return is >= bound
        if (operator === 'LTE') return is <= bound
        if (operator === 'GT') return is > bound
        return operator === 'EQ' && is === bound
      }),
    )
  const found = inOrder(rows, sorts[0]!.propertyName).filter(holds)
  const offset = Number(after ?? 0)
  if (offset + limit > 10_000)
    return { status: 400, body: { category: 'VALIDATION_ERROR', message: 'too deep' } }
  const results = found.slice(offset, offset + limit).map((row) => crmRecord(row.id, row.at))
  const more = offset + limit < found.length
  return {
    body: {
      total: found.length,
      results,
      ...(more ? { paging: { next: { after: String(offset + limit) } } } : {}),
    },
  }
}

const ids = (records: readonly HubSpotRecord[]) =>
  records.map((record) => Number(record.id)).sort((a, b) => a - b)
const since = new Date(START)

it('fault 24: reads 25,000 records with one modified time once each, in at most 1.1 times the fewest possible calls', async () => {
  const rows = [
    ...numbers(25_000, 1000).map((id) => ({ id, at: START + 5_000 })),
    ...numbers(37).map((id) => ({ id, at: START + 9_000 + id })),
    { id: 99, at: START + 1 },
  ]
  await using portal = await scriptedPortal((heard) => searchOver(rows, heard))
  const client = portal.open()
  const records = await gather(client.changedSince('contacts', { since, until: UNTIL }))
  expect(ids(records)).toEqual(ids(rows.map((row) => crmRecord(row.id))))
  expect(client.requests.total).toBeLessThanOrEqual(1.1 * Math.ceil(rows.length / 200))
})

it('reads past the 10,000 that a search shows, 12,345 records with times of their own, in one call per 200', async () => {
  const rows = numbers(12_345).map((id) => ({ id, at: START + id * 100 }))
  await using portal = await scriptedPortal((heard) => searchOver(rows, heard))
  const client = portal.open()
  const records = await gather(client.changedSince('deals', { since, until: UNTIL }))
  expect(ids(records)).toEqual(rows.map((row) => row.id))
  expect(client.requests.total).toBeLessThanOrEqual(1.05 * Math.ceil(rows.length / 200))
})

it('reads batches of records that share their times without reading them twice', async () => {
  const rows = numbers(30_000).map((id) => ({ id, at: START + Math.floor(id / 97) * 1000 }))
  await using portal = await scriptedPortal((heard) => searchOver(rows, heard))
  const client = portal.open()
  const records = await gather(client.changedSince('contacts', { since, until: UNTIL }))
  expect(ids(records)).toEqual(rows.map((row) => row.id))
  expect(client.requests.total).toBeLessThanOrEqual(1.1 * Math.ceil(rows.length / 200))
})

it.each([1, 2, 3, 50, 97])(
  'resumes from what any page reached and misses nothing (page %i)',
  async (stopAt) => {
    const rows = [
      ...numbers(700).map((id) => ({ id, at: START + Math.floor(id / 90) * 10 })),
      ...numbers(19_000, 5_000).map((id) => ({ id, at: START + 100_000 })),
      ...numbers(500, 30_000).map((id) => ({ id, at: START + 200_000 + id })),
    ]
    await using portal = await scriptedPortal((heard) => searchOver(rows, heard))
    const client = portal.open()
    const read: HubSpotRecord[] = []
    let reached: { since: Date; afterId?: string | undefined } = { since }
    let pages = 0
    for await (const page of client.changedSince('contacts', { since, until: UNTIL })) {
      read.push(...page.records)
      reached = page.reached
      pages += 1
      if (pages === stopAt) break
    }
    const before = read.length
    const rest = await gather(client.changedSince('contacts', { ...reached, until: UNTIL }))
    expect([...new Set(ids([...read, ...rest]))]).toEqual(rows.map((row) => row.id))
    // At most one page is read again.
    expect(before + rest.length - rows.length).toBeLessThanOrEqual(200)
  },
)

it('always gives a last page that reached the end of the window, also when nothing changed', async () => {
  await using portal = await scriptedPortal((heard) => searchOver([], heard))
  const pages = []
  for await (const page of portal.open().changedSince('tickets', { since, until: UNTIL })) pages.push(page)
  expect(pages).toEqual([{ records: [], next: undefined, reached: { since: UNTIL } }])
})

it('reads until it has caught up when no end is given, and goes on from any page’s next', async () => {
  const rows = numbers(1_000).map((id) => ({ id, at: START + id * 10 }))
  let searches = 0
  await using portal = await scriptedPortal((heard) => {
    searches += 1
    if (searches === 3) {
      rows[4]!.at = START + 50_000
      orders.delete(rows)
    }
    return searchOver(rows, heard)
  })
  const client = portal.open()
  const read: HubSpotRecord[] = []
  let next: string | undefined
  for await (const page of client.changedSince('contacts', { since })) {
    read.push(...page.records)
    next = page.next
    if (read.length > 300) break
  }
  const pages = []
  for await (const page of client.changedSince('contacts', { since, after: next })) pages.push(page)
  read.push(...pages.flatMap((page) => page.records))
  expect(new Set(ids(read)).size).toBe(1_000)
  // The record that changed after it was read comes again with its newer time, which is also where the reading ends.
  expect(
    read.filter((record) => record.id === '5').map((record) => Date.parse(record.updatedAt) - START),
  ).toEqual([50, 50_000])
  expect(pages.at(-1)).toMatchObject({ next: undefined, reached: { since: new Date(START + 50_000) } })
  await expect(gather(client.changedSince('contacts', { since, after: 'nonsense' }))).rejects.toMatchObject({
    code: 'BAD_INPUT',
  })
})

it('fault 25: rows that change while the pages are read push no other row past the reader', async () => {
  const rows = numbers(3_000).map((id) => ({ id, at: START + Math.floor(id / 40) * 1000 }))
  let searches = 0
  await using portal = await scriptedPortal((heard) => {
    const reply = searchOver(rows, heard)
    searches += 1
    // Somebody edits a hundred rows that were just read: they leave the window, and what follows moves up.
    if (searches % 3 === 1)
      for (const row of rows.filter((each) => each.at <= UNTIL.getTime()).slice(0, 100))
        row.at = UNTIL.getTime() + 1 + row.id
    if (searches % 3 === 1) orders.delete(rows)
    return reply
  })
  const seen = new Set<string>()
  for await (const page of portal.open().changedSince('contacts', { since, until: UNTIL }))
    for (const record of page.records) seen.add(record.id)
  const later = await gather(
    portal.open().changedSince('contacts', { since: UNTIL, until: new Date(UNTIL.getTime() + 10_000) }),
  )
  for (const record of later) seen.add(record.id)
  expect(seen.size).toBe(3_000)
})

it('leaves out rows that the index shows outside the window, and takes rows that come out of order', async () => {
  const rows = numbers(600).map((id) => ({ id, at: START + id * 10 }))
  await using portal = await scriptedPortal((heard) => {
    const reply = searchOver(rows, heard)
    const { results } = reply.body as { results: ReturnType<typeof crmRecord>[] }
    // The index is behind for two rows of each page: it sorted them by a time that is theirs no more.
    for (const [i, at] of [
      [1, UNTIL.getTime() + 5_000],
      [results.length - 1, START + 3_000_000],
    ] as const) {
      const row = results[i]
      if (row) results[i] = crmRecord(row.id, at)
    }
    if (results.length > 9) results.splice(3, 3, ...results.slice(3, 6).reverse())
    return reply
  })
  const records = await gather(portal.open().changedSince('contacts', { since, until: UNTIL }))
  const late = records.filter((record) => Date.parse(record.updatedAt) > UNTIL.getTime())
  expect(late).toEqual([])
  // Two or three rows are shown late by the index for good; everything else must be there.
  expect(new Set(ids(records)).size).toBeGreaterThanOrEqual(596)
})

it('reads values by id when the properties do not fit the body of a search', async () => {
  const rows = numbers(120).map((id) => ({ id, at: START + id }))
  const properties = numbers(1_000).map((n) => `custom_property_number_${n}`)
  await using portal = await scriptedPortal((heard) => {
    if (!heard.path.endsWith('/batch/read')) {
      expect(JSON.stringify(heard.body).length).toBeLessThanOrEqual(3_000)
      return searchOver(rows, heard)
    }
    const { inputs, properties: names } = heard.body as { inputs: { id: string }[]; properties: string[] }
    const values = Object.fromEntries(names.map((name) => [name, 'v']))
    return { body: { status: 'COMPLETE', results: inputs.map(({ id }) => crmRecord(id, START, values)) } }
  }, steppedClock())
  const client = portal.open()
  const records = await gather(client.changedSince('contacts', { since, until: UNTIL, properties }))
  expect(records).toHaveLength(120)
  expect(records.every((record) => properties.every((name) => record.properties[name] === 'v'))).toBe(true)
  expect(client.requests).toMatchObject({ search: 1, read: 2, total: 3 })
})
