import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type {
  BillingAccountResolvers,
  InvoiceLineResolvers,
  InvoiceResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/telephony.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { recordPayment, voidInvoice } from '../commands/settle-invoice.ts'
import { isMonth } from '../domain/months.ts'
import { invoicePage } from '../store/invoices.ts'
import { accountOf } from './account-of.ts'

type Place = readonly [string, string] | null

export const Invoice: InvoiceResolvers = {
  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
  total: ({ total, currency }) => ({ amount: total, currency }),
  lines: async ({ id }, _, ctx) => (await ctx.invoiceLines.load(id)) ?? [],
}

export const InvoiceLine: InvoiceLineResolvers = {
  amount: ({ amount, currency }) => ({ amount, currency }),
}

export const accountInvoices: Pick<BillingAccountResolvers, 'invoices'> = {
  invoices: async ({ ban }, args, ctx) => {
    const page = keyset(args, 2)
    const rows = (await ctx.invoicePages.load(ban, { limit: page.limit, after: page.after as Place })) ?? []
    return connection(rows, page, (row) => [row.month, row.ban])
  },
}

export const invoiceQueries: Pick<QueryResolvers, 'invoice' | 'invoices'> = {
  invoice: (_, { id }, ctx) => (isId(id) ? ctx.invoices.load(id) : null),

  invoices: async (_, { filter, ...args }, ctx) => {
    const page = keyset(args, 2)
    if (filter?.month && !isMonth(filter.month))
      throw BadInput.with({ field: 'filter.month', reason: 'must be a month like 2026-11' })
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      invoicePage(tx, ctx.orgId, filter ?? {}, { limit: page.limit, after: page.after as Place }),
    )
    return connection(rows, page, (row) => [row.month, row.ban])
  },
}

export const invoiceMutations: Pick<MutationResolvers, 'recordPayment' | 'voidInvoice'> = {
  recordPayment: async (_, input, ctx) => {
    const answer = await recordPayment(ctx, input)
    return '__typename' in answer ? answer : { __typename: 'InvoiceChanged', ...answer }
  },

  voidInvoice: async (_, input, ctx) => {
    const answer = await voidInvoice(ctx, input)
    return '__typename' in answer ? answer : { __typename: 'InvoiceChanged', ...answer }
  },
}
