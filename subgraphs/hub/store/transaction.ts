import type { Tx } from '#db/client.ts'
import type { DB } from '#db/generated/hub.ts'

/** A transaction over this subgraph's tables. */
export type Transaction = Tx<DB>
