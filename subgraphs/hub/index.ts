import type { DB } from '#db/generated/hub.ts'
import { openVault } from '#kernel/vault.ts'
import {
  type Following,
  type Ground,
  type Running,
  type StartOptions,
  startFromParts,
} from '#service/start.ts'
import { ensureDemo } from './commands/ensure-demo.ts'
import { followSyncs, HEARD } from './commands/follow-syncs.ts'
import { tellState } from './commands/tell-state.ts'
import { type Context, contextOf } from './context.ts'
import { definitions } from './jobs/definitions.ts'
import { forgetKeyedRequests } from './jobs/forget-keyed-requests.ts'
import { resolvers } from './resolvers/index.ts'
import { confirmationsRoute } from './routes/confirmations.ts'
import { conversationRoutes } from './routes/conversations.ts'
import { identifyRoute } from './routes/identify.ts'
import { keyedRequestsRoutes } from './routes/keyed-requests.ts'
import { leasesRoute } from './routes/leases.ts'
import { asTransaction } from './store/transaction.ts'

export { DEMO_ORGANISATIONS } from './commands/ensure-demo.ts'

export interface HubOptions extends StartOptions {
  /** Makes the demo's organisations before anybody is let in. */
  demo: boolean
  /** By which what people say is sealed. Without them nothing of it is kept. */
  encryptionKeys?: readonly string[]
}

/** Starts the hub subgraph: organisations, members, keys, and what is known of all connections and their runs. */
export const startHub = (options: HubOptions): Promise<Running> => {
  const vault = options.encryptionKeys && openVault(options.encryptionKeys)
  return startFromParts<DB, Context>(options, {
    name: 'hub',
    resolvers,
    context: ({ database, published }, _, base) => contextOf(database, published, base, vault),
    prepare: async ({ database: db, clock }) => {
      if (options.demo) await ensureDemo({ db, clock })
      return undefined
    },
    routes: (app, { database: db, clock, seal }) => {
      identifyRoute(app, { db, clock, seal })
      confirmationsRoute(app, { db, clock, seal })
      if (vault) conversationRoutes(app, { db, clock, seal, vault })
      leasesRoute(app, { db, clock, seal })
      keyedRequestsRoutes(app, { db, clock, seal })
    },
    jobs: { definitions, tasks: () => [forgetKeyedRequests] },
    snapshot: tellState,
    follows: (ground) => [following(ground, 'customers'), following(ground, 'inventory')],
  })
}

const following = ({ clock, published }: Ground<DB>, source: keyof typeof HEARD): Following => ({
  source,
  names: HEARD[source],
  apply: async (tx, orgId, events) => {
    await followSyncs(asTransaction(tx), orgId, events, clock)
    // A moment before the commit: the sequencer looks again soon after.
    published()
  },
})
