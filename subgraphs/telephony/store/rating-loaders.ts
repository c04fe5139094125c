import type { Clock } from '#kernel/clock.ts'
import { keyed, type Loader, loader } from '#service/loader.ts'
import { inSteps } from '#service/noticing.ts'
import { firstDayOf, monthAfter, monthOf } from '../domain/months.ts'
import type { MonthOfDays, MonthSpend } from '../domain/spend.ts'
import {
  type InvoiceLineRow,
  type InvoicePage,
  type InvoiceRow,
  invoicePages,
  invoicesById,
  linesOfInvoices,
} from './invoices.ts'
import { type MrrPointRow, mrrSince } from './mrr-days.ts'
import { calendarAt } from './nights.ts'
import {
  type AccountRatePlanRow,
  accountPlansOn,
  type RatePlanRow,
  type RatePlanVersionRow,
  ratePlansById,
  versionsOf,
} from './rate-plans.ts'
import { daySpend, monthSpend } from './spend.ts'
import type { Transaction } from './transaction.ts'

/** What accounts pay, as a request loads it: each in one statement, however many are asked for. */
export interface RatingLoaders {
  ratePlans: Loader<string, RatePlanRow, void>
  /** By plan, newest first. */
  ratePlanVersions: Loader<string, RatePlanVersionRow[], void>
  /** By account, as things are now. */
  accountPlans: Loader<string, AccountRatePlanRow, void>
  /** By account: the month until now. */
  monthSpend: Loader<string, MonthSpend, void>
  /** By account: the months from one moment until another, as ISO 8601 texts. */
  daySpend: Loader<string, MonthOfDays[], { from: string; to: string }>
  /** By account, for so many months. */
  mrrHistory: Loader<string, MrrPointRow[], number>
  invoices: Loader<string, InvoiceRow, void>
  /** By invoice, in their order. */
  invoiceLines: Loader<string, InvoiceLineRow[], void>
  /** By account, newest month first. */
  invoicePages: Loader<string, InvoiceRow[], InvoicePage>
}

/** In each time zone a day begins with a quarter of an hour. */
const QUARTER_MS = 900_000

type Read = <T>(run: (tx: Transaction) => Promise<T>) => Promise<T>

export const ratingLoaders = (
  read: Read,
  { orgId, clock }: { orgId: string; clock: Clock },
): RatingLoaders => ({
  ratePlans: loader(async (ids) => keyed(await read((tx) => ratePlansById(tx, orgId, ids)), ({ id }) => id)),
  ratePlanVersions: loader(async (ids) =>
    Map.groupBy(await read((tx) => versionsOf(tx, orgId, ids)), ({ planId }) => planId),
  ),
  accountPlans: loader(async (bans) =>
    keyed(await read((tx) => accountPlansOn(tx, orgId, bans, inSteps(clock, QUARTER_MS))), ({ ban }) => ban),
  ),
  monthSpend: loader((bans) => read((tx) => monthSpend(tx, orgId, bans, inSteps(clock, QUARTER_MS)))),
  daySpend: loader((bans, { from, to }) =>
    read((tx) => daySpend(tx, orgId, bans, { from: new Date(from), to: new Date(to) })),
  ),
  mrrHistory: loader((bans, months) =>
    read(async (tx) => {
      const { today } = await calendarAt(tx, orgId, inSteps(clock, QUARTER_MS))
      const since = firstDayOf(monthAfter(monthOf(today), 1 - months))
      return Map.groupBy(await mrrSince(tx, orgId, bans, since), ({ ban }) => ban)
    }),
  ),
  invoices: loader(async (ids) => keyed(await read((tx) => invoicesById(tx, orgId, ids)), ({ id }) => id)),
  invoiceLines: loader(async (ids) =>
    Map.groupBy(await read((tx) => linesOfInvoices(tx, orgId, ids)), ({ invoiceId }) => invoiceId),
  ),
  invoicePages: loader((bans, page) => read((tx) => invoicePages(tx, orgId, bans, page))),
})
