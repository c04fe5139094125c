import { sql } from 'kysely'
import { over } from '#db/client.ts'

/**
 * Whether a connection may write at its source by itself: once somebody has approved its first plan of writes. Whether somebody
 * has paused it is another question, which the owner of the connection answers.
 */
export const mayPush = async (tx: object, orgId: string, connectionId: string): Promise<boolean> => {
  const { rows } = await sql<{ approved: boolean }>`
    select exists (select from sync.push_approvals
      where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid) as approved`.execute(over(tx))
  return rows[0]?.approved ?? false
}

/** Lets a connection write by itself from now on. Safe to repeat: the first approval counts. */
export const approvePush = async (
  tx: object,
  place: { orgId: string; connectionId: string; planId: string | null },
  at: Date,
): Promise<void> => {
  await sql`
    insert into sync.push_approvals (org_id, connection_id, plan_id, approved_at)
    values (${place.orgId}::uuid, ${place.connectionId}::uuid, ${place.planId}::uuid, ${at}::timestamptz)
    on conflict do nothing`.execute(over(tx))
}
