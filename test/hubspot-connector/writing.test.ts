import { expect, it } from 'vitest'
import { mayBeDone, VendorUnavailable } from '#connectors/contract.ts'
import type { HubSpotRow, NewHubSpotProperty } from '#connectors/hubspot/index.ts'
import { gather, numbers } from './scripted-portal.ts'
import { type SimulatedPortal, startPortal } from './simulated-portal.ts'

const KEY = 'hub_external_key'
const property = (name: string, groupName: string, hasUniqueValue = false): NewHubSpotProperty => ({
  ...{ name, label: name, description: '', groupName, hasUniqueValue },
  ...{ type: 'string', fieldType: 'text' },
})
const row = (id: string, properties: HubSpotRow['properties']): HubSpotRow => ({
  trace: `trace-${id}`,
  id,
  properties,
})

/** A portal whose companies and contacts can be named by our ids. */
const prepared = async (): Promise<SimulatedPortal> => {
  const on = await startPortal(40, { limits: false })
  for (const [type, group] of [
    ['companies', 'companyinformation'],
    ['contacts', 'contactinformation'],
  ] as const)
    expect(await on.hubspot.createProperties(type, [property(KEY, group, true)])).toEqual([])
  return on
}
const idsOf = async (on: SimulatedPortal, type: string) =>
  (await gather(on.hubspot.list(type))).map(({ id }) => id)
const valuesOf = async (on: SimulatedPortal, type: string, ids: readonly string[], name: string) => {
  const { records } = await on.hubspot.readBatch(type, ids, [name])
  const values = new Map(records.map(({ id, properties }) => [id, properties[name]]))
  return ids.map((id) => values.get(id))
}

it('makes and changes a hundred records in a request each, and empties what is null or empty', async () => {
  await using on = await prepared()
  const keys = numbers(100).map((n) => `key-${n}`)
  const made = await on.hubspot.upsertBatch(
    'companies',
    KEY,
    keys.map((key) => row(key, { name: `Company ${key}`, city: 'Elko', phone: '1' })),
  )
  expect(made.refused).toEqual([])
  expect(made.written.map(({ trace, isNew }) => [trace, isNew])).toEqual(
    keys.map((key) => [`trace-${key}`, true]),
  )
  const again = await on.hubspot.upsertBatch('companies', KEY, [
    row('key-1', { city: null, phone: '' }),
    row('key-101', { name: 'Another' }),
  ])
  expect(again.written.map(({ isNew }) => isNew)).toEqual([false, true])
  expect(again.written[0]).toMatchObject({
    id: made.written[0]!.id,
    properties: { city: null, phone: null },
    updatedAt: expect.stringMatching(/^2026-11-20T/),
  })
  const ids = made.written.map(({ id }) => id)
  const changed = await on.hubspot.updateBatch(
    'companies',
    ids.map((id, i) => row(id, { city: i === 0 ? 'Reno' : null })),
  )
  expect(changed.written.map(({ id }) => id)).toEqual(ids)
  expect(await valuesOf(on, 'companies', ids.slice(0, 2), 'city')).toEqual(['Reno', null])
  expect(await valuesOf(on, 'companies', ids.slice(0, 2), KEY)).toEqual(['key-1', 'key-2'])
  expect(on.hubspot.requests).toMatchObject({ write: 3, retries: 0 })

  await expect(
    on.hubspot.updateBatch(
      'companies',
      [...ids, '1'].map((id) => row(id, {})),
    ),
  ).rejects.toThrow(RangeError)
  await expect(on.hubspot.updateBatch('companies', [row('7', {}), row('7', {})])).rejects.toThrow(RangeError)
  expect(await on.hubspot.updateBatch('companies', [])).toEqual({ written: [], refused: [] })
  expect(on.hubspot.requests.write).toBe(3)
})

it('fault 22: writes the good rows of a batch, and says of each bad one what is wrong without quoting persons or secrets', async () => {
  await using on = await prepared()
  const [first, second, third, fourth] = (await idsOf(on, 'companies')) as [string, string, string, string]
  await on.sim('records/companies', { id: third, merge: fourth })
  const answer = await on.hubspot.updateBatch('companies', [
    row(first, { city: 'Elko' }),
    row(second, {
      city: 'Elko',
      no_such: 'x',
      hs_lastmodifieddate: '2026-01-01T00:00:00Z',
      annualrevenue: 'ask ida.moss@voice.example or +1 415 555 0100',
    }),
    row(fourth, { city: 'Elko' }),
    row('999999999', { city: 'Elko' }),
  ])
  expect(answer.written.map(({ trace, isNew }) => [trace, isNew])).toEqual([[`trace-${first}`, false]])
  expect(answer.refused.map(({ trace, category }) => [trace, category])).toEqual([
    [`trace-${second}`, 'PROPERTY_DOESNT_EXIST'],
    [`trace-${fourth}`, 'OBJECT_NOT_FOUND'],
    ['trace-999999999', 'OBJECT_NOT_FOUND'],
  ])
  const [bad] = answer.refused
  expect(bad).toMatchObject({
    properties: ['no_such', 'hs_lastmodifieddate'],
    faults: [
      { property: 'no_such', code: 'PROPERTY_DOESNT_EXIST' },
      { property: 'hs_lastmodifieddate', code: 'READ_ONLY_VALUE' },
      { property: 'annualrevenue', code: 'INVALID_INTEGER' },
    ],
  })
  expect(bad!.message).toContain('ask [email] or [phone] was not a valid number')
  expect(bad!.message).not.toContain('isValid')
  expect(await valuesOf(on, 'companies', [first], 'city')).toEqual(['Elko'])
  expect((await on.hubspot.get('companies', fourth))?.id).not.toBe(fourth)
})

