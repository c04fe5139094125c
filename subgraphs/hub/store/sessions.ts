import type { SessionRow } from '../domain/session.ts'
import type { Transaction } from './transaction.ts'

const columns = [
  'id',
  'vouched',
  'person_id as personId',
  'used_at as usedAt',
  'ends_at as endsAt',
  'ended_at as endedAt',
] as const

/** Whose session has a hash. Asked as the relay, before any organisation is known. */
export const routeOfSession = (
  tx: Transaction,
  hash: Buffer,
): Promise<{ orgId: string; sessionId: string } | undefined> =>
  tx
    .selectFrom('hub.session_routes')
    .select(['org_id as orgId', 'session_id as sessionId'])
    .where('hash', '=', hash)
    .executeTakeFirst()

export const sessionById = (tx: Transaction, orgId: string, id: string): Promise<SessionRow | undefined> =>
  tx
    .selectFrom('hub.sessions')
    .select(columns)
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .executeTakeFirst()

export const insertSession = async (
  tx: Transaction,
  orgId: string,
  session: Pick<SessionRow, 'id' | 'personId' | 'vouched' | 'endsAt'> & { hash: Buffer },
  at: Date,
): Promise<void> => {
  const { id, personId, vouched, endsAt, hash } = session
  const values = {
    org_id: orgId,
    id,
    person_id: personId,
    vouched,
    started_at: at,
    used_at: at,
    ends_at: endsAt,
  }
  await tx.insertInto('hub.sessions').values(values).execute()
  await tx.insertInto('hub.session_routes').values({ hash, org_id: orgId, session_id: id }).execute()
}

/** Notes that a session was used, unless it was noted since. */
export const markSessionUsed = async (
  tx: Transaction,
  orgId: string,
  id: string,
  at: Date,
  since: Date,
): Promise<void> => {
  await tx
    .updateTable('hub.sessions')
    .set({ used_at: at })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('used_at', '<', since)
    .execute()
}

/** Ends a session. @returns whether it was not ended before */
export const endSession = async (tx: Transaction, orgId: string, id: string, at: Date): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('hub.sessions')
    .set({ ended_at: at })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Forgets the sessions of the organisation that were over before, with their routes. */
export const forgetSessions = async (tx: Transaction, orgId: string, before: Date): Promise<void> => {
  await tx.deleteFrom('hub.sessions').where('org_id', '=', orgId).where('ends_at', '<', before).execute()
}
