import { newId } from '#kernel/ids.ts'
import type { Role } from '#schema/roles.ts'
import { type InvalidRefusal, invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import {
  checkName,
  checkRoles,
  emailAs,
  emailMark,
  hasRoles,
  INVITED_FOR_MS,
  inOrder,
  MARKS,
  type MemberRow,
  NO_EMAIL,
  placeOfEmail,
} from '../domain/member.ts'
import { memberById, memberWithMark } from '../store/members.ts'
import { lockOrganisation } from '../store/organisations.ts'
import { changeMembership } from './change-membership.ts'

export interface MemberInvited {
  __typename: 'MemberInvited'
  member: MemberRow
}

/** Invites somebody by address. Inviting again with the same roles lets them take longer; with others it is refused. */
export const inviteMember = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'vault' | 'published'>,
  asked: { email: string; name: string; roles: readonly Role[] },
): Promise<MemberInvited | InvalidRefusal> => {
  const { orgId, principal, clock, vault } = ctx
  const email = emailAs(asked.email)
  if (!email) return invalid(NO_EMAIL.field, NO_EMAIL.message)
  const fault = checkName(asked.name) ?? checkRoles(asked.roles, principal)
  if (fault) return invalid(fault.field, fault.message, fault.code)
  const at = clock.now()
  const id = newId(clock)
  const answer = await ctx.db.transaction(orgId, async (tx) => {
    await lockOrganisation(tx, orgId)
    const known = await memberWithMark(tx, orgId, vault.marks([emailMark(email)], MARKS))
    const before = known === undefined ? undefined : await memberById(tx, orgId, known)
    if (before && !hasRoles(before, asked.roles))
      return invalid(
        'email',
        'That address is invited with other roles. Change those instead.',
        'ALREADY_INVITED',
      )
    const member = await changeMembership(tx, ctx, {
      action: 'inviteMember',
      before,
      next: {
        id: before?.id ?? id,
        personId: null,
        name: asked.name.trim(),
        sealedEmail: before?.sealedEmail ?? vault.seal(email, placeOfEmail(orgId, id)),
        roles: inOrder(asked.roles),
        state: 'INVITED',
        invitedByKind: principal.kind,
        invitedById: principal.id,
        invitedAt: at,
        invitedUntil: new Date(at.getTime() + INVITED_FOR_MS),
        joinedAt: null,
        removedAt: null,
      },
      mark: emailMark(email),
    })
    return { __typename: 'MemberInvited' as const, member }
  })
  ctx.published()
  return answer
}
