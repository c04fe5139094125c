import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isOpen, numbersOf, PORT_MOVES, PORT_STATUSES } from '#subgraphs/telephony/domain/ports.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { type TelephonyBed, telephonyBed } from './bed.ts'

let bed: TelephonyBed
beforeAll(async () => {
  bed = await telephonyBed()
}, 60_000)
afterAll(() => bed?.[Symbol.asyncDispose]())

const PORT =
  'id direction status nextStatuses carrier wantedOn agreedOn reason version account { ban } numbers { id number status origin acquiredAt trunk { id } }'
const ANSWER = `__typename ... on PortMoved { port { ${PORT} } receipt { position } } ... on Refusal { code message } ... on Invalid { field }`
const MOVED = `${ANSWER} ... on Stale { currentVersion } ... on PortStepNotAllowed { status allowed }`
const IN = `mutation ($ban: ID!, $input: PortInInput!) { orderPortIn(ban: $ban, input: $input) { ${ANSWER} } }`
const OUT = `mutation ($ban: ID!, $input: PortOutInput!) { orderPortOut(ban: $ban, input: $input) { ${ANSWER} } }`
const STEPS = {
  submit: `mutation ($id: ID!, $version: Int) { submitPort(id: $id, expectedVersion: $version) { ${MOVED} } }`,
  confirm: `mutation ($id: ID!, $version: Int, $agreedOn: Date! = "2026-12-01") { confirmPort(id: $id, agreedOn: $agreedOn, expectedVersion: $version) { ${MOVED} } }`,
  complete: `mutation ($id: ID!, $version: Int) { completePort(id: $id, expectedVersion: $version) { ${MOVED} } }`,
  reject: `mutation ($id: ID!, $version: Int, $reason: String! = "The names differ.") { rejectPort(id: $id, reason: $reason, expectedVersion: $version) { ${MOVED} } }`,
  cancel: `mutation ($id: ID!, $version: Int) { cancelPort(id: $id, expectedVersion: $version) { ${MOVED} } }`,
}
const step = (name: keyof typeof STEPS, id: string, more: object = {}, asking: object = {}) =>
  bed.ask(STEPS[name], { id, ...more }, asking)

const orderIn = async (...numbers: string[]) => {
  const input = { carrier: 'Other Carrier', numbers: numbers.map((number) => ({ number })) }
  const { port } = await bed.ask(IN, { ban: 'A-1', input })
  return port
}
const orderOut = (...numberIds: string[]) =>
  bed.ask(OUT, { ban: 'A-1', input: { carrier: 'Other Carrier', numberIds } })
const statusOf = async (number: string) =>
  (await bed.ask('query ($e164: String!) { phoneNumber(e164: $e164) { status } }', { e164: number })).status
const toldOf = async (id: string) =>
  (await bed.told('telephony.port.changed')).filter(({ portOrderId }) => portOrderId === id)

it('brings numbers from another carrier: ordered, sent, agreed on, moved, and in use at that moment', async () => {
  const input = {
    ...{ carrier: ' Other Carrier ', wantedOn: '2026-11-30' },
    numbers: [{ number: '+13035552001', trunkName: 'Main' }, { number: '(303) 555-2002' }],
  }
  const { port } = await bed.ask(IN, { ban: 'A-1', input })
  expect(port).toMatchObject({
    ...{ direction: 'IN', status: 'DRAFT', carrier: 'Other Carrier', wantedOn: '2026-11-30', version: 1 },
    ...{ nextStatuses: ['SUBMITTED', 'CANCELLED'], account: { ban: 'A-1' } },
  })
  // Assigned before it comes; nobody else is given it meanwhile.
  expect(port.numbers).toMatchObject([
    { status: 'PORTING_IN', origin: 'PORTED', acquiredAt: null, trunk: { id: bed.first.trunkId } },
    { status: 'PORTING_IN', trunk: null },
  ])
  const buy = `mutation { createPhoneNumber(ban: "A-2", input: { number: "+13035552001" }) { ... on Refusal { code } } }`
  expect(await bed.ask(buy)).toEqual({ code: 'NUMBER_IN_USE' })
  expect((await step('submit', port.id, { version: 1 })).port).toMatchObject({
    status: 'SUBMITTED',
    version: 2,
  })
  expect((await step('confirm', port.id)).port).toMatchObject({ status: 'CONFIRMED', agreedOn: '2026-12-01' })
  // Another day may be agreed on.
  expect((await step('confirm', port.id, { agreedOn: '2026-12-03' })).port).toMatchObject({
    ...{ agreedOn: '2026-12-03', version: 4 },
  })
  const done = (await step('complete', port.id)).port
  expect(done).toMatchObject({ status: 'COMPLETED', nextStatuses: [], version: 5 })
  expect(done.numbers.map(({ status }: { status: string }) => status)).toEqual(['ACTIVE', 'ACTIVE'])
  expect(done.numbers[0].acquiredAt).not.toBeNull()
  const told = await toldOf(port.id)
  expect(told.map(({ status, agreedOn }) => [status, agreedOn])).toEqual([
    ...[
      ['DRAFT', null],
      ['SUBMITTED', null],
    ],
    ...[
      ['CONFIRMED', '2026-12-01'],
      ['CONFIRMED', '2026-12-03'],
      ['COMPLETED', '2026-12-03'],
    ],
  ])
  const [first] = done.numbers
  expect(told[0]?.numberIds).toEqual(done.numbers.map(({ id }: { id: string }) => id))
  const numberTold = (await bed.told('telephony.number.changed')).filter(
    ({ numberId }) => numberId === first.id,
  )
  expect(numberTold.map(({ status }) => status)).toEqual(['PORTING_IN', 'ACTIVE'])
  expect((await bed.audits(port.id)).map(({ action }) => action)).toEqual([
    ...['orderPortIn', 'submitPort', 'confirmPort', 'confirmPort', 'completePort'],
  ])
})

