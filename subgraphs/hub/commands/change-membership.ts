import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import type { Context } from '../context.ts'
import { MARKS, type MemberRow, personMark } from '../domain/member.ts'
import { memberChanged } from '../domain/telling.ts'
import { saveMember, writeRoutes } from '../store/members.ts'
import type { Transaction } from '../store/transaction.ts'

type Around = Pick<Context, 'orgId' | 'clock' | 'vault'> & {
  principal: Pick<Context['principal'], 'kind' | 'id'>
}

/** What of a member the audit compares. An address is sealed anew each time: whether it is another one shows nowhere. */
const shown = ({ sealedEmail: _, ...rest }: MemberRow) => rest

/**
 * Writes what somebody is in the organisation from now on, with all that goes with it: by what they are found, the audit, and the event.
 * @param mark by what an invited one is found; everybody else is by the person, or not at all
 */
export const changeMembership = async (
  tx: Transaction,
  { orgId, principal, clock, vault }: Around,
  change: { action: string; before: MemberRow | undefined; next: Omit<MemberRow, 'version'>; mark?: string },
): Promise<MemberRow> => {
  const { action, before, next, mark } = change
  const at = clock.now()
  const member = await saveMember(tx, orgId, next)
  // An invited one is found by the address until somebody joins by it.
  const found = mark ?? (member.state === 'ACTIVE' ? personMark(member.personId as string) : undefined)
  if (found || member.state === 'REMOVED')
    await writeRoutes(tx, orgId, member.id, found ? [vault.mark(found, MARKS)] : [], at)
  const subject = { type: 'Member', id: member.id }
  const told = { before: before ? shown(before) : null, after: shown(member) }
  await audit(tx, { orgId, principal, action, subject, ...told, at })
  await publish(tx, orgId, [memberChanged(member)], at)
  return member
}
