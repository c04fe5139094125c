import { DEMO_TOKEN, startHubSpotSimulator } from '#connectors/hubspot/simulator/index.ts'
import { type DatabaseOptions, openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { ensureIntegration } from '#subgraphs/customers/commands/ensure-integration.ts'
import { matchSome } from '#subgraphs/customers/commands/match-accounts.ts'
import type { RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { openPortalRun } from '#subgraphs/customers/sync/open.ts'
import { openPortals, type PortalsOptions } from '#subgraphs/customers/sync/portals.ts'
import { isActive, mayPush, noteRefused, parks, plainTarget } from '#subgraphs/customers/sync/target.ts'
import type { LocalChanges } from '#sync/local-change.ts'
import { approvePush } from '#sync/plans/may-push.ts'
import { type PusherOptions, startPusher } from '#sync/pusher.ts'
import { type RunnerOptions, startRunner } from '#sync/runner.ts'
import { type SignalsOptions, startSignals } from '#sync/signal-reader.ts'
import { atWork, engineOf } from './engine.ts'
import { silentLog } from './log.ts'
import { furnishPortal } from './portal.ts'
import { PATIENT, testDatabase } from './postgres.ts'
import { controlOf } from './simulator.ts'

export const ORG = '00000000-0000-4000-8000-000000000001'
export const OTHER_ORG = '00000000-0000-4000-8000-000000000002'
/** The encryption key of tests. */
export const TEST_KEY = Buffer.alloc(32, 7).toString('base64')

export interface SimRecord {
  id: string
  properties: Record<string, string | null>
  updatedAt: string
  archived: boolean
  /** The record that has taken its place. */
  mergedInto?: string
  associations?: Record<string, { id: string; typeIds: number[] }[]>
}

export interface PortalOptions {
  companies?: number
  clock?: Clock
  /** Whether nobody has approved the connection's first writes yet. Default: somebody has. */
  firstPush?: boolean
  /** Limits on, as the vendor has them. Default: off, and none assumed. */
  limits?: boolean
  /** Whether the portal keeps the hub's key of every record, so that records can be made there. Default false. */
  keyed?: boolean
}

/** A simulated portal and a customers database that is connected to it. Nothing syncs before it is asked for. */
export const customersBed = async (options: PortalOptions = {}) => {
  const { clock = systemClock } = options
  await using stack = new AsyncDisposableStack()
  const portal = stack.use(
    await startHubSpotSimulator({
      port: 0,
      clock,
      ...(options.companies === undefined ? {} : { companies: options.companies }),
    }),
  )
  const test = stack.use(await testDatabase<DB>('customers'))
  const sim = controlOf(portal.url)
  if (!options.limits) await sim('limits', { off: true })
  if (options.keyed) await furnishPortal(portal, 'KEY')
  const vault = openVault([TEST_KEY])
  const { database } = test
  const integrationId = await ensureIntegration(
    { database, vault, clock },
    { orgId: ORG, name: 'HubSpot', baseUrl: portal.url, token: DEMO_TOKEN },
  )
  if (!options.firstPush)
    await database.transaction(ORG, (tx) =>
      approvePush(tx, { orgId: ORG, connectionId: integrationId, planId: null }, clock.now()),
    )
  const records = async (type: string, query = ''): Promise<SimRecord[]> => {
    const { results } = await sim<{ results: SimRecord[] }>(`records/${type}?limit=100000${query}`)
    return results
  }
  const engine = engineOf({
    database: database as never,
    clock,
    orgId: ORG,
    connectionId: integrationId,
    sim,
  })
  /** Changes records here, as somebody who uses the hub would. */
  const change = (type: RecordType, changes: LocalChanges) =>
    database.transaction(ORG, (tx) =>
      changeRecords(tx, { orgId: ORG, integrationId, type }, changes, clock.now()),
    )
  const all = stack.move()
  return {
    portal,
    test,
    database,
    vault,
    clock,
    integrationId,
    sim,
    records,
    ...engine,
    /** Lets syncs delete and change however much it is, without anybody asked. */
    allowAll: () =>
      database.transaction(ORG, (tx) =>
        tx.updateTable('customers.integrations').set({ delete_percent: 100, change_percent: 100 }).execute(),
      ),
    change,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type CustomersBed = Awaited<ReturnType<typeof customersBed>>

/** Finds out who is who now, as the loop would: all accounts that have changed. */
export const matchAll = async (
  { database, vault, clock }: Pick<CustomersBed, 'database' | 'vault' | 'clock'>,
  batch = 250,
): Promise<void> => {
  const one = () =>
    database.transaction(ORG, (tx) => matchSome(tx, { orgId: ORG, vault, at: clock.now() }, batch))
  while (await one());
}

/** A worker of a bed, with connections of its own. */
export const worker = (
  bed: Pick<CustomersBed, 'test' | 'vault' | 'clock'>,
  {
    onStatement,
    ...options
  }: Partial<RunnerOptions> &
    Partial<Pick<PortalsOptions, 'hubspot' | 'limits' | 'signIn'>> &
    Pick<DatabaseOptions, 'onStatement'> = {},
) => {
  const listening = onStatement ? { onStatement } : {}
  const database = openDatabase<DB>(bed.test.urls, {
    ...PATIENT,
    log: options.log ?? silentLog,
    ...listening,
  })
  const shared = { clock: bed.clock, log: silentLog, ...options }
  const portals = openPortals({ ...shared, database, vault: bed.vault, limits: options.limits ?? {} })
  const runner = startRunner({
    pollMs: 200,
    target: plainTarget,
    parks,
    open: openPortalRun({ database, clock: bed.clock, vault: bed.vault }, portals),
    ...shared,
    database: database as never,
  })
  return { ...atWork(database, runner, portals), portals }
}

/** A reader of signals of a bed, with connections of its own. */
export const reader = (
  bed: Pick<CustomersBed, 'test' | 'vault' | 'clock'>,
  {
    onStatement,
    ...options
  }: Partial<SignalsOptions> &
    Partial<Pick<PortalsOptions, 'hubspot' | 'limits' | 'signIn'>> &
    Pick<DatabaseOptions, 'onStatement'> = {},
) => {
  const listening = onStatement ? { onStatement } : {}
  const database = openDatabase<DB>(bed.test.urls, {
    ...PATIENT,
    log: options.log ?? silentLog,
    ...listening,
  })
  const shared = { clock: bed.clock, log: silentLog, ...options }
  const portals = openPortals({ ...shared, database, vault: bed.vault, limits: options.limits ?? {} })
  const open = openPortalRun({ database, clock: bed.clock, vault: bed.vault }, portals)
  const { progressed } = plainTarget
  const signals = startSignals({
    pollMs: 200,
    mayRun: isActive,
    progressed,
    refused: noteRefused,
    open,
    ...shared,
    database: database as never,
  })
  return atWork(database, signals, portals)
}

/** A writer of a bed, with connections of its own. */
export const writer = (
  bed: Pick<CustomersBed, 'test' | 'vault' | 'clock'>,
  options: Partial<PusherOptions> & Partial<Pick<PortalsOptions, 'hubspot' | 'limits' | 'signIn'>> = {},
) => {
  const database = openDatabase<DB>(bed.test.urls, { ...PATIENT, log: options.log ?? silentLog })
  const shared = { clock: bed.clock, log: silentLog, ...options }
  const portals = openPortals({ ...shared, database, vault: bed.vault, limits: options.limits ?? {} })
  const open = openPortalRun({ database, clock: bed.clock, vault: bed.vault }, portals)
  const pusher = startPusher({
    ...{ pollMs: 200, mayPush, refused: noteRefused, open },
    ...shared,
    database: database as never,
  })
  return atWork(database, pusher, portals)
}

/**
 * A bed whose portal was imported once, its journal empty since.
 * @param atWork who waits for more; nobody unless named
 */
export const importedBed = async (
  options: PortalOptions = {},
  atWork: readonly ((bed: CustomersBed) => AsyncDisposable)[] = [],
): Promise<CustomersBed> => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed(options))
  {
    await using _ = worker(bed)
    await bed.sync('FULL')
  }
  await bed.sim('journal', undefined, 'DELETE')
  for (const start of atWork) stack.use(start(bed))
  const all = stack.move()
  return { ...bed, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
