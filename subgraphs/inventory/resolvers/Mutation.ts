import type { MutationResolvers } from '#schema/generated/inventory.types.ts'
import { invalid, missing } from '#service/refusal.ts'
import { startSync } from '../commands/start-sync.ts'
import { c3Run } from '../domain/telling.ts'

export const Mutation: MutationResolvers = {
  startC3Sync: async (_, { integrationId, mode }, ctx) => {
    const started = await startSync(ctx, { integrationId: integrationId ?? null, mode })
    if (started === null) return missing('The C3 connection')
    if (started === 'ambiguous')
      return invalid('integrationId', 'There are several C3 connections: name one.')
    return { __typename: 'SyncStarted', run: c3Run(started.run), receipt: started.receipt }
  },
}
