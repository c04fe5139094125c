import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { parkNumbersOf, releaseNumbersOf } from '#subgraphs/telephony/commands/release-numbers.ts'
import { tellState } from '#subgraphs/telephony/commands/tell-state.ts'
import {
  flawInCnam,
  moveNumber,
  NUMBER_MOVES,
  type NumberStatus,
} from '#subgraphs/telephony/domain/numbers.ts'
import type { PhoneNumberRow } from '#subgraphs/telephony/store/numbers.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type TelephonyBed, telephonyBed } from './bed.ts'

let bed: TelephonyBed
beforeAll(async () => {
  bed = await telephonyBed()
}, 60_000)
afterAll(() => bed?.[Symbol.asyncDispose]())

const REFUSED = '... on Refusal { code message } ... on Invalid { field }'
const NUMBER =
  'id number status origin cnam capabilities version acquiredAt releasedAt respOrg monthlyCost { amount } trunk { id } account { ban }'
const CHANGED = `__typename ... on PhoneNumberChanged { phoneNumber { ${NUMBER} } } ${REFUSED} ... on Stale { currentVersion }`
const CREATE = `mutation ($ban: ID!, $input: PhoneNumberInput!) { createPhoneNumber(ban: $ban, input: $input) {
  __typename ... on PhoneNumberCreated { phoneNumber { ${NUMBER} } } ${REFUSED} } }`
const BUY = `mutation ($ban: ID!, $numbers: [PhoneNumberInput!]!) { purchasePhoneNumbers(ban: $ban, numbers: $numbers) {
  __typename ... on PhoneNumbersPurchased { phoneNumbers { ${NUMBER} } receipt { position } } ${REFUSED} } }`
const ASSIGN = `mutation ($id: ID!, $trunkId: ID) { assignNumber(id: $id, trunkId: $trunkId) { ${CHANGED} } }`
const CHANGE = `mutation ($id: ID!, $changes: PhoneNumberChanges!, $version: Int) {
  changeNumber(id: $id, changes: $changes, expectedVersion: $version) { ${CHANGED} } }`
const RELEASE = `mutation ($id: ID!, $version: Int) { releaseNumber(id: $id, expectedVersion: $version) { ${CHANGED} } }`
const RESP_ORG = `mutation ($id: ID!, $status: RespOrgStatus!) { setRespOrg(id: $id, status: $status) { ${CHANGED} } }`
const FIND = `query ($e164: String!) { phoneNumber(e164: $e164) { ${NUMBER} } }`
const LIST = `query ($filter: NumberFilter, $first: Int! = 50, $after: Cursor) { numbers(filter: $filter, first: $first, after: $after) {
  nodes { number } pageInfo { endCursor hasNextPage } totalCount } }`

it('gives out many numbers at once, all of them or none, and says which one cannot be given', async () => {
  const numbers = ['+13035551001', '+13035551002', '(303) 555-1003'].map((number) => ({ number }))
  const bought = await bed.ask(BUY, { ban: 'A-1', numbers })
  expect(bought.phoneNumbers).toMatchObject([
    { number: '+13035551001', status: 'ACTIVE', origin: 'PURCHASED', releasedAt: null },
    { number: '+13035551002' },
    { number: '+13035551003' },
  ])
  expect(bought.phoneNumbers[0].acquiredAt).not.toBeNull()
  const told = await bed.told('telephony.number.changed')
  expect(told.slice(-3)).toMatchObject([
    { status: 'ACTIVE', origin: 'PURCHASED', e911: { status: 'NONE' } },
    {},
    {},
  ])
  // Each says with how many it came: whoever hears of them one after the other tells of one purchase.
  const [one, ...others] = told.slice(-3).map(({ together }) => together)
  expect(one).toMatchObject({ numbers: 3, types: ['LOCAL'] })
  expect(others).toEqual([one, one])
  const more = [{ number: '+13035551004' }, { number: '+13035551002' }]
  expect(await bed.ask(BUY, { ban: 'A-2', numbers: more })).toMatchObject({
    ...{ code: 'NUMBER_IN_USE', field: 'numbers.1.number' },
  })
  const twice = [{ number: '+13035551004' }, { number: '303-555-1004' }]
  expect(await bed.ask(BUY, { ban: 'A-2', numbers: twice })).toMatchObject({ field: 'numbers.1.number' })
  const wrong: [object[], string][] = [
    [[], 'numbers'],
    [Array.from({ length: 101 }, (_, n) => ({ number: `+1303556${1000 + n}` })), 'numbers'],
    [[{ number: '+13035551004', trunkName: 'None' }], 'numbers.0.trunkName'],
    [[{ number: '+13035551004', monthlyCost: '-1' }], 'numbers.0.monthlyCost'],
    [[{ number: '+13035551004', monthlyCost: '1.00005' }], 'numbers.0.monthlyCost'],
    [[{ number: '+13035551004', monthlyCost: '1e15' }], 'numbers.0.monthlyCost'],
  ]
  for (const [list, field] of wrong)
    expect(await bed.ask(BUY, { ban: 'A-2', numbers: list })).toMatchObject({ code: 'INVALID', field })
  expect(await bed.ask(BUY, { ban: 'A-9', numbers })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await bed.ask(LIST, { filter: { ban: 'A-2' } })).toMatchObject({ totalCount: 0 })
})

