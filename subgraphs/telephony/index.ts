import type { DB } from '#db/generated/telephony.ts'
import { openVault } from '#kernel/vault.ts'
import { sealNumber } from '#schema/phone-number.ts'
import { type Running, type StartOptions, startFromParts } from '#service/start.ts'
import { CUSTOMER_EVENTS, takeCustomers } from './commands/take-customers.ts'
import { takeOrganisations } from './commands/take-organisations.ts'
import { tellState } from './commands/tell-state.ts'
import { type Context, contextOf } from './context.ts'
import { addressBook } from './domain/emergency.ts'
import type { Sealing } from './domain/telling.ts'
import { closeDaysThatEnded } from './jobs/close-days.ts'
import { definitions } from './jobs/definitions.ts'
import { forgetOldUsage } from './jobs/forget-usage.ts'
import { startJudging } from './jobs/judge-usage.ts'
import { sealAddressesByNewestKey } from './jobs/seal-addresses.ts'
import { startSharing } from './jobs/share-out-credit.ts'
import { tickAll } from './jobs/tick-all.ts'
import * as resolvers from './resolvers/index.ts'
import { usageRoutes } from './routes/usage-records.ts'

export interface TelephonyOptions extends StartOptions {
  /** Newest first, 32 bytes each: what siblings are told of numbers is sealed with them. Without any, they are told ids alone. */
  encryptionKeys?: readonly string[]
}

/** Starts the telephony subgraph: the system of record for accounts, trunks and numbers. */
export const startTelephony = (options: TelephonyOptions): Promise<Running> => {
  const vault = options.encryptionKeys && openVault(options.encryptionKeys)
  const addresses = (orgId: string) => vault && addressBook(vault, orgId)
  const sealing = (orgId: string): Sealing | undefined =>
    vault &&
    (({ id, number, cnam, e911Address }) => {
      const address = e911Address === null ? null : addressBook(vault, orgId).open(id, e911Address)
      return sealNumber(vault, orgId, id, { number, cnam, address })
    })
  return startFromParts<DB, Context>(options, {
    name: 'telephony',
    resolvers,
    context: ({ database, published }, _, base) =>
      contextOf(database, published, base, { sealing, addresses }),
    snapshot: tellState(sealing),
    routes: (app, { database, clock, seal, published }) =>
      usageRoutes(app, { database, clock, seal, published }),
    jobs: {
      definitions,
      tasks: () => [forgetOldUsage, closeDaysThatEnded, tickAll, sealAddressesByNewestKey(addresses)],
    },
    work: ({ database: rows, clock, log, published }) => [
      startJudging({ rows, clock, log, published }),
      startSharing({ rows, clock, log, published }),
    ],
    follows: ({ clock, published }) => [
      {
        source: 'customers',
        names: CUSTOMER_EVENTS,
        apply: async (tx, orgId, events) => {
          await takeCustomers(tx, { orgId, clock, sealNumber: sealing(orgId) }, events)
          // A moment before the commit: the sequencer looks again soon after.
          published()
        },
      },
      { source: 'hub', names: ['hub.organisation.changed'], apply: takeOrganisations },
    ],
  })
}
