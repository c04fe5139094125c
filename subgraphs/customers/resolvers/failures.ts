import {
  deadLetterPage,
  dismissed,
  letterFilter,
  syncLogPage,
  wrongLetters,
  wrongReason,
} from '#control/answers/failures.ts'
import type { MutationResolvers, QueryResolvers } from '#schema/generated/customers.types.ts'
import { dismissDeadLetter, replayDeadLetters } from '../commands/control-sync.ts'

export const failureQueries: Pick<QueryResolvers, 'syncLogs' | 'deadLetters'> = {
  syncLogs: (_, args, ctx) => syncLogPage(ctx, args),
  deadLetters: (_, args, ctx) => deadLetterPage(ctx, args),
}

export const failureMutations: Pick<MutationResolvers, 'replayDeadLetters' | 'dismissDeadLetter'> = {
  replayDeadLetters: async (_, { filter }, ctx) =>
    wrongLetters(filter) ?? {
      __typename: 'DeadLettersReplayed',
      ...(await replayDeadLetters(ctx, letterFilter(filter))),
    },

  dismissDeadLetter: async (_, { id, because }, ctx) =>
    wrongReason(because) ?? dismissed(await dismissDeadLetter(ctx, { id, because })),
}
