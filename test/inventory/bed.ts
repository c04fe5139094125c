import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import type { DB } from '#db/generated/inventory.ts'
import { systemClock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { changeRecords } from '#subgraphs/inventory/sync/change-records.ts'
import type { LocalChanges } from '#sync/local-change.ts'
import { approvePush } from '#sync/plans/may-push.ts'
import { engineOf } from '#test/kit/engine.ts'
import { controlOf } from '#test/kit/simulator.ts'
import { testDatabase } from '../kit/postgres.ts'
import { askSubgraph, DEMO, startWith, TEST_KEY } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'

const START = /* GraphQL */ `
  mutation ($mode: SyncMode!) {
    startC3Sync(mode: $mode) { ... on SyncStarted { run { id state } receipt { position } } ... on Refusal { code message } }
  }`

/**
 * An inventory subgraph that keeps a simulated C3 in step, whose limits are off.
 * @param options.advises whether it advises by itself; then statements of its own come between others
 */
export const startInventoryBed = async ({ companies = 40, advises = false } = {}) => {
  await using stack = new AsyncDisposableStack()
  const c3 = stack.use(await startC3Simulator({ port: 0, companies, seed: 7, clock: systemClock }))
  const sim = controlOf(c3.url)
  await sim('limits', 'off')
  const database = stack.use(await testDatabase<DB>('inventory'))
  const statements: string[] = []
  const inventory = stack.use(
    await startInventory({
      ...startWith(database.urls, { onStatement: (sql) => statements.push(sql) }),
      encryptionKeys: [TEST_KEY],
      limits: {},
      advises,
      connect: { orgId: DEMO, name: 'C3', baseUrl: c3.url, apiKey: DEMO_API_KEY },
    }),
  )
  const rows = database.database
  const runs = () =>
    rows.read(DEMO, (tx) => tx.selectFrom('sync.runs').select(['id', 'state', 'error']).execute())
  const ended = (id: string) =>
    until(async () => (await runs()).find((run) => run.id === id)?.state === 'COMPLETED')
  const integrationId = idFrom(DEMO, 'c3', 'C3')
  const place = { orgId: DEMO, connectionId: integrationId }
  const held = stack.move()
  return {
    /** The connection's engine by itself. */
    engine: engineOf({ database: rows as never, clock: systemClock, ...place, sim }),
    integrationId,
    /** Lets the connection write by itself, as whoever approves its first writes does. */
    approve: () =>
      rows.transaction(DEMO, (tx) => approvePush(tx, { ...place, planId: null }, systemClock.now())),
    /** Changes requests for prices here, as somebody who uses the hub would. */
    change: (updates: LocalChanges['updates']) =>
      rows.transaction(DEMO, (tx) =>
        changeRecords(tx, { orgId: DEMO, integrationId, type: 'rfqs' }, { updates }, systemClock.now()),
      ),
    sim,
    database: rows,
    inventory,
    /** SQL that was sent, in order; empty it to count. */
    statements,
    runs,
    /** What C3 has of a kind. */
    records: async <T = { [field: string]: unknown }>(type: string): Promise<T[]> =>
      (await sim<{ records: T[] }>(`records/${type}`)).records,
    /** Waits for the first run. */
    synced: () => until(async () => (await runs())[0]?.state === 'COMPLETED'),
    /** Has a sync run to its end. @returns the run's id */
    sync: async (mode: 'FULL' | 'INCREMENTAL'): Promise<string> => {
      const { data } = await askSubgraph(inventory.url, START, { mode })
      const { id } = data.startC3Sync.run as { id: string }
      await ended(id)
      return id
    },
    /** What a run did, by all kinds or one. */
    progress: async (runId: string, type?: string) => {
      const all = await rows.read(DEMO, (tx) =>
        tx
          .selectFrom('sync.checkpoints')
          .select(['type', 'created', 'updated', 'deleted'])
          .where('run_id', '=', runId)
          .execute(),
      )
      const own = type === undefined ? all : all.filter((each) => each.type === type)
      const sum = (of: 'created' | 'updated' | 'deleted') => own.reduce((total, each) => total + each[of], 0)
      return { created: sum('created'), updated: sum('updated'), deleted: sum('deleted') }
    },
    /** How many records a run has read. */
    read: async (runId: string): Promise<number> => {
      const all = await rows.read(DEMO, (tx) =>
        tx.selectFrom('sync.checkpoints').select('done').where('run_id', '=', runId).execute(),
      )
      return all.reduce((sum, { done }) => sum + done, 0)
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

export type InventoryBed = Awaited<ReturnType<typeof startInventoryBed>>
