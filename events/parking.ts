import { sql } from 'kysely'
import { inSavepoint, over } from '#db/client.ts'
import { codeOf } from '#db/errors.ts'
import { isHubError, NotFound } from '#kernel/errors.ts'
import { type EventDatabase, type EventRow, fromRow, type LoggedEvent } from './event.ts'

/** Whose events: a consumer's of one source. */
export interface Inlet {
  /** The consumer's name. */
  name: string
  source: string
}

/**
 * What a consumer does with events of one organisation. `isState`: they are no news, but what is so now, told to one that starts anew; all
 * have the position at which it was so.
 */
export type Apply = (tx: object, orgId: string, events: LoggedEvent[], isState?: boolean) => Promise<void>

/** An event set aside. */
export interface Parked {
  id: number
  orgId: string
  key: string
  pos: number
  name: string
  /** Code of what failed; null when it only waits behind an earlier event of its key. */
  reason: string | null
  tries: number
  parkedAt: Date
}

/**
 * The code of an error: the catalogue's, SQLSTATE with the constraint, or the class of the error. Never its sentence,
 * which may quote what a row or a payload says of a person.
 */
export const reasonOf = (error: unknown): string => {
  if (isHubError(error)) return error.code
  if (!(error instanceof Error)) return 'FAILED'
  if (error.name === 'ZodError') return 'BAD_PAYLOAD'
  const code = codeOf(error)
  if (code && /^[0-9A-Z]{5}$/.test(code)) {
    const constraint =
      'constraint' in error && typeof error.constraint === 'string' ? `:${error.constraint}` : ''
    return `SQL_${code}${constraint}`
  }
  return `FAILED:${error.constructor.name}`
}

/** The keys among these that have parked events. */
export const parkedKeys = async (tx: object, inlet: Inlet, keys: readonly string[]): Promise<Set<string>> => {
  const { rows } = await sql<{ key: string }>`
    select distinct key from events.parked
    where consumer = ${inlet.name} and source = ${inlet.source} and key = any(${keys})`.execute(over(tx))
  return new Set(rows.map(({ key }) => key))
}

/** Sets events of one organisation aside, in their order. `reason` null: they wait behind an earlier one. */
export const park = async (
  tx: object,
  { name, source }: Inlet,
  events: readonly LoggedEvent[],
  reason: string | null,
  at: Date,
): Promise<void> => {
  const rows = events.map((event, place) => ({
    place,
    org_id: event.orgId,
    key: event.key,
    pos: event.pos,
    name: event.name,
    version: event.version,
    payload: event.payload,
    occurred_at: event.occurredAt,
  }))
  await sql`
    insert into events.parked
      (consumer, source, org_id, key, pos, name, version, payload, occurred_at, reason, tries, parked_at)
    select ${name}, ${source}, e.org_id, e.key, e.pos, e.name, e.version, e.payload, e.occurred_at,
      ${reason}, ${reason === null ? 0 : 1}::integer, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as e(
      place integer, org_id uuid, key text, pos bigint, name text, version integer, payload jsonb, occurred_at timestamptz
    ) order by e.place`.execute(over(tx))
  await sql`
    insert into events.marks as mark (consumer, source, org_id, pos, parked)
    values (${name}, ${source}, ${events[0]!.orgId}, 0, ${events.length})
    on conflict (consumer, source, org_id) do update set parked = mark.parked + excluded.parked`.execute(
    over(tx),
  )
}

/** All parked events of a consumer and source, of every organisation, in order. */
export const listParked = (database: EventDatabase, { name, source }: Inlet): Promise<Parked[]> =>
  database.relay(async (tx) => {
    const { rows } = await sql<Parked>`
      select id, org_id as "orgId", key, pos, name, reason, tries, parked_at as "parkedAt" from events.parked
      where consumer = ${name} and source = ${source} order by id limit 1000`.execute(over(tx))
    return rows
  })

/**
 * Tries the parked events of one key again, in order, up to the first that fails.
 * @param id any parked event of the key
 * @returns how many took effect and how many are still parked
 * @throws NOT_FOUND when no such event is parked
 */
export const replay = async (
  database: EventDatabase,
  inlet: Inlet,
  apply: Apply,
  id: number,
): Promise<{ applied: number; left: number }> => {
  const found = (await listOne(database, inlet, id)) ?? missing()
  return database.transaction(found.org_id, async (tx) => {
    // The mark's lock keeps the consumer away: it must not queue another event up while the queue is emptied.
    await sql`select from events.marks where consumer = ${inlet.name} and source = ${inlet.source} for update`.execute(
      over(tx),
    )
    const { rows } = await sql<EventRow & { id: number }>`
      select id, org_id, key, pos, name, version, payload, occurred_at from events.parked
      where consumer = ${inlet.name} and source = ${inlet.source} and key = ${found.key} order by id`.execute(
      over(tx),
    )
    let applied = 0
    for (const row of rows) {
      const reason = await attempt(tx, apply, fromRow(row))
      if (reason !== undefined) {
        await sql`update events.parked set reason = ${reason}, tries = tries + 1 where id = ${row.id}`.execute(
          over(tx),
        )
        break
      }
      applied++
    }
    const done = rows.slice(0, applied).map((row) => row.id)
    await sql`delete from events.parked where id = any(${done})`.execute(over(tx))
    await sql`update events.marks set parked = parked - ${applied}
      where consumer = ${inlet.name} and source = ${inlet.source}`.execute(over(tx))
    return { applied, left: rows.length - applied }
  })
}

const attempt = (tx: object, apply: Apply, event: LoggedEvent): Promise<string | undefined> =>
  inSavepoint(tx, () => apply(tx, event.orgId, [event])).then(() => undefined, reasonOf)

const listOne = (database: EventDatabase, { name, source }: Inlet, id: number) =>
  database.relay(async (tx) => {
    const { rows } = await sql<{ org_id: string; key: string }>`
      select org_id, key from events.parked
      where id = ${id} and consumer = ${name} and source = ${source}`.execute(over(tx))
    return rows[0]
  })

const missing = (): never => {
  throw NotFound.with({ what: 'The parked event' })
}
