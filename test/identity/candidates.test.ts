import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DB } from '#db/generated/customers.ts'
import type { LoggedEvent } from '#events/log.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { event } from '#schema/events.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { customerOfAccount } from '#subgraphs/customers/domain/links.ts'
import { matchAll, ORG, OTHER_ORG, TEST_KEY } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { principal } from '#test/kit/subgraph.ts'

const AT = '2026-11-20T00:00:00.000Z'
let pos = 0
const logged = (made: ReturnType<typeof event>): LoggedEvent => ({
  ...{ ...made, pos: ++pos, orgId: ORG, occurredAt: new Date(AT) },
})
const c3 = (accountId: string, name: string, domain: string | null = null) =>
  logged(
    event('inventory.account.changed', accountId, {
      ...{ accountId, name, domain, integrationId: 'c3', deleted: false, observedAt: AT },
    }),
  )
const NOTHING = { amount: '0', currency: 'USD' }
const warp = (ban: string, name: string, domain: string | null = null) =>
  logged(
    event('telephony.account.changed', ban, {
      ...{ ban, name, domain, status: 'ACTIVE', tier: 'STARTER', mrr: NOTHING, creditLimit: NOTHING },
      ...{ paymentStatus: 'CURRENT', contractEnd: null, createdAt: AT, observedAt: AT },
    }),
  )

const LIST = `query ($filter: IdentityCandidateFilter, $first: Int! = 50, $after: Cursor) {
  identityCandidates(filter: $filter, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
    nodes { id kind state score verdict decidedBy reason waterfall { field a b level weight score why }
      a { system accountId name customer { id } } b { system accountId name customer { id } } } } }`
const DECIDED = `__typename ... on Refusal { code }
  ... on IdentityCandidateDecided { candidate { state decidedBy reason } customer { id identities { system accountId linkedBy } } }`
const ACCEPT = `mutation ($id: ID!) { acceptIdentityCandidate(id: $id) { ${DECIDED} } }`
const REJECT = `mutation ($id: ID!, $reason: String!) { rejectIdentityCandidate(id: $id, reason: $reason) { ${DECIDED} } }`
const REOPEN = `mutation ($id: ID!) { reopenIdentityCandidate(id: $id) { ${DECIDED} } }`

// Slips that nothing else confirms are asked about, each pair apart from the others; two accounts of C3 are twice the same.
const WORLD = [
  ...[c3('a', 'Marlund Optics'), warp('A1', 'Marland Optics')],
  ...[c3('b', 'Brenwick Castings'), warp('B1', 'Brenwyck Castings')],
  ...[c3('d', 'Halden Freight', 'halden.com'), c3('e', 'Halden Freight LLC', 'halden.com')],
]

const stack = new AsyncDisposableStack()
const openBed = async () => {
  const test = stack.use(await testDatabase<DB>('customers'))
  const bed = { database: test.database, vault: openVault([TEST_KEY]), clock: systemClock }
  await test.database.transaction(ORG, (tx) =>
    takeAccounts(tx, ORG, [...WORLD.slice(0, 1), ...WORLD.slice(2, 3), ...WORLD.slice(4)], systemClock.now()),
  )
  await test.database.transaction(ORG, (tx) =>
    takeAccounts(tx, ORG, [WORLD[1]!, WORLD[3]!], systemClock.now()),
  )
  await matchAll(bed)
  return { ...bed, graph: stack.use(await graphOf(test)) }
}
let bed: Awaited<ReturnType<typeof openBed>>
beforeAll(async () => {
  bed = await openBed()
})
afterAll(() => stack.disposeAsync())

const list = async (variables: object = {}) => (await bed.graph.ask(LIST, variables)).identityCandidates
const of = async (name: string, filter: object = { states: ['OPEN', 'LINKED', 'REJECTED', 'GONE'] }) =>
  (await list({ filter })).nodes.find((one: { a: { name: string } }) => one.a.name === name)

it('lists what somebody is asked about, the most likely first and page by page, with what each was concluded from', async () => {
  const all = await list()
  expect(all.totalCount).toBe(3)
  expect(all.nodes.map((one: { score: number }) => one.score)).toEqual(
    all.nodes.map((one: { score: number }) => one.score).toSorted((x: number, y: number) => y - x),
  )
  const first = await list({ first: 2 })
  const rest = await list({ first: 2, after: first.pageInfo.endCursor })
  expect([...first.nodes, ...rest.nodes]).toEqual(all.nodes)
  expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false])
  expect(await list({ filter: { kind: 'DUPLICATE' } })).toMatchObject({
    nodes: [
      { a: { system: 'C3', name: 'Halden Freight' }, b: { name: 'Halden Freight LLC' }, state: 'OPEN' },
    ],
  })
  const slip = await of('Marlund Optics')
  expect(slip).toMatchObject({ score: 84, verdict: 'ASK', b: { system: 'WARP', accountId: 'A1' } })
  expect(slip.waterfall.at(-1)).toMatchObject({ field: 'RULE', level: 'SLIP_ALONE', score: 84 })
  expect(slip.waterfall[1]).toMatchObject({
    field: 'NAME',
    a: 'Marlund Optics',
    b: 'Marland Optics',
    why: expect.stringContaining('slip'),
  })
  const mine = await list({ filter: { customerId: slip.a.customer.id } })
  expect(mine.nodes.map(({ id }: { id: string }) => id)).toEqual([slip.id])
})

it('takes as many statements for many candidates as for one', async () => {
  const counted = async (first: number) => {
    const from = bed.graph.statements.length
    await list({ first })
    // Beside them the sequencer looks at its own tables.
    return bed.graph.statements.slice(from).filter((text) => text.includes('customers.')).length
  }
  expect([await counted(1), await counted(3)]).toEqual([3, 3])
})

