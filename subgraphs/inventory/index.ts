import type { DB } from '#db/generated/inventory.ts'
import { openVault } from '#kernel/vault.ts'
import { type Running, type StartOptions, startFromParts } from '#service/start.ts'
import { startRun } from '#sync/queue.ts'
import { startRunner } from '#sync/runner.ts'
import { ensureIntegration } from './commands/ensure-integration.ts'
import { takeIdentities } from './commands/take-identities.ts'
import { type Context, contextOf } from './context.ts'
import { definitions } from './jobs/definitions.ts'
import { forgetOldHistory } from './jobs/forget-history.ts'
import { keepAllSchedules } from './jobs/keep-schedules.ts'
import * as resolvers from './resolvers/index.ts'
import { openRun } from './sync/connect.ts'
import { c3Target } from './sync/target.ts'
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
}

const POLL_EVERY_MS = 300_000

/** Starts the inventory subgraph: stock and requests for prices, kept in step with C3. */
export const startInventory = (options: InventoryOptions): Promise<Running> => {
  const vault = openVault(options.encryptionKeys)
  return startFromParts<DB, Context>(options, {
    name: 'inventory',
    resolvers,
    context: ({ database, published }, _, base) => contextOf(database, published, base),
    snapshot: tellState,
    follows: () => [{ source: 'customers', names: ['customers.identity.changed'], apply: takeIdentities }],
    jobs: {
      definitions,
      tasks: () => [keepAllSchedules(options.pollEveryMs ?? POLL_EVERY_MS), forgetOldHistory],
    },
    work: async ({ database, clock, log, published }) => {
      const { connect } = options
      if (connect)
        await database.transaction(connect.orgId, async (tx) => {
          const integration = await ensureIntegration(tx, { ...connect, vault, clock })
          const { orgId } = connect
          if (!integration.lastSyncAt)
            await startRun(tx, { orgId, connectionId: integration.id, mode: 'FULL', clock })
        })
      published()
      const rows = database as never
      return [
        startRunner({
          database: rows,
          clock,
          log,
          open: openRun({ database: rows, vault, clock, log }),
          target: c3Target,
        }),
      ]
    },
  })
}
