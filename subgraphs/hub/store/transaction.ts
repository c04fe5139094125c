import { type Database, over, type Tx } from '#db/client.ts'
import type { DB } from '#db/generated/hub.ts'

/** All of this subgraph's rows. */
export type Rows = Database<DB>

/** A transaction over this subgraph's tables. */
export type Transaction = Tx<DB>

/** The same for a transaction that a floor hands in. */
export const asTransaction = (tx: object): Transaction => over<DB>(tx)
