import type { DB } from '#db/generated/insights.ts'
import { areaOf } from '#kernel/log.ts'
import { sendAlertTo } from '#service/alerts.ts'
import {
  type Following,
  type Ground,
  type Running,
  type StartOptions,
  startFromParts,
} from '#service/start.ts'
import { domainEvents } from './commands/read-domains.ts'
import { factEvents } from './commands/read-facts.ts'
import { ENRICHMENT_WANTED, IDENTITY_CHANGED, takeEvents } from './commands/take-events.ts'
import { PART_ADVICE, takeSupplyRisks } from './commands/take-supply-risks.ts'
import { tellState } from './commands/tell-state.ts'
import { type Context, contextOf } from './context.ts'
import { definitions } from './jobs/definitions.ts'
import { startEnriching } from './jobs/enrich.ts'
import { keepWhoMayLeave } from './jobs/keep-churn.ts'
import { learnFromPurchases } from './jobs/learn-buying.ts'
import { learnWhoLeaves } from './jobs/learn-churn.ts'
import { learnWhoIsRight } from './jobs/learn-trust.ts'
import { startScoring } from './jobs/score-due.ts'
import { tendChurn } from './jobs/tend-churn.ts'
import { tidy } from './jobs/tidy-insights.ts'
import * as resolvers from './resolvers/index.ts'
import { signalRoutes } from './routes/signals.ts'
import { asTransaction } from './store/transaction.ts'
import { type OutsideConfig, openOutside } from './sync/outside.ts'

export interface InsightsOptions extends StartOptions, OutsideConfig {
  /** Where alerts are sent to. Default: they stand in the log. */
  opsWebhookUrl?: string | undefined
}

const SOURCES = ['customers', 'inventory', 'telephony'] as const

/** Starts the insights subgraph: facts in by the siblings' events, scores and sentences out. */
export const startInsights = (options: InsightsOptions): Promise<Running> => {
  const { clock, opsWebhookUrl } = options
  const outside = openOutside(options, { clock, log: areaOf(options.log, 'enrichment') })
  return startFromParts<DB, Context>(options, {
    name: 'insights',
    resolvers,
    context: ({ database, published, jobs }, _, base) => contextOf(database, published, base, jobs, outside),
    snapshot: tellState,
    jobs: {
      definitions,
      tasks: () => [
        ...[learnFromPurchases, learnWhoLeaves, learnWhoIsRight],
        ...[keepWhoMayLeave, tendChurn, tidy],
        sendAlertTo('insights.alert.raised', opsWebhookUrl),
      ],
    },
    routes: (app, { database, clock, seal, published }) =>
      signalRoutes(app, { database, clock, seal, published }),
    work: ({ database: rows, log, published, jobs }) => [
      startScoring({ rows, clock, log, published, alarm: { jobs, sends: opsWebhookUrl !== undefined } }),
      startEnriching({ rows, clock, outside, published, log: areaOf(log, 'enrichment') }),
    ],
    follows: (ground) => SOURCES.map((source) => following(ground, source)),
  })
}

const following = ({ clock }: Ground<DB>, source: (typeof SOURCES)[number]): Following => ({
  source,
  names: [
    ...new Set([...factEvents, ...domainEvents, IDENTITY_CHANGED, ENRICHMENT_WANTED, PART_ADVICE]),
  ].filter((name) => name.startsWith(`${source}.`)),
  apply: async (raw, orgId, events) => {
    const [tx, now] = [asTransaction(raw), clock.now()]
    const facts = events.filter(({ name }) => name !== PART_ADVICE)
    if (facts.length > 0) await takeEvents(tx, orgId, source, facts, now)
    const advice = events.filter(({ name }) => name === PART_ADVICE)
    if (advice.length > 0) await takeSupplyRisks(tx, orgId, advice, now)
  },
})
