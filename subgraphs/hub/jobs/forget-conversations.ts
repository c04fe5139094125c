/** Conversations that nobody goes on with are forgotten, organisation by organisation. Safe to repeat and to break off. */
import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { forgottenBefore } from '../domain/conversation.ts'
import { forgetUnused } from '../store/conversations.ts'
import { routedOrganisations } from '../store/organisations.ts'
import type { Rows } from '../store/transaction.ts'
import { forgetUnusedConversations } from './definitions.ts'

/** What is worked with. */
interface Around {
  database: Rows
  clock: Clock
}

export const forgetConversations = task<Record<string, never>, Around>(
  forgetUnusedConversations,
  async (_, { database, clock }, { signal }) => {
    for (const orgId of await database.relay(routedOrganisations)) {
      if (signal.aborted) return
      await database.transaction(orgId, (tx) => forgetUnused(tx, orgId, forgottenBefore(clock.now())))
    }
  },
)
