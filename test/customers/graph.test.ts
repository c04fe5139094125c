import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import { session } from '#db/session.ts'
import type { Principal } from '#kernel/principal.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import {
  type CustomersBed,
  customersBed,
  ORG,
  OTHER_ORG,
  type SimRecord,
  TEST_KEY,
} from '#test/kit/customers.ts'
import { askSubgraph, principal, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

const COMPANIES = 120
const stack = new AsyncDisposableStack()
let bed: CustomersBed
let url: string | null
const statements: string[] = []

beforeAll(async () => {
  bed = stack.use(await customersBed({ companies: COMPANIES }))
  const running = stack.use(
    await startCustomers({
      ...startWith(bed.test.urls, { onStatement: (text) => statements.push(text) }),
      encryptionKeys: [TEST_KEY],
      connect: { orgId: ORG, name: 'HubSpot', baseUrl: bed.portal.url, token: DEMO_TOKEN },
      limits: {},
    }),
  )
  url = running.url
  await until(
    async () =>
      (
        await bed.database.read(ORG, (tx) =>
          tx.selectFrom('sync.runs').select('state').where('state', '=', 'COMPLETED').execute(),
        )
      ).length > 0,
  )
})
afterAll(() => stack.disposeAsync())

const ask = async (
  query: string,
  variables: Record<string, unknown> = {},
  caller: Principal = principal(ORG),
) => {
  const answer = await askSubgraph(url, query, variables, caller)
  expect(answer.errors).toBeUndefined()
  return answer.data
}

/** SQL statements that answering took, without the work in the background. */
const counting = async (query: string, variables: Record<string, unknown>): Promise<number> => {
  const from = statements.length
  await ask(query, variables)
  const ours = statements
    .slice(from)
    .filter((text) => /customers\.(customers|companies|contacts|deals|tickets|owners|identities)/.test(text))
  return ours.length
}

const FULL = /* GraphQL */ `
  query ($first: Int!, $after: Cursor) {
    customers(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id name domain industry phone website city country employees lifecycleStage hubspotCompanyId hubspotOwnerId hubspotLastSync
        annualRevenue { amount currency }
        owner { name isActive hubspotOwnerId }
        contacts(first: 50) { totalCount nodes { email firstName lastName jobTitle hubspotContactId customer { id } } }
        deals(first: 50) { totalCount nodes { name stage stageLabel amount { amount currency } isOpen isWon probability hubspotDealId } }
        open: deals(open: true, first: 50) { nodes { hubspotDealId isOpen } }
        tickets(first: 50) { nodes { subject isOpen priority stageLabel } }
        identities { system accountId linkedBy }
        lineage(field: "name") { system record observedAt runId }
      }
    }
  }
`

const allCustomers = async () => {
  const nodes: Record<string, never>[] = []
  for (let after: string | null = null; ; ) {
    const { customers } = await ask(FULL, { first: 50, after })
    expect(customers.totalCount).toBe(COMPANIES)
    nodes.push(...customers.nodes)
    if (!customers.pageInfo.hasNextPage) return nodes
    after = customers.pageInfo.endCursor
  }
}

it('answers every customer with its HubSpot fields, people, deals and tickets as the portal has them', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
  const nodes = (await allCustomers()) as any[]
  expect(nodes).toHaveLength(COMPANIES)
  const companies = new Map((await bed.records('companies')).map((record) => [record.id, record]))
  const linked = async (type: string) => {
    const by = new Map<string, string[]>()
    for (const record of await bed.records(type, '&associations=companies'))
      for (const { id } of record.associations?.companies ?? [])
        by.set(id, [...(by.get(id) ?? []), record.id])
    return by
  }
  const [contacts, deals] = [await linked('contacts'), await linked('deals')]
  for (const node of nodes) {
    const { properties } = companies.get(node.hubspotCompanyId) as SimRecord
    expect(node.name).toBe(properties.name)
    expect(node.industry).toBe(properties.industry)
    expect(node.city).toBe(properties.city)
    expect(node.lifecycleStage).toBe(properties.lifecyclestage)
    expect(node.employees).toBe(
      properties.numberofemployees === null ? null : Number(properties.numberofemployees),
    )
    expect(node.annualRevenue?.amount ?? null).toBe(properties.annualrevenue)
    expect(node.owner?.hubspotOwnerId ?? null).toBe(properties.hubspot_owner_id)
    expect(
      node.contacts.nodes.map((each: { hubspotContactId: string }) => each.hubspotContactId).sort(),
    ).toEqual((contacts.get(node.hubspotCompanyId) ?? []).sort())
    expect(node.deals.nodes.map((each: { hubspotDealId: string }) => each.hubspotDealId).sort()).toEqual(
      (deals.get(node.hubspotCompanyId) ?? []).sort(),
    )
    expect(node.contacts.totalCount).toBe(node.contacts.nodes.length)
    expect(node.open.nodes.every((deal: { isOpen: boolean }) => deal.isOpen)).toBe(true)
    expect(node.identities).toEqual([
      { system: 'HUBSPOT', accountId: node.hubspotCompanyId, linkedBy: 'OWN' },
    ])
    expect(node.lineage).toMatchObject({ system: 'HUBSPOT', record: node.hubspotCompanyId })
  }
  expect(nodes.some((node) => node.deals.nodes.some((deal: { stageLabel: string }) => deal.stageLabel))).toBe(
    true,
  )
})

