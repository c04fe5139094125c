import { expect, it } from 'vitest'
import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import type { DB } from '#db/generated/inventory.ts'
import { systemClock } from '#kernel/clock.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { controlOf } from '#test/kit/simulator.ts'
import { testDatabase } from '../kit/postgres.ts'
import { askSubgraph, DEMO, EMPTY, principal, startWith, TEST_KEY } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'

const start = async (companies = 40) => {
  const stack = new AsyncDisposableStack()
  const c3 = stack.use(await startC3Simulator({ port: 0, companies, seed: 7, clock: systemClock }))
  const sim = controlOf(c3.url)
  await sim('limits', 'off')
  const database = stack.use(await testDatabase<DB>('inventory'))
  const statements: string[] = []
  const inventory = stack.use(
    await startInventory({
      ...startWith(database.urls, { onStatement: (sql) => statements.push(sql) }),
      encryptionKeys: [TEST_KEY],
      connect: { orgId: DEMO, name: 'C3', baseUrl: c3.url, apiKey: DEMO_API_KEY },
    }),
  )
  const runs = () =>
    database.database.read(DEMO, (tx) =>
      tx.selectFrom('sync.runs').select(['id', 'state', 'error']).execute(),
    )
  const records = async (type: string): Promise<{ [field: string]: unknown }[]> => {
    const { records } = await sim<{ records: { [field: string]: unknown }[] }>(`records/${type}`)
    return records
  }
  return {
    sim,
    database: database.database,
    inventory,
    statements,
    runs,
    records,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const sync = /* GraphQL */ `
  mutation ($mode: SyncMode!) {
    startC3Sync(mode: $mode) { ... on SyncStarted { run { id state } receipt { position } } ... on Refusal { code message } }
  }`

it('brings over everything C3 has on the first start, and seals the key it was given', async () => {
  await using hub = await start()
  await until(async () => (await hub.runs())[0]?.state === 'COMPLETED', { timeoutMs: 20_000 })
  const stock = await hub.records('inventory')
  const rfqs = await hub.records('rfqs')
  const { data } = await askSubgraph(
    hub.inventory.url,
    '{ stock(first: 1) { totalCount nodes { partNumber syncStatus costPerUnit { amount currency } } } rfqs(first: 1) { totalCount nodes { number status account { name c3CustomerId } lineCount } } }',
  )
  expect(data.stock.totalCount).toBe(stock.length)
  expect(data.rfqs.totalCount).toBe(rfqs.length)
  const rfq = rfqs.find((r) => r.rfqNumber === data.rfqs.nodes[0].number)!
  expect(data.rfqs.nodes[0].account.c3CustomerId).toBe(rfq.customerId)
  const [kept] = await hub.database.read(DEMO, (tx) =>
    tx.selectFrom('inventory.integrations').select('api_key').execute(),
  )
  expect(kept!.api_key).not.toContain(DEMO_API_KEY)
  const others = await askSubgraph(
    hub.inventory.url,
    '{ stock { totalCount } rfqs { nodes { id } } }',
    {},
    principal(EMPTY),
  )
  expect(others.data).toEqual({ stock: { totalCount: 0 }, rfqs: { nodes: [] } })
})

it('takes over what changed, and only that, and what was deleted', async () => {
  await using hub = await start()
  await until(async () => (await hub.runs())[0]?.state === 'COMPLETED', { timeoutMs: 20_000 })
  const [one, two] = await hub.records('inventory')
  await hub.sim('records/inventory', { stockId: one!.stockId, quantityAvailable: 4321 })
  await hub.sim('records/inventory', { stockId: two!.stockId, deleted: true })
  const { data } = await askSubgraph(hub.inventory.url, sync, { mode: 'INCREMENTAL' })
  const { id } = data.startC3Sync.run
  await until(async () => (await hub.runs()).find((run) => run.id === id)?.state === 'COMPLETED')
  const kept = await hub.database.read(DEMO, (tx) =>
    tx
      .selectFrom('inventory.inventory')
      .select(['c3_stock_id', 'quantity_available', 'deleted_at'])
      .where('c3_stock_id', 'in', [String(one!.stockId), String(two!.stockId)])
      .execute(),
  )
  const of = (stockId: unknown) => kept.find((row) => row.c3_stock_id === stockId)!
  expect(of(one!.stockId).quantity_available).toBe(4321)
  expect(of(two!.stockId).deleted_at).not.toBeNull()
  const run = await hub.database.read(DEMO, (tx) =>
    tx
      .selectFrom('sync.checkpoints')
      .selectAll()
      .where('run_id', '=', id)
      .where('type', '=', 'inventory')
      .executeTakeFirstOrThrow(),
  )
  expect({ updated: run.updated, deleted: run.deleted, created: run.created }).toEqual({
    updated: 1,
    deleted: 1,
    created: 0,
  })
})
