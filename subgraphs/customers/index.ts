import {
  type HubSpotApp,
  type HubSpotOptions,
  OAUTH_PATHS,
  openHubSpotOAuth,
} from '#connectors/hubspot/index.ts'
import { type MailOptions, openMailer } from '#connectors/smtp/index.ts'
import type { DB } from '#db/generated/customers.ts'
import { areaOf } from '#kernel/log.ts'
import { openVault, type Vault } from '#kernel/vault.ts'
import { openNumber } from '#schema/phone-number.ts'
import { sendAlertTo } from '#service/alerts.ts'
import {
  type Following,
  type Ground,
  type Running,
  type StartOptions,
  startFromParts,
} from '#service/start.ts'
import { startSettling } from '#sync/deliveries/settling.ts'
import type { RateLimit } from '#sync/limiter.ts'
import { startPusher } from '#sync/pusher.ts'
import { startRunner } from '#sync/runner.ts'
import { startSignals } from '#sync/signal-reader.ts'
import { turnAssigning } from './commands/begin-assigning.ts'
import { ensureIntegration, type WantedIntegration } from './commands/ensure-integration.ts'
import { matchAtOnce } from './commands/match-accounts.ts'
import { raiseAlerts } from './commands/raise-alerts.ts'
import { takeAccountNumbers } from './commands/take-account-numbers.ts'
import { ACCOUNT_EVENTS, takeAccounts } from './commands/take-accounts.ts'
import { ALERT_EVENTS, takeAlerts } from './commands/take-alerts.ts'
import { ASSET_NEWS, takeAssetNews } from './commands/take-asset-news.ts'
import { HAPPENING_EVENTS, takeHappenings } from './commands/take-happenings.ts'
import { takeHealth } from './commands/take-health.ts'
import {
  ACCOUNT_NEWS,
  ONBOARDING_NEWS,
  takeOnboardingNews,
  wakeByAccounts,
} from './commands/take-onboarding-news.ts'
import { OWN_NEWS, takeOwnNews } from './commands/take-own-news.ts'
import { takeProfiles } from './commands/take-profiles.ts'
import { PART_ADVICE, takePartAdvice, takeRecommendations } from './commands/take-recommendations.ts'
import { RFQ_EVENTS, takeRfqs } from './commands/take-rfqs.ts'
import { TICKET_EVENTS, takeTicketHappenings } from './commands/take-ticket-happenings.ts'
import { takeUsage, USAGE_EVENTS } from './commands/take-usage.ts'
import type { NumberOf } from './commands/write-assets.ts'
import { type Context, contextOf } from './context.ts'
import { TIMELINE_TYPE } from './domain/timeline.ts'
import { advanceOnboardings } from './jobs/advance-onboardings.ts'
import { assignRemainingContacts } from './jobs/assign-remaining.ts'
import { definitions, writeAllAssets } from './jobs/definitions.ts'
import { eraseAsRequested } from './jobs/erase-requested.ts'
import { startFollowingRules } from './jobs/follow-golden-rules.ts'
import { forgetOld } from './jobs/forget-deliveries.ts'
import { forgetOldHistory } from './jobs/forget-history.ts'
import { keepAllSchedules } from './jobs/keep-schedules.ts'
import { makeTwinsWith } from './jobs/make-twins.ts'
import { startMatching } from './jobs/match-accounts.ts'
import { startRederiving } from './jobs/rederive-records.ts'
import { runBulkJobs } from './jobs/run-bulk.ts'
import { sendMails } from './jobs/send-mails.ts'
import { tendStrays } from './jobs/tend-deliveries.ts'
import { writeTicketsOfAlerts } from './jobs/write-alert-tickets.ts'
import { writeAssetsWith } from './jobs/write-assets.ts'
import { writeUsageWith } from './jobs/write-usage.ts'
import { resolvers } from './resolvers/index.ts'
import { hubSpotCallback } from './routes/hubspot-callback.ts'
import { type WebhookOptions, webhookRoutes } from './routes/webhooks.ts'
import { deliveryTablesHere } from './store/deliveries.ts'
import { changeRecords } from './sync/change-records.ts'
import { openPortalRun, SMALLEST_LIMITS } from './sync/open.ts'
import { openPortals, type Portals, type PortalTuning } from './sync/portals.ts'
import { mayPush, maySignal, noteRefused, parks, plainTarget } from './sync/target.ts'
import { tellState } from './sync/tell-state.ts'
import { timelineWriter } from './sync/timeline.ts'
import { startTokenRenewals } from './sync/token-renewals.ts'

