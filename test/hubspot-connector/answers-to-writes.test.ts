import { expect, it } from 'vitest'
import { mayBeDone, VendorBusy, VendorRefused, VendorUnavailable } from '#connectors/contract.ts'
import { crmRecord, type Heard, numbers, type Reply, scriptedPortal } from './scripted-portal.ts'
import { steppedClock } from './stepped-clock.ts'

interface Input {
  id: string
  objectWriteTraceId: string
  properties: Record<string, string>
}
const inputsOf = ({ body }: Heard) => body.inputs as Input[]
const idsIn = (heard: Heard) => inputsOf(heard).map(({ id }) => id)

const row = (id: number, properties: Record<string, string | null> = { city: 'Elko' }) => ({
  trace: `t${id}`,
  id: String(id),
  properties,
})
const complete = (results: unknown[], errors?: unknown[]): Reply => ({
  status: errors ? 207 : 200,
  body: { status: 'COMPLETE', results, ...(errors ? { numErrors: errors.length, errors } : {}) },
})
const allWritten = (heard: Heard): Reply =>
  complete(inputsOf(heard).map(({ id, properties }) => crmRecord(id, 0, properties)))
const refused = (status: number, body: object): Reply => ({
  status,
  body: { status: 'error', category: 'VALIDATION_ERROR', message: 'no', ...body },
})

it.each([
  ['traces', { context: { objectWriteTraceId: ['t2'] } }, 'VALIDATION_ERROR'],
  ['ids', { category: 'OBJECT_NOT_FOUND', errors: [{ context: { ids: ['2'] } }] }, 'OBJECT_NOT_FOUND'],
  [
    'a property that rows have',
    {
      message: `Property values were not valid: ${JSON.stringify([
        {
          isValid: false,
          message: 'Property "warp_score" does not exist',
          name: 'warp_score',
          error: 'PROPERTY_DOESNT_EXIST',
        },
      ])}`,
    },
    'PROPERTY_DOESNT_EXIST',
  ],
])('sends a batch again without the rows whose %s its refusal names', async (_, said, category) => {
  await using portal = await scriptedPortal((heard) =>
    idsIn(heard).includes('2')
      ? refused(category === 'OBJECT_NOT_FOUND' ? 404 : 400, said)
      : allWritten(heard),
  )
  const answer = await portal
    .open()
    .updateBatch('companies', [row(1), row(2, { warp_score: '7' }), row(3, { city: null })])
  expect(answer.written.map(({ trace }) => trace)).toEqual(['t1', 't3'])
  expect(answer.refused).toMatchObject([{ trace: 't2', category }])
  expect(portal.heard.map(idsIn)).toEqual([
    ['1', '2', '3'],
    ['1', '3'],
  ])
  expect(inputsOf(portal.heard[1]!)[1]).toEqual({
    ...{ id: '3', objectWriteTraceId: 't3' },
    properties: { city: '' },
  })
})

it('throws the refusal of a batch that names none of its rows, does not send it again, and takes that of a single row for the row’s', async () => {
  await using portal = await scriptedPortal(() =>
    refused(409, { category: 'CONFLICT', message: 'Contact already exists. Existing ID: 77' }),
  )
  const client = portal.open()
  const error = await client.updateBatch('contacts', [row(1), row(2)]).catch((thrown: unknown) => thrown)
  expect(VendorRefused.is(error)).toBe(true)
  expect(mayBeDone(error)).toBe(false)
  expect(portal.heard).toHaveLength(1)
  const { refused: alone } = await client.updateBatch('contacts', [row(1)])
  expect(alone).toMatchObject([{ trace: 't1', category: 'CONFLICT', existingId: '77' }])
})

it('gives up after a few remainders of a batch whose refusals name one row at a time', async () => {
  await using portal = await scriptedPortal((heard) =>
    refused(400, { context: { objectWriteTraceId: [inputsOf(heard)[0]!.objectWriteTraceId] } }),
  )
  await expect(
    portal.open().updateBatch(
      'companies',
      numbers(50).map((id) => row(id)),
    ),
  ).rejects.toMatchObject({ code: VendorRefused.code })
  expect(portal.heard).toHaveLength(6)
})

it('tells rows apart by their ids, keys or values where a portal gives no traces back', async () => {
  await using portal = await scriptedPortal((heard) => {
    const results = inputsOf(heard).map(({ id, properties }, i) =>
      crmRecord(id ?? 70 + i, 0, heard.path.endsWith('upsert') ? { our_key: id } : properties),
    )
    return complete(results.toReversed())
  })
  const client = portal.open()
  const byId = await client.updateBatch('companies', [row(1), row(2)])
  expect(byId.written.map(({ trace, id, isNew }) => [trace, id, isNew])).toEqual([
    ['t1', '1', false],
    ['t2', '2', false],
  ])
  const byKey = await client.upsertBatch('companies', 'our_key', [row(1), row(2)])
  expect(byKey.written.map(({ trace }) => trace)).toEqual(['t1', 't2'])
  const made = (name: string, trace: string) => ({ trace, properties: { name, city: null } })
  const byValue = await client.createBatch('companies', [made('One', 'a'), made('Two', 'b')])
  expect(byValue.written.map(({ trace, id, isNew }) => [trace, id, isNew])).toEqual([
    ['a', '70', true],
    ['b', '71', true],
  ])
  // Two that look the same: nobody can say which is which, so nobody knows what was written.
  const twins = client.createBatch('companies', [made('One', 'a'), made('One', 'b')])
  await expect(twins).rejects.toMatchObject({ code: VendorUnavailable.code })
})

