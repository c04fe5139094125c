import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import type { DB } from '#db/generated/hub.ts'
import { startForgettingAudit } from '#service/audit-retention.ts'
import {
  type Following,
  type Ground,
  type Running,
  type StartOptions,
  startFromParts,
} from '#service/start.ts'
import { ensureDemo } from './commands/ensure-demo.ts'
import { followSyncs, HEARD } from './commands/follow-syncs.ts'
import { auditOf, keepAudit } from './commands/keep-audit.ts'
import { tellState } from './commands/tell-state.ts'
import { type Context, contextOf } from './context.ts'
import { resolvers } from './resolvers/index.ts'
import { confirmationsRoute } from './routes/confirmations.ts'
import { identifyRoute } from './routes/identify.ts'
import { logLevelsRoute } from './routes/log-levels.ts'
import { asTransaction } from './store/transaction.ts'

export { DEMO_ORGANISATIONS } from './commands/ensure-demo.ts'

export interface HubOptions extends StartOptions {
  /** Makes the demo's organisations before anybody is let in. */
  demo: boolean
}

/** Starts the hub subgraph: organisations, members, keys, and what is known of all connections and their runs. */
export const startHub = (options: HubOptions): Promise<Running> =>
  startFromParts<DB, Context>(options, {
    name: 'hub',
    resolvers,
    context: ({ database, published }, _, base) => contextOf(database, published, base),
    prepare: async ({ database: db, clock }) => {
      if (options.demo) await ensureDemo({ db, clock })
      return undefined
    },
    routes: (app, { database: db, clock, seal }) => {
      identifyRoute(app, { db, clock, seal })
      confirmationsRoute(app, { db, clock, seal })
      logLevelsRoute(app, { db, clock, seal })
    },
    snapshot: tellState,
    // Its own changes too: hub hears of them as it does of everybody's.
    follows: (ground) => SUBGRAPHS.map((source) => following(ground, source)),
    work: (ground) => [startForgettingAudit(ground, 'hub.audit_entries')],
  })

const following = ({ clock, published }: Ground<DB>, source: Subgraph): Following => ({
  source,
  names: [...(source === 'customers' || source === 'inventory' ? HEARD[source] : []), auditOf(source)],
  apply: async (tx, orgId, events) => {
    const [acts, rest] = [
      events.filter(({ name }) => name === auditOf(source)),
      events.filter(({ name }) => name !== auditOf(source)),
    ]
    if (acts.length > 0) await keepAudit(asTransaction(tx), orgId, source, acts)
    if (rest.length === 0) return
    await followSyncs(asTransaction(tx), orgId, rest, clock)
    // A moment before the commit: the sequencer looks again soon after.
    published()
  },
})
