import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

interface Place {
  orgId: string
  integrationId: string
}

/**
 * Since when records of a kind are known: from when the reading was asked for that first came to its end. While there is none, the
 * one that is under way, if any.
 */
export const knownSince = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  type: string,
  runId: string | undefined,
): Promise<Date | null> => {
  const { rows } = await sql<{ since: Date | null }>`
    select coalesce((n.known_since ->> ${type})::timestamptz, r.requested_at) as since
    from customers.integrations n left join sync.runs r on r.org_id = n.org_id and r.id = ${runId ?? null}::uuid
    where n.org_id = ${orgId}::uuid and n.id = ${integrationId}::uuid`.execute(tx)
  return rows[0]?.since ?? null
}

/** Notes that kinds of records were read to their end by a reading that was asked for then. What is known stays. */
export const noteKnown = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  types: readonly string[],
  requestedAt: Date,
): Promise<void> => {
  const since = Object.fromEntries(types.map((type) => [type, requestedAt.toISOString()]))
  await sql`
    update customers.integrations set known_since = ${JSON.stringify(since)}::jsonb || known_since
    where org_id = ${orgId}::uuid and id = ${integrationId}::uuid and not known_since ?& ${[...types]}::text[]`.execute(
    tx,
  )
}
