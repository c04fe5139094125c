import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/telephony.ts'
import type { BaseContext } from '#service/context.ts'
import { type Loader, loader } from '#service/loader.ts'
import { accountsByBan, type BillingAccountRow } from './store/accounts.ts'
import {
  type AssetCount,
  countAssets,
  numberPages,
  numbersById,
  type PhoneNumberRow,
  type TrunkRow,
  trunkPages,
  trunksById,
} from './store/assets.ts'
import { membersOf } from './store/owner.ts'
import type { Transaction } from './store/transaction.ts'

/** A page of an owner's trunks or numbers: which accounts it spans (joined by a space), from where on. */
export interface AssetArgs {
  limit: number
  after: readonly [string, string] | null
}

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  /** One transaction of the caller's organisation; what it published is moved as soon as it has committed. */
  write<T>(run: (tx: Transaction) => Promise<T>): Promise<T>
  accounts: Loader<string, BillingAccountRow, void>
  trunks: Loader<string, TrunkRow, void>
  numbers: Loader<string, PhoneNumberRow, void>
  assetCounts: Loader<string, AssetCount, void>
  trunkPages: Loader<string, TrunkRow[], AssetArgs>
  numberPages: Loader<string, PhoneNumberRow[], AssetArgs>
}

export const contextOf = (db: Database<DB>, published: () => void, base: BaseContext): Context => {
  const { orgId } = base
  const byId = <T>(rows: readonly T[], id: (row: T) => string) => new Map(rows.map((row) => [id(row), row]))
  return {
    ...base,
    db,
    write: async (run) => {
      const done = await db.transaction(orgId, run)
      published()
      return done
    },
    accounts: loader(async (bans) =>
      byId(await db.read(orgId, (tx) => accountsByBan(tx, orgId, bans)), (row) => row.ban),
    ),
    trunks: loader(async (ids) =>
      byId(await db.read(orgId, (tx) => trunksById(tx, orgId, ids)), (row) => row.id),
    ),
    numbers: loader(async (ids) =>
      byId(await db.read(orgId, (tx) => numbersById(tx, orgId, ids)), (row) => row.id),
    ),
    assetCounts: loader(async (bans) =>
      byId(await db.read(orgId, (tx) => countAssets(tx, orgId, bans)), (row) => row.ban),
    ),
    trunkPages: loader(async (owners, args) => {
      const asked = owners.map((owner) => ({ bans: membersOf(owner), ...args }))
      const pages = await db.read(orgId, (tx) => trunkPages(tx, orgId, asked))
      return new Map(owners.map((owner, n) => [owner, pages[n] ?? []]))
    }),
    numberPages: loader(async (owners, args) => {
      const asked = owners.map((owner) => ({ bans: membersOf(owner), ...args }))
      const pages = await db.read(orgId, (tx) => numberPages(tx, orgId, asked))
      return new Map(owners.map((owner, n) => [owner, pages[n] ?? []]))
    }),
  }
}
