import { invalid, missing, stale } from '#service/refusal.ts'
import { cancelSync } from '../commands/cancel-sync.ts'
import { linkIdentity } from '../commands/link-identity.ts'
import { startSync } from '../commands/start-sync.ts'
import type { Context } from '../context.ts'
import { shownRun } from '../domain/telling.ts'
import type { System } from '../store/identities.ts'

interface LinkArgs {
  customerId: string
  account: { system: System; accountId: string }
  expectedVersion: number
}
interface StartArgs {
  integrationId?: string | null
  mode: 'FULL' | 'INCREMENTAL' | 'RECONCILE'
}

export const Mutation = {
  linkIdentity: async (_: unknown, args: LinkArgs, ctx: Context) => {
    const linked = await linkIdentity(ctx, args)
    if ('missing' in linked) return missing(linked.missing)
    if ('currentVersion' in linked) return stale('The customer', linked.currentVersion)
    return {
      __typename: 'Linked',
      customer: await ctx.customers.load(linked.customerId),
      receipt: linked.receipt,
    }
  },

  startHubSpotSync: async (_: unknown, { integrationId, mode }: StartArgs, ctx: Context) => {
    const started = await startSync(ctx, { integrationId: integrationId ?? null, mode })
    if (started === null) return missing('The HubSpot connection')
    if (started === 'ambiguous')
      return invalid('integrationId', 'There are several HubSpot connections: name one.')
    return { __typename: 'SyncStarted', run: shownRun(started.run), receipt: started.receipt }
  },

  cancelSync: async (_: unknown, { runId }: { runId: string }, ctx: Context) => {
    const run = await cancelSync(ctx, runId)
    if (run === null) return missing('The run')
    if (run === 'over') return invalid('runId', 'This run is over already.')
    return { __typename: 'SyncCancelled', run: shownRun(run) }
  },
}