it('takes the same number of SQL statements for five customers as for a hundred', async () => {
  const few = await counting(FULL, { first: 5 })
  expect(await counting(FULL, { first: 100 })).toBe(few)
  expect(few).toBeLessThanOrEqual(20)
})

it.each(['NAME', 'HEALTH', 'CHURN_RISK', 'LEAD_SCORE', 'RECENTLY_CHANGED'])(
  'pages through everybody once, ordered by %s',
  async (orderBy) => {
    const seen: string[] = []
    for (let after: string | null = null; ; ) {
      const { customers } = await ask(
        'query ($o: CustomerOrder!, $after: Cursor) { customers(first: 37, orderBy: $o, after: $after) { nodes { id name } pageInfo { endCursor hasNextPage } } }',
        { o: orderBy, after },
      )
      seen.push(
        ...customers.nodes.map((node: { id: string; name: string }) =>
          orderBy === 'NAME' ? node.name : node.id,
        ),
      )
      if (!customers.pageInfo.hasNextPage) break
      after = customers.pageInfo.endCursor
    }
    expect(seen).toHaveLength(COMPANIES)
    if (orderBy === 'NAME')
      expect(seen).toEqual([...seen].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)))
    else expect(new Set(seen).size).toBe(COMPANIES)
  },
)

it('finds customers by part of a name and by a misspelt one, and by filters', async () => {
  const [company] = await bed.records('companies')
  const name = company!.properties.name!
  const word = name.split(' ')[0]!
  const typo = `${word.slice(0, 3)}${word.slice(4)}`
  const search =
    'query ($f: CustomerFilter) { customers(filter: $f, first: 200) { totalCount nodes { name industry lifecycleStage } } }'
  for (const text of [word.slice(0, 5), word.toUpperCase(), typo]) {
    const { customers } = await ask(search, { f: { text } })
    expect(customers.nodes.map((node: { name: string }) => node.name)).toContain(name)
    expect(customers.totalCount).toBeLessThan(COMPANIES)
  }
  expect((await ask(search, { f: { text: '100%_\\' } })).customers.nodes).toEqual([])
  const { customers } = await ask(search, { f: { industry: company!.properties.industry } })
  expect(new Set(customers.nodes.map((node: { industry: string }) => node.industry))).toEqual(
    new Set([company!.properties.industry]),
  )
  expect((await ask(search, { f: { system: 'C3' } })).customers.nodes).toEqual([])
})