it('gives out a hundred numbers in as many statements as one', async () => {
  const buy = async (from: number, count: number) => {
    const numbers = Array.from({ length: count }, (_, n) => ({
      number: `+1970555${from + n}`,
      trunkName: 'Main',
    }))
    bed.statements.length = 0
    expect((await bed.ask(BUY, { ban: 'A-2', numbers })).phoneNumbers).toHaveLength(count)
    return bed.statements.filter((text) => /telephony\.|audit_log|events\.recorded/.test(text)).length
  }
  expect(await buy(1000, 100)).toBe(await buy(2000, 1))
})

it('gives a number that two accounts want at the same moment, from two processes, to one of them', async () => {
  const input = { number: '+13035551010' }
  const answers = await session(bed.test.adminUrl, async (client) => {
    // Nobody writes numbers until both accounts have come as far as they can.
    await client.query('begin; lock table telephony.numbers in share row exclusive mode')
    const asked = Promise.all(
      ['A-1', 'A-2'].map((ban, process) => bed.ask(CREATE, { ban, input }, { process })),
    )
    await until(async () => {
      const { rows } = await client.query<{ waiting: number }>(
        'select count(*)::int as waiting from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())',
      )
      return rows[0]!.waiting >= 2
    })
    await client.query('commit')
    return asked
  })
  const given = answers.filter(({ __typename }) => __typename === 'PhoneNumberCreated')
  expect(given).toHaveLength(1)
  expect(answers.filter(({ code }) => code === 'NUMBER_IN_USE')).toHaveLength(1)
  const told = await bed.told('telephony.number.changed')
  expect(told.filter(({ numberId }) => numberId === given[0].phoneNumber.id)).toHaveLength(1)
})

it('takes a number back once, keeps what it was, and gives it out again to another account', async () => {
  const id = await bed.give('+13035551020', { trunkName: 'Main', cnam: 'ACME' })
  const { phoneNumber } = await bed.ask(RELEASE, { id, version: 1 })
  expect(phoneNumber).toMatchObject({ status: 'RELEASED', trunk: null, version: 2, account: { ban: 'A-1' } })
  expect(phoneNumber.releasedAt).not.toBeNull()
  expect(await bed.ask(RELEASE, { id })).toMatchObject({ code: 'NUMBER_OVER' })
  expect(await bed.ask(ASSIGN, { id, trunkId: null })).toMatchObject({ code: 'NUMBER_OVER' })
  const again = await bed.ask(CREATE, { ban: 'A-2', input: { number: '+13035551020' } })
  expect(again.phoneNumber).toMatchObject({ status: 'ACTIVE', account: { ban: 'A-2' } })
  expect(await bed.ask(FIND, { e164: '+13035551020' })).toMatchObject({ id: again.phoneNumber.id })
  const history = await bed.ask(LIST, {
    filter: { beginsWith: '+13035551020', statuses: ['RELEASED', 'ACTIVE'] },
  })
  expect(history.totalCount).toBe(2)
  const told = (await bed.told('telephony.number.changed')).filter(({ numberId }) => numberId === id)
  expect(told.map(({ status }) => status)).toEqual(['ACTIVE', 'RELEASED'])
  expect((await bed.audits(id)).map(({ action }) => action)).toEqual(['createPhoneNumber', 'releaseNumber'])
})

