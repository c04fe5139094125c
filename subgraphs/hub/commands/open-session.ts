import { randomBytes } from 'node:crypto'
import { Forbidden, Unauthenticated } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import { rolesAmong } from '#schema/roles.ts'
import { audit } from '#service/audit.ts'
import type { Context } from '../context.ts'
import { rightsOf } from '../domain/member.ts'
import { LONGEST_MS, sessionFrom } from '../domain/session.ts'
import { memberOfPerson, rememberPerson } from '../store/members.ts'
import { organisation, routeOf } from '../store/organisations.ts'
import { forgetSessions, insertSession } from '../store/sessions.ts'
import type { Transaction } from '../store/transaction.ts'
import { join, type SignedIn } from './join.ts'

/** What a sign-in names beside the person: an organisation with roles there, as tokens of programs do. */
export interface Vouched {
  org: string
  roles: readonly string[]
}

/** A session that was begun. The secret is in the answer and nowhere else. */
export interface SessionOpened {
  secret: string
  endsAt: Date
  organisation: { id: string; slug: string; name: string }
}

type Around = Pick<Context, 'db' | 'clock' | 'vault'>

/**
 * Signs somebody in, in the organisation they wish for, or else in the one that the provider names, or else in the one to which they
 * have belonged the longest.
 * @throws FORBIDDEN when they belong to none, or not to that one
 */
export const openSession = async (
  around: Around,
  { person, vouched, org }: { person: SignedIn; vouched?: Vouched | undefined; org?: string | undefined },
): Promise<SessionOpened> => {
  const { db, clock } = around
  const places = await join(around, person)
  const wanted = org ?? vouched?.org
  const orgId = wanted === undefined ? places[0] : await db.relay((tx) => routeOf(tx, wanted))
  const isVouched = vouched !== undefined && vouched.org === wanted
  if (!orgId || !(isVouched || places.includes(orgId))) throw Forbidden.with()
  const roles = isVouched ? rolesAmong(vouched.roles) : null
  const endsAt = new Date(clock.now().getTime() + LONGEST_MS)
  return db.transaction(orgId, async (tx) => {
    if (roles && roles.length > 0) await rememberPerson(tx, orgId, { ...person, roles })
    await forgetSessions(tx, orgId, clock.now())
    return beginSession(
      tx,
      { clock, orgId },
      { personId: person.id, vouched: roles, endsAt, action: 'signIn' },
    )
  })
}

/** Begins a session of somebody who may do something in the organisation. @throws FORBIDDEN for everybody else */
export const beginSession = async (
  tx: Transaction,
  { clock, orgId }: Pick<Context, 'clock' | 'orgId'>,
  begun: { personId: string; vouched: readonly string[] | null; endsAt: Date; action: string },
): Promise<SessionOpened> => {
  const { personId, vouched, endsAt, action } = begun
  const member = await memberOfPerson(tx, orgId, personId)
  const found = await organisation(tx, orgId)
  if (!found) throw Unauthenticated.with()
  if (!member || !rightsOf(member, vouched && rolesAmong(vouched))) throw Forbidden.with()
  const { secret, hash } = sessionFrom(randomBytes(32))
  const id = newId(clock)
  const at = clock.now()
  await insertSession(tx, orgId, { id, personId, vouched: vouched && [...vouched], endsAt, hash }, at)
  const principal = { kind: 'user', id: personId } as const
  await audit(tx, { orgId, principal, action, subject: { type: 'Member', id: member.id }, at })
  return { secret, endsAt, organisation: { id: orgId, slug: found.slug, name: found.name } }
}
