import { sql } from 'kysely'
import { inSavepoint } from '#db/client.ts'
import { fromDatabase, isContention } from '#db/errors.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Transaction } from './transaction.ts'

/** Whether a row is to blame, and not the server or another transaction: then trying all of it again would not help. */
export const isOfItself = (error: unknown): boolean =>
  !isHubError(error) && !isContention(error) && !isHubError(fromDatabase(error))

/**
 * Does a part of a transaction whose failure leaves the rest as it is.
 * @returns what it failed for, null when it is done
 * @throws what is not the fault of the part: the whole has to begin anew
 */
export const apart = async (
  tx: Transaction,
  run: () => Promise<void>,
): Promise<{ error: unknown } | null> => {
  try {
    await inSavepoint(tx, run)
    return null
  } catch (error) {
    if (isOfItself(error)) return { error }
    throw error
  }
}

/** Counts a failure of each. @returns how often in a row each has failed by now */
export const countFailures = async (
  tx: Transaction,
  orgId: string,
  failed: readonly { customerId: string; reason: string }[],
  at: Date,
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ customerId: string; failures: number }>`
    insert into insights.set_aside as s (org_id, customer_id, reason, failures, since, last_at)
    select ${orgId}::uuid, f."customerId", f.reason, 1, ${at}::timestamptz, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(failed)}::json) as f("customerId" text, reason text)
    on conflict (org_id, customer_id) do update set
      reason = excluded.reason, failures = s.failures + 1, last_at = excluded.last_at
    returning customer_id as "customerId", failures`.execute(tx)
  return new Map(rows.map(({ customerId, failures }) => [customerId, failures]))
}

/** Leaves customers as they were judged last, until their facts change or their time comes. */
export const postpone = async (
  tx: Transaction,
  orgId: string,
  until: readonly { customerId: string; dueAt: Date }[],
): Promise<void> => {
  await sql`
    update insights.customers c set dirty_since = null, due_at = p."dueAt"
    from json_to_recordset(${JSON.stringify(until)}::json) as p("customerId" text, "dueAt" timestamptz)
    where c.org_id = ${orgId}::uuid and c.customer_id = p."customerId"
      and c.customer_id = any(${until.map((one) => one.customerId)}::text[])`.execute(tx)
}
