import { expect, it } from 'vitest'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { sleep } from '#kernel/clock.ts'
import { until } from '#test/kit/until.ts'
import { startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'

/** What keeps what was done and told, and so is longer afterwards. */
const HISTORIES = [
  /^\w+ (events|service)\./,
  // Of which accounts somebody has said that they are not one customer.
  /^customers customers\.identity_candidates$/,
  /^insights insights\.(health_history|former_accounts|former_signals)$/,
  // What was noticed about a customer ends when it is merged, and is noticed anew, as another episode, when it stands for itself again.
  /^insights insights\.insights$/,
]
/** Versions and times, and what follows from the time at which it was computed: of these a row may have others afterwards. */
const VERSIONS_AND_TIMES = [
  ...['identity_version', 'version', 'updated_at', 'as_of', 'position', 'health_as_of', 'taken_at'],
]

/** Rows that say the same as none: a figure that was there once and is not any more is kept as empty, so that it is emptied elsewhere. */
const SAYS_NOTHING: Record<string, string> = {
  // What is to be done names what was noticed, which then is another episode.
  'customers.insight_fields': `where value <> 'null' and field <> 'recommendedActions'`,
}

/** Every row of every table, by `subgraph schema.table`, without what is a history, a version or a time. */
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
      if (HISTORIES.some((history) => history.test(`${name} ${table}`))) continue
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

const CUSTOMER = 'query ($id: ID!) { customer(id: $id) { id version identities { system accountId } } }'
const RESULT = '{ __typename ... on Refusal { message } }'

it('link then unlink, and link then split, leave every table byte for byte as it was', async () => {
  await using hub = await startWholeHub({ companies: 6, isByTheClock: false })
  await hub.synced()
  for (const [n, ban] of ['APART-1', 'APART-2'].entries()) {
    const made = await hub.ask(
      'mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { __typename ... on Refusal { message } } }',
      {
        input: {
          ...{ ban, name: ['Quillfeather Studios', 'Umberwald Dairy'][n], mrr: '1500' },
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
  const restored = (before: Record<string, string[]>) =>
    until(
      async () => {
        expect(differences(before, await tablesOf(hub))).toEqual([])
        return true
      },
      { timeoutMs: 60_000 },
    )
  const before = await settled(hub)

  // A company of HubSpot comes to a customer that only C3 knew, and leads it: then it goes again.
  await link(c3.id, hubspot)
  expect(differences(before, await settled(hub))).not.toEqual([])
  const unlinked = await hub.ask(
    `mutation ($id: ID!, $account: AccountInput!, $version: Int!) { unlinkIdentity(customerId: $id, account: $account, expectedVersion: $version) ${RESULT} }`,
    { id: c3.id, account: hubspot, version: await versionOf(c3.id) },
  )
  expect(unlinked.data.unlinkIdentity).toEqual({ __typename: 'TakenApart' })
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
}, 150_000)