export interface CustomersOptions extends StartOptions {
  /** Newest first, 32 bytes each: what access tokens are sealed with. */
  encryptionKeys: readonly string[]
  /** Connected at the start of a worker; a connection that was never synced is synced at once. */
  connect?: WantedIntegration
  /** How webhooks are signed. Default: no secret is known, and none is taken. */
  webhooks?: WebhookOptions
  /** What to assume of portals' limits until they tell. Default: those of HubSpot's smallest account. */
  limits?: Readonly<Record<string, RateLimit>>
  /** Where operators want alerts sent to; without it they are events and lines in the log. */
  opsWebhookUrl?: string | undefined
  /** The mail server that welcomes customers; without it nobody is written to. */
  mail?: MailOptions | undefined
  /** How often a connection's changes are read by the clock at most; 0: nothing is done by the clock. Default five minutes. */
  pollEveryMs?: number
  /** The app of HubSpot's that portals let in. Without it, only private apps' tokens connect. */
  app?: HubSpotApp & { version?: keyof typeof OAUTH_PATHS }
  /** The app's id and its developer's key, by which its timeline events are designed. Without it, events are written as notes. */
  developer?: HubSpotOptions['developer']
  /** HubSpot's API, where new connections lead. */
  hubspotUrl?: string
  /** How long what was used is waited for before companies tell it: each account's is told by itself. Default two minutes. */
  usageSettlesMs?: number
  /** Tests turn these. */
  hubspot?: PortalTuning
}

const POLL_EVERY_MS = 300_000
const UNSIGNED: WebhookOptions = { secrets: [], allowV1: false, networks: [] }
const HUBSPOT = 'https://api.hubapi.com'