it('names the property that a portal has lost, so that the rest of the row can be written without it', async () => {
  await using on = await prepared()
  await on.hubspot.createProperties('companies', [property('warp_score', 'companyinformation')])
  const [first, second] = (await idsOf(on, 'companies')) as [string, string]
  await on.sim('properties/companies', { name: 'warp_score', archived: true })
  const rows = [row(first, { city: 'Elko', warp_score: '7' }), row(second, { city: 'Reno' })]
  const lost = await on.hubspot.updateBatch('companies', rows)
  expect(lost.written.map(({ id }) => id)).toEqual([second])
  expect(lost.refused).toMatchObject([{ category: 'PROPERTY_DOESNT_EXIST', properties: ['warp_score'] }])
  const rest = await on.hubspot.updateBatch('companies', [row(first, { city: 'Elko' })])
  expect(rest.refused).toEqual([])
  expect(await valuesOf(on, 'companies', [first, second], 'city')).toEqual(['Elko', 'Reno'])
})

it('names the record that has an address or another unique value already', async () => {
  await using on = await prepared()
  const [there] = (await on.hubspot
    .createBatch('contacts', [
      { trace: 'one', properties: { email: 'ida.moss@voice.example', [KEY]: 'key-1' } },
    ])
    .then(({ written }) => written)) as [{ id: string; isNew: boolean }]
  expect(there.isNew).toBe(true)
  const answer = await on.hubspot.upsertBatch('contacts', KEY, [
    row('key-2', { email: 'IDA.MOSS@voice.example' }),
    row('key-3', { email: 'new@voice.example' }),
  ])
  expect(answer.written.map(({ trace }) => trace)).toEqual(['trace-key-3'])
  expect(answer.refused).toEqual([
    {
      ...{ trace: 'trace-key-2', category: 'CONFLICT', existingId: there.id, faults: [] },
      message: `Contact already exists. Existing ID: ${there.id}`,
    },
  ])
  const taken = await on.hubspot.createBatch('contacts', [
    { trace: 'two', properties: { email: 'other@voice.example', [KEY]: 'key-1' } },
  ])
  expect(taken.refused).toMatchObject([{ category: 'CONFLICTING_UNIQUE_VALUE', existingId: there.id }])
})

it.each([
  ['an answer that never comes', { do: 'hang', afterCommit: true }],
  ['a connection that is closed', { do: 'close', afterCommit: true }],
  ['a 500 after it was done', { do: 'status', status: 500, body: {}, afterCommit: true }],
  ['a page of HTML', { do: 'html', status: 200, afterCommit: true }],
  ['a page of HTML with 502', { do: 'html', afterCommit: true }],
  ['half an answer', { do: 'truncate' }],
])('fault 20: after %s a write is not repeated, and upserting again makes nothing twice', async (_, play) => {
  await using on = await prepared()
  const before = (await idsOf(on, 'companies')).length
  // Only silence is ended by a deadline; before it HubSpot has to have read the request.
  const client = on.open({ patienceMs: 60_000, ...(play.do === 'hang' ? { deadlineMs: 1_000 } : {}) })
  const rows = [row('key-1', { name: 'One' }), row('key-2', { name: 'Two' })]
  await on.sim('faults', { method: 'POST', path: 'batch/upsert', nth: 1, play })
  const error = await client.upsertBatch('companies', KEY, rows).catch((thrown: unknown) => thrown)
  expect(VendorUnavailable.is(error)).toBe(true)
  expect(mayBeDone(error)).toBe(true)
  expect(client.requests).toMatchObject({ write: 1, retries: 0 })
  const again = await on.hubspot.upsertBatch('companies', KEY, rows)
  expect(again.written.map(({ isNew }) => isNew)).toEqual([false, false])
  expect(await idsOf(on, 'companies')).toHaveLength(before + 2)
})