it('answers references of other subgraphs in one batch, and null for strangers', async () => {
  const { customers } = await ask(
    '{ customers(first: 20) { nodes { id deals(first: 1) { nodes { id } } contacts(first: 1) { nodes { id } } } } }',
  )
  const representations = [
    ...customers.nodes.map(({ id }: { id: string }) => ({ __typename: 'Customer', id })),
    { __typename: 'Customer', id: 'nobody' },
    { __typename: 'C3Account', id: 'unknown' },
    { __typename: 'BillingAccount', ban: 'unknown' },
  ]
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) {
    ... on Customer { id name c3CustomerIds bans identityVersion } ... on C3Account { customer { id } } ... on BillingAccount { customer { id } } } }`
  const { _entities } = await ask(query, { r: representations })
  expect(_entities.slice(0, 20).map((node: { id: string }) => node.id)).toEqual(
    customers.nodes.map((node: { id: string }) => node.id),
  )
  expect(_entities.slice(20)).toEqual([null, { customer: null }, { customer: null }])
})

it('finds the customer of a HubSpot company by the id it has there, and asks for the connection where two have that id', async () => {
  const query =
    'query ($id: ID!, $in: ID) { customerOfAccount(system: HUBSPOT, accountId: $id, integrationId: $in) { name } }'
  const [company] = await bed.records('companies')
  const [id, name] = [company!.id, company!.properties.name]
  expect(await ask(query, { id })).toEqual({ customerOfAccount: { name } })
  expect(await ask(query, { id: 'nobody' })).toEqual({ customerOfAccount: null })
  expect(await ask(query, { id }, principal(OTHER_ORG))).toEqual({ customerOfAccount: null })
  const { customers } = await ask('{ customers(first: 2) { nodes { id name } } }')
  const other = customers.nodes.find((node: { name: string }) => node.name !== name)
  const second = '0199a000-0000-7000-8000-00000000beef'
  await bed.database.transaction(ORG, (tx) =>
    sql`insert into customers.identities (org_id, system, account_id, external_id, integration_id, customer_id, own_customer_id,
        linked_by, name, normal_name, created_at)
      select org_id, system, ${second}, external_id, ${second}, ${other.id}::uuid, own_customer_id, linked_by, name, normal_name, created_at
      from customers.identities where system = 'HUBSPOT' and external_id = ${id}`.execute(tx),
  )
  const { errors } = await askSubgraph(url, query, { id }, principal(ORG))
  expect(errors?.map(({ extensions }) => extensions)).toEqual([
    expect.objectContaining({ code: 'BAD_INPUT' }),
  ])
  expect(await ask(query, { id, in: second })).toEqual({ customerOfAccount: { name: other.name } })
  await bed.database.transaction(ORG, (tx) =>
    sql`delete from customers.identities where account_id = ${second}`.execute(tx),
  )
})

it('shows another organisation nothing', async () => {
  const { customers } = await ask('{ customers { nodes { id } } }')
  const id = customers.nodes[0].id
  const other = await ask(
    'query ($id: ID!) { customer(id: $id) { id } customers { totalCount nodes { id } } }',
    { id },
    principal(OTHER_ORG),
  )
  expect(other).toEqual({ customer: null, customers: { totalCount: 0, nodes: [] } })
  const found = await ask('{ customers(filter: { text: "a" }) { nodes { id } } }', {}, principal(OTHER_ORG))
  expect(found.customers.nodes).toEqual([])
})

it('starts a sync once: asked again while it runs, it answers the same run; an ended one cannot be cancelled', async () => {
  const start =
    'mutation { startHubSpotSync { ... on SyncStarted { run { id state mode } receipt { position } } ... on Refusal { code } } }'
  const both = await Promise.all([ask(start), ask(start)])
  const ids = both.map(({ startHubSpotSync }) => startHubSpotSync.run.id)
  expect(new Set(ids).size).toBe(1)
  await bed.ended(ids[0])
  const cancel =
    'mutation ($id: ID!) { cancelSync(runId: $id) { ... on SyncCancelled { run { id } } ... on Refusal { code } } }'
  expect((await ask(cancel, { id: ids[0] })).cancelSync).toEqual({ code: 'INVALID' })
  expect((await ask(cancel, { id: 'x' })).cancelSync).toEqual({ code: 'NOT_FOUND' })
})

it('searches through an index under row level security', async () => {
  await bed.database.transaction(ORG, (tx) =>
    sql`insert into customers.customers (id, org_id, name, normal_name, created_at, updated_at)
      select gen_random_uuid(), ${ORG}::uuid, 'Filler ' || md5(n::text), '', ${bed.clock.now()}, ${bed.clock.now()} from generate_series(1, 20000) n`.execute(
      tx,
    ),
  )
  await session(bed.test.adminUrl, (client) => client.query('analyze customers.customers'))
  const scans = async () => {
    const { rows } = await bed.database.read(ORG, (tx) =>
      sql<{
        n: number
      }>`select idx_scan as n from pg_stat_user_indexes where indexrelname = 'customers_search'`.execute(tx),
    )
    return rows[0]?.n ?? 0
  }
  const before = await scans()
  await until(async () => {
    await ask('{ customers(filter: { text: "griston" }) { nodes { id } } }')
    return (await scans()) > before
  })
})
