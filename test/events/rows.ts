import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { LoggedEvent } from '#events/log.ts'

export const SHARED_SECRET = 'what the processes of a hub share'

/** The effect of the tests: one row per event. */
export const leaveRows = async (tx: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
  const rows = events.map(({ key, pos, payload }) => ({ key, pos, n: (payload as { n: number }).n }))
  await sql`insert into insights.effects (org, key, n, pos)
    select ${orgId}::uuid, e.key, e.n, e.pos
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as e(key text, n integer, pos bigint)`.execute(
    over(tx),
  )
}
