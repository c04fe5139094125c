import { expect, it } from 'vitest'
import { gather, numbers, scriptedPortal } from './scripted-portal.ts'
import { startPortal } from './simulated-portal.ts'

it('reads who gave properties which values when, newest first, fifty records a request', async () => {
  await using on = await startPortal(120, { limits: false })
  const ids = (await gather(on.hubspot.list('companies'))).map(({ id }) => id)
  const [first] = ids as [string]
  const [was] = (await on.hubspot.readBatch('companies', [first], ['city', 'domain'])).records
  const ours = { trace: 'a', id: first, properties: { city: 'Elko' } }
  const { written } = await on.hubspot.updateBatch('companies', [ours])
  await on.clock.pause(1_000)
  await on.sim('records/companies', [{ id: first, properties: { city: 'Reno' } }])
  await on.clock.pause(1_000)
  await on.hubspot.updateBatch('companies', [{ ...ours, properties: { city: null } }])

  const history = await on.hubspot.readHistory(
    'companies',
    [...ids, '999999999'],
    ['city', 'domain', 'no_such'],
  )
  expect([...history.keys()].toSorted()).toEqual(ids.toSorted())
  expect(on.hubspot.requests.read).toBe(1 + 3)
  const { city, domain, ...rest } = history.get(first)!
  expect(rest).toEqual({})
  expect(city!.map(({ value, sourceType }) => [value, sourceType])).toEqual([
    ['', 'INTEGRATION'],
    ['Reno', 'CRM_UI'],
    ['Elko', 'INTEGRATION'],
    [was!.properties.city, 'CRM_UI'],
  ])
  expect(city![1]!.sourceId).toMatch(/^userId:/)
  expect(city![2]).toMatchObject({
    timestamp: written[0]!.updatedAt,
    sourceId: expect.stringMatching(/^\d+$/),
  })
  const times = city!.map(({ timestamp }) => Date.parse(timestamp))
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  // What nobody touched is as old as before.
  expect(domain).toMatchObject([{ value: was!.properties.domain, timestamp: was!.updatedAt }])

  for (const n of numbers(25)) {
    await on.clock.pause(1)
    await on.sim('records/companies', [{ id: first, properties: { city: `City ${n}` } }])
  }
  const long = await on.hubspot.readHistory('companies', [first], ['city'])
  expect(long.get(first)!.city!.length).toBe(20)
  expect(long.get(first)!.city![0]!.value).toBe('City 25')
  expect(await on.hubspot.readHistory('companies', [first], [])).toEqual(new Map())
})

it('puts former values in order, whatever order they come in, and takes what a portal does not say for unsaid', async () => {
  const at = (second: number) => `2026-11-20T10:00:0${second}Z`
  await using portal = await scriptedPortal(() => ({
    body: {
      results: [
        {
          id: 7,
          propertiesWithHistory: {
            city: [
              { value: 'Old', timestamp: at(1), sourceType: 'IMPORT', sourceId: '3' },
              { value: null, timestamp: at(3) },
              { value: 'Mid', timestamp: at(2), sourceType: 'API', sourceId: null },
            ],
          },
        },
        { id: '8' },
      ],
    },
  }))
  expect(await portal.open().readHistory('companies', ['7', '8'], ['city'])).toEqual(
    new Map([
      [
        '7',
        {
          city: [
            { value: '', timestamp: at(3), sourceType: 'UNKNOWN', sourceId: null },
            { value: 'Mid', timestamp: at(2), sourceType: 'API', sourceId: null },
            { value: 'Old', timestamp: at(1), sourceType: 'IMPORT', sourceId: '3' },
          ],
        },
      ],
      ['8', {}],
    ]),
  )
})