it('sends an order again that was refused, and ends one that nobody wants any more', async () => {
  const port = await orderIn('+13035552010')
  await step('submit', port.id)
  await step('confirm', port.id)
  expect((await step('reject', port.id)).port).toMatchObject({
    ...{
      status: 'REJECTED',
      reason: 'The names differ.',
      agreedOn: null,
      nextStatuses: ['SUBMITTED', 'CANCELLED'],
    },
  })
  expect(await statusOf('+13035552010')).toBe('PORTING_IN')
  expect((await step('submit', port.id)).port).toMatchObject({ status: 'SUBMITTED', reason: null })
  expect((await step('cancel', port.id)).port).toMatchObject({ status: 'CANCELLED', nextStatuses: [] })
  expect(await statusOf('+13035552010')).toBe('RELEASED')
  // It is free for whoever orders it next.
  expect((await orderIn('+13035552010')).status).toBe('DRAFT')
  for (const reason of [' ', 'x'.repeat(501), 'NUL \0'])
    expect(await step('reject', port.id, { reason })).toMatchObject({ code: 'INVALID', field: 'reason' })
})

it('lets numbers go to another carrier: in use until they are there, and again when nothing comes of it', async () => {
  const [gone, kept] = [await bed.give('+13035552020'), await bed.give('+13035552021')]
  const { port } = await orderOut(gone)
  expect(port).toMatchObject({ direction: 'OUT', status: 'SUBMITTED', numbers: [{ status: 'PORTING_OUT' }] })
  const release = 'mutation ($id: ID!) { releaseNumber(id: $id) { ... on Refusal { code } } }'
  expect(await bed.ask(release, { id: gone })).toEqual({ code: 'NUMBER_MOVING' })
  await step('confirm', port.id)
  expect(await statusOf('+13035552020')).toBe('PORTING_OUT')
  expect((await step('complete', port.id)).port.numbers).toMatchObject([
    { status: 'PORTED_OUT', trunk: null },
  ])
  for (const end of ['reject', 'cancel'] as const) {
    const { port: other } = await orderOut(kept)
    expect((await step(end, other.id)).port).toMatchObject({
      nextStatuses: [],
      numbers: [{ status: 'ACTIVE' }],
    })
  }
  // It may come back: that is another entry.
  expect((await orderIn('+13035552020')).numbers[0].id).not.toBe(gone)
})

