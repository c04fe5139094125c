import { sql } from 'kysely'
import { ID_FIELDS, type Kind, type Kinds, type RfqUpdate } from '#connectors/c3/index.ts'
import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import { type DatabaseOptions, openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/inventory.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { ensureIntegration } from '#subgraphs/inventory/commands/ensure-integration.ts'
import { changeRecords } from '#subgraphs/inventory/sync/change-records.ts'
import { type C3RunOptions, openC3Run } from '#subgraphs/inventory/sync/open.ts'
import { c3Target, isActive, mayPush, noteRefused } from '#subgraphs/inventory/sync/target.ts'
import type { LocalChanges } from '#sync/local-change.ts'
import { approvePush } from '#sync/plans/may-push.ts'
import { type PusherOptions, startPusher } from '#sync/pusher.ts'
import { type RunnerOptions, startRunner } from '#sync/runner.ts'
import { type SignalsOptions, startSignals } from '#sync/signal-reader.ts'
import { atWork, engineOf } from './engine.ts'
import { silentLog } from './log.ts'
import { PATIENT, testDatabase } from './postgres.ts'
import { controlOf } from './simulator.ts'
import { DEMO as ORG, TEST_KEY } from './subgraph.ts'

export interface C3Options {
  companies?: number
  clock?: Clock
  /** Whether nobody has approved the connection's first writes yet. Default: somebody has. */
  firstPush?: boolean
}

/** A simulated C3, its limits off, and an inventory database that is connected to it. Nothing syncs before it is asked for. */
export const c3Bed = async ({ companies = 40, clock = systemClock, firstPush = false }: C3Options = {}) => {
  await using stack = new AsyncDisposableStack()
  const c3 = stack.use(await startC3Simulator({ port: 0, companies, seed: 7, clock }))
  const sim = controlOf(c3.url)
  await sim('limits', 'off')
  const test = stack.use(await testDatabase<DB>('inventory'))
  const vault = openVault([TEST_KEY])
  const { database } = test
  const ask = { orgId: ORG, name: 'C3', baseUrl: c3.url, apiKey: DEMO_API_KEY, vault, clock }
  const { id: integrationId } = await database.transaction(ORG, (tx) => ensureIntegration(tx, ask))
  const place = { orgId: ORG, connectionId: integrationId }
  if (!firstPush)
    await database.transaction(ORG, (tx) => approvePush(tx, { ...place, planId: null }, clock.now()))
  const records = async <K extends Kind>(kind: K): Promise<Kinds[K][]> =>
    (await sim<{ records: Kinds[K][] }>(`records/${kind}`)).records
  const all = stack.move()
  return {
    ...{ test, database, vault, clock, integrationId, sim, records, url: c3.url },
    ...engineOf({ database: database as never, clock, ...place, sim }),
    /** Changes requests for prices here, as somebody who uses the hub would. @param at when; now, if it is not said */
    change: (changes: Pick<LocalChanges, 'updates'>, at = clock.now()) =>
      database.transaction(ORG, (tx) =>
        changeRecords(tx, { orgId: ORG, integrationId, type: 'rfqs' }, changes, at),
      ),
    /** Our id of a record, by C3's. */
    idOf: async (kind: Kind, externalId: string): Promise<string> => {
      const { rows } = await database.read(ORG, (tx) =>
        sql<{
          id: string
        }>`select local_id as id from sync.links where type = ${kind} and external_id = ${externalId}`.execute(
          tx,
        ),
      )
      return rows[0]!.id
    },
    /** A record as C3 has it. */
    there: async <K extends Kind>(kind: K, id: string): Promise<Kinds[K]> => {
      const field = ID_FIELDS[kind] as unknown as keyof Kinds[K]
      return (await records(kind)).find((record) => record[field] === id)!
    },
    /** A request as the hub has it, by C3's id. */
    here: async (rfqId: string) =>
      database.read(ORG, (tx) =>
        tx.selectFrom('inventory.rfqs').selectAll().where('c3_rfq_id', '=', rfqId).executeTakeFirstOrThrow(),
      ),
    /** What was written to C3 and taken, item by item. */
    taken: async () => (await sim<{ records: RfqUpdate[] }>('records/rfq-updates')).records,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type C3Bed = Awaited<ReturnType<typeof c3Bed>>
type Base = Pick<C3Bed, 'test' | 'vault' | 'clock'>
type Tuning = Pick<C3RunOptions, 'c3' | 'limits'> & Pick<DatabaseOptions, 'onStatement'>

const ends = ({ test, vault, clock }: Base, { c3, limits = {}, onStatement }: Tuning) => {
  const database = openDatabase<DB>(test.urls, { ...PATIENT, ...(onStatement ? { onStatement } : {}) })
  const rows = database as never
  const open = openC3Run({ database: rows, vault, clock, log: silentLog, limits, c3 })
  return { database, shared: { pollMs: 200, clock, log: silentLog, open, database: rows } }
}

/** A worker of a bed, with connections of its own. */
export const worker = (bed: Base, options: Partial<RunnerOptions> & Tuning = {}) => {
  const { database, shared } = ends(bed, options)
  return atWork(database, startRunner({ target: c3Target, ...shared, ...options }))
}

/** A reader of signals of a bed, with connections of its own. */
export const reader = (bed: Base, options: Partial<SignalsOptions> & Tuning = {}) => {
  const { database, shared } = ends(bed, options)
  const { progressed } = c3Target
  return atWork(
    database,
    startSignals({ mayRun: isActive, progressed, refused: noteRefused, ...shared, ...options }),
  )
}

/** A writer of a bed, with connections of its own. */
export const writer = (bed: Base, options: Partial<PusherOptions> & Tuning = {}) => {
  const { database, shared } = ends(bed, options)
  return atWork(database, startPusher({ mayPush, refused: noteRefused, ...shared, ...options }))
}

/**
 * A bed whose C3 was imported once, its journal empty since.
 * @param others who waits for more; nobody unless named
 */
export const importedC3 = async (
  options: C3Options = {},
  others: readonly ((bed: C3Bed) => AsyncDisposable)[] = [],
): Promise<C3Bed> => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await c3Bed(options))
  {
    await using _ = worker(bed)
    await bed.sync('FULL')
  }
  await bed.sim('journal', undefined, 'DELETE')
  for (const start of others) stack.use(start(bed))
  const all = stack.move()
  return { ...bed, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

export { ORG }
