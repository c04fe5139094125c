import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { encodeCursor } from '#kernel/cursor.ts'

/** Proof of a write, as the SDL's `Accepted`: a number of the owning subgraph's outbox, opaque. */
export interface Receipt {
  position: string
}

/**
 * The receipt of a transaction, asked for at its end. The log's own position is not known before the commit; the outbox
 * has counted at least to the transaction's last event, and that number stays with the event.
 */
export const receiptOf = async (tx: object): Promise<Receipt> => {
  const { rows } = await sql<{
    counted: number
  }>`select last_value as counted from events.outbox_id_seq`.execute(over(tx))
  return { position: encodeCursor([rows[0]!.counted]) }
}