it('gives numbers back whose leaving comes to nothing after their account was closed, and lets those go that do leave', async () => {
  await bed.ask('mutation { createBillingAccount(input: { ban: "A-OVER", name: "Leaving" }) { __typename } }')
  const ends = { reject: 'RELEASED', cancel: 'RELEASED', complete: 'PORTED_OUT' } as const
  const orders = new Map<keyof typeof ends, string>()
  for (const [n, end] of (['reject', 'cancel', 'complete'] as const).entries()) {
    const buy = `mutation { createPhoneNumber(ban: "A-OVER", input: { number: "+1303555212${n}" }) { ... on PhoneNumberCreated { phoneNumber { id } } } }`
    const { id } = (await bed.ask(buy)).phoneNumber
    const { port } = await bed.ask(OUT, { ban: 'A-OVER', input: { carrier: 'C', numberIds: [id] } })
    if (end === 'complete') await step('confirm', port.id)
    orders.set(end, port.id)
  }
  await bed.ask('mutation { closeBillingAccount(ban: "A-OVER") { __typename } }')
  for (const [end, id] of orders)
    expect((await step(end, id)).port.numbers).toMatchObject([{ status: ends[end], trunk: null }])
  const left = '{ billingAccount(ban: "A-OVER") { numbers { totalCount } } }'
  expect(await bed.ask(left)).toEqual({ numbers: { totalCount: 0 } })
  expect((await orderIn('+13035552120')).status).toBe('DRAFT')
})

it('takes each step once, however often and by how many at once it is asked for, and none that does not lead on', async () => {
  const port = await orderIn('+13035552030')
  const early = await step('complete', port.id)
  expect(early).toMatchObject({
    ...{ code: 'PORT_STEP_NOT_ALLOWED', status: 'DRAFT', allowed: ['SUBMITTED', 'CANCELLED'] },
  })
  expect(early.message).toContain('it can become SUBMITTED, CANCELLED')
  await step('submit', port.id)
  await step('confirm', port.id)
  expect(await step('reject', port.id, { version: 2 })).toMatchObject({ code: 'STALE', currentVersion: 3 })
  const done = await Promise.all(
    Array.from({ length: 8 }, (_, n) => step('complete', port.id, { version: 3 }, { process: n % 2 })),
  )
  expect(done.map(({ port: each }) => [each?.status, each?.version])).toEqual(Array(8).fill(['COMPLETED', 4]))
  expect((await toldOf(port.id)).filter(({ status }) => status === 'COMPLETED')).toHaveLength(1)
  const [number] = port.numbers
  expect(
    (await bed.told('telephony.number.changed')).filter(({ numberId }) => numberId === number.id),
  ).toHaveLength(2)
  expect(await step('cancel', port.id)).toMatchObject({ code: 'PORT_STEP_NOT_ALLOWED', allowed: [] })
})

it('has a number in one order at most, also when two ask for it at once in two processes', async () => {
  const id = await bed.give('+13035552040')
  const out = await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      bed.ask(OUT, { ban: 'A-1', input: { carrier: `C${n}`, numberIds: [id] } }, { process: n % 2 }),
    ),
  )
  expect(out.filter(({ port }) => port)).toHaveLength(1)
  expect(out.filter(({ code }) => code === 'NUMBER_NOT_ACTIVE')).toHaveLength(5)
  const coming = await Promise.all(
    Array.from({ length: 6 }, (_, n) => {
      const input = { carrier: `C${n}`, numbers: [{ number: '+13035552041' }] }
      return bed.ask(IN, { ban: n % 2 ? 'A-1' : 'A-2', input }, { process: n % 2 })
    }),
  )
  expect(coming.filter(({ port }) => port)).toHaveLength(1)
  expect(coming.filter(({ code }) => code === 'NUMBER_IN_USE')).toHaveLength(5)
  // Should a writer ever pass all that, the database refuses.
  const twice = `insert into telephony.port_order_numbers select org_id, (select id from telephony.port_orders where direction = 'IN' limit 1),
    number_id, true from telephony.port_order_numbers where number_id = '${id}'`
  const insert = bed.database.transaction(DEMO, (tx) => sql.raw(twice).execute(tx))
  await expect(insert).rejects.toThrow('port_order_numbers_open')
})

