import type { DB } from '#db/generated/insights.ts'
import {
  type Following,
  type Ground,
  type Running,
  type StartOptions,
  startFromParts,
} from '#service/start.ts'
import { factEvents } from './commands/read-facts.ts'
import { takeEvents } from './commands/take-events.ts'
import { type Context, contextOf } from './context.ts'
import { type Scoring, startScoring } from './jobs/score-due.ts'
import * as resolvers from './resolvers/index.ts'
import { asTransaction } from './store/transaction.ts'

const SOURCES = ['customers', 'inventory', 'telephony'] as const

/** Starts the insights subgraph: facts in by the siblings' events, scores out. */
export const startInsights = (options: StartOptions): Promise<Running> => {
  let scoring: Scoring | undefined
  return startFromParts<DB, Context>(options, {
    name: 'insights',
    resolvers,
    context: ({ database }, _, base) => contextOf(database, base),
    work: ({ database, clock, log, published }) => {
      scoring = startScoring({ rows: database, clock, log, published })
      return [scoring]
    },
    follows: (ground) => SOURCES.map((source) => following(ground, source, () => scoring?.wake())),
  })
}

const following = ({ clock }: Ground<DB>, source: (typeof SOURCES)[number], wake: () => void): Following => ({
  source,
  names: [...factEvents, 'customers.identity.changed'].filter((name) => name.startsWith(`${source}.`)),
  apply: async (tx, orgId, events) => {
    await takeEvents(asTransaction(tx), orgId, source, events, clock.now())
    // Before the commit, but the loop gathers a moment before it looks; what it misses it finds a second later.
    wake()
  },
})
