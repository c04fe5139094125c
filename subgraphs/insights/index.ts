import type { DB } from '#db/generated/insights.ts'
import {
  type Following,
  type Ground,
  type Running,
  type StartOptions,
  startFromParts,
} from '#service/start.ts'
import { factEvents } from './commands/read-facts.ts'
import { IDENTITY_CHANGED, takeEvents } from './commands/take-events.ts'
import { tellState } from './commands/tell-state.ts'
import { type Context, contextOf } from './context.ts'
import { definitions } from './jobs/definitions.ts'
import { learnWhoLeaves } from './jobs/learn-churn.ts'
import { startScoring } from './jobs/score-due.ts'
import { tendChurn } from './jobs/tend-churn.ts'
import * as resolvers from './resolvers/index.ts'
import { asTransaction } from './store/transaction.ts'

const SOURCES = ['customers', 'inventory', 'telephony'] as const

/** Starts the insights subgraph: facts in by the siblings' events, scores out. */
export const startInsights = (options: StartOptions): Promise<Running> =>
  startFromParts<DB, Context>(options, {
    name: 'insights',
    resolvers,
    context: ({ database, published, jobs }, _, base) => contextOf(database, published, base, jobs),
    snapshot: tellState,
    jobs: { definitions, tasks: () => [learnWhoLeaves, tendChurn] },
    work: ({ database, clock, log, published }) => [startScoring({ rows: database, clock, log, published })],
    follows: (ground) => SOURCES.map((source) => following(ground, source)),
  })

const following = ({ clock }: Ground<DB>, source: (typeof SOURCES)[number]): Following => ({
  source,
  names: [...factEvents, IDENTITY_CHANGED].filter((name) => name.startsWith(`${source}.`)),
  apply: (tx, orgId, events) => takeEvents(asTransaction(tx), orgId, source, events, clock.now()),
})
