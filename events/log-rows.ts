import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { type EventDatabase, type EventRow, fromRow, type LoggedEvent } from './event.ts'
import { ExpiredCursor } from './expired.ts'

/** Which events of the log a reader wants. */
export interface Wanted {
  /** Only this organisation's. */
  orgId?: string | undefined
  /** Only events of these names. */
  names?: readonly string[] | undefined
}

/** Oldest event kept (`oldest` = `head` + 1 when none is) and last position given out. */
export interface Bounds {
  oldest: number
  head: number
}

/** A stretch of the log: the wanted events in it, and the position up to which it was looked through. */
export interface Stretch {
  events: LoggedEvent[]
  position: number
}

export const isWanted = (event: LoggedEvent, { orgId, names }: Wanted): boolean =>
  (orgId === undefined || event.orgId === orgId) && (names === undefined || names.includes(event.name))

/** Reads as the organisation itself where one is named, so that row level security guards what leaves; else as the relay. */
const reading = <T>(
  database: EventDatabase,
  orgId: string | undefined,
  run: (tx: object) => Promise<T>,
): Promise<T> => (orgId === undefined ? database.relay(run) : database.read(orgId, run))

export const readBounds = (database: EventDatabase): Promise<Bounds> =>
  database.relay(async (tx) => {
    const { rows } = await sql<Bounds>`select oldest, pos as head from events.head`.execute(over(tx))
    return rows[0]!
  })

/**
 * Reads up to `limit` wanted events after a position, in one snapshot with the bounds.
 * @throws CURSOR_EXPIRED when events after the position are gone, or the position was never given out
 */
export const readStretch = async (
  database: EventDatabase,
  after: number,
  limit: number,
  wanted: Wanted,
): Promise<Stretch> => {
  const { orgId, names } = wanted
  const rows = await reading(database, orgId, async (tx) => {
    const mine = orgId === undefined ? sql`` : sql`and b.org_id = ${orgId}`
    const named = names === undefined ? sql`` : sql`and e.name = any(${names})`
    // "offset 0" keeps batches and events apart: the batches are walked by index, and no farther than the limit asks.
    const result = await sql<Bounds & ({ pos: null } | EventRow)>`
      select head.oldest, head.pos as head, found.* from events.head left join lateral (
        select b.first_pos + e.place - 1 as pos, e.org_id, e.key, e.name, e.version, e.payload, e.occurred_at
        from (
          select b.id, b.first_pos, b.last_pos from events.batches b where b.last_pos > ${after} ${mine} order by b.last_pos offset 0
        ) b cross join lateral (
          select e.* from events.recorded e
          where e.batch = b.id and e.place > ${after} - b.first_pos + 1 ${named} order by e.place offset 0
        ) e
        order by b.last_pos, e.place limit ${limit}
      ) found on true
      order by found.pos`.execute(over(tx))
    return result.rows
  })
  const { oldest, head } = rows[0]!
  if (after + 1 < oldest || after > head) throw new ExpiredCursor(oldest)
  const events = rows.flatMap((row) => (row.pos === null ? [] : [fromRow(row)]))
  return { events, position: events.length < limit ? head : events.at(-1)!.pos }
}
