import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import type { DB } from '#db/generated/hub.ts'
import { openVault, type Vault } from '#kernel/vault.ts'
import { sendAlertTo } from '#service/alerts.ts'
import { startForgettingAudit } from '#service/audit-retention.ts'
import {
  type Following,
  type Ground,
  type Running,
  type StartOptions,
  startFromParts,
} from '#service/start.ts'
import { ensureDemo } from './commands/ensure-demo.ts'
import { followOutward, HEARD_OUTWARD } from './commands/follow-outward.ts'
import { followSyncs, HEARD } from './commands/follow-syncs.ts'
import { forgetPersons, PERSON_ERASED } from './commands/forget-persons.ts'
import { auditOf, keepAudit } from './commands/keep-audit.ts'
import { tellState } from './commands/tell-state.ts'
import { type Context, contextOf } from './context.ts'
import { definitions } from './jobs/definitions.ts'
import { startDelivering } from './jobs/deliver.ts'
import { forgetConversations } from './jobs/forget-conversations.ts'
import { forgetKeyedRequests } from './jobs/forget-keyed-requests.ts'
import { forgetAllOutward } from './jobs/forget-outward.ts'
import { showWebhooks } from './jobs/show-webhooks.ts'
import { resolvers } from './resolvers/index.ts'
import { confirmationsRoute } from './routes/confirmations.ts'
import { conversationRoutes } from './routes/conversations.ts'
import { identifyRoute } from './routes/identify.ts'
import { keyedRequestsRoutes } from './routes/keyed-requests.ts'
import { leasesRoute } from './routes/leases.ts'
import { logLevelsRoute } from './routes/log-levels.ts'
import { organisationsRoutes } from './routes/organisations.ts'
import { sessionsRoutes } from './routes/sessions.ts'
import { asTransaction } from './store/transaction.ts'
import { openPartners, type PartnersOptions } from './sync/partners.ts'

export { DEMO_ORGANISATIONS } from './commands/ensure-demo.ts'

export interface HubOptions extends StartOptions {
  /** Makes the demo's organisations before anybody is let in. */
  demo: boolean
  /** Newest first, 32 bytes each: the secrets of webhooks are sealed with them. */
  encryptionKeys: readonly string[]
  /** Where operators are told of what they should look at. */
  opsWebhookUrl?: string | undefined
  /** How partners' webhooks are reached. */
  partners?: PartnersOptions
}

/** Starts the hub subgraph: organisations, members, keys, what is known of all connections and their runs, and what others outside are told. */
export const startHub = (options: HubOptions): Promise<Running> => {
  const vault = openVault(options.encryptionKeys)
  const partners = openPartners(options.partners)
  const sends = options.opsWebhookUrl !== undefined
  return startFromParts<DB, Context>(options, {
    name: 'hub',
    resolvers,
    context: ({ database, published }, _, base) => contextOf(database, published, base, { partners, vault }),
    prepare: async ({ database: db, clock }) => {
      if (options.demo) await ensureDemo({ db, clock })
      return undefined
    },
    routes: (app, { database: db, clock, seal, published }) => {
      identifyRoute(app, { db, clock, seal })
      confirmationsRoute(app, { db, clock, seal })
      conversationRoutes(app, { db, clock, seal, vault })
      leasesRoute(app, { db, clock, seal })
      keyedRequestsRoutes(app, { db, clock, seal })
      sessionsRoutes(app, { db, clock, seal, vault, published })
      organisationsRoutes(app, { db, clock, seal, vault, published })
      logLevelsRoute(app, { db, clock, seal })
    },
    snapshot: tellState,
    jobs: {
      definitions,
      tasks: () => [
        forgetKeyedRequests,
        forgetAllOutward,
        forgetConversations,
        sendAlertTo('hub.alert.raised', options.opsWebhookUrl),
      ],
    },
    // Its own changes too: hub hears of them as it does of everybody's.
    follows: (ground) => [
      ...SUBGRAPHS.map((source) => following({ ...ground, vault }, source)),
      ...OUTWARD.map((source) => followingOutward(ground, source)),
    ],
    work: (ground) => [
      startForgettingAudit(ground, 'hub.audit_entries'),
      showWebhooks(ground),
      startDelivering({ ...ground, vault, partners, sends, random: Math.random }),
    ],
  })
}

const following = (
  { clock, published, vault }: Ground<DB> & { vault: Vault },
  source: Subgraph,
): Following => ({
  source,
  names: [
    ...(source === 'customers' || source === 'inventory' ? HEARD[source] : []),
    ...(source === 'customers' ? [PERSON_ERASED] : []),
    auditOf(source),
  ],
  apply: async (tx, orgId, events) => {
    const acts = events.filter(({ name }) => name === auditOf(source))
    const erasures = events.filter(({ name }) => name === PERSON_ERASED)
    const rest = events.filter(({ name }) => name !== auditOf(source) && name !== PERSON_ERASED)
    if (acts.length > 0) await keepAudit(asTransaction(tx), orgId, source, acts)
    if (erasures.length > 0) await forgetPersons(asTransaction(tx), { orgId, vault }, erasures)
    if (rest.length === 0) return
    await followSyncs(asTransaction(tx), orgId, rest, clock)
    // A moment before the commit: the sequencer looks again soon after.
    published()
  },
})

const OUTWARD = Object.keys(HEARD_OUTWARD) as (keyof typeof HEARD_OUTWARD)[]

/** Follows by a cursor of its own: what partners are told and what people are shown do not wait for each other. */
const followingOutward = ({ clock }: Ground<DB>, source: keyof typeof HEARD_OUTWARD): Following => ({
  source,
  reader: 'hub-outward',
  names: HEARD_OUTWARD[source],
  apply: (tx, orgId, events, isState = false) =>
    followOutward(asTransaction(tx), { orgId, source, clock }, events, isState),
})