it('has a number arrive on a standing trunk of its own account alone, or on none', async () => {
  const id = await bed.give('+13035551030')
  const on = async (trunkId: string | null) => bed.ask(ASSIGN, { id, trunkId })
  expect(await on(bed.first.trunkId)).toMatchObject({
    phoneNumber: { trunk: { id: bed.first.trunkId }, version: 2 },
  })
  // Asked twice it is done once.
  expect(await on(bed.first.trunkId)).toMatchObject({ phoneNumber: { version: 2 } })
  expect(await on(bed.second.trunkId)).toMatchObject({ code: 'INVALID', field: 'trunkId' })
  expect(await on('no id')).toMatchObject({ field: 'trunkId' })
  expect(await on(null)).toMatchObject({ phoneNumber: { trunk: null, version: 3 } })
  const { trunk } = await bed.ask(
    `mutation { createTrunk(ban: "A-1", input: { name: "Gone", ipAddresses: ["198.51.100.9"], concurrentCalls: 1, monthlyMinutes: 1 }) {
      ... on TrunkCreated { trunk { id } } } }`,
  )
  await bed.database.transaction(DEMO, (tx) =>
    tx.updateTable('telephony.trunks').set({ status: 'DELETED' }).where('id', '=', trunk.id).execute(),
  )
  expect(await on(trunk.id)).toMatchObject({ code: 'TRUNK_OVER', field: 'trunkId' })
})

it('changes what a number can do, costs and shows, for who has seen it last, and tells it once', async () => {
  const id = await bed.give('+13035551040', { cnam: 'ACME' })
  const change = (changes: object, version?: number) => bed.ask(CHANGE, { id, changes, version })
  const changes = { monthlyCost: '2.0500', capabilities: ['SMS'], cnam: "O'Neil & Co." }
  expect(await change(changes, 1)).toMatchObject({
    phoneNumber: { monthlyCost: { amount: '2.05' }, capabilities: ['SMS'], cnam: "O'Neil & Co.", version: 2 },
  })
  expect(await change({ cnam: '' }, 1)).toMatchObject({ code: 'STALE', currentVersion: 2 })
  expect(await change({ cnam: '' }, 2)).toMatchObject({ phoneNumber: { cnam: null, version: 3 } })
  expect(await change({ monthlyCost: '2.050' })).toMatchObject({ phoneNumber: { version: 3 } })
  expect(await change({ capabilities: [] })).toMatchObject({ field: 'changes.capabilities' })
  expect(await change({ monthlyCost: '-0.01' })).toMatchObject({ field: 'changes.monthlyCost' })
  const told = (await bed.told('telephony.number.changed')).filter(({ numberId }) => numberId === id)
  expect(told).toHaveLength(3)
  const [, second] = await bed.audits(id)
  expect(second?.diff).toMatchObject({ cnam: ['[name]', '[name]'], monthlyCost: ['1.0000', '2.05'] })
})

it('takes as a caller’s name what carriers store, and says what is wrong with another one', () => {
  for (const name of ['ACME', 'A1', 'J & J, Inc.', "O'Neil-Park", '24 Hour Fitnes'])
    expect(flawInCnam(name)).toBeNull()
  expect(flawInCnam('Sixteen letters.')).toContain('15')
  expect(flawInCnam('Bäckerei')).toContain('letters from A to Z')
  expect(flawInCnam('ACME <script>')).toContain('letters from A to Z')
  expect(flawInCnam('303-555-1000')).toContain('needs a letter')
})

it('notes for toll-free numbers alone how far their RespOrg has come, step by step', async () => {
  const id = await bed.give('+18885551050', { type: 'TOLLFREE' })
  const set = (status: string) => bed.ask(RESP_ORG, { id, status })
  expect(await set('ACTIVE')).toMatchObject({ code: 'RESP_ORG_STEP_NOT_ALLOWED', field: 'status' })
  expect(await set('PENDING')).toMatchObject({ phoneNumber: { respOrg: 'PENDING', version: 2 } })
  expect(await set('PENDING')).toMatchObject({ phoneNumber: { version: 2 } })
  expect(await set('ACTIVE')).toMatchObject({ phoneNumber: { respOrg: 'ACTIVE' } })
  const told = (await bed.told('telephony.number.changed')).filter(({ numberId }) => numberId === id)
  expect(told.map(({ respOrg }) => respOrg)).toEqual(['NONE', 'PENDING', 'ACTIVE'])
  const local = await bed.give('+13035551051')
  expect(await bed.ask(RESP_ORG, { id: local, status: 'PENDING' })).toMatchObject({ code: 'NOT_TOLLFREE' })
  expect(await bed.ask(FIND, { e164: '+13035551051' })).toMatchObject({ respOrg: null })
})

