import { Forbidden, Unauthenticated } from '#kernel/errors.ts'
import type { Context } from '../context.ts'
import { MARKS, personMark } from '../domain/member.ts'
import { hashOfSession, isOver } from '../domain/session.ts'
import { routesOf } from '../store/members.ts'
import { routeOf } from '../store/organisations.ts'
import { routeOfSession, sessionById } from '../store/sessions.ts'
import { finish } from './end-session.ts'
import { beginSession, type SessionOpened } from './open-session.ts'

/**
 * Goes to another organisation of the same person: a session there, which ends when this one would have, takes this one's place.
 * What the provider said of the roles here holds nowhere else.
 * @throws UNAUTHENTICATED when the session is over, FORBIDDEN when they do not belong to the other one
 */
export const switchOrganisation = async (
  around: Pick<Context, 'db' | 'clock' | 'vault' | 'published'>,
  { secret, org }: { secret: string; org: string },
): Promise<SessionOpened> => {
  const { db, clock, vault } = around
  const [from, to] = await db.relay(async (tx) => [
    await routeOfSession(tx, hashOfSession(secret)),
    await routeOf(tx, org),
  ])
  if (!from) throw Unauthenticated.with()
  const session = await db.read(from.orgId, (tx) => sessionById(tx, from.orgId, from.sessionId))
  if (!session || isOver(session, clock.now())) throw Unauthenticated.with()
  const { personId, endsAt } = session
  const marks = vault.marks([personMark(personId)], MARKS)
  const belongs = (await db.relay((tx) => routesOf(tx, marks))).some(({ orgId }) => orgId === to)
  if (!to || !belongs) throw Forbidden.with()
  // First out, so that of two who switch at once one gets a session: the other finds it ended.
  const isFirst = await db.transaction(from.orgId, (tx) => finish(tx, { clock, orgId: from.orgId }, session))
  if (!isFirst) throw Unauthenticated.with()
  around.published()
  const begun = { personId, vouched: null, endsAt, action: 'signIn' }
  return db.transaction(to, (tx) => beginSession(tx, { clock, orgId: to }, begun))
}
