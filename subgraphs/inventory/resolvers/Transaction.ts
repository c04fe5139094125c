import { isId, NO_ID } from '#kernel/ids.ts'
import type {
  CustomerResolvers,
  QueryResolvers,
  TransactionFilter,
  TransactionResolvers,
} from '#schema/generated/inventory.types.ts'
import { type CountedPage, connection, keyset, type PageArgs } from '#service/connection.ts'
import { ownerOf } from '#service/loader.ts'
import { inSteps } from '#service/noticing.ts'
import type { Context } from '../context.ts'
import { refuseDays } from '../domain/spending.ts'
import { countTransactions, newestTransactions, type TransactionRow } from '../store/transactions.ts'

export const Transaction: TransactionResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.transactions.load(id),

  account: ({ accountId }, _, ctx) => (accountId ? ctx.accounts.load(accountId) : null),
  supplier: ({ supplierId }, _, ctx) => (supplierId ? ctx.suppliers.load(supplierId) : null),
  rfq: ({ rfqId }, _, ctx) => (rfqId ? ctx.rfqs.load(rfqId) : null),
  component: ({ componentId }, _, ctx) => ctx.components.load(componentId),
  unitPrice: ({ unitPrice, currency }) => ({ amount: unitPrice, currency }),
  unitCost: ({ unitCost, currency }) => (unitCost === null ? null : { amount: unitCost, currency }),
  total: ({ total, currency }) => ({ amount: total, currency }),
}

const position = (row: TransactionRow) => [row.at.toISOString(), row.id] as const

/** A page of transactions: of these accounts, answered together with other owners of the request, or of all (null). */
const transactionPage = async (
  ctx: Context,
  accountIds: readonly string[] | null,
  { filter, ...args }: PageArgs & { filter?: TransactionFilter | null },
): Promise<CountedPage<TransactionRow>> => {
  const page = keyset(args, 2)
  const componentId = filter?.componentId ?? null
  const choice = {
    kind: filter?.kind ?? null,
    from: filter?.from ?? null,
    before: filter?.before ?? null,
    // What is no id of ours is nothing's: the list is empty.
    componentId: componentId === null || isId(componentId) ? componentId : NO_ID,
  }
  const asked = { choice, limit: page.limit, after: page.after as readonly [string, string] | null }
  const owner = accountIds && ownerOf(accountIds.filter(isId))
  const rows =
    owner !== null
      ? ((await ctx.transactionPages.load(owner, asked)) ?? [])
      : await ctx.db.read(ctx.orgId, (tx) => newestTransactions(tx, ctx.orgId, asked))
  const count = async () => {
    const counts =
      owner !== null
        ? [await ctx.transactionCounts.load(owner, choice)]
        : await ctx.db.read(ctx.orgId, (tx) => countTransactions(tx, ctx.orgId, [null], choice))
    return counts[0] ?? 0
  }
  return { ...connection(rows, page, position), count }
}

export const transactionQueries: Pick<QueryResolvers, 'transactions'> = {
  transactions: (_, args, ctx) => transactionPage(ctx, null, args),
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** What a customer has bought. */
export const customerTrade: Pick<CustomerResolvers, 'transactions' | 'spend' | 'componentPreferences'> = {
  transactions: ({ c3CustomerIds = [] }, args, ctx) => transactionPage(ctx, c3CustomerIds, args),

  spend: async ({ c3CustomerIds = [] }, { days }, ctx) => {
    const span = spanOf(days, ctx)
    const spent = (await ctx.spend.load(ownerOf(c3CustomerIds.filter(isId)), span)) ?? []
    return spent.map(({ amount, currency, sales, returns }) => ({
      amount: { amount, currency },
      sales,
      returns,
      ...span,
    }))
  },

  componentPreferences: async ({ c3CustomerIds = [] }, { days }, ctx) => {
    const found = (await ctx.preferences.load(ownerOf(c3CustomerIds.filter(isId)), spanOf(days, ctx))) ?? []
    return found.map(({ spent: amount, currency, ...rest }) => ({ ...rest, spent: { amount, currency } }))
  },
}

/** The last so many days, by the whole minute: customers of one request are asked about together. */
const spanOf = (days: number, { clock }: Context): { from: Date; until: Date } => {
  refuseDays(days)
  const until = inSteps(clock, MINUTE_MS)
  return { from: new Date(until.getTime() - days * DAY_MS), until }
}
