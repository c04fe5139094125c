import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/telephony.ts'
import { type BaseContext, type Write, writing } from '#service/context.ts'
import { keyed, type Loader, loader, ownerLoader } from '#service/loader.ts'
import { firstDayOf, monthAfter, monthOf } from './domain/months.ts'
import type { MonthOfDays, MonthSpend } from './domain/spend.ts'
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
import {
  type InvoiceLineRow,
  type InvoicePage,
  type InvoiceRow,
  invoicePages,
  invoicesById,
  linesOfInvoices,
} from './store/invoices.ts'
import { type MrrPointRow, mrrSince } from './store/mrr-days.ts'
import { calendarAt } from './store/nights.ts'
import {
  type AccountRatePlanRow,
  accountPlansOn,
  type RatePlanRow,
  type RatePlanVersionRow,
  ratePlansById,
  versionsOf,
} from './store/rate-plans.ts'
import { daySpend, monthSpend } from './store/spend.ts'
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
  assetCounts: Loader<string, AssetCount, void>
  trunkPages: Loader<string, TrunkRow[], AssetArgs>
  numberPages: Loader<string, PhoneNumberRow[], AssetArgs>
  /** By owner, as JSON. */
  usage: Loader<string, UsagePointRow[], UsageSpan>
  ratePlans: Loader<string, RatePlanRow, void>
  ratePlanVersions: Loader<string, RatePlanVersionRow[], void>
  /** By account, as things are now. */
  accountPlans: Loader<string, AccountRatePlanRow, void>
  monthSpend: Loader<string, MonthSpend, void>
  invoices: Loader<string, InvoiceRow, void>
  invoiceLines: Loader<string, InvoiceLineRow[], void>
  /** By account. */
  invoicePages: Loader<string, InvoiceRow[], InvoicePage>
  /** By account, for so many months. */
  mrrHistory: Loader<string, MrrPointRow[], number>
  /** By account: the months from one moment until another, as ISO 8601 texts. */
  daySpend: Loader<string, MonthOfDays[], { from: string; to: string }>
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
    assetCounts: rowsBy((row) => row.ban, countAssets),
    trunkPages: pagesBy(trunkPages),
    numberPages: pagesBy(numberPages),
    usage: loader<string, UsagePointRow[], UsageSpan>(async (owners, span) => {
      const asked = owners.map((owner) => JSON.parse(owner) as UsageOwner)
      const found = await read((tx) => usageSeries(tx, orgId, asked, span))
      return new Map(owners.map((owner, n) => [owner, found[n] ?? []]))
    }),
    ratePlans: rowsBy((row) => row.id, ratePlansById),
    ratePlanVersions: loader<string, RatePlanVersionRow[]>(async (ids) =>
      Map.groupBy(await read((tx) => versionsOf(tx, orgId, ids)), (row) => row.planId),
    ),
    accountPlans: rowsBy(
      (row) => row.ban,
      (tx, org, bans) => accountPlansOn(tx, org, bans, base.clock.now()),
    ),
    invoices: rowsBy((row) => row.id, invoicesById),
    invoiceLines: loader<string, InvoiceLineRow[]>(async (ids) =>
      Map.groupBy(await read((tx) => linesOfInvoices(tx, orgId, ids)), (row) => row.invoiceId),
    ),
    invoicePages: loader<string, InvoiceRow[], InvoicePage>((bans, page) =>
      read((tx) => invoicePages(tx, orgId, bans, page)),
    ),
    monthSpend: loader<string, MonthSpend>((bans) =>
      read((tx) => monthSpend(tx, orgId, bans, base.clock.now())),
    ),
    mrrHistory: loader<string, MrrPointRow[], number>((bans, months) =>
      read(async (tx) => {
        const { today } = await calendarAt(tx, orgId, base.clock.now())
        const since = firstDayOf(monthAfter(monthOf(today), 1 - months))
        return Map.groupBy(await mrrSince(tx, orgId, bans, since), (row) => row.ban)
      }),
    ),
    daySpend: loader<string, MonthOfDays[], { from: string; to: string }>((bans, { from, to }) =>
      read((tx) => daySpend(tx, orgId, bans, { from: new Date(from), to: new Date(to) })),
    ),
  }
}
