import { expect, it } from 'vitest'
import type { DB } from '#db/generated/hub.ts'
import { systemClock } from '#kernel/clock.ts'
import { event } from '#schema/events.ts'
import { followSyncs } from '#subgraphs/hub/commands/follow-syncs.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { ask, seal, subscribe } from '#test/service/graph.ts'
import { admin, DEMO, EMPTY, run, startSibling, startTestHub } from './hub.ts'

interface Page {
  nodes: { id: string; done: number; state: string }[]
  pageInfo: { endCursor: string | null; hasNextPage: boolean; hasPreviousPage: boolean }
}
const runsQuery = /* GraphQL */ `
  query ($first: Int!, $after: Cursor) {
    syncRuns(first: $first, after: $after) {
      nodes { id done state eta requestedAt types { type done } }
      pageInfo { endCursor hasNextPage hasPreviousPage }
    }
  }
`
const runs = async (
  url: string,
  variables: { first: number; after?: string | null },
  caller = admin(),
): Promise<Page> => {
  const { data, errors } = await ask(url, caller, runsQuery, variables)
  expect(errors).toBeUndefined()
  return (data as unknown as { syncRuns: Page }).syncRuns
}
const minute = (n: number) => `2026-03-01T08:${String(n).padStart(2, '0')}:00.000Z`

it('shows the last state of every run that its owner told of, newest first, page by page', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  // Two of them asked for in the same moment: the id decides, and the cursor falls between them.
  const all = [1, 2, 2, 3, 4].map((n, i) => run(`run-${i}`, { requestedAt: minute(n) }))
  await sibling.progress(all)
  await sibling.progress(all.map((one) => ({ ...one, done: 50, state: 'COMPLETED' as const })))
  await until(
    async () => (await runs(hub.url, { first: 9 })).nodes.filter(({ done }) => done === 50).length === 5,
  )
  const seen: string[] = []
  let after: string | null = null
  for (let page = 0; page < 3; page++) {
    const { nodes, pageInfo }: Page = await runs(hub.url, { first: 2, after })
    seen.push(...nodes.map(({ id }) => id))
    expect(pageInfo.hasNextPage).toBe(page < 2)
    expect(pageInfo.hasPreviousPage).toBe(page > 0)
    after = pageInfo.endCursor
  }
  expect(seen).toEqual(['run-4', 'run-3', 'run-2', 'run-1', 'run-0'])
  expect((await runs(hub.url, { first: 9 }, admin(EMPTY))).nodes).toEqual([])
})

it('shows of each run whether somebody asked for it, how long it waited and took, and how often it was begun', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const times = { requestedAt: minute(1), startedAt: minute(2), finishedAt: minute(5) }
  await sibling.progress([
    run('done', { ...times, priority: 'BACKGROUND', attempts: 3 }),
    // As told by code that knew nothing of it yet.
    run('old', { requestedAt: minute(0) }),
  ])
  const query = '{ syncRuns(first: 9) { nodes { id priority attempts waitSeconds tookSeconds } } }'
  const shown = await until(async () => {
    const { data } = await ask(hub.url, admin(), query)
    const { nodes } = (data as unknown as { syncRuns: { nodes: object[] } }).syncRuns
    return nodes.length === 2 && nodes
  })
  expect(shown).toEqual([
    { id: 'done', priority: 'BACKGROUND', attempts: 3, waitSeconds: 60, tookSeconds: 180 },
    { id: 'old', priority: 'ASKED', attempts: 0, waitSeconds: null, tookSeconds: null },
  ])
})

it('refuses a page that is too large and a cursor of something else', async () => {
  await using hub = await startTestHub()
  for (const variables of [
    { first: 201 },
    { first: 0 },
    { first: 1, after: 'bm9wZQ' },
    { first: 1, after: 'WzEsMl0' },
  ]) {
    const { errors } = await ask(hub.url, admin(), runsQuery, variables)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }])
  }
})

it('takes in a batch with as many statements however long it is', async () => {
  await using hub = await testDatabase<DB>('hub')
  const statements: number[] = []
  for (const count of [1, 200]) {
    const all = Array.from({ length: count }, (_, i) => run(`run-${i}`, { requestedAt: minute(i % 60) }))
    const events = all.flatMap((one, pos) =>
      [one, { ...one, done: 7 }].map((payload) => ({
        ...event('customers.sync.progressed', one.id, payload),
        ...{ pos, orgId: DEMO, occurredAt: new Date(0) },
      })),
    )
    const before = hub.database.statements
    await hub.database.transaction(DEMO, (tx) => followSyncs(tx, DEMO, events, systemClock))
    statements.push(hub.database.statements - before)
  }
  expect(statements).toEqual([2, 2])
  const rows = await hub.database.read(DEMO, (tx) => tx.selectFrom('hub.sync_runs').select('done').execute())
  expect(rows).toEqual(Array.from({ length: 200 }, () => ({ done: 7 })))
})

