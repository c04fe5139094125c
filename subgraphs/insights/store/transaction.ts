import { type Database, over, type Tx } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'

/** A transaction over this subgraph's tables. */
export type Transaction = Tx<DB>

/** This subgraph's database, for work outside a request. */
export type Rows = Pick<Database<DB>, 'relay' | 'read' | 'transaction'>

/** The same transaction, seen with this subgraph's tables. */
export const asTransaction = (tx: object): Transaction => over<DB>(tx)