/** Starts the customers subgraph: HubSpot's records kept in step, and who is who across all systems. */
export const startCustomers = (options: CustomersOptions): Promise<Running> => {
  const vault = openVault(options.encryptionKeys)
  const { app, clock, limits = SMALLEST_LIMITS } = options
  const signIn = app
    ? (baseUrl: string) => openHubSpotOAuth({ baseUrl, app, clock, paths: OAUTH_PATHS[app.version ?? 'v1'] })
    : undefined
  const door = {
    baseUrl: options.hubspotUrl ?? options.connect?.baseUrl ?? HUBSPOT,
    isSecure: app?.redirectUri.startsWith('https:') ?? false,
  }
  // Opened for each database once: API and worker of a process share tokens and what they know of them.
  const opened = new WeakMap<object, Portals>()
  const portalsOf = ({ database }: Ground<DB>): Portals => opened.get(database) as Portals
  return startFromParts<DB, Context>(options, {
    name: 'customers',
    resolvers,
    context: (ground, _, base) =>
      contextOf(ground.database, ground.published, base, {
        ...{ vault, portals: portalsOf(ground), jobs: ground.jobs },
        hasMailServer: options.mail !== undefined,
      }),
    prepare: async ({ database, clock, log }) => {
      const portals = openPortals({
        database,
        vault,
        clock,
        log: areaOf(log, 'hubspot'),
        limits,
        signIn,
        door,
        developer: options.developer,
        hubspot: options.hubspot,
      })
      opened.set(database, portals)
      return [portals]
    },
    routes: (app, ground) => {
      const webhooks = { log: areaOf(ground.log, 'webhooks'), webhooks: options.webhooks ?? UNSIGNED }
      webhookRoutes(app, { ...ground, vault, ...webhooks })
      hubSpotCallback(app, { ...ground, vault, portals: portalsOf(ground) })
    },
    snapshot: tellState(options.clock),
    follows: (ground) => [
      inventory(ground, vault),
      telephony(ground, {
        vault,
        hasDeveloper: options.developer !== undefined,
        usageSettlesMs: options.usageSettlesMs,
      }),
      insights(ground),
      own(ground, options.developer !== undefined),
    ],
    jobs: {
      definitions,
      tasks: () => [
        runBulkJobs,
        assignRemainingContacts,
        writeAssetsWith(numbersSealedBy(vault), vault),
        writeUsageWith(numbersSealedBy(vault), options.developer !== undefined),
        writeTicketsOfAlerts,
        makeTwinsWith(changeRecords),
        sendAlertTo('customers.alert.raised', options.opsWebhookUrl),
        tendStrays({ vault, sends: options.opsWebhookUrl !== undefined }),
        forgetOld,
        keepAllSchedules(options.pollEveryMs ?? POLL_EVERY_MS),
        forgetOldHistory,
        eraseAsRequested(vault),
        advanceOnboardings(changeRecords, {
          hasMailServer: options.mail !== undefined,
          hasDeveloper: options.developer !== undefined,
        }),
        sendMails(options.mail ? openMailer(options.mail) : null, vault),
      ],
    },
    work: async (ground) => {
      const { database, clock, log, published, jobs } = ground
      const portals = portalsOf(ground)
      if (options.connect) await ensureIntegration({ database, vault, clock }, options.connect)
      published()
      const rows = database as never
      const raise = raiseAlerts({ jobs, clock, log, sends: options.opsWebhookUrl !== undefined })
      const engine = { database: rows, clock, log: areaOf(log, 'sync'), raise }
      const open = openPortalRun({ database, clock, vault }, portals)
      const { progressed } = plainTarget
      return [
        startTokenRenewals({ database, vault, tokens: portals.tokens, clock, log }),
        startRederiving({ rows: database, clock, log, published }),
        startFollowingRules({ rows: database, clock, log, published }),
        startMatching({ rows: database, clock, log, published, vault }),
        startRunner({ ...engine, target: plainTarget, open, parks }),
        startSettling({ database: rows, tables: deliveryTablesHere, clock, log }),
        startSignals({ ...engine, open, mayRun: maySignal(clock), progressed, refused: noteRefused }),
        startPusher({
          ...engine,
          ...{ open, mayPush, refused: noteRefused },
          apart: { [TIMELINE_TYPE]: timelineWriter({ database, clock, vault, portals, raise }) },
        }),
      ]
    },
  })
}

const numbersSealedBy =
  (vault: Vault): NumberOf =>
  (...sealed) => {
    try {
      return openNumber(vault, ...sealed)
    } catch {
      return undefined
    }
  }

/** Its own log, like a sibling's: what records do to other records happens once, also across a restart. */
const own = (ground: Ground<DB>, hasDeveloper: boolean): Following => {
  const now = () => ground.clock.now()
  const assigning = turnAssigning(ground)
  const [news, onboarding, assets, tickets] = [
    takeOwnNews(changeRecords, now),
    takeOnboardingNews(ground),
    takeAssetNews(changeRecords, ground),
    takeTicketHappenings({ hasDeveloper, now }),
  ]
  return {
    source: 'customers',
    names: [...new Set([...OWN_NEWS, ...ONBOARDING_NEWS, ...ASSET_NEWS, ...TICKET_EVENTS])],
    apply: async (tx, orgId, events) => {
      const named = (names: readonly string[]) => events.filter(({ name }) => names.includes(name))
      const [changed, onboarded, moved] = [named(OWN_NEWS), named(ONBOARDING_NEWS), named(ASSET_NEWS)]
      if (changed.length > 0) await news(tx, orgId, changed)
      if (onboarded.length > 0) await onboarding(tx, orgId, onboarded)
      if (moved.length > 0) await assets(tx, orgId, moved)
      if (moved.some(({ name }) => name === 'customers.integration.changed')) await assigning(tx, orgId)
      const told = named(TICKET_EVENTS)
      if (told.length > 0) await tickets(tx, orgId, told)
    },
  }
}

