import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { invalid, missing } from '#service/refusal.ts'
import { approveRun } from '../commands/approve-run.ts'
import { hubSpotRun } from '../domain/telling.ts'

/** Plans, and runs that hold until somebody lets them go on. */
export const planMutations = {
  approveRun: async (_, { runId, holdId }, ctx) => {
    const approved = await approveRun(ctx, { runId, holdId })
    if (approved === null) return missing('The run')
    if (approved === 'moved')
      return invalid('holdId', 'This run does not hold, or for another reason by now. Look at it again.')
    return { __typename: 'RunApproved', run: hubSpotRun(approved.run), receipt: approved.receipt }
  },
} satisfies MutationResolvers
