import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Somebody who was sent to HubSpot to grant access, and has not come back yet. */
export interface AttemptRow {
  principal_kind: 'user' | 'key' | 'system'
  principal_id: string
  browser_hash: string
  name: string | null
  capabilities: string[]
  portal_hint: string | null
  expires_at: Date
}

/** Writes an attempt, and forgets those that are long over. */
export const writeAttempt = async (
  tx: Transaction,
  orgId: string,
  stateHash: string,
  attempt: AttemptRow,
  at: Date,
): Promise<void> => {
  await sql`
    with over as (
      delete from customers.connection_attempts where org_id = ${orgId}::uuid and expires_at < ${at}::timestamptz - interval '1 day')
    insert into customers.connection_attempts (org_id, state_hash, browser_hash, principal_kind, principal_id, name, capabilities,
      portal_hint, created_at, expires_at)
    values (${orgId}::uuid, ${stateHash}, ${attempt.browser_hash}, ${attempt.principal_kind}, ${attempt.principal_id}, ${attempt.name},
      ${attempt.capabilities}::text[], ${attempt.portal_hint}, ${at}::timestamptz, ${attempt.expires_at}::timestamptz)`.execute(
    tx,
  )
}

/**
 * Uses an attempt up, whatever becomes of it: a state counts once.
 * @returns undefined when there is none that could still count, or the browser is another one than the one it began in: then
 * it stays, so that a stranger who saw the state cannot use it up either
 */
export const useAttempt = async (
  tx: Transaction,
  orgId: string,
  given: { stateHash: string; browserHash: string },
  at: Date,
): Promise<AttemptRow | undefined> => {
  const { rows } = await sql<AttemptRow>`
    update customers.connection_attempts set used_at = ${at}::timestamptz
    where org_id = ${orgId}::uuid and state_hash = ${given.stateHash} and browser_hash = ${given.browserHash}
      and used_at is null and expires_at > ${at}::timestamptz
    returning principal_kind, principal_id, browser_hash, name, capabilities, portal_hint, expires_at`.execute(
    tx,
  )
  return rows[0]
}
