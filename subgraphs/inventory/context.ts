import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/inventory.ts'
import { isId } from '#kernel/ids.ts'
import type { BaseContext } from '#service/context.ts'
import { type Loader, loader } from '#service/loader.ts'
import type { RfqStatus } from './domain/rfq.ts'
import { accountsById, type C3AccountRow } from './store/accounts.ts'
import { countRecords } from './store/integrations.ts'
import { membersOf } from './store/owner.ts'
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
  /** One transaction of the caller's organisation; what it published is moved as soon as it has committed. */
  write<T>(run: (tx: Transaction) => Promise<T>): Promise<T>
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
  const byId = <T extends { id: string }>(rows: readonly T[]) => new Map(rows.map((row) => [row.id, row]))
  return {
    ...base,
    db,
    write: async (run) => {
      const done = await db.transaction(orgId, run)
      published()
      return done
    },
    accounts: loader(async (ids) =>
      byId(await db.read(orgId, (tx) => accountsById(tx, orgId, ids.filter(isId)))),
    ),
    rfqs: loader(async (ids) => byId(await db.read(orgId, (tx) => rfqsById(tx, orgId, ids.filter(isId))))),
    stock: loader(async (ids) => byId(await db.read(orgId, (tx) => stockById(tx, orgId, ids.filter(isId))))),
    rfqPages: loader(async (owners, args) => {
      const asked = owners.map((owner) => ({ accountIds: membersOf(owner), ...args }))
      const pages = await db.read(orgId, (tx) => rfqPages(tx, orgId, asked))
      return new Map(owners.map((owner, n) => [owner, pages[n] ?? []]))
    }),
    rfqCounts: loader(async (owners, status) => {
      const counts = await db.read(orgId, (tx) => countRfqs(tx, orgId, owners.map(membersOf), status))
      return new Map(owners.map((owner, n) => [owner, counts[n] ?? 0]))
    }),
    recordCounts: loader(async (ids) => {
      const counts = await db.read(orgId, (tx) => countRecords(tx, orgId, ids.filter(isId)))
      return new Map(ids.map((id) => [id, counts.filter((count) => count.connectionId === id)]))
    }),
    schedules: loader(async (ids) => {
      const all = await db.read(orgId, (tx) => schedulesOf(tx, orgId, ids.filter(isId)))
      return Map.groupBy(all, (schedule) => schedule.connectionId)
    }),
  }
}
