import type { DB } from '#db/generated/insights.ts'
import { areaOf } from '#kernel/log.ts'
import {
  type Following,
  type Ground,
  type Running,
  type StartOptions,
  startFromParts,
} from '#service/start.ts'
import { factEvents } from './commands/read-facts.ts'
import { ENRICHMENT_WANTED, IDENTITY_CHANGED, takeEvents } from './commands/take-events.ts'
import { tellState } from './commands/tell-state.ts'
import { type Context, contextOf } from './context.ts'
import { startEnriching } from './jobs/enrich.ts'
import { startScoring } from './jobs/score-due.ts'
import * as resolvers from './resolvers/index.ts'
import { asTransaction } from './store/transaction.ts'
import { type OutsideConfig, openOutside } from './sync/outside.ts'

export type InsightsOptions = StartOptions & OutsideConfig

const SOURCES = ['customers', 'inventory', 'telephony'] as const

/** Starts the insights subgraph: facts in by the siblings' events, scores and sentences out. */
export const startInsights = (options: InsightsOptions): Promise<Running> => {
  const { clock } = options
  const outside = openOutside(options, { clock, log: areaOf(options.log, 'enrichment') })
  return startFromParts<DB, Context>(options, {
    name: 'insights',
    resolvers,
    context: ({ database, published }, _, base) => contextOf(database, published, base, outside),
    snapshot: tellState,
    work: ({ database: rows, log, published }) => [
      startScoring({ rows, clock, log, published }),
      startEnriching({ rows, clock, outside, published, log: areaOf(log, 'enrichment') }),
    ],
    follows: (ground) => SOURCES.map((source) => following(ground, source)),
  })
}

const following = ({ clock }: Ground<DB>, source: (typeof SOURCES)[number]): Following => ({
  source,
  names: [...factEvents, IDENTITY_CHANGED, ENRICHMENT_WANTED].filter((name) => name.startsWith(`${source}.`)),
  apply: (tx, orgId, events) => takeEvents(asTransaction(tx), orgId, source, events, clock.now()),
})