it.each([
  ['a batch that is not finished', { body: { status: 'PENDING', results: [] } }],
  ['a record without an id', { body: { status: 'COMPLETE', results: [{ properties: {} }] } }],
  ['an answer without results', { body: { status: 'COMPLETE' } }],
  ['an empty answer', { status: 204, body: '' }],
])('takes %s for no answer: what was written is unknown', async (_, reply) => {
  await using portal = await scriptedPortal(() => reply)
  const client = portal.open()
  const error = await client.updateBatch('companies', [row(1), row(2)]).catch((thrown: unknown) => thrown)
  expect(VendorUnavailable.is(error) && mayBeDone(error)).toBe(true)
  expect(client.requests).toMatchObject({ total: 1, write: 1, retries: 0 })
})

it('refuses rows that an answer leaves out, and gives an error that names nobody to those that nothing else is said of', async () => {
  const general = { category: 'VALIDATION_ERROR', message: 'The portal is full' }
  const named = { category: 'CONFLICT', message: 'taken', context: { objectWriteTraceId: ['t2'] } }
  let reply: Reply = complete([crmRecord(1)])
  await using portal = await scriptedPortal(() => reply)
  const client = portal.open()
  const outcome = async () =>
    (await client.updateBatch('companies', [row(1), row(2), row(3)])).refused.map((each) => [
      each.trace,
      each.category,
    ])
  expect(await outcome()).toEqual([
    ['t2', 'OBJECT_NOT_FOUND'],
    ['t3', 'OBJECT_NOT_FOUND'],
  ])
  reply = complete([crmRecord(1)], [named, general])
  expect(await outcome()).toEqual([
    ['t2', 'CONFLICT'],
    ['t3', 'VALIDATION_ERROR'],
  ])
  reply = complete([{ ...crmRecord(1), objectWriteTraceId: 't1' }])
  const { refused: missing } = await client.upsertBatch('companies', 'our_key', [row(1), row(2)])
  expect(missing).toMatchObject([{ trace: 't2', category: 'UNANSWERED' }])
})

it('archives what is left when a portal refuses a batch for records that are gone', async () => {
  await using portal = await scriptedPortal((heard) => {
    const ids = idsIn(heard)
    if (!ids.includes('2')) return { status: 204, body: '' }
    // Of one record alone HubSpot need not say which.
    return refused(404, {
      category: 'OBJECT_NOT_FOUND',
      ...(ids.length > 1 ? { context: { ids: ['2'] } } : {}),
    })
  })
  const client = portal.open()
  await client.archiveBatch('companies', ['1', '2', '3'])
  await client.archiveBatch('companies', ['2'])
  expect(portal.heard.map(idsIn)).toEqual([['1', '2', '3'], ['1', '3'], ['2']])
  const unnamed = await scriptedPortal(() => refused(404, {}))
  await using _ = unnamed
  await expect(unnamed.open().archiveBatch('companies', ['1', '2'])).rejects.toMatchObject({
    code: VendorRefused.code,
  })
})

it('knows a write that was never sent from one whose outcome is unknown', async () => {
  const clock = steppedClock()
  let reply: Reply = { status: 503, body: 'down' }
  await using portal = await scriptedPortal(() => reply, clock)
  const client = portal.open({ patienceMs: 2_000 })
  const write = () => client.updateBatch('companies', [row(1)]).catch((thrown: unknown) => thrown)
  const sent = []
  for (let tries = 0; tries < 12; tries++) {
    const before = portal.heard.length
    const error = await write()
    expect(mayBeDone(error)).toBe(portal.heard.length > before)
    sent.push(portal.heard.length > before)
  }
  // The circuit opened: the last ones never left.
  expect(sent[0]).toBe(true)
  expect(sent.at(-1)).toBe(false)

  await using limited = await scriptedPortal(() => reply, clock)
  reply = { status: 429, headers: { 'retry-after': '600' }, body: { policyName: 'DAILY' } }
  const busy = await limited
    .open({ patienceMs: 2_000 })
    .updateBatch('companies', [row(1)])
    .catch((thrown: unknown) => thrown)
  expect(VendorBusy.is(busy)).toBe(true)
  expect(mayBeDone(busy)).toBe(false)
})