it('shows connections with their runs in two statements, however many connections there are', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const portals = ['a', 'b', 'c', 'd'].map((id) => ({
    integrationId: id,
    name: `Portal ${id}`,
    system: id === 'd' ? ('C3' as const) : ('HUBSPOT' as const),
    status: 'ACTIVE' as const,
    lastSyncAt: null,
  }))
  await sibling.integrations(portals)
  await sibling.progress(
    portals.flatMap(({ integrationId, system }) =>
      [1, 2, 3].map((n) => run(`${integrationId}${n}`, { integrationId, system, requestedAt: minute(n) })),
    ),
  )
  await until(async () => (await runs(hub.url, { first: 99 })).nodes.length === 12)
  await sibling.integrations([{ ...portals[0]!, status: 'PAUSED', lastSyncAt: minute(9) }])
  const query =
    '{ integrations { __typename id name status lastSyncAt syncRuns(first: 2) { nodes { id } pageInfo { hasNextPage } } } }'
  const shown = async () => {
    const { data } = await ask(hub.url, admin(), query)
    return (data as unknown as { integrations: { id: string; status: string }[] }).integrations
  }
  const integrations = await until(async () => {
    const all = await shown()
    return all.some(({ status }) => status === 'PAUSED') && all
  })
  expect(integrations.map(({ id }) => id)).toEqual(['d', 'a', 'b', 'c'])
  expect(integrations[1]).toEqual({
    __typename: 'HubSpotIntegration',
    id: 'a',
    name: 'Portal a',
    status: 'PAUSED',
    lastSyncAt: minute(9),
    syncRuns: { nodes: [{ id: 'a3' }, { id: 'a2' }], pageInfo: { hasNextPage: true } },
  })
  expect(integrations[0]).toMatchObject({ __typename: 'C3Integration' })
  expect(await hub.statementsOf(shown)).toHaveLength(2)
})

it('streams runs as they move on, of one connection when asked, and goes on from a cursor', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const token = await seal.sign(admin())
  const stranger = await seal.sign(admin(EMPTY))
  const query =
    'subscription ($of: ID, $after: Cursor) { syncEvents(integrationId: $of, after: $after) { id done startedAt } }'
  await using all = subscribe(hub.url, token, query)
  await using one = subscribe(hub.url, token, query, { of: 'portal-2' })
  await using others = subscribe(hub.url, stranger, query)
  // graphql-ws does not say when a subscription has begun: tell until it is heard.
  let told = 0
  await until(
    async () => {
      await sibling.progress([
        run('first', { done: ++told }),
        run('second', { done: told, integrationId: 'portal-2' }),
      ])
      return all.results.length > 0 && one.results.length > 0
    },
    { everyMs: 200 },
  )
  await sibling.progress([run('last', { startedAt: minute(1) })])
  const last = await until(() => all.results.find(({ data }) => JSON.stringify(data).includes('last')))
  expect(last.data).toEqual({ syncEvents: { id: 'last', done: 0, startedAt: minute(1) } })
  expect(one.results.every(({ data }) => JSON.stringify(data).includes('second'))).toBe(true)
  await using resumed = subscribe(hub.url, token, query, { after: all.results[0]?.extensions?.cursor })
  await until(() => resumed.results.length >= all.results.length - 1)
  expect(resumed.results.map(({ data }) => data)).toEqual(all.results.slice(1).map(({ data }) => data))
  expect(others.results).toEqual([])
})

it('tells of conflicts with any system as they open, move on and end', async () => {
  await using sibling = await startSibling()
  await using hub = await startTestHub({ siblingUrl: sibling.url })
  const query =
    'subscription ($of: ID, $after: Cursor) { conflictEvents(integrationId: $of, after: $after) { id version isOpen outcome field closedAt } }'
  await using all = subscribe(hub.url, await seal.sign(admin()), query, { of: 'portal-1' })
  await using others = subscribe(hub.url, await seal.sign(admin(EMPTY)), query)
  const conflict = {
    ...{
      conflictId: 'c1',
      integrationId: 'portal-1',
      system: 'HUBSPOT' as const,
      type: 'deals',
      recordId: 'd1',
    },
    ...{ field: 'amount', policy: 'MANUAL', openedAt: minute(1) },
  }
  let version = 0
  await until(
    async () => {
      await sibling.tell([
        event('customers.conflict.opened', 'c1', { ...conflict, version: ++version }),
        event('customers.conflict.opened', 'c2', {
          ...conflict,
          conflictId: 'c2',
          integrationId: 'x',
          version,
        }),
      ])
      return all.results.length > 0
    },
    { everyMs: 200 },
  )
  const ended = { ...conflict, version: version + 1, outcome: 'HUB' as const, resolvedAt: minute(2) }
  await sibling.tell([event('customers.conflict.resolved', 'c1', ended)])
  const last = await until(() =>
    all.results.find(({ data }) => JSON.stringify(data).includes('"isOpen":false')),
  )
  expect(last.data).toEqual({
    conflictEvents: {
      ...{ id: 'c1', version: version + 1, isOpen: false, outcome: 'HUB', field: 'amount' },
      closedAt: minute(2),
    },
  })
  expect(all.results.every(({ data }) => JSON.stringify(data).includes('"c1"'))).toBe(true)
  expect(others.results).toEqual([])
})
