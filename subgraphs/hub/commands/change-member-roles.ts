import type { Role } from '#schema/roles.ts'
import {
  type InvalidRefusal,
  invalid,
  type MissingRefusal,
  missing,
  type StaleRefusal,
  stale,
} from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { checkRoles, hasRoles, inOrder, leavesNoAdmin, type MemberRow } from '../domain/member.ts'
import { adminsOf, memberById } from '../store/members.ts'
import { lockOrganisation } from '../store/organisations.ts'
import { changeMembership } from './change-membership.ts'

export interface MemberRolesChanged {
  __typename: 'MemberRolesChanged'
  member: MemberRow
}

/** Decides what somebody may do. For whom the identity provider alone has spoken, the organisation has from then on. */
export const changeMemberRoles = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'vault' | 'published'>,
  asked: { id: string; expectedVersion: number; roles: readonly Role[] },
): Promise<MemberRolesChanged | MissingRefusal | InvalidRefusal | StaleRefusal> => {
  const { orgId, principal } = ctx
  const fault = checkRoles(asked.roles, principal)
  if (fault) return invalid(fault.field, fault.message, fault.code)
  const at = ctx.clock.now()
  const answer = await ctx.db.transaction(orgId, async (tx) => {
    await lockOrganisation(tx, orgId)
    const before = await memberById(tx, orgId, asked.id)
    if (!before) return missing('The member')
    if (before.version !== asked.expectedVersion) return stale('The member', before.version)
    if (before.state === 'REMOVED')
      return invalid('id', 'They were removed. Invite or add them again.', 'REMOVED')
    if (before.state !== 'VOUCHED' && hasRoles(before, asked.roles))
      return { __typename: 'MemberRolesChanged' as const, member: before }
    const last = leavesNoAdmin(before, asked.roles, await adminsOf(tx, orgId))
    if (last) return invalid(last.field, last.message, last.code)
    const isVouched = before.state === 'VOUCHED'
    const member = await changeMembership(tx, ctx, {
      action: 'changeMemberRoles',
      before,
      next: {
        ...before,
        roles: inOrder(asked.roles),
        state: isVouched ? 'ACTIVE' : before.state,
        joinedAt: isVouched ? at : before.joinedAt,
      },
    })
    return { __typename: 'MemberRolesChanged' as const, member }
  })
  ctx.published()
  return answer
}
