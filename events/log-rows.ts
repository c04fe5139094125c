import { type RawBuilder, sql } from 'kysely'
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

/**
 * A position in a log, and the stamp it bears there. After a restore the log gives positions out again to other events:
 * then the stamp differs, and whoever was there before knows that what it knows is of another log.
 */
export interface Place {
  position: number
  /** Absent where it is not known: then only the position is looked at. */
  stamp?: string | undefined
}

/** A stretch of the log: the wanted events in it, and the place up to which it was looked through. */
export interface Stretch extends Place {
  events: LoggedEvent[]
}

export const isWanted = (event: LoggedEvent, { orgId, names }: Wanted): boolean =>
  (orgId === undefined || event.orgId === orgId) && (names === undefined || names.includes(event.name))

/** Reads as the organisation itself where one is named, so that row level security guards what leaves; else as the relay. */
const reading = <T>(
  database: EventDatabase,
  orgId: string | undefined,
  run: (tx: object) => Promise<T>,
): Promise<T> => (orgId === undefined ? database.relay(run) : database.read(orgId, run))

/** Of a row `b` of `events.batches`. */
export const STAMP = sql<string>`b.id || '-' || (extract(epoch from b.logged_at) * 1000)::bigint`

const stampAt = (position: RawBuilder<unknown>) => sql<
  string | null
>`case when ${position} < head.oldest then head.stamp
  else (select ${STAMP} from events.batches b where b.last_pos >= ${position} order by b.last_pos limit 1) end`

export const readBounds = (database: EventDatabase): Promise<Bounds> =>
  database.relay(async (tx) => {
    const { rows } = await sql<Bounds>`select oldest, pos as head from events.head`.execute(over(tx))
    return rows[0]!
  })

/** The place of a position, or of the last event. */
export const readPlace = (database: EventDatabase, position?: number): Promise<Place> =>
  database.relay(async (tx) => {
    const at = position === undefined ? sql`head.pos` : sql`${position}::bigint`
    const { rows } = await sql<{ position: number; stamp: string | null }>`
      select ${at} as position, ${stampAt(at)} as stamp from events.head head`.execute(over(tx))
    const { stamp, ...place } = rows[0]!
    return stamp === null ? place : { ...place, stamp }
  })

/**
 * Answers where the log begins and ends to somebody who knows a place in it.
 * @throws CURSOR_EXPIRED when what follows the place is gone, or the place is of another log
 */
export const confirmPlace = (database: EventDatabase, { position, stamp }: Place): Promise<Bounds> =>
  database.relay(async (tx) => {
    const { rows } = await sql<Bounds & { stamp: string | null }>`
      select oldest, pos as head, ${stampAt(sql`${position}::bigint`)} as stamp from events.head head`.execute(
      over(tx),
    )
    const { oldest, head, stamp: found } = rows[0]!
    const isOther = stamp !== undefined && found !== null && stamp !== found
    if (position + 1 < oldest || position > head || isOther) throw new ExpiredCursor(oldest)
    return { oldest, head }
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
    const result = await sql<Bounds & { end: string | null } & ({ pos: null } | EventRow)>`
      select head.oldest, head.pos as head, ${stampAt(sql`head.pos`)} as end, found.* from events.head left join lateral (
        select b.first_pos + e.place - 1 as pos, e.org_id, e.key, e.name, e.version, e.payload, e.occurred_at, ${STAMP} as stamp, b.trace
        from (
          select b.id, b.first_pos, b.last_pos, b.logged_at, b.trace from events.batches b where b.last_pos > ${after} ${mine} order by b.last_pos offset 0
        ) b cross join lateral (
          select e.* from events.recorded e
          where e.batch = b.id and e.place > ${after} - b.first_pos + 1 ${named} order by e.place offset 0
        ) e
        order by b.last_pos, e.place limit ${limit}
      ) found on true
      order by found.pos`.execute(over(tx))
    return result.rows
  })
  const { oldest, head, end } = rows[0]!
  if (after + 1 < oldest || after > head) throw new ExpiredCursor(oldest)
  const events = rows.flatMap((row) => (row.pos === null ? [] : [fromRow(row)]))
  const last = events.at(-1)
  if (last && events.length === limit) return { events, position: last.pos, stamp: last.stamp }
  return { events, position: head, ...(end ? { stamp: end } : {}) }
}
