import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { makeSomeTwins } from '../commands/make-twins.ts'
import type { ChangeRecords } from '../context.ts'
import { integrationsOf } from '../store/integrations.ts'
import type { Rows } from '../store/transaction.ts'
import { portalsWithTwins } from '../store/twins.ts'
import { makeTwinsByTheClock } from './definitions.ts'

/** Makes companies of customers that HubSpot does not know, of each portal whose policy says so, some at a time until none is left. Safe to repeat. */
export const makeTwinsWith = (changeRecords: ChangeRecords) =>
  task<Record<string, never>, { database: Rows; clock: Clock; published(): void }>(
    makeTwinsByTheClock,
    async (_, { database, clock, published }, { signal }) => {
      for (const { orgId, integrationId } of await database.relay(portalsWithTwins))
        for (let hasMore = true; hasMore && !signal.aborted; ) {
          hasMore = await database.transaction(orgId, async (tx) => {
            const [portal] = await integrationsOf(tx, orgId, [integrationId])
            if (!portal || portal.disconnected_at) return false
            const done = await makeSomeTwins(tx, changeRecords, portal, clock.now())
            return 'hasMore' in done && done.hasMore
          })
          published()
        }
    },
  )
