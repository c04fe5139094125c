import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { session } from '#db/session.ts'
import { keepSummaries } from '#subgraphs/customers/commands/keep-summaries.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { takeRfqs } from '#subgraphs/customers/commands/take-rfqs.ts'
import { type CustomerOrder, listCustomers, placeOf } from '#subgraphs/customers/store/customers.ts'
import { summarise } from '#subgraphs/customers/store/summaries.ts'
import { asTransaction } from '#subgraphs/customers/store/transaction.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { ORG } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { PATIENT, testDatabase } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { account, later, type OutwardBed, outwardBed, usage } from '#test/telephony-outward/bed.ts'
import { logged } from '#test/writers/bed.ts'

const stack = new AsyncDisposableStack()
let bed: OutwardBed
beforeAll(async () => {
  bed = stack.use(await outwardBed())
}, 60_000)
afterAll(() => stack.disposeAsync())

const LIST = `query ($filter: CustomerFilter, $orderBy: CustomerOrder!, $first: Int! = 3, $after: Cursor) {
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount pageInfo { endCursor }
    nodes { id hubspotCompanyId bans: identities { system accountId } } } }`
interface Page {
  totalCount: number
  pageInfo: { endCursor: string }
  nodes: { id: string; hubspotCompanyId: string | null }[]
}
const ask = async (query: string, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await bed.ask(query, variables)
  expect(errors).toBeUndefined()
  return data
}
const list = async (orderBy: CustomerOrder, filter: object = {}, more: object = {}): Promise<Page> =>
  (await ask(LIST, { orderBy, filter, ...more })).customers
const ids = async (...asked: Parameters<typeof list>) =>
  (await list(...asked)).nodes.map(({ hubspotCompanyId }) => hubspotCompanyId)
const USD = (amount: string) => ({ amount, currency: 'USD' })
const EUR = (amount: string) => ({ amount, currency: 'EUR' })
const LINK = `mutation ($id: ID!, $account: AccountInput!, $version: Int!) {
  linkIdentity(customerId: $id, account: $account, expectedVersion: $version) { __typename ... on Refusal { message } } }`

it('orders and lists customers by what they pay, spend, ask for and do, as events tell it', async () => {
  const [one, two, three] = bed.companies
  await bed.tell([
    account('SUM-1', one!.domain, { mrr: USD('250.5') }),
    account('SUM-2', two!.domain, { mrr: USD('1000') }),
    account('SUM-3', three!.domain, { mrr: EUR('900'), creditLimit: EUR('5000') }),
    usage('SUM-1', '2026-10-31', { monthToDate: { minutes: '1', spend: USD('700') } }),
    usage('SUM-1', '2026-11-02', { monthToDate: { minutes: '1', spend: USD('30') } }),
    usage('SUM-2', '2026-11-02', { monthToDate: { minutes: '1', spend: USD('20') } }),
  ])
  await until(async () => {
    expect(await ids('MRR')).toEqual([two!.id, three!.id, one!.id])
    expect((await ids('MONTH_SPEND')).slice(0, 2)).toEqual([one!.id, two!.id])
    return true
  })
  expect(await ids('MRR', { mrr: { currency: 'usd', atLeast: '250.5' } })).toEqual([two!.id, one!.id])
  expect(await ids('MRR', { mrr: { currency: 'USD', below: '1000' } })).toEqual([one!.id])
  expect(await ids('MRR', { mrr: { currency: 'EUR' } })).toEqual([three!.id])
  expect(await ids('NAME', { monthSpend: { currency: 'USD', atLeast: '25' } })).toEqual([one!.id])
  const first = await list('MRR', {}, { first: 1 })
  expect(await ids('MRR', {}, { first: 1, after: first.pageInfo.endCursor })).toEqual([three!.id])

  // A closed account brings nothing, which is not unknown.
  await bed.tell([
    account('SUM-2', two!.domain, { mrr: USD('1000'), status: 'CHURNED', observedAt: later(30) }),
  ])
  await until(async () => {
    expect(await ids('MRR', { mrr: { currency: 'USD' } })).toEqual([one!.id, two!.id])
    return true
  })

  const deals = await bed.sim<{ results: { properties: Record<string, string | null> }[] }>(
    'records/deals?limit=1000',
  )
  expect(deals.results.length).toBeGreaterThan(0)
  const top = await list('OPEN_DEALS')
  const worth = await ask(
    `query ($id: ID!) { customer(id: $id) { deals(open: true, first: 200) { nodes { amount { amount currency } } } } }`,
    { id: top.nodes[0]!.id },
  )
  const sum = worth.customer.deals.nodes.reduce(
    (total: number, { amount }: { amount: { amount: string } | null }) => total + Number(amount?.amount ?? 0),
    0,
  )
  const { currency } = worth.customer.deals.nodes.find(
    ({ amount }: { amount: object | null }) => amount,
  ).amount
  expect(await ids('OPEN_DEALS', { openDeals: { currency, atLeast: String(sum) } })).toContain(
    top.nodes[0]!.hubspotCompanyId,
  )
  expect(await ids('OPEN_DEALS', { openDeals: { currency, atLeast: String(sum + 0.01) } })).toEqual([])
  const [recent] = (await list('LAST_ACTIVITY')).nodes
  const all = await list('NAME', { lastActivity: { since: '2000-01-01T00:00:00Z' } }, { first: 200 })
  expect(all.nodes.map(({ id }) => id)).toContain(recent!.id)
  expect((await list('NAME', { lastActivity: { before: '2000-01-01T00:00:00Z' } })).totalCount).toBe(0)
})

