import type { Role } from '#schema/roles.ts'
import {
  type InvalidRefusal,
  invalid,
  isRefusal,
  type MissingRefusal,
  type StaleRefusal,
} from '#service/refusal.ts'
import { checkRoles, hasRoles, inOrder, type MemberRow } from '../domain/member.ts'
import { type DecisionContext, decideMember } from './decide-member.ts'

export interface MemberRolesChanged {
  __typename: 'MemberRolesChanged'
  member: MemberRow
}

/** Decides what somebody may do. For whom the identity provider alone has spoken, the organisation has from then on. */
export const changeMemberRoles = async (
  ctx: DecisionContext,
  asked: { id: string; expectedVersion: number; roles: readonly Role[] },
): Promise<MemberRolesChanged | MissingRefusal | InvalidRefusal | StaleRefusal> => {
  const { roles } = asked
  const fault = checkRoles(roles, ctx.principal)
  if (fault) return invalid(fault.field, fault.message, fault.code)
  const at = ctx.clock.now()
  const decided = await decideMember(ctx, asked, {
    ...{ action: 'changeMemberRoles', roles },
    isSettled: (member) => ['ACTIVE', 'INVITED'].includes(member.state) && hasRoles(member, roles),
    refusal: ({ state }) =>
      state === 'REMOVED'
        ? invalid('id', 'They were removed. Invite or add them again.', 'REMOVED')
        : undefined,
    next: (member) => ({
      ...{ ...member, roles: inOrder(roles) },
      ...(member.state === 'VOUCHED' ? { state: 'ACTIVE', joinedAt: at } : {}),
    }),
  })
  return isRefusal(decided) ? decided : { __typename: 'MemberRolesChanged', member: decided }
}
