import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/telephony.ts'
import { type BaseContext, type Write, writing } from '#service/context.ts'
import { keyed, type Loader, loader, ownerLoader } from '#service/loader.ts'
import type { Sealing } from './domain/telling.ts'
import type { UsagePointRow } from './domain/usage.ts'
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
import { type CreditRuleRow, creditRuleOf, type OrderedRow, orderedOf } from './store/credit.ts'
import type { Transaction } from './store/transaction.ts'
import { type UsageOwner, type UsageSpan, usageSeries } from './store/usage-series.ts'

/** A page of an owner's trunks or numbers: which accounts it spans (joined by a space), from where on. */
export interface AssetArgs {
  limit: number
  after: readonly [string, string] | null
}

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  write: Write<DB>
  /** What others are told of numbers is sealed by it, where the hub has keys. */
  sealNumber: Sealing | undefined
  accounts: Loader<string, BillingAccountRow, void>
  trunks: Loader<string, TrunkRow, void>
  numbers: Loader<string, PhoneNumberRow, void>
  /** What the trunks of an account have ordered together. */
  ordered: Loader<string, OrderedRow, void>
  /** The credit rule of an organisation: the caller's own. */
  creditRules: Loader<string, CreditRuleRow, void>
  assetCounts: Loader<string, AssetCount, void>
  trunkPages: Loader<string, TrunkRow[], AssetArgs>
  numberPages: Loader<string, PhoneNumberRow[], AssetArgs>
  /** By owner, as JSON. */
  usage: Loader<string, UsagePointRow[], UsageSpan>
}

export const contextOf = (
  db: Database<DB>,
  published: () => void,
  base: BaseContext,
  sealing: (orgId: string) => Sealing | undefined,
): Context => {
  const { orgId } = base
  const read = <T>(run: (tx: Transaction) => Promise<T>) => db.read(orgId, run)
  const rowsBy = <T>(
    keyOf: (row: T) => string,
    rowsOf: (tx: Transaction, orgId: string, keys: readonly string[]) => Promise<T[]>,
  ) => loader<string, T>(async (keys) => keyed(await read((tx) => rowsOf(tx, orgId, keys)), keyOf))
  const pagesBy = <T>(
    pagesOf: (
      tx: Transaction,
      orgId: string,
      asked: readonly (AssetArgs & { bans: readonly string[] })[],
    ) => Promise<T[][]>,
  ) =>
    ownerLoader<T[], AssetArgs>((owners, args) => {
      const asked = owners.map((bans) => ({ bans, ...args }))
      return read((tx) => pagesOf(tx, orgId, asked))
    })
  return {
    ...base,
    db,
    write: writing(db, orgId, published),
    sealNumber: sealing(orgId),
    accounts: rowsBy((row) => row.ban, accountsByBan),
    trunks: rowsBy((row) => row.id, trunksById),
    numbers: rowsBy((row) => row.id, numbersById),
    ordered: rowsBy((row) => row.ban, orderedOf),
    creditRules: loader<string, CreditRuleRow>(
      async () => new Map([[orgId, await read((tx) => creditRuleOf(tx, orgId))]]),
    ),
    assetCounts: rowsBy((row) => row.ban, countAssets),
    trunkPages: pagesBy(trunkPages),
    numberPages: pagesBy(numberPages),
    usage: loader<string, UsagePointRow[], UsageSpan>(async (owners, span) => {
      const asked = owners.map((owner) => JSON.parse(owner) as UsageOwner)
      const found = await read((tx) => usageSeries(tx, orgId, asked, span))
      return new Map(owners.map((owner, n) => [owner, found[n] ?? []]))
    }),
  }
}
