import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { DB } from '#db/generated/customers.ts'
import type { LoggedEvent } from '#events/log.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { event } from '#schema/events.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { customerOfAccount } from '#subgraphs/customers/domain/links.ts'
import { candidatesOf } from '#subgraphs/customers/store/identity-candidates.ts'
import { matchAll, ORG, OTHER_ORG, TEST_KEY } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { principal } from '#test/kit/subgraph.ts'
import { subscriber } from '#test/kit/subscriber.ts'
import { until } from '#test/kit/until.ts'

let pos = 0
const logged = (made: ReturnType<typeof event>): LoggedEvent => ({
  ...{ ...made, pos: ++pos, orgId: ORG },
  occurredAt: new Date('2026-11-20T00:00:00Z'),
})
const c3 = (accountId: string, name: string, domain: string | null = null) =>
  logged(
    event('inventory.account.changed', accountId, {
      ...{ accountId, name, domain, integrationId: 'c3', deleted: false },
      observedAt: '2026-11-20T00:00:00.000Z',
    }),
  )
const NOTHING = { amount: '0', currency: 'USD' }
const warp = (ban: string, name: string, domain: string | null = null) =>
  logged(
    event('telephony.account.changed', ban, {
      ...{ ban, name, domain, status: 'ACTIVE', tier: 'STARTER', mrr: NOTHING, creditLimit: NOTHING },
      ...{ paymentStatus: 'CURRENT', contractEnd: null, createdAt: '2026-11-20T00:00:00.000Z' },
      observedAt: '2026-11-20T00:00:00.000Z',
    }),
  )

const ANSWER = `__typename
  ... on TakenApart { customer { ...one } apart { ...one } }
  ... on Stale { currentVersion } ... on Refusal { code }`
const ONE = 'fragment one on Customer { id version mergedInto identities { system accountId linkedBy } }'
const UNLINK = `mutation ($id: ID!, $account: AccountInput!, $version: Int!) {
  unlinkIdentity(customerId: $id, account: $account, expectedVersion: $version) { ${ANSWER} } } ${ONE}`
const SPLIT = `mutation ($id: ID!, $accounts: [AccountInput!]!, $version: Int!) {
  splitCustomer(customerId: $id, accounts: $accounts, expectedVersion: $version) { ${ANSWER} } } ${ONE}`
const LINK = `mutation ($id: ID!, $account: AccountInput!, $version: Int!) {
  linkIdentity(customerId: $id, account: $account, expectedVersion: $version) { __typename ... on Refusal { code } } }`