it('sums up anew when accounts come together, and comes to the same as from nothing', async () => {
  const c3 = logged('inventory.account.changed', 'sum-c3', {
    ...{ accountId: 'sum-c3', name: 'Brackenfold Mills', domain: null, integrationId: 'c3', deleted: false },
    observedAt: later(0),
  })
  const rfq = (n: number, status: 'OPEN' | 'QUOTED' | 'WON') => {
    const rfqId = `00000000-0000-4000-8000-00000000000${n}`
    return logged('inventory.rfq.changed', rfqId, {
      ...{
        rfqId,
        accountId: 'sum-c3',
        number: rfqId,
        c3RfqId: rfqId,
        status,
        previousStatus: null,
        total: null,
      },
      ...{ createdAt: later(40), observedAt: later(40), deleted: false },
    })
  }
  const events = [rfq(1, 'OPEN'), rfq(2, 'QUOTED'), rfq(3, 'WON')]
  await bed.database.transaction(ORG, (tx) => takeAccounts(tx, ORG, [c3], new Date(later(0))))
  await bed.database.transaction(ORG, async (tx) => {
    await takeRfqs(tx, changeRecords, ORG, events, new Date(later(0)))
    await keepSummaries(tx, ORG, events)
  })
  const named = async (filter: object) => (await list('OPEN_RFQS', filter)).nodes.map(({ id }) => id)
  const [own] = await named({ openRfqs: { atLeast: 2 } })
  expect(await named({ openRfqs: { below: 2 } })).toEqual([])
  const [paying] = (await list('MRR', { mrr: { currency: 'EUR' } })).nodes
  const { customer } = await ask('query ($id: ID!) { customer(id: $id) { version } }', { id: paying!.id })
  const account = { system: 'C3', accountId: 'sum-c3' }
  const { linkIdentity } = await ask(LINK, { id: paying!.id, account, version: customer.version })
  expect(linkIdentity).toEqual({ __typename: 'Linked' })
  expect(own).not.toBe(paying!.id)
  expect(await named({ openRfqs: { atLeast: 2 }, mrr: { currency: 'EUR', atLeast: '900' } })).toEqual([
    paying!.id,
  ])

  const rows = () =>
    bed.database.read(
      ORG,
      async (tx) =>
        (
          await sql`select id, mrr, mrr_currency, month_spend, month_spend_currency, open_deals, open_deals_currency, open_rfqs, last_activity_at
          from customers.customers where merged_into is null order by id`.execute(asTransaction(tx))
        ).rows as { id: string }[],
    )
  await bed.settled()
  const before = await rows()
  await bed.database.transaction(ORG, async (tx) => {
    await sql`update customers.customers set mrr = null, month_spend = 1, open_deals = null, open_rfqs = 7, last_activity_at = null`.execute(
      asTransaction(tx),
    )
    await summarise(
      asTransaction(tx),
      ORG,
      before.map(({ id }) => id),
    )
  })
  expect(await rows()).toEqual(before)
})

it('walks an index for each order, and takes as many statements for many customers as for one', async () => {
  await using test = await testDatabase<DB>('customers')
  await session(test.adminUrl, async (client) => {
    await client.query(
      `insert into customers.customers (id, org_id, name, normal_name, mrr, mrr_currency, month_spend, open_deals, open_rfqs, last_activity_at, created_at, updated_at)
       select gen_random_uuid(), $1, 'c' || n, 'c' || n, n, 'USD', n, n, n, '2026-01-01'::timestamptz + n * interval '1 minute', '2026-01-01', '2026-01-01'
       from generate_series(1, 20000) n`,
      [ORG],
    )
    await client.query('analyze customers.customers')
  })
  const orders: CustomerOrder[] = ['MRR', 'MONTH_SPEND', 'OPEN_DEALS', 'OPEN_RFQS', 'LAST_ACTIVITY']
  const sent: string[] = []
  await using seen = openDatabase<DB>(test.urls, {
    ...{ ...PATIENT, log: silentLog },
    onStatement: (text) => void sent.push(text),
  })
  const page = (order: CustomerOrder, limit: number, after: Parameters<typeof listCustomers>[2]['after']) =>
    seen.read(ORG, (tx) => listCustomers(tx, ORG, { filter: {}, order, limit, after }))
  for (const order of orders) {
    const rows = await page(order, 3, null)
    expect(rows.map(({ name }) => name)).toEqual(['c20000', 'c19999', 'c19998'])
    expect((await page(order, 1, placeOf(order, rows[1]!)))[0]?.id).toBe(rows[2]?.id)
  }
  const lists = sent.filter((text) => text.includes('from customers.customers c'))
  expect(lists).toHaveLength(2 * orders.length)
  await session(test.urls.app, async (client) => {
    await client.query('begin')
    // As on a disk without a moving head.
    await client.query('set local random_page_cost = 1.1')
    await client.query("select set_config('hub.org_id', $1, true)", [ORG])
    for (const text of lists) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${text}`)
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toMatch(/Index Scan using customers_by_(mrr|month_spend|open_deals|open_rfqs|activity)/)
      expect(plan).not.toContain('Sort')
    }
    await client.query('rollback')
  })
  const counted = async (count: number) => {
    const all = await test.database.read(ORG, (tx) =>
      listCustomers(tx, ORG, { filter: {}, order: 'MRR', limit: count, after: null }),
    )
    const from = test.database.statements
    await test.database.transaction(ORG, (tx) =>
      summarise(
        asTransaction(tx),
        ORG,
        all.map(({ id }) => id),
      ),
    )
    return test.database.statements - from
  }
  expect(await counted(100)).toBe(await counted(1))
})
