import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import { cancelSync } from '../commands/cancel-sync.ts'
import { linkIdentity } from '../commands/link-identity.ts'
import { startSync } from '../commands/start-sync.ts'
import { shownRun } from '../domain/telling.ts'

export const Mutation: MutationResolvers = {
  linkIdentity: async (_, args, ctx) => {
    const linked = await linkIdentity(ctx, args)
    if ('missing' in linked) return missing(linked.missing)
    if ('currentVersion' in linked) return stale('The customer', linked.currentVersion)
    const customer = await ctx.customers.load(linked.customerId)
    // Gone in the moment since: its last account was taken away.
    return customer ? { __typename: 'Linked', customer, receipt: linked.receipt } : missing('The customer')
  },

  startHubSpotSync: async (_, { integrationId, mode }, ctx) => {
    const started = await startSync(ctx, { integrationId: integrationId ?? null, mode })
    if (started === null) return missing('The HubSpot connection')
    if (started === 'ambiguous')
      return invalid('integrationId', 'There are several HubSpot connections: name one.')
    return { __typename: 'SyncStarted', run: shownRun(started.run), receipt: started.receipt }
  },

  cancelSync: async (_, { runId }, ctx) => {
    const run = await cancelSync(ctx, runId)
    if (run === null) return missing('The run')
    if (run === 'over') return invalid('runId', 'This run is over already.')
    return { __typename: 'SyncCancelled', run: shownRun(run) }
  },
}