it('goes on in its life as the table of moves says, and no other way', () => {
  const at = new Date('2026-03-01T00:00:00Z')
  const number = {
    origin: 'PORTED',
    trunkId: 't',
    respOrg: 'ACTIVE',
    createdAt: at,
    portedAt: null,
  } as PhoneNumberRow
  const statuses = Object.keys(NUMBER_MOVES) as NumberStatus[]
  for (const from of statuses)
    for (const to of statuses) {
      const move = () => moveNumber({ ...number, status: from }, to, at)
      if (!(NUMBER_MOVES[from] as readonly string[]).includes(to))
        expect(move).toThrow(`from ${from} to ${to}`)
      else if (to === 'RELEASED' || to === 'PORTED_OUT')
        expect(move()).toMatchObject({
          status: to,
          trunkId: null,
          respOrg: 'NONE',
          releasedAt: at,
          e911Status: 'NONE',
        })
      else
        expect(move()).toMatchObject({
          status: to,
          trunkId: 't',
          portedAt: from === 'PORTING_IN' ? at : null,
        })
    }
})

describe('numbers are found', () => {
  it('however they are written: the one in use, or whoever had it last', async () => {
    const id = await bed.give('+13035551060')
    for (const e164 of ['+13035551060', '(303) 555-1060', '1 303 555 1060'])
      expect(await bed.ask(FIND, { e164 })).toMatchObject({ id })
    await bed.ask(RELEASE, { id })
    expect(await bed.ask(FIND, { e164: '+13035551060' })).toMatchObject({ id, status: 'RELEASED' })
    for (const e164 of ['+13035551069', 'nonsense', '']) expect(await bed.ask(FIND, { e164 })).toBeNull()
  })

  it('by account, trunk, kind, what they can do and how they begin, page after page, in one statement each', async () => {
    const numbers = Array.from({ length: 7 }, (_, n) => ({
      ...{ number: `+1720555${1000 + n}`, capabilities: n % 2 ? ['SMS'] : ['VOICE'] },
      ...(n < 3 ? { trunkName: 'Main' } : {}),
    }))
    await bed.ask(BUY, { ban: 'A-2', numbers: [...numbers, { number: '+18885551061', type: 'TOLLFREE' }] })
    const filters: [object, number][] = [
      [{ ban: 'A-2', beginsWith: '+1720' }, 7],
      [{ beginsWith: '1 (720) 555-100' }, 7],
      [{ beginsWith: '+1720', capability: 'SMS' }, 3],
      [{ trunkId: bed.second.trunkId, beginsWith: '+1720' }, 3],
      [{ trunkId: 'no id' }, 0],
      [{ ban: 'A-2', type: 'TOLLFREE' }, 1],
      [{ ban: 'A-2', type: 'TOLLFREE', e911Status: 'PENDING' }, 0],
      [{ beginsWith: '+1720', statuses: ['RELEASED'] }, 0],
    ]
    for (const [filter, count] of filters)
      expect([filter, (await bed.ask(LIST, { filter })).totalCount]).toEqual([filter, count])
    const seen: string[] = []
    for (let after: string | null = null; ; ) {
      bed.statements.length = 0
      const page: { nodes: { number: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } } =
        await bed.ask(LIST.replace('totalCount', ''), { filter: { beginsWith: '+1720' }, first: 3, after })
      expect(bed.statements.filter((text) => text.includes('telephony.numbers'))).toHaveLength(1)
      seen.push(...page.nodes.map(({ number }) => number))
      after = page.pageInfo.endCursor
      if (!page.pageInfo.hasNextPage) break
    }
    expect(seen).toEqual(numbers.map(({ number }) => number))
  })

  it('with the customer whose accounts they are on, for a hundred customers in as many statements as for one', async () => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer {
      numbers(first: 5) { totalCount nodes { number campaign { id } } }
      billingAccounts { brand { id } ports(first: 2) { totalCount nodes { id numbers { number } } } campaigns(first: 2) { totalCount nodes { id } } } } } }`
    const ask = async (count: number) => {
      const of = Array.from({ length: count }, (_, n) => ({
        ...{ __typename: 'Customer', id: `c${n}`, bans: n === 0 ? ['A-1', 'A-2'] : [`A-${n % 2}`] },
      }))
      bed.statements.length = 0
      const entities = await bed.ask(query, { of })
      expect(entities[0].numbers.nodes.length).toBeGreaterThan(3)
      return bed.statements.filter((text) => text.includes('telephony.')).length
    }
    const forOne = await ask(1)
    expect(forOne).toBeLessThanOrEqual(9)
    expect(await ask(100)).toBe(forOne)
  })
})

it('shows and gives another organisation nothing of a number, and leaves it as it was', async () => {
  const id = await bed.give('+13035551070')
  const caller = principal(EMPTY)
  expect(await bed.ask(FIND, { e164: '+13035551070' }, { caller })).toBeNull()
  expect(await bed.ask(LIST, {}, { caller })).toMatchObject({ totalCount: 0 })
  for (const [text, more] of [
    [RELEASE, {}],
    [ASSIGN, { trunkId: null }],
    [CHANGE, { changes: { cnam: 'THEIRS' } }],
    [RESP_ORG, { status: 'PENDING' }],
  ] as const)
    expect(await bed.ask(text, { id, ...more }, { caller })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await bed.ask(FIND, { e164: '+13035551070' })).toMatchObject({ status: 'ACTIVE', version: 1 })
  const { errors } = await bed.answer(RELEASE, { id }, { caller: principal(DEMO, 'telephony:read') })
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
})

it('parks the numbers of trunks that are taken down, each told once', async () => {
  const id = await bed.give('+13035551090', { trunkName: 'Main' })
  const park = (trunkId: string) =>
    bed.database.transaction(DEMO, (tx) =>
      parkNumbersOf(
        tx,
        {
          ...{ orgId: DEMO, principal: principal(), sealNumber: undefined },
          ...{ action: 'deleteTrunk', at: bed.clock.now() },
        },
        [trunkId],
      ),
    )
  await park(bed.second.trunkId)
  expect(await bed.ask(FIND, { e164: '+13035551090' })).toMatchObject({ trunk: { id: bed.first.trunkId } })
  for (let times = 0; times < 2; times++) await park(bed.first.trunkId)
  expect(await bed.ask(FIND, { e164: '+13035551090' })).toMatchObject({
    trunk: null,
    status: 'ACTIVE',
    version: 2,
  })
  const told = (await bed.told('telephony.number.changed')).filter(({ numberId }) => numberId === id)
  expect(told.map(({ trunkId }) => trunkId)).toEqual([bed.first.trunkId, null])
})

it('takes back what an account has when it ends, cancels what was to come, and lets go on what is leaving', async () => {
  await using own = await telephonyBed()
  const active = await own.give('+13035551080')
  const leaving = await own.give('+13035551081')
  const port = `... on PortMoved { port { id numbers { id } } }`
  const coming = await own.ask(
    `mutation { orderPortIn(ban: "A-1", input: { carrier: "Other", numbers: [{ number: "+13035551082" }] }) { ${port} } }`,
  )
  await own.ask(
    `mutation { orderPortOut(ban: "A-1", input: { carrier: "Other", numberIds: ["${leaving}"] }) { ${port} } }`,
  )
  const end = () =>
    own.database.transaction(DEMO, (tx) =>
      releaseNumbersOf(
        tx,
        {
          ...{ orgId: DEMO, principal: principal(), sealNumber: undefined },
          ...{ action: 'closeAccount', at: own.clock.now() },
        },
        'A-1',
      ),
    )
  await end()
  const told = async () => (await own.told('telephony.number.changed')).length
  const once = await told()
  await end()
  expect(await told()).toBe(once)
  const states = await own.rows<{ id: string; status: string }>('select id, status from telephony.numbers')
  expect(Object.fromEntries(states.map(({ id, status }) => [id, status]))).toEqual({
    ...{ [active]: 'RELEASED', [leaving]: 'PORTING_OUT', [coming.port.numbers[0].id]: 'RELEASED' },
  })
  expect(await own.rows('select direction, status from telephony.port_orders order by 1')).toEqual([
    { direction: 'IN', status: 'CANCELLED' },
    { direction: 'OUT', status: 'SUBMITTED' },
  ])
  expect((await own.audits(active)).at(-1)?.action).toBe('closeAccount')
  // Whoever starts anew is told of all of it, account by account.
  const state: { name: string; key: string }[] = []
  await own.database.read(DEMO, async (tx) => {
    for await (const event of tellState(() => undefined)(tx, DEMO)) state.push(event)
  })
  expect(Map.groupBy(state, ({ name }) => name).get('telephony.port.changed')).toHaveLength(2)
  expect(Map.groupBy(state, ({ name }) => name).get('telephony.number.changed')).toHaveLength(3)
})
