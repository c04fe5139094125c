import type { MutationResolvers, ViewerResolvers } from '#schema/generated/hub.types.ts'
import { setLimits } from '../commands/set-limits.ts'
import { limitsOf } from '../store/limits.ts'

export const viewerLimits: Pick<ViewerResolvers, 'limits'> = {
  limits: (_, _args, { db, orgId }) => db.read(orgId, (tx) => limitsOf(tx, orgId)),
}

export const limitMutations: Pick<MutationResolvers, 'setLimits'> = {
  setLimits: (_, wish, ctx) => setLimits(ctx, wish),
}