const insights = ({ clock }: Ground<DB>): Following => {
  const now = () => clock.now()
  const takers = {
    'insights.health.changed': takeHealth(changeRecords, now),
    'insights.profile.changed': takeProfiles(changeRecords, now),
    'insights.recommendation.changed': takeRecommendations(changeRecords, now),
  }
  const named = (events: Parameters<Following['apply']>[2], name: string) =>
    events.filter((each) => each.name === name)
  return {
    source: 'insights',
    names: Object.keys(takers),
    apply: async (tx, orgId, events) => {
      for (const [name, take] of Object.entries(takers)) await take(tx, orgId, named(events, name))
    },
  }
}

const accounts = (
  { clock, published, jobs }: Ground<DB>,
  vault: Vault,
  source: keyof typeof ACCOUNT_EVENTS,
  more: readonly string[] = [],
): Following => ({
  source,
  names: [...ACCOUNT_EVENTS[source], ...more],
  apply: async (tx, orgId, events) => {
    const own: readonly string[] = ACCOUNT_EVENTS[source]
    const at = clock.now()
    const told = events.filter(({ name }) => own.includes(name))
    const met = await takeAccounts(tx, orgId, told, at)
    await matchAtOnce(tx, { orgId, vault, at }, met)
    if (source === 'telephony') await wakeByAccounts(tx, jobs, orgId, events)
    // A moment before the commit: the sequencer looks again soon after.
    published()
  },
})

/** Its accounts, and the requests for prices that they send. */
const inventory = (ground: Ground<DB>, vault: Vault): Following => {
  const taking = accounts(ground, vault, 'inventory')
  return {
    ...taking,
    names: [...taking.names, ...RFQ_EVENTS, PART_ADVICE],
    apply: async (tx, orgId, events) => {
      // Records before customers: whoever changes both takes their rows in this order.
      await takeRfqs(tx, changeRecords, orgId, events, ground.clock.now())
      await takePartAdvice(tx, changeRecords, orgId, events, ground.clock.now())
      const told = events.filter(({ name }) => taking.names.includes(name))
      if (told.length > 0) await taking.apply(tx, orgId, told)
      ground.published()
    },
  }
}

/** After these companies, or records of trunks and numbers, may have to say something else. */
const ASSET_EVENTS: readonly string[] = ['account', 'trunk', 'number', 'brand'].map(
  (what) => `telephony.${what}.changed`,
)

/** Its accounts, and what happens to them and what they have. */
const telephony = (
  ground: Ground<DB>,
  {
    vault,
    hasDeveloper,
    usageSettlesMs,
  }: { vault: Vault; hasDeveloper: boolean; usageSettlesMs?: number | undefined },
): Following => {
  const taking = accounts(ground, vault, 'telephony', ACCOUNT_NEWS)
  return {
    ...taking,
    names: [...new Set([...taking.names, ...HAPPENING_EVENTS, ...USAGE_EVENTS, ...ALERT_EVENTS])],
    apply: async (tx, orgId, events) => {
      const told = events.filter(({ name }) => taking.names.includes(name))
      if (told.length > 0) await taking.apply(tx, orgId, told)
      await takeAccountNumbers(tx, { orgId, vault, at: ground.clock.now() }, events)
      await takeHappenings(tx, orgId, events, { hasDeveloper, at: ground.clock.now() })
      await takeUsage(tx, ground.jobs, orgId, events, { now: ground.clock.now(), settleMs: usageSettlesMs })
      await takeAlerts(tx, ground.jobs, orgId, events)
      if (events.some(({ name }) => ASSET_EVENTS.includes(name)))
        await ground.jobs.enqueue(tx, writeAllAssets, { orgId })
    },
  }
}
