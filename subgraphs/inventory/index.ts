import type { DB } from '#db/generated/inventory.ts'
import { areaOf } from '#kernel/log.ts'
import { openVault } from '#kernel/vault.ts'
import { markNumber } from '#schema/phone-number.ts'
import { sendAlertTo } from '#service/alerts.ts'
import { type Ground, type Running, type StartOptions, startFromParts } from '#service/start.ts'
import { startSettling } from '#sync/deliveries/settling.ts'
import { startPusher } from '#sync/pusher.ts'
import { startRun } from '#sync/queue.ts'
import { startRunner } from '#sync/runner.ts'
import { startSignals } from '#sync/signal-reader.ts'
import { ensureIntegration } from './commands/ensure-integration.ts'
import { raiseAlerts } from './commands/raise-alerts.ts'
import { takeIdentities } from './commands/take-identities.ts'
import { watchRefusals } from './commands/watch-refusals.ts'
import { type Context, contextOf } from './context.ts'
import { startAdvising } from './jobs/advise-changed.ts'
import { definitions } from './jobs/definitions.ts'
import { forgetOldWebhooks } from './jobs/forget-deliveries.ts'
import { forgetOldHistory } from './jobs/forget-history.ts'
import { forgetRecordsOf } from './jobs/forget-records.ts'
import { keepAllSchedules } from './jobs/keep-schedules.ts'
import { setWebhookWith, tendWebhooksWith } from './jobs/set-webhook.ts'
import * as resolvers from './resolvers/index.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { deliveryTablesHere } from './store/deliveries.ts'
import { type C3s, type C3sOptions, type C3Tuning, openC3s } from './sync/c3s.ts'
import { openC3Run } from './sync/open.ts'
import { recommendationWriters } from './sync/recommendations.ts'
import { c3Target, mayPush, maySignal, noteRefused, parks } from './sync/target.ts'
import { tellState } from './sync/tell-state.ts'

/** A C3 that an organisation is to be connected to when the subgraph starts. */
export interface InitialConnection {
  orgId: string
  name: string
  baseUrl: string
  apiKey: string
}

export interface InventoryOptions extends StartOptions {
  /** Newest first, 32 bytes each: what API keys are sealed with. */
  encryptionKeys: readonly string[]
  /** Connected at the start of a worker; a connection that was never synced is synced at once. */
  connect?: InitialConnection
  /** How often a connection's changes are read by the clock; 0: nothing is done by the clock. Default five minutes. */
  pollEveryMs?: number
  /** Addresses of C3s that whoever runs the hub has named: they are called wherever they are. Default: that of `connect`. */
  c3Urls?: readonly string[]
  /** Whether advice is given by itself, on whatever something was learnt about. Default: where things are done by the clock. */
  advises?: boolean
  /** The address that C3 reaches the hub by. Without it, C3 posts nothing, and changes are read by the clock. */
  publicUrl?: string | undefined
  /** Where operators want alerts sent to; without it they are events and lines in the log. */
  opsWebhookUrl?: string | undefined
  /** What a key may send. Default: what C3 grants. */
  limits?: C3sOptions['limits']
  /** Tests turn these. */
  c3?: C3Tuning
}

const POLL_EVERY_MS = 300_000

/** Starts the inventory subgraph: stock and requests for prices, kept in step with C3. */
export const startInventory = (options: InventoryOptions): Promise<Running> => {
  const vault = openVault(options.encryptionKeys)
  // Opened for each database once: API and worker of a process share what they know of a C3.
  const opened = new WeakMap<object, C3s>()
  const c3sOf = ({ database }: Ground<DB>): C3s => opened.get(database) as C3s
  const sends = options.opsWebhookUrl !== undefined
  const alarmOf = ({ jobs, clock, log }: Ground<DB>) => ({ jobs, clock, log, sends })
  const advises = options.advises ?? options.pollEveryMs !== 0
  const posting = {
    ...{ vault, publicUrl: options.publicUrl },
    c3sOf: (database: object) => opened.get(database) as C3s,
  }
  return startFromParts<DB, Context>(options, {
    name: 'inventory',
    resolvers,
    context: (ground, _, base) =>
      contextOf(ground.database, ground.published, base, { vault, c3s: c3sOf(ground), jobs: ground.jobs }),
    prepare: async ({ database, clock, log }) => {
      const { limits, c3, connect, c3Urls = connect ? [connect.baseUrl] : [] } = options
      const rows = database as never
      opened.set(
        database,
        openC3s({ database: rows, vault, clock, log: areaOf(log, 'c3'), own: c3Urls, limits, c3 }),
      )
      return []
    },
    routes: (app, ground) => {
      const alarm = { ...alarmOf(ground), log: areaOf(ground.log, 'webhooks') }
      const watch = watchRefusals({ ...alarm, database: ground.database, raise: raiseAlerts(alarm) })
      webhookRoutes(app, { ...ground, vault, watch, log: alarm.log })
    },
    snapshot: tellState((orgId, number) => markNumber(vault, orgId, number)),
    follows: () => [{ source: 'customers', names: ['customers.identity.changed'], apply: takeIdentities }],
    jobs: {
      definitions,
      tasks: () => [
        keepAllSchedules(options.pollEveryMs ?? POLL_EVERY_MS),
        forgetOldHistory,
        forgetRecordsOf,
        setWebhookWith(posting),
        tendWebhooksWith({ ...posting, sends }),
        sendAlertTo('inventory.alert.raised', options.opsWebhookUrl),
        forgetOldWebhooks,
      ],
    },
    work: async (ground) => {
      const { database, clock, log, published } = ground
      const { connect } = options
      if (connect)
        await database.transaction(connect.orgId, async (tx) => {
          const integration = await ensureIntegration(tx, { ...connect, vault, clock })
          const { orgId } = connect
          if (!integration.lastSyncAt && !integration.disconnectedAt)
            await startRun(tx, { orgId, connectionId: integration.id, mode: 'FULL', clock })
        })
      published()
      const rows = database as never
      const open = openC3Run({ database: rows, vault, clock, log, c3s: c3sOf(ground) })
      const raise = raiseAlerts(alarmOf(ground))
      const engine = { database: rows, clock, log, open, raise }
      const { progressed } = c3Target
      return [
        startRunner({ ...engine, target: c3Target, parks }),
        startSignals({ ...engine, mayRun: maySignal(clock), progressed, refused: noteRefused }),
        startPusher({
          ...{ ...engine, mayPush, refused: noteRefused },
          apart: recommendationWriters({ database, clock, c3s: c3sOf(ground), raise }),
        }),
        ...(advises ? [startAdvising({ rows: database, clock, log, published })] : []),
        startSettling({ database: rows, tables: deliveryTablesHere, clock, log }),
      ]
    },
  })
}
