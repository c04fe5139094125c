import { type InvalidRefusal, isRefusal, type MissingRefusal, type StaleRefusal } from '#service/refusal.ts'
import type { MemberRow } from '../domain/member.ts'
import { type DecisionContext, decideMember } from './decide-member.ts'

export interface MemberRemoved {
  __typename: 'MemberRemoved'
  member: MemberRow
}

/** Removes somebody, or takes an invitation back. Removing again changes nothing and says the same. */
export const removeMember = async (
  ctx: DecisionContext,
  asked: { id: string; expectedVersion: number },
): Promise<MemberRemoved | MissingRefusal | InvalidRefusal | StaleRefusal> => {
  const removedAt = ctx.clock.now()
  const decided = await decideMember(ctx, asked, {
    ...{ action: 'removeMember', roles: [] },
    isSettled: ({ state }) => state === 'REMOVED',
    next: (member) => ({ ...member, state: 'REMOVED', invitedUntil: null, removedAt }),
  })
  return isRefusal(decided) ? decided : { __typename: 'MemberRemoved', member: decided }
}
