import type { DB } from '#db/generated/telephony.ts'
import { type Running, type StartOptions, startFromParts } from '#service/start.ts'
import { takeIdentities } from './commands/take-identities.ts'
import { tellState } from './commands/tell-state.ts'
import { type Context, contextOf } from './context.ts'
import * as resolvers from './resolvers/index.ts'

/** Starts the telephony subgraph: the system of record for accounts, trunks and numbers. */
export const startTelephony = (options: StartOptions): Promise<Running> =>
  startFromParts<DB, Context>(options, {
    name: 'telephony',
    resolvers,
    context: ({ database, published }, _, base) => contextOf(database, published, base),
    snapshot: tellState,
    follows: () => [{ source: 'customers', names: ['customers.identity.changed'], apply: takeIdentities }],
  })
