import {
  type InvalidRefusal,
  invalid,
  type MissingRefusal,
  missing,
  type StaleRefusal,
  stale,
} from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { leavesNoAdmin, type MemberRow } from '../domain/member.ts'
import { adminsOf, memberById } from '../store/members.ts'
import { lockOrganisation } from '../store/organisations.ts'
import { changeMembership } from './change-membership.ts'

export interface MemberRemoved {
  __typename: 'MemberRemoved'
  member: MemberRow
}

/** Removes somebody, or takes an invitation back. Removing again changes nothing and says the same. */
export const removeMember = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'vault' | 'published'>,
  asked: { id: string; expectedVersion: number },
): Promise<MemberRemoved | MissingRefusal | InvalidRefusal | StaleRefusal> => {
  const { orgId } = ctx
  const removedAt = ctx.clock.now()
  const answer = await ctx.db.transaction(orgId, async (tx) => {
    await lockOrganisation(tx, orgId)
    const before = await memberById(tx, orgId, asked.id)
    if (!before) return missing('The member')
    if (before.state === 'REMOVED') return { __typename: 'MemberRemoved' as const, member: before }
    if (before.version !== asked.expectedVersion) return stale('The member', before.version)
    const last = leavesNoAdmin(before, [], await adminsOf(tx, orgId))
    if (last) return invalid(last.field, last.message, last.code)
    const member = await changeMembership(tx, ctx, {
      action: 'removeMember',
      before,
      next: { ...before, state: 'REMOVED', invitedUntil: null, removedAt },
    })
    return { __typename: 'MemberRemoved' as const, member }
  })
  ctx.published()
  return answer
}
