import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import type { Context } from '../context.ts'
import { hashOfSession, type SessionRow } from '../domain/session.ts'
import { sessionEnded } from '../domain/telling.ts'
import { memberOfPerson } from '../store/members.ts'
import { endSession, routeOfSession, sessionById } from '../store/sessions.ts'
import type { Transaction } from '../store/transaction.ts'

/** Signs a browser out: what it has open is closed. Signing out again changes nothing. */
export const signOut = async (
  { db, clock, published }: Pick<Context, 'db' | 'clock' | 'published'>,
  secret: string,
): Promise<void> => {
  const route = await db.relay((tx) => routeOfSession(tx, hashOfSession(secret)))
  if (!route) return
  const { orgId, sessionId } = route
  await db.transaction(orgId, async (tx) => {
    const session = await sessionById(tx, orgId, sessionId)
    if (session) await finish(tx, { clock, orgId }, session)
  })
  published()
}

/** Ends a session in a transaction. @returns whether it was not ended before */
export const finish = async (
  tx: Transaction,
  { clock, orgId }: Pick<Context, 'clock' | 'orgId'>,
  { id, personId }: Pick<SessionRow, 'id' | 'personId'>,
): Promise<boolean> => {
  const at = clock.now()
  if (!(await endSession(tx, orgId, id, at))) return false
  const member = await memberOfPerson(tx, orgId, personId)
  const subject = { type: 'Member', id: member?.id ?? personId }
  await audit(tx, { orgId, principal: { kind: 'user', id: personId }, action: 'signOut', subject, at })
  await publish(tx, orgId, [sessionEnded(personId, id)], at)
  return true
}
