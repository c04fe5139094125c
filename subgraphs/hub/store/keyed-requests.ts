import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Whose key it is. */
export interface RequestKey {
  orgId: string
  whoKind: string
  whoId: string
  keyHash: string
}

export interface Claim extends RequestKey {
  /** A hash of the route and of what was sent. */
  asked: string
  id: string
  attempt: string
  leasedUntil: Date
  expiresAt: Date
}

export interface KeyedRequestRow {
  id: string
  attempt: string
  asked: string
  state: 'RUNNING' | 'DONE'
  answer: string | null
}

/**
 * Takes a key for an attempt: one that is new, or was given up, or is over.
 * @returns what stands there then: of this attempt when it was taken
 */
export const takeKey = async (tx: Transaction, claim: Claim, at: Date): Promise<KeyedRequestRow> => {
  const { orgId, whoKind, whoId, keyHash, asked, id, attempt, leasedUntil, expiresAt } = claim
  await sql`
    insert into hub.keyed_requests as held
      (org_id, who_kind, who_id, key_hash, asked, id, attempt, state, leased_until, expires_at)
    values (${orgId}::uuid, ${whoKind}, ${whoId}, ${keyHash}, ${asked}, ${id}::uuid, ${attempt}::uuid, 'RUNNING', ${leasedUntil}, ${expiresAt})
    on conflict (org_id, who_kind, who_id, key_hash) do update set
      asked = excluded.asked, id = case when held.expires_at <= ${at} then excluded.id else held.id end, attempt = excluded.attempt, state = 'RUNNING', answer = null,
      leased_until = excluded.leased_until, expires_at = excluded.expires_at
    where held.expires_at <= ${at}
      or (held.state = 'RUNNING' and held.leased_until <= ${at} and held.asked = excluded.asked)`.execute(tx)
  return tx
    .selectFrom('hub.keyed_requests')
    .select(['id', 'attempt', 'asked', 'state', 'answer'])
    .where('org_id', '=', orgId)
    .where('who_kind', '=', whoKind)
    .where('who_id', '=', whoId)
    .where('key_hash', '=', keyHash)
    .executeTakeFirstOrThrow() as Promise<KeyedRequestRow>
}

/** Ends an attempt with its answer, or gives it up. Does nothing when another attempt has taken over. */
export const endAttempt = async (
  tx: Transaction,
  key: RequestKey & { attempt: string },
  end: { state: 'RUNNING' | 'DONE'; answer: string | null; leasedUntil: Date },
): Promise<void> => {
  await tx
    .updateTable('hub.keyed_requests')
    .set({ state: end.state, answer: end.answer, leased_until: end.leasedUntil })
    .where('org_id', '=', key.orgId)
    .where('who_kind', '=', key.whoKind)
    .where('who_id', '=', key.whoId)
    .where('key_hash', '=', key.keyHash)
    .where('attempt', '=', key.attempt)
    .where('state', '=', 'RUNNING')
    .execute()
}

/** Forgets what was answered, and not that it was: the same request is not done again, and its answer is not given again. */
export const forgetAnswers = async (tx: Transaction, orgId: string): Promise<void> => {
  await tx
    .updateTable('hub.keyed_requests')
    .set({ answer: null })
    .where('org_id', '=', orgId)
    .where('answer', 'is not', null)
    .execute()
}

/** Forgets requests that are over. @returns how many */
export const forgetRequests = async (tx: Transaction, orgId: string, before: Date): Promise<number> => {
  const { numDeletedRows } = await tx
    .deleteFrom('hub.keyed_requests')
    .where('org_id', '=', orgId)
    .where('expires_at', '<=', before)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
