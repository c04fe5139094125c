import { expect, it } from 'vitest'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { readSnapshot } from '#events/feed-client.ts'
import type { LoggedEvent } from '#events/log.ts'
import { sleep } from '#kernel/clock.ts'
import type { EventPayload } from '#schema/events.ts'
import { controlOf } from '#test/kit/simulator.ts'
import { until } from '#test/kit/until.ts'
import { gatewaySeal, startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'

/** What keeps what was done, told and once so, and is longer afterwards: nothing goes on from it. */
const HISTORIES: Record<string, string> = {
  // What was told, how far it was heard, what was asked for and decided.
  '(events|service)\\..*': 'logs',
  'hub hub\\.(audit_entries|changes|outward_heads)': 'what was done, and what changed when',
  'hub hub\\.leases': 'how much was asked for lately',
  'customers customers\\.identity_candidates':
    'of which accounts somebody has said that they are not one customer',
  'insights insights\\.(health_history|churn_history|former_accounts|former_signals)':
    'what scores, accounts and facts were',
  'insights insights\\.runs': 'what the engine did, hour by hour',
  'insights insights\\.former_judgements':
    'what was thought of customers by accounts that they no longer have',
}
const isHistory = (table: string): boolean =>
  Object.keys(HISTORIES).some((name) => new RegExp(`^(\\w+ )?${name}$`).test(table))

/** Versions and times, and what follows from the time at which it was computed: of these a row may have others afterwards. */
const VERSIONS_AND_TIMES = [
  ...['identity_version', 'version', 'updated_at', 'as_of', 'position', 'health_as_of', 'taken_at'],
]

/** Rows that say the same as none. */
const SAYS_NOTHING: Record<string, string> = {
  // A figure that was there once and is not any more is kept as empty, so that it is emptied elsewhere.
  'customers.insight_fields': `where value <> 'null'`,
  // What was noticed of accounts together stays to be read.
  'insights.insights': 'where undone_at is null',
}

/** Every row of every table that the database knows, by `subgraph schema.table`, without what is a history, a version or a time. */
const tablesOf = async (hub: WholeHub): Promise<Record<string, string[]>> =>
  Object.fromEntries(
    (await Promise.all(SUBGRAPHS.map((name) => tablesOfOne(name, hub.databases[name].adminUrl)))).flat(),
  )

const tablesOfOne = (name: Subgraph, url: string): Promise<[string, string[]][]> =>
  session(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(`
      select schemaname || '.' || tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema', 'pgboss')`)
    const found: [string, string[]][] = []
    for (const { name: table } of tables) {
      if (isHistory(`${name} ${table}`)) continue
      const { rows } = await client.query<{ row: string }>(
        `select (to_jsonb(one) - $1::text[])::text as row from ${table} one ${SAYS_NOTHING[table] ?? ''} order by 1`,
        [VERSIONS_AND_TIMES],
      )
      found.push([`${name} ${table}`, rows.map(({ row }) => row)])
    }
    return found
  })

/** The rows that are in one of two states alone, by their table. */
const differences = (before: Record<string, string[]>, now: Record<string, string[]>): string[] =>
  Object.keys({ ...before, ...now }).flatMap((table) => {
    const [was, is] = [new Set(before[table]), new Set(now[table])]
    const lines = [...was.difference(is)].map((row) => `- ${table} ${row}`)
    return [...lines, ...[...is.difference(was)].map((row) => `+ ${table} ${row}`)]
  })

/** What the tables are once nothing moves any more. */
const settled = async (hub: WholeHub) => {
  let last = await tablesOf(hub)
  let same = 0
  await until(async () => {
    const now = await tablesOf(hub)
    same = JSON.stringify(now) === JSON.stringify(last) ? same + 1 : 0
    last = now
    await sleep(100)
    return same >= 5
  })
  return last
}

const inSubgraph = <T>(hub: WholeHub, name: Subgraph, sql: string, values: unknown[] = []): Promise<T[]> =>
  session(hub.databases[name].adminUrl, async (client) => (await client.query(sql, values)).rows as T[])