/** Accounts of C3 and WARP, and the customers subgraph over them. */
const openBed = async (events: readonly LoggedEvent[]) => {
  await using stack = new AsyncDisposableStack()
  const test = stack.use(await testDatabase<DB>('customers'))
  const bed = { database: test.database, vault: openVault([TEST_KEY]), clock: systemClock }
  for (const one of events)
    await test.database.transaction(ORG, (tx) => takeAccounts(tx, ORG, [one], systemClock.now()))
  await matchAll(bed)
  const graph = stack.use(await graphOf(test))
  const all = stack.move()
  const customer = async (id: string) =>
    (await graph.ask(`query ($id: ID!) { customer(id: $id) { ...one } } ${ONE}`, { id })).customer
  return {
    ...{ ...bed, graph, customer },
    link: async (id: string, system: string, accountId: string) => {
      const { version } = await customer(id)
      const { linkIdentity } = await graph.ask(LINK, { id, version, account: { system, accountId } })
      expect(linkIdentity).toEqual({ __typename: 'Linked' })
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const [C3A, WARPA, WARPB] = [
  customerOfAccount(ORG, 'C3', 'a'),
  customerOfAccount(ORG, 'WARP', 'A1'),
  customerOfAccount(ORG, 'WARP', 'B1'),
]

it('takes an account back to the customer it began as, and does not link it by itself again', async () => {
  await using bed = await openBed([
    c3('a', 'Osterby Clinics LLC', 'osterby.org'),
    warp('A1', 'Osterby Clinics', 'osterby.org'),
  ])
  const together = await bed.customer(WARPA)
  expect(together).toMatchObject({ id: C3A, mergedInto: C3A })
  expect(together.identities.map((one: { linkedBy: string }) => one.linkedBy)).toEqual(['OWN', 'MATCHED'])
  const ask = { id: C3A, version: together.version, account: { system: 'WARP', accountId: 'A1' } }
  const { unlinkIdentity } = await bed.graph.ask(UNLINK, ask)
  expect(unlinkIdentity).toMatchObject({
    customer: { id: C3A, mergedInto: null, identities: [{ system: 'C3', accountId: 'a', linkedBy: 'OWN' }] },
    apart: {
      id: WARPA,
      mergedInto: null,
      identities: [{ system: 'WARP', accountId: 'A1', linkedBy: 'OWN' }],
    },
  })
  // All are judged anew: both still say what made them one.
  await bed.database.transaction(ORG, (tx) =>
    sql`insert into customers.identity_due (org_id, system, account_id, marked_at)
      select org_id, system, account_id, now() from customers.identities`.execute(tx),
  )
  await matchAll(bed)
  expect((await bed.customer(WARPA)).id).toBe(WARPA)
  const [pair] = await bed.database.read(ORG, (tx) =>
    candidatesOf(tx, ORG, { states: ['REJECTED'] }, { first: 10, after: null }),
  )
  expect(pair).toMatchObject({ verdict: 'LINK', decidedBy: 'user user:test' })
  // Somebody who links it after all has the last word.
  await bed.link(C3A, 'WARP', 'A1')
  await matchAll(bed)
  expect((await bed.customer(WARPA)).id).toBe(C3A)
})

it('makes several accounts the customer that they were before they were linked, and both ids answer', async () => {
  await using bed = await openBed([
    c3('a', 'Halden Freight'),
    warp('A1', 'Osterby Clinics'),
    warp('B1', 'Marlund Optics'),
  ])
  // B1 was put to A1's customer, before both were put to C3's.
  await bed.link(WARPA, 'WARP', 'B1')
  const before = await bed.customer(WARPA)
  for (const id of ['A1', 'B1']) await bed.link(C3A, 'WARP', id)
  expect(await bed.customer(WARPA)).toMatchObject({ id: C3A, mergedInto: C3A })
  const accounts = ['B1', 'A1'].map((accountId) => ({ system: 'WARP', accountId }))
  const { version } = await bed.customer(C3A)
  const { splitCustomer } = await bed.graph.ask(SPLIT, { id: C3A, version, accounts })
  expect(splitCustomer.customer.identities).toHaveLength(1)
  expect(splitCustomer.apart).toEqual({ ...before, version: expect.any(Number) })
  expect(await bed.customer(C3A)).toMatchObject({ id: C3A, mergedInto: null })
  expect(await bed.customer(WARPB)).toMatchObject({ id: WARPA, mergedInto: WARPA })
})

it('refuses what would leave nobody, take what a customer began with, or go by what has changed since', async () => {
  await using bed = await openBed([c3('a', 'Halden Freight'), warp('A1', 'Osterby Clinics')])
  await bed.link(C3A, 'WARP', 'A1')
  const { version } = await bed.customer(C3A)
  const warpA = { system: 'WARP', accountId: 'A1' }
  const c3a = { system: 'C3', accountId: 'a' }
  const split = async (accounts: object[], more = {}) =>
    (await bed.graph.ask(SPLIT, { id: C3A, version, accounts, ...more })).splitCustomer
  expect(await split([])).toMatchObject({ code: 'INVALID' })
  expect(await split([c3a])).toMatchObject({ code: 'BEGAN_WITH' })
  expect(await split([warpA, { system: 'WARP', accountId: 'nobody' }])).toMatchObject({ code: 'NOT_FOUND' })
  expect(await split([warpA], { version: version - 1 })).toMatchObject({ currentVersion: version })
  const foreign = await bed.graph.ask(
    UNLINK,
    { id: C3A, version, account: warpA },
    principal(OTHER_ORG, 'customers:read', 'identity:write'),
  )
  expect(foreign.unlinkIdentity).toMatchObject({ code: 'NOT_FOUND' })
  // Of two who take the same account at once, one comes late.
  const both = await Promise.all([split([warpA]), split([warpA])])
  expect(both.map(({ __typename }) => __typename).sort()).toEqual(['Missing', 'TakenApart'])
})

it('tells what accounts a customer had and has, of the customer asked for, and goes on where somebody left', async () => {
  await using bed = await openBed([
    c3('a', 'Halden Freight'),
    warp('A1', 'Osterby Clinics'),
    warp('B1', 'Marlund Optics'),
  ])
  const CHANGED = `subscription ($id: ID, $after: Cursor) { identityChanged(customerId: $id, after: $after) {
    customerId mergedInto was { system accountId } now { system accountId } customer { id } } }`
  await using live = await subscriber(bed.graph.url!, CHANGED, { id: WARPB })
  // Subscribing is not acknowledged: the first change that is heard shows that somebody listens.
  await until(async () => {
    await bed.link(C3A, 'WARP', 'B1')
    return live.heard.length > 0
  })
  const [A, B] = [
    { system: 'C3', accountId: 'a' },
    { system: 'WARP', accountId: 'B1' },
  ]
  await bed.graph.ask(UNLINK, {
    ...{ id: C3A, account: B },
    version: (await bed.customer(C3A)).version,
  })
  const told = await until(() => {
    const ours = live.heard.filter(({ data }) => data.identityChanged!.customerId === WARPB)
    const merged = ours.findIndex(({ data }) => data.identityChanged!.mergedInto === C3A)
    return merged >= 0 && ours.length > merged + 1 && live.heard
  })
  const last = told.findLast(({ data }) => data.identityChanged!.customerId === WARPB)!
  expect(last.data.identityChanged).toEqual({
    ...{ customerId: WARPB, mergedInto: null, was: [], now: [B], customer: { id: WARPB } },
  })
  // From the first on that was heard: what came behind it, once each.
  await using again = await subscriber(bed.graph.url!, CHANGED, { after: told[0]!.extensions!.cursor })
  await until(() =>
    again.heard.some(
      ({ data }) =>
        data.identityChanged!.customerId === C3A &&
        JSON.stringify(data.identityChanged!.was) === JSON.stringify([A, B]) &&
        JSON.stringify(data.identityChanged!.now) === JSON.stringify([A]),
    ),
  )
})
