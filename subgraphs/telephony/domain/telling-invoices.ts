import { event } from '#schema/events.ts'
import type { InvoiceStatus } from './invoices.ts'

/** What others are told of an invoice. */
export interface ToldInvoice {
  id: string
  number: string
  ban: string
  /** As `YYYY-MM`. */
  month: string
  total: string
  currency: string
  status: InvoiceStatus
  issuedAt: Date
  dueOn: string
  /** The beginning of the day it was paid. */
  paidAt: Date | null
}

/** An invoice as others are told of it. `observedAt` is when it came to be so. */
export const invoiceChanged = (invoice: ToldInvoice, observedAt: Date) =>
  event('telephony.invoice.changed', invoice.ban, {
    ...{ invoiceId: invoice.id, number: invoice.number, ban: invoice.ban, month: invoice.month },
    total: { amount: invoice.total, currency: invoice.currency },
    ...{ status: invoice.status, issuedAt: invoice.issuedAt.toISOString(), dueOn: invoice.dueOn },
    paidAt: invoice.paidAt?.toISOString() ?? null,
    observedAt: observedAt.toISOString(),
  })
