import type { Context } from '../context.ts'
import { emailMark, MARKS, type MemberRow, personMark } from '../domain/member.ts'
import { deleteMember, memberById, memberOfPerson, memberWithMark, routesOf } from '../store/members.ts'
import { lockOrganisation } from '../store/organisations.ts'
import type { Transaction } from '../store/transaction.ts'
import { changeMembership } from './change-membership.ts'

/** Somebody as the identity provider describes them when they sign in. */
export interface SignedIn {
  id: string
  name: string
  /** An address that the provider has confirmed. */
  email?: string | undefined
}

type Around = Pick<Context, 'db' | 'clock' | 'vault'>

/** The organisations that somebody belongs to, the oldest membership first; an invitation that is open is taken. */
export const join = async (around: Around, person: SignedIn): Promise<string[]> => {
  const { db, vault } = around
  const invited = person.email === undefined ? [] : vault.marks([emailMark(person.email)], MARKS)
  const marks = [...vault.marks([personMark(person.id)], MARKS), ...invited]
  const routes = await db.relay((tx) => routesOf(tx, marks))
  const places = [...new Set(routes.map(({ orgId }) => orgId))]
  if (invited.length === 0) return places
  const joined = []
  for (const orgId of places)
    if (await db.transaction(orgId, (tx) => takeInvitation(tx, { ...around, orgId }, person, invited)))
      joined.push(orgId)
  return joined
}

/** @returns whether the person belongs to the organisation then */
const takeInvitation = async (
  tx: Transaction,
  around: Around & { orgId: string },
  person: SignedIn,
  marks: readonly string[],
): Promise<boolean> => {
  const { orgId, clock } = around
  await lockOrganisation(tx, orgId)
  const known = await memberOfPerson(tx, orgId, person.id)
  const found = await memberWithMark(tx, orgId, marks)
  const before = found === undefined ? undefined : await memberById(tx, orgId, found)
  // Who belongs to it already stays as they are, whatever they are invited to be.
  if (known?.state === 'ACTIVE') return true
  if (!before || !isOpen(before, clock.now())) return false
  // Whom the organisation knew by the provider's word, or had removed, it has invited: the invitation takes that place.
  if (known) await deleteMember(tx, orgId, known.id)
  await changeMembership(
    tx,
    { ...around, principal: { kind: 'user', id: person.id } },
    {
      action: 'joinOrganisation',
      before,
      next: {
        ...before,
        personId: person.id,
        name: person.name,
        state: 'ACTIVE',
        invitedUntil: null,
        joinedAt: clock.now(),
      },
    },
  )
  return true
}

const isOpen = ({ state, invitedUntil }: MemberRow, now: Date): boolean =>
  state === 'INVITED' && invitedUntil !== null && invitedUntil > now