it('explains two accounts that nobody had thought of, and says nothing of one that nobody knows', async () => {
  const ask = async (a: object, b: object) =>
    (
      await bed.graph.ask(
        `query ($a: AccountInput!, $b: AccountInput!) { explainMatch(a: $a, b: $b) {
          score verdict kind waterfall { field level score why } a { name } b { name } } }`,
        { a, b },
      )
    ).explainMatch
  const [a, d] = [
    { system: 'C3', accountId: 'a' },
    { system: 'WARP', accountId: 'B1' },
  ]
  const told = await ask(a, d)
  expect(told).toMatchObject({ verdict: 'APART', kind: 'MATCH', a: { name: 'Marlund Optics' } })
  expect(told.waterfall.at(-1).score).toBe(told.score)
  expect(told.waterfall.every(({ why }: { why: string }) => why.endsWith('.'))).toBe(true)
  expect(await ask(a, { system: 'C3', accountId: 'nobody' })).toBeNull()
})

it('makes one customer of what is accepted, once when two accept it, and takes it apart again as any link', async () => {
  const { id } = await of('Marlund Optics')
  const both = await Promise.all([bed.graph.ask(ACCEPT, { id }), bed.graph.ask(ACCEPT, { id })])
  const customer = {
    id: customerOfAccount(ORG, 'C3', 'a'),
    identities: [
      { system: 'C3', accountId: 'a', linkedBy: 'OWN' },
      { system: 'WARP', accountId: 'A1', linkedBy: 'MANUAL' },
    ],
  }
  for (const { acceptIdentityCandidate } of both)
    expect(acceptIdentityCandidate).toMatchObject({ candidate: { state: 'LINKED', reason: null }, customer })
  await matchAll(bed)
  expect(await of('Marlund Optics')).toMatchObject({ state: 'LINKED', b: { customer: { id: customer.id } } })
  expect((await bed.graph.ask(REJECT, { id, reason: 'Two houses.' })).rejectIdentityCandidate.code).toBe(
    'LINKED',
  )
  const links = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('customers.identities')
      .select('linked_from')
      .where('account_id', '=', 'A1')
      .executeTakeFirstOrThrow(),
  )
  // Where it goes back to is remembered once.
  expect(links.linked_from).toEqual([customerOfAccount(ORG, 'WARP', 'A1')])
  const { version } = (
    await bed.graph.ask('query ($id: ID!) { customer(id: $id) { version } }', { id: customer.id })
  ).customer
  await bed.graph.ask(
    'mutation ($id: ID!, $version: Int!) { unlinkIdentity(customerId: $id, account: { system: WARP, accountId: "A1" }, expectedVersion: $version) { __typename } }',
    { id: customer.id, version },
  )
  await matchAll(bed)
  expect(await of('Marlund Optics')).toMatchObject({ state: 'REJECTED' })
})

it('keeps apart what is rejected, with the reason, until somebody reopens it', async () => {
  const { id } = await of('Brenwick Castings')
  expect((await bed.graph.ask(REJECT, { id, reason: '  ' })).rejectIdentityCandidate.code).toBe('INVALID')
  const { rejectIdentityCandidate: rejected } = await bed.graph.ask(REJECT, { id, reason: ' Two houses. ' })
  expect(rejected).toMatchObject({ candidate: { state: 'REJECTED', reason: 'Two houses.' }, customer: null })
  await matchAll(bed)
  expect((await list()).nodes.map((one: { id: string }) => one.id)).not.toContain(id)
  expect((await bed.graph.ask(ACCEPT, { id })).acceptIdentityCandidate.code).toBe('REJECTED')
  expect((await bed.graph.ask(REJECT, { id, reason: 'Again.' })).rejectIdentityCandidate.code).toBe(
    'REJECTED',
  )
  const { reopenIdentityCandidate: open } = await bed.graph.ask(REOPEN, { id })
  expect(open.candidate).toEqual({ state: 'OPEN', decidedBy: null, reason: null })
  expect((await bed.graph.ask(REOPEN, { id })).reopenIdentityCandidate.code).toBe('NOT_REJECTED')
  await matchAll(bed)
  expect(await of('Brenwick Castings', {})).toMatchObject({ id, state: 'OPEN' })
  const audits = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('service.audit_log').select('action').where('subject_id', '=', id).orderBy('at').execute(),
  )
  expect(audits.map(({ action }) => action)).toEqual(['rejectIdentityCandidate', 'reopenIdentityCandidate'])
})

it('leaves duplicates of one system to its people, and shows nothing to another organisation', async () => {
  const { id } = await of('Halden Freight')
  expect((await bed.graph.ask(ACCEPT, { id })).acceptIdentityCandidate.code).toBe('ONE_SYSTEM')
  const stranger = principal(OTHER_ORG)
  expect((await bed.graph.ask(LIST, {}, stranger)).identityCandidates.nodes).toEqual([])
  for (const [document, more] of [
    [ACCEPT, {}],
    [REJECT, { reason: 'No.' }],
    [REOPEN, {}],
  ] as const)
    expect(Object.values(await bed.graph.ask(document, { id, ...more }, stranger))).toEqual([
      { __typename: 'Missing', code: 'NOT_FOUND' },
    ])
  const explained = await bed.graph.ask(
    '{ explainMatch(a: { system: C3, accountId: "a" }, b: { system: WARP, accountId: "A1" }) { score } }',
    {},
    stranger,
  )
  expect(explained.explainMatch).toBeNull()
})
