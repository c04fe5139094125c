import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { NewEvent } from './event.ts'

export type { NewEvent } from './event.ts'

/**
 * Leaves events in the outbox of the transaction: one statement, however many they are.
 * Call it after the rows they tell of are written: the row's lock is then what keeps the events of a key in commit order.
 * @param orgId the organisation the transaction is set to; another one is refused by the database
 * @param at when it happened
 */
export const publish = async (
  tx: object,
  orgId: string,
  events: readonly NewEvent[],
  at: Date,
): Promise<void> => {
  if (events.length === 0) return
  await sql`
    insert into events.outbox (org_id, key, name, version, payload, occurred_at)
    select ${orgId}::uuid, e.key, e.name, e.version, coalesce(e.payload, 'null'), ${at}::timestamptz
    from rows from (
      jsonb_to_recordset(${storable(events)}::jsonb) as (key text, name text, version integer, payload jsonb)
    ) with ordinality as e(key, name, version, payload, place)
    order by e.place`.execute(over(tx))
}

const UNSTORABLE = /\\u0000|\\ud[89a-f]/i

/** JSON that PostgreSQL takes: it refuses NUL and halves of characters, and one such text must not stop its page. */
const storable = (events: readonly NewEvent[]): string => {
  const json = JSON.stringify(events)
  if (!UNSTORABLE.test(json)) return json
  return JSON.stringify(events, (_, value) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value,
  )
}