it('waits out a limit and renews a token before it writes, once', async () => {
  await using on = await prepared()
  const [id] = (await idsOf(on, 'companies')) as [string]
  let token = 'pat-na1-demo-tributary-simulator'
  const renewed: string[] = []
  const client = on.open({
    token: async () => token,
    expired: async (old) => {
      renewed.push(old)
      await on.sim('faults', { tokens: { fresh: '44180277' } })
      token = 'fresh'
    },
  })
  const path = 'batch/update'
  await on.sim('faults', [
    { path, nth: 1, play: { do: 'ban', ms: 1_500, retryAfter: true } },
    { path, nth: 1, play: { do: 'trigger', name: 'expire-token' } },
    { path, nth: 1, play: { do: 'status', status: 423, body: { message: 'locked' } } },
  ])
  const answer = await client.updateBatch('companies', [row(id, { city: 'Elko' })])
  expect(answer.written.map((one) => one.id)).toEqual([id])
  expect(renewed).toHaveLength(1)
  expect(client.requests.write).toBeGreaterThanOrEqual(4)
  const { entries } = await on.journal()
  const statuses = entries.filter((each) => each.path.includes(path)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect([...new Set(statuses)].toSorted()).toEqual([200, 401, 423, 429])
})

it('moves a lifecycle stage back, which HubSpot drops without a word, and asks twice more for those rows alone', async () => {
  await using on = await prepared()
  const [first, second, third] = (await idsOf(on, 'companies')) as [string, string, string]
  const stages = () => valuesOf(on, 'companies', [first, second, third], 'lifecyclestage')
  const to = (stage: string | null) => ({ city: 'Elko', lifecyclestage: stage })
  await on.hubspot.updateBatch('companies', [row(first, to('')), row(second, to('')), row(third, to(''))])
  const forth = await on.hubspot.updateBatch('companies', [
    row(first, to('customer')),
    row(second, to('lead')),
    row(third, to('customer')),
  ])
  expect(forth.written).toHaveLength(3)
  expect(on.hubspot.requests.write).toBe(2)
  const mixed = await on.hubspot.updateBatch('companies', [
    row(first, to('lead')),
    row(second, to('customer')),
    row(third, to(null)),
  ])
  expect(mixed.refused).toEqual([])
  expect(mixed.written.map(({ properties }) => [properties.lifecyclestage, properties.city])).toEqual([
    ['lead', 'Elko'],
    ['customer', 'Elko'],
    [null, 'Elko'],
  ])
  expect(await stages()).toEqual(['lead', 'customer', null])
  expect(on.hubspot.requests.write).toBe(2 + 3)

  // The last of the three requests is lost: the rest of the batch is known to be written, this row is not.
  await on.sim('faults', { path: 'batch/update', nth: 3, play: { do: 'close', afterCommit: true } })
  const lost = await on.hubspot.updateBatch('companies', [row(first, to('other')), row(second, to('lead'))])
  expect(lost.written.map(({ id }) => id)).toEqual([first])
  expect(lost.refused).toMatchObject([{ trace: `trace-${second}`, category: 'UNANSWERED' }])
})

it('archives records, also those that are gone already', async () => {
  await using on = await prepared()
  const [first, second, third] = (await idsOf(on, 'companies')) as [string, string, string]
  await on.hubspot.archiveBatch('companies', [first, second])
  await on.hubspot.archiveBatch('companies', [second, third, '999999999'])
  await on.hubspot.archiveBatch('companies', [])
  expect((await idsOf(on, 'companies')).filter((id) => [first, second, third].includes(id))).toEqual([])
  expect(on.hubspot.requests.write).toBe(2)
  await on.sim('faults', { path: 'batch/archive', nth: 1, play: { do: 'html', status: 200 } })
  await expect(on.hubspot.archiveBatch('companies', [first])).rejects.toMatchObject({
    code: VendorUnavailable.code,
  })
})

it('sends no card number, key or token to a portal, whatever text they are in, and leaves ids as they are', async () => {
  await using on = await prepared()
  const card = '4242 4242 4242 4242'
  const key = ['sk', 'live', 'abcdefghijklmnop'].join('_')
  const text = `Card ${card}, key ${key}, Bearer abcdefghijklmnop`
  // As long as a card's number and of the right check digit, but a name of ours.
  const id = '4111111111111111'
  const { written } = await on.hubspot.upsertBatch('companies', KEY, [
    row(id, { name: text, description: text }),
  ])
  expect(written[0]!.properties).toMatchObject({ name: 'Card [card number], key [key], [key]' })
  const made = { trace: '4111111111111111', properties: { lastname: text } }
  const contacts = await on.hubspot.createBatch('contacts', [made])
  expect(contacts.written[0]).toMatchObject({
    trace: made.trace,
    properties: { lastname: 'Card [card number], key [key], [key]' },
  })
  const [company] = await valuesOf(on, 'companies', [written[0]!.id], KEY)
  expect(company).toBe(id)
  const all = await gather(on.hubspot.list('companies', { properties: ['name', 'description'] }))
  expect(JSON.stringify(all)).not.toMatch(/4242|sk_live|abcdefgh/)
})
