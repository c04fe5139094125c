import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/inventory.ts'
import { type BaseContext, type Write, writing } from '#service/context.ts'
import { idLoader, keyed, type Loader, ownerLoader } from '#service/loader.ts'
import type { RfqStatus } from './domain/rfq.ts'
import { accountsById, type C3AccountRow } from './store/accounts.ts'
import { countRecords } from './store/integrations.ts'
import { countRfqs, type RfqRow, rfqPages, rfqsById } from './store/rfqs.ts'
import { type ScheduleRow, schedulesOf } from './store/schedules.ts'
import { type StockItemRow, stockById } from './store/stock.ts'
import type { Transaction } from './store/transaction.ts'

/** A page of the requests of an owner: which, and from where on. */
export interface RfqPageArgs {
  status: RfqStatus | null
  limit: number
  after: readonly [string, string] | null
}

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  write: Write<DB>
  accounts: Loader<string, C3AccountRow, void>
  rfqs: Loader<string, RfqRow, void>
  stock: Loader<string, StockItemRow, void>
  /** By owner: account ids, sorted, joined by a space. */
  rfqPages: Loader<string, RfqRow[], RfqPageArgs>
  rfqCounts: Loader<string, number, RfqStatus | null>
  recordCounts: Loader<string, { type: string; count: number }[], void>
  /** What is done by the clock, by connection. */
  schedules: Loader<string, ScheduleRow[], void>
}

export const contextOf = (db: Database<DB>, published: () => void, base: BaseContext): Context => {
  const { orgId } = base
  const read = <T>(run: (tx: Transaction) => Promise<T>) => db.read(orgId, run)
  const byId = <V>(batch: (tx: Transaction, ids: readonly string[]) => Promise<ReadonlyMap<string, V>>) =>
    idLoader<V>((ids) => read((tx) => batch(tx, ids)))
  const rowsById = <T extends { id: string }>(
    rowsOf: (tx: Transaction, orgId: string, ids: readonly string[]) => Promise<T[]>,
  ) => byId(async (tx, ids) => keyed(await rowsOf(tx, orgId, ids), (row) => row.id))
  return {
    ...base,
    db,
    write: writing(db, orgId, published),
    accounts: rowsById(accountsById),
    rfqs: rowsById(rfqsById),
    stock: rowsById(stockById),
    rfqPages: ownerLoader((owners, args) =>
      read((tx) =>
        rfqPages(
          tx,
          orgId,
          owners.map((accountIds) => ({ accountIds, ...args })),
        ),
      ),
    ),
    rfqCounts: ownerLoader((owners, status) => read((tx) => countRfqs(tx, orgId, owners, status))),
    recordCounts: byId(async (tx, ids) =>
      Map.groupBy(await countRecords(tx, orgId, ids), (count) => count.connectionId),
    ),
    schedules: byId(async (tx, ids) =>
      Map.groupBy(await schedulesOf(tx, orgId, ids), (schedule) => schedule.connectionId),
    ),
  }
}
