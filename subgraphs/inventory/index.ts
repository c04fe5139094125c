import type { DB } from '#db/generated/inventory.ts'
import { openVault } from '#kernel/vault.ts'
import { type Running, type StartOptions, startFromParts } from '#service/start.ts'
import { startRun } from '#sync/queue.ts'
import { startRunner } from '#sync/runner.ts'
import { ensureIntegration } from './commands/ensure-integration.ts'
import { takeIdentities } from './commands/take-identities.ts'
import { type Context, contextOf } from './context.ts'
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
}

/** Starts the inventory subgraph: stock and requests for prices, kept in step with C3. */
export const startInventory = (options: InventoryOptions): Promise<Running> => {
  const vault = openVault(options.encryptionKeys)
  return startFromParts<DB, Context>(options, {
    name: 'inventory',
    resolvers,
    context: ({ database, published }, _, base) => contextOf(database, published, base),
    snapshot: tellState,
    follows: () => [{ source: 'customers', names: ['customers.identity.changed'], apply: takeIdentities }],
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
