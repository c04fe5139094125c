import { sql } from 'kysely'
import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { ORG } from './customers.ts'

/** Whether customers has told of something and heard of all of it itself: it follows its own log. */
export const hasHeardItself = async (
  database: Pick<Database<DB>, 'read'>,
  event: string,
): Promise<boolean> => {
  const { rows } = await database.read(ORG, (tx) =>
    sql<{ heard: boolean | null }>`
      select max(e.pos) <= (select m.pos from events.marks m where m.consumer = 'customers' and m.source = 'customers') as heard
      from events.event_log e where e.name = ${event}`.execute(tx),
  )
  return rows[0]?.heard ?? false
}
