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
import { leavesNoAdmin, type MemberRow } from '../domain/member.ts'
import { adminsOf, memberById } from '../store/members.ts'
import { lockOrganisation } from '../store/organisations.ts'
import { changeMembership } from './change-membership.ts'

/** What an organisation decides about somebody whom it knows. */
export interface Decision {
  action: string
  /** What the person may do then. */
  roles: readonly Role[]
  /** Whether it is so already: then nothing is changed, and whoever asks again is answered as the first time. */
  isSettled(member: MemberRow): boolean
  /** Why it cannot be decided of this one. */
  refusal?(member: MemberRow): InvalidRefusal | undefined
  next(member: MemberRow): Omit<MemberRow, 'version'>
}

export type DecisionContext = Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'vault' | 'published'>

/** Decides about a member on the version that was read. Who decides at the same moment waits, so that one administrator stays. */
export const decideMember = async (
  ctx: DecisionContext,
  asked: { id: string; expectedVersion: number },
  { action, roles, isSettled, refusal, next }: Decision,
): Promise<MemberRow | MissingRefusal | InvalidRefusal | StaleRefusal> => {
  const { orgId } = ctx
  const answer = await ctx.db.transaction(orgId, async (tx) => {
    await lockOrganisation(tx, orgId)
    const before = await memberById(tx, orgId, asked.id)
    if (!before) return missing('The member')
    if (isSettled(before)) return before
    if (before.version !== asked.expectedVersion) return stale('The member', before.version)
    const refused = refusal?.(before)
    if (refused) return refused
    const last = leavesNoAdmin(before, roles, await adminsOf(tx, orgId))
    if (last) return invalid(last.field, last.message, last.code)
    return changeMembership(tx, ctx, { action, before, next: next(before) })
  })
  ctx.published()
  return answer
}
