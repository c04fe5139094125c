/** What was answered to changes with a key goes after a day, organisation by organisation. Safe to repeat and to break off. */
import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { forgetRequests } from '../store/keyed-requests.ts'
import { routedOrganisations } from '../store/organisations.ts'
import type { Rows } from '../store/transaction.ts'
import { forgetEachHour } from './definitions.ts'

/** What is worked with. */
interface Around {
  database: Rows
  clock: Clock
}

export const forgetKeyedRequests = task<Record<string, never>, Around>(
  forgetEachHour,
  async (_, { database, clock }, { signal }) => {
    for (const orgId of await database.relay(routedOrganisations)) {
      if (signal.aborted) return
      await database.transaction(orgId, (tx) => forgetRequests(tx, orgId, clock.now()))
    }
  },
)