it('orders all numbers or none, and says which one cannot be moved', async () => {
  const [mine, over] = [await bed.give('+13035552050'), await bed.give('+13035552051')]
  await bed.ask('mutation ($id: ID!) { releaseNumber(id: $id) { __typename } }', { id: over })
  expect(await orderOut(mine, over)).toMatchObject({ code: 'NUMBER_NOT_ACTIVE', field: 'input.numberIds.1' })
  expect(await orderOut(mine, 'no id')).toMatchObject({ code: 'INVALID', field: 'input.numberIds.1' })
  expect(await bed.ask(OUT, { ban: 'A-2', input: { carrier: 'C', numberIds: [mine] } })).toMatchObject({
    field: 'input.numberIds.0',
  })
  expect(await orderOut()).toMatchObject({ field: 'input.numberIds' })
  expect(await statusOf('+13035552050')).toBe('ACTIVE')
  const [number] = [{ number: '+13035552052' }]
  const wrong: [object, string][] = [
    [{ carrier: ' ', numbers: [number] }, 'input.carrier'],
    [{ carrier: 'a\nb', numbers: [number] }, 'input.carrier'],
    [{ carrier: 'C', numbers: [] }, 'input.numbers'],
    [{ carrier: 'C', numbers: [number, { number: '12' }] }, 'input.numbers.1.number'],
    [{ carrier: 'C', numbers: [number, number] }, 'input.numbers.1.number'],
  ]
  for (const [input, field] of wrong)
    expect(await bed.ask(IN, { ban: 'A-1', input })).toMatchObject({ field })
  expect(await bed.ask(IN, { ban: 'A-9', input: { carrier: 'C', numbers: [number] } })).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await bed.ask(OUT, { ban: 'A-9', input: { carrier: 'C', numberIds: [mine] } })).toMatchObject({
    code: 'NOT_FOUND',
  })
})

it('lists orders by account, way and state, newest first, page after page', async () => {
  await using own = await telephonyBed()
  const ids: string[] = []
  for (let n = 0; n < 5; n++) {
    const input = { carrier: 'C', numbers: [{ number: `+1303555210${n}` }] }
    ids.unshift((await own.ask(IN, { ban: n === 0 ? 'A-2' : 'A-1', input })).port.id)
  }
  const list = `query ($filter: PortFilter, $first: Int! = 50, $after: Cursor) { ports(filter: $filter, first: $first, after: $after) {
    nodes { id } pageInfo { endCursor hasNextPage } totalCount } }`
  const first = await own.ask(list, { first: 3 })
  expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } })
  const rest = await own.ask(list, { first: 3, after: first.pageInfo.endCursor })
  expect([...first.nodes, ...rest.nodes].map(({ id }: { id: string }) => id)).toEqual(ids)
  await own.ask(STEPS.submit, { id: ids[0] })
  const count = async (filter: object) => (await own.ask(list, { filter })).totalCount
  expect(await count({ ban: 'A-2' })).toBe(1)
  expect(await count({ direction: 'OUT' })).toBe(0)
  expect(await count({ statuses: ['SUBMITTED'], ban: 'A-1' })).toBe(1)
  const ofAccount = await own.ask(
    '{ billingAccount(ban: "A-1") { ports(first: 2) { totalCount nodes { id nextStatuses } } } }',
  )
  expect(ofAccount.ports).toMatchObject({ totalCount: 4, nodes: [{ id: ids[0] }, { id: ids[1] }] })
  expect(await own.ask(`{ port(id: "${ids[4]}") { account { ban } } }`)).toEqual({ account: { ban: 'A-2' } })
  expect(await own.ask('{ port(id: "none") { id } }')).toBeNull()
})

it('shows and moves nothing of another organisation', async () => {
  const port = await orderIn('+13035552060')
  const caller = principal(EMPTY)
  expect(await bed.ask(`{ port(id: "${port.id}") { id } }`, {}, { caller })).toBeNull()
  expect(await bed.ask('{ ports { totalCount } }', {}, { caller })).toEqual({ totalCount: 0 })
  for (const name of Object.keys(STEPS) as (keyof typeof STEPS)[])
    expect(await step(name, port.id, {}, { caller })).toMatchObject({ code: 'NOT_FOUND' })
  expect((await bed.ask(`{ port(id: "${port.id}") { version } }`)).version).toBe(1)
})

it('knows for every state of an order what comes next and where its numbers are', () => {
  for (const direction of ['IN', 'OUT'] as const)
    for (const status of PORT_STATUSES) {
      const port = { direction, status, agreedOn: null, reason: null }
      expect(isOpen(port)).toBe(PORT_MOVES[direction][status].length > 0)
      for (const next of PORT_MOVES[direction][status]) expect(PORT_STATUSES).toContain(next)
      const at = { IN: ['PORTING_IN', 'RELEASED', 'ACTIVE'], OUT: ['PORTING_OUT', 'ACTIVE', 'PORTED_OUT'] }[
        direction
      ]
      expect(numbersOf(port, false)).toBe(at[isOpen(port) ? 0 : status === 'COMPLETED' ? 2 : 1])
      if (!isOpen(port) && status !== 'COMPLETED') expect(numbersOf(port, true)).toBe('RELEASED')
    }
})
