import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { keptTrace } from '#db/kept-trace.ts'
import { Planning } from '#kernel/planning.ts'
import type { NewEvent } from './event.ts'

export type { NewEvent } from './event.ts'

// A batch gets its positions as a whole: so long may one organisation's events keep another's waiting.
const MOST_IN_A_BATCH = 200

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
  Planning.current()?.events.push(...events.map(({ name, key }) => ({ name, key })))
  await sql`
    with told as (
      select e.*, (e.place - 1) / ${MOST_IN_A_BATCH}::integer as part from rows from (
        jsonb_to_recordset(${storable(events)}::jsonb) as (key text, name text, version integer, payload jsonb)
      ) with ordinality as e(key, name, version, payload, place)
    ), batches as (
      insert into events.outbox (org_id, size, trace)
      select ${orgId}::uuid, count(*), ${keptTrace()} from told group by part order by part returning id
    ), numbered as (
      select id, row_number() over (order by id) - 1 as part from batches
    )
    insert into events.recorded (batch, place, org_id, key, name, version, payload, occurred_at)
    select numbered.id, (told.place - 1) % ${MOST_IN_A_BATCH}::integer + 1, ${orgId}::uuid, told.key, told.name, told.version,
      coalesce(told.payload, 'null'), ${at}::timestamptz
    from told join numbered using (part)
    order by told.place`.execute(over(tx))
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
