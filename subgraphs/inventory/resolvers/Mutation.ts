import { invalid, missing } from '#service/refusal.ts'
import { startSync } from '../commands/start-sync.ts'
import type { Context } from '../context.ts'
import { shownRun } from '../domain/telling.ts'

interface StartArgs {
  integrationId?: string | null
  mode: 'FULL' | 'INCREMENTAL' | 'RECONCILE'
}

export const Mutation = {
  startC3Sync: async (_: unknown, { integrationId, mode }: StartArgs, ctx: Context) => {
    const started = await startSync(ctx, { integrationId: integrationId ?? null, mode })
    if (started === null) return missing('The C3 connection')
    if (started === 'ambiguous')
      return invalid('integrationId', 'There are several C3 connections: name one.')
    return { __typename: 'SyncStarted', run: shownRun(started.run), receipt: started.receipt }
  },
}