/** What customers hold of what insights thinks of them, by customer and field; what is empty is left out. */
const heldBy = async (hub: WholeHub): Promise<Record<string, unknown>> => {
  const rows = await inSubgraph<{ key: string; value: unknown }>(
    hub,
    'customers',
    `select customer_id || ' ' || field as key, value from customers.insight_fields where value <> 'null'
    union all select id || ' health', to_jsonb(health_score::float8) from customers.customers where health_score is not null`,
  )
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

type Judged = Pick<LoggedEvent, 'name' | 'payload'>
/** The same as events have told it, the last word about each. */
const toldBy = (events: readonly Judged[]): Record<string, unknown> => {
  const said = new Map<string, unknown>()
  for (const { name, payload } of events)
    if (name === 'insights.health.changed') {
      const { customerId, score } = payload as EventPayload<typeof name>
      said.set(`${customerId} health`, score === null ? null : Number(score))
    } else if (name === 'insights.profile.changed') {
      const { customerId, fields } = payload as EventPayload<typeof name>
      for (const [field, one] of Object.entries(fields)) said.set(`${customerId} ${field}`, one!.value)
    }
  return Object.fromEntries([...said].filter(([, value]) => value !== null))
}

/** Waits until the log, what insights tells a sibling that starts anew, and what customers hold say the same. */
const agreed = (hub: WholeHub) =>
  until(async () => {
    const names = ['insights.health.changed', 'insights.profile.changed']
    const log = await inSubgraph<Judged>(
      hub,
      'insights',
      'select name, payload from events.recorded where name = any($1) order by batch, place',
      [names],
    )
    const anew: Judged[] = []
    const feed = { url: hub.urls.insights, source: 'insights' as const, reader: 'test', seal: gatewaySeal }
    for await (const { events } of readSnapshot(feed, names, new AbortController().signal))
      anew.push(...events)
    const held = await heldBy(hub)
    expect(toldBy(log)).toEqual(held)
    expect(toldBy(anew)).toEqual(held)
    return true
  })

/** Says no while something that a subgraph has told is not told on yet, or one of those who follow it has not heard it. */
const allIsHeard = async (hub: WholeHub): Promise<void> => {
  const heads = new Map<string, number>()
  for (const name of SUBGRAPHS) {
    const [head] = await inSubgraph<{ pos: number; waiting: number }>(
      ...([hub, name] as const),
      'select (select coalesce(max(last_pos), 0)::int from events.batches) as pos, (select count(*)::int from events.outbox) as waiting',
    )
    expect({ name, waiting: head!.waiting }).toEqual({ name, waiting: 0 })
    heads.set(name, head!.pos)
  }
  for (const name of SUBGRAPHS) {
    const taken = await inSubgraph<{ consumer: string; source: string; pos: number }>(
      ...([hub, name] as const),
      'select consumer, source, greatest(c.pos, max(m.pos))::int as pos from events.cursors c left join events.marks m using (consumer, source) group by consumer, source',
    )
    expect(taken.filter(({ source, pos }) => pos < heads.get(source)!)).toEqual([])
  }
}

/** What the portal's company of a customer says of what is thought of it, once everybody has heard everything and that is what is held of it. */
const said = (hub: WholeHub, customerId: string) =>
  until(async () => {
    // In the order in which news travels: whatever is still under way is further on, and is looked at later.
    await allIsHeard(hub)
    expect(
      await inSubgraph(hub, 'insights', 'select 1 from insights.customers where dirty_since is not null'),
    ).toEqual([])
    await allIsHeard(hub)
    expect(await inSubgraph(hub, 'customers', 'select 1 from sync.outgoing')).toEqual([])
    const [row] = await inSubgraph<{
      id: string
      health: string | null
      risk: string | null
      lead: string | null
    }>(
      hub,
      'customers',
      `select co.external_id as id, c.health_score::text as health, (select value #>> '{}' from customers.insight_fields f
          where f.customer_id = c.id and f.field = 'churnRisk') as risk, (select value #>> '{}' from customers.insight_fields f
          where f.customer_id = c.id and f.field = 'score') as lead
      from customers.companies co join customers.customers c on c.id = co.customer_id where c.id = $1`,
      [customerId],
    )
    const { results } = await controlOf(hub.simulators.hubspot)<{
      results: { id: string; properties: Record<string, string | null> }[]
    }>('records/companies?limit=1000')
    const { properties } = results.find(({ id }) => id === row!.id)!
    const own = Object.fromEntries(
      Object.entries(properties).filter(
        ([name, value]) =>
          /^(cscx_health|oppspot_|ai_|predicted_|next_order|recommended_)/.test(name) && value,
      ),
    )
    expect([own.cscx_health_score, own.ai_risk_score, own.oppspot_score]).toEqual([
      row!.health === null ? undefined : String(Number(row!.health)),
      row!.risk ?? undefined,
      row!.lead ?? undefined,
    ])
    return own
  })

const CUSTOMER = 'query ($id: ID!) { customer(id: $id) { id version identities { system accountId } } }'
const RESULT = '{ __typename ... on Refusal { message } }'

it('fault 55 (insights): link then unlink, and link then split, leave every table byte for byte as it was, and HubSpot’s companies', async () => {
  await using hub = await startWholeHub({ companies: 6, isByTheClock: false })
  await hub.synced()
  for (const [n, ban] of ['APART-1', 'APART-2'].entries()) {
    const made = await hub.ask(
      'mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { __typename ... on Refusal { message } } }',
      {
        input: {
          ...{
            ban,
            name: ['Quillfeather Studios', 'Umberwald Dairy'][n],
            mrr: '1500',
            paymentStatus: 'PAST_DUE',
          },
          trunks: [
            { name: 'Main', ipAddresses: [`198.51.100.${n + 1}`], concurrentCalls: 10, monthlyMinutes: 100 },
          ],
        },
      },
    )
    expect(made.data.createBillingAccount).toEqual({ __typename: 'BillingAccountCreated' })
  }
  const list = '{ customers(first: 100) { nodes { id identities { system accountId } } } }'
  type Node = { id: string; identities: { system: string; accountId: string }[] }
  const all = await until(async () => {
    const nodes = (await hub.ask(list)).data.customers.nodes as Node[]
    const has = (ban: string) => nodes.some((node) => node.identities.some((one) => one.accountId === ban))
    return has('APART-1') && has('APART-2') && nodes
  })
  const whose = (accountId: string) =>
    all.find((node) => node.identities.some((one) => one.accountId === accountId))!
  const only = (system: string) =>
    all.find(({ identities }) => identities.length === 1 && identities[0]?.system === system)!
  const [company, c3] = [only('HUBSPOT'), only('C3')]
  const hubspot = company.identities[0]!
  const account = (accountId: string) => ({ system: 'WARP', accountId })
  const versionOf = async (id: string): Promise<number> =>
    (await hub.ask(CUSTOMER, { id })).data.customer.version
  const link = async (id: string, account: object) => {
    const answer = await hub.ask(
      `mutation ($id: ID!, $account: AccountInput!, $version: Int!) { linkIdentity(customerId: $id, account: $account, expectedVersion: $version) ${RESULT} }`,
      { id, account, version: await versionOf(id) },
    )
    expect(answer.data.linkIdentity).toEqual({ __typename: 'Linked' })
  }
  const unlink = async (id: string, account: object) => {
    const answer = await hub.ask(
      `mutation ($id: ID!, $account: AccountInput!, $version: Int!) { unlinkIdentity(customerId: $id, account: $account, expectedVersion: $version) ${RESULT} }`,
      { id, account, version: await versionOf(id) },
    )
    expect(answer.data.unlinkIdentity).toEqual({ __typename: 'TakenApart' })
  }
  const restored = (before: Record<string, string[]>) =>
    until(
      async () => {
        expect(differences(before, await tablesOf(hub))).toEqual([])
        return true
      },
      { timeoutMs: 60_000 },
    )
  // What people decide, and what is written about customers, is there from before.
  const { data: noticed } = await until(async () => {
    const answer = await hub.ask('{ insights(first: 100) { nodes { id version type customer { id } } } }')
    const overdue = answer.data.insights.nodes.filter(
      (one: { customer: { id: string } }) =>
        one.customer.id === whose('APART-1').id || one.customer.id === whose('APART-2').id,
    )
    return new Set(overdue.map((one: { customer: { id: string } }) => one.customer.id)).size === 2 && answer
  })
  const insightOf = (id: string) =>
    noticed.insights.nodes.find((one: { customer: { id: string } }) => one.customer.id === id)
  const decide = async (mutation: string, id: string) => {
    const answer = await hub.ask(
      `mutation ($id: ID!, $version: Int!) { ${mutation.replace('(', '(id: $id, expectedVersion: $version')} ${RESULT} }`,
      { id: insightOf(id).id, version: insightOf(id).version },
    )
    expect(answer.data[mutation.split('(')[0]!]).toEqual({ __typename: 'InsightDecided' })
  }
  await decide('acceptInsight()', whose('APART-1').id)
  await decide('dismissInsight(, reason: WRONG)', whose('APART-2').id)
  for (const { id } of [company, c3, whose('APART-1')])
    await hub.ask(`mutation ($id: ID!) { enrichCustomer(customerId: $id) ${RESULT} }`, { id })
  const before = await settled(hub)

  // A company of HubSpot comes to a customer that only C3 knew, and leads it: then it goes again.
  await link(c3.id, hubspot)
  expect(differences(before, await settled(hub))).not.toEqual([])
  await unlink(c3.id, hubspot)
  await restored(before)

  // Two accounts of one customer come to another, one after the other, and go together.
  await link(whose('APART-1').id, account('APART-2'))
  const two = await settled(hub)
  for (const id of ['APART-1', 'APART-2']) await link(c3.id, account(id))
  expect(differences(two, await settled(hub))).not.toEqual([])
  const split = await hub.ask(
    `mutation ($id: ID!, $accounts: [AccountInput!]!, $version: Int!) { splitCustomer(customerId: $id, accounts: $accounts, expectedVersion: $version) ${RESULT} }`,
    {
      ...{ id: c3.id, accounts: [account('APART-1'), account('APART-2')] },
      version: await versionOf(c3.id),
    },
  )
  expect(split.data.splitCustomer).toEqual({ __typename: 'TakenApart' })
  await restored(two)
  // And those two, of which people had dismissed something of the one and mean to do something for the other.
  await unlink(whose('APART-1').id, account('APART-2'))
  await restored(before)

  // What HubSpot's companies say is what is thought of their customer: while it is another one, of that one.
  const { data } = await hub.ask('{ integrations { id system } }')
  const { id } = data.integrations.find((one: { system: string }) => one.system === 'HUBSPOT')
  const provisioned = await hub.ask(
    'mutation ($id: ID!) { provisionHubSpot(integrationId: $id) { ... on HubSpotProvisioned { problems { name } } } }',
    { id },
  )
  expect(provisioned.data.provisionHubSpot.problems).toEqual([])
  await inSubgraph(
    hub,
    'customers',
    'insert into sync.push_approvals (org_id, connection_id, approved_at) select org_id, id, created_at from customers.integrations',
  )
  await link(c3.id, hubspot)
  const together = await said(hub, c3.id)
  await unlink(c3.id, hubspot)
  const alone = await said(hub, company.id)
  expect(alone).not.toEqual(together)
  await link(c3.id, hubspot)
  // What was noticed of both was undone, and is another insight when it is noticed again.
  expect(await said(hub, c3.id)).toEqual({ ...together, recommended_actions: expect.any(String) })
  await unlink(c3.id, hubspot)
  expect(await said(hub, company.id)).toEqual(alone)
  await agreed(hub)
}, 240_000)
