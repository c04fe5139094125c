import { newId } from '#kernel/ids.ts'
import type { Role } from '#schema/roles.ts'
import { type InvalidRefusal, invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { checkName, checkPerson, checkRoles, hasRoles, inOrder, type MemberRow } from '../domain/member.ts'
import { memberOfPerson } from '../store/members.ts'
import { lockOrganisation } from '../store/organisations.ts'
import { changeMembership } from './change-membership.ts'

export interface MemberAdded {
  __typename: 'MemberAdded'
  member: MemberRow
}

/** Adds somebody whom the identity provider knows by an id, also somebody who was removed before. */
export const addMember = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'vault' | 'published'>,
  asked: { personId: string; name: string; roles: readonly Role[] },
): Promise<MemberAdded | InvalidRefusal> => {
  const { orgId, principal } = ctx
  const fault = checkPerson(asked.personId) ?? checkName(asked.name) ?? checkRoles(asked.roles, principal)
  if (fault) return invalid(fault.field, fault.message, fault.code)
  const { personId } = asked
  const at = ctx.clock.now()
  const id = newId(ctx.clock)
  const answer = await ctx.db.transaction(orgId, async (tx) => {
    await lockOrganisation(tx, orgId)
    const before = await memberOfPerson(tx, orgId, personId)
    if (before?.state === 'ACTIVE')
      return hasRoles(before, asked.roles)
        ? { __typename: 'MemberAdded' as const, member: before }
        : invalid('personId', 'They belong to it with other roles. Change those instead.', 'ALREADY_MEMBER')
    const member = await changeMembership(tx, ctx, {
      action: 'addMember',
      before,
      next: {
        id: before?.id ?? id,
        personId,
        name: asked.name.trim(),
        sealedEmail: before?.sealedEmail ?? null,
        roles: inOrder(asked.roles),
        state: 'ACTIVE',
        invitedByKind: principal.kind,
        invitedById: principal.id,
        invitedAt: at,
        invitedUntil: null,
        joinedAt: at,
        removedAt: null,
      },
    })
    return { __typename: 'MemberAdded' as const, member }
  })
  ctx.published()
  return answer
}
