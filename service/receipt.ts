import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { encodeCursor } from '#kernel/cursor.ts'

/** Proof of a write, as the SDL's `Accepted`: the number its last event has in the owning subgraph's outbox, opaque. */
export interface Receipt {
  position: string
}

/**
 * The receipt of a transaction that has published events. The log's own position is not known before the commit, the
 * outbox number is: it stays with the event, so a reader can wait until a sibling has taken it.
 * @throws when the transaction's session has not published anything yet
 */
export const receiptOf = async (tx: object): Promise<Receipt> => {
  const { rows } = await sql<{ id: number }>`select currval('events.outbox_id_seq') as id`.execute(over(tx))
  return { position: encodeCursor([rows[0]!.id]) }
}
