import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { EventLog } from '#events/log.ts'
import { sleep } from '#kernel/clock.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'

/**
 * receipt   what a mutation answers as proof of its write, and what a later read sends back as `x-hub-after`
 * position  where the write's last event stands in its subgraph's log, or a place behind it
 *
 * Positions are given out after the commit, so inside the transaction a receipt only knows the outbox row. The graph's
 * `Accepted.position` turns that into a position when somebody asks for it: see docs/decisions/0010-receipts.md.
 */
export interface Receipt {
  position: string
}

type EventDatabase = EventLog['database']

const OUTBOX = 'outbox'
// A sequencer at work needs a few milliseconds. One that is down must not hold the answer to a write that is done.
const MOVED_WITHIN_MS = 2000
const LOOK_AFTER_MS = 5
const LOOK_AT_LEAST_EVERY_MS = 40

/** A receipt for the events the transaction has published so far. Call it last, in the transaction. */
export const receiptOf = async (tx: object): Promise<Receipt> => {
  // Another transaction's row may be the last: then the receipt waits for that one too, which does no harm.
  const { rows } = await sql<{ id: number | null }>`
    select max(id) as id from events.outbox
    where org_id = nullif(current_setting('hub.org_id', true), '')::uuid`.execute(over(tx))
  return { position: encodeCursor([OUTBOX, rows[0]?.id ?? 0]) }
}

/**
 * The place in the log behind which a receipt's events are known to be.
 * @param database the writing subgraph's own; without one the receipt stays as it is
 * @param subgraph whose log the place is in
 */
export const placeOfReceipt = async (
  { position }: Receipt,
  around: { database?: EventDatabase; subgraph: string; orgId: string },
): Promise<string> => {
  const [kind, outboxId] = decodeCursor(position, 2)
  const { database, orgId } = around
  if (!database || kind !== OUTBOX || typeof outboxId !== 'number') return position
  const look = () =>
    database.read(orgId, async (tx) => {
      const { rows } = await sql<{ head: number; waiting: number }>`
        select pos as head, (select coalesce(sum(size), 0)::integer from events.outbox
          where org_id = ${orgId}::uuid and id <= ${outboxId}) as waiting
        from events.head`.execute(over(tx))
      return rows[0]!
    })
  const state = await lookUntil(look, ({ waiting }) => waiting === 0, MOVED_WITHIN_MS)
  // Moved together with their rows' leaving, so the head is at or behind them. Still waiting: they come next.
  return encodeCursor([around.subgraph, state.head + state.waiting])
}

/**
 * Waits, for a moment, until what a receipt proves has taken effect here.
 * @param after the receipt's position as it was sent back
 * @param around.withinMs for how long; a person waits for the answer. Default 250
 * @returns the subgraph that this one is still behind; null when it is not, or the text is no receipt
 */
export const waitFor = async (
  after: string,
  around: { database: EventDatabase; reader: string; orgId: string; withinMs?: number | undefined },
): Promise<string | null> => {
  const receipt = readPlace(after)
  // One's own writes are there when they are committed.
  if (!receipt || receipt.subgraph === around.reader) return null
  const { database, orgId, reader, withinMs = 250 } = around
  const isApplied = () =>
    database.read(orgId, async (tx) => {
      const { rows } = await sql<{ pos: number | null }>`
        select greatest(
          (select pos from events.cursors where consumer = ${reader} and source = ${receipt.subgraph}),
          (select pos from events.marks
           where consumer = ${reader} and source = ${receipt.subgraph} and org_id = ${orgId}::uuid)) as pos`.execute(
        over(tx),
      )
      return (rows[0]?.pos ?? 0) >= receipt.pos
    })
  return (await lookUntil(isApplied, (applied) => applied, withinMs)) ? null : receipt.subgraph
}

/** Looks until it is so or the time is over, less and less often. Answers what was seen last. */
const lookUntil = async <T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  withinMs: number,
): Promise<T> => {
  // Waiting takes real time, whatever the hub's clock says.
  const deadline = performance.now() + withinMs
  for (let wait = LOOK_AFTER_MS; ; wait = Math.min(wait * 2, LOOK_AT_LEAST_EVERY_MS)) {
    const seen = await look()
    if (isSo(seen) || performance.now() >= deadline) return seen
    await sleep(wait)
  }
}

const readPlace = (after: string): { subgraph: string; pos: number } | null => {
  try {
    const [subgraph, pos] = decodeCursor(after, 2)
    return typeof subgraph === 'string' && typeof pos === 'number' ? { subgraph, pos } : null
  } catch {
    // A header that is no receipt asks for nothing: the read goes on as without it.
    return null
  }
}
