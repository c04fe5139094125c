import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type InvoiceStatus, mayBecome } from '../domain/invoices.ts'
import { accountChanged } from '../domain/telling.ts'
import { invoiceChanged } from '../domain/telling-invoices.ts'
import { setPaymentStatus } from '../store/account-changes.ts'
import { lockAccount } from '../store/accounts.ts'
import { hasOverdue, type InvoiceRow, invoicesById, lockInvoice, moveInvoice } from '../store/invoices.ts'
import { calendarAt } from '../store/nights.ts'
import type { Transaction } from '../store/transaction.ts'

type Settled = { invoice: InvoiceRow; receipt: Receipt } | InvalidRefusal | MissingRefusal

const MOST_REASON = 500

const words: Readonly<Record<InvoiceStatus, string>> = {
  ISSUED: 'is to be paid',
  OVERDUE: 'is overdue',
  PAID: 'is paid already',
  VOID: 'was taken back',
}

/** Notes that an invoice was paid. When nothing of its account is overdue any more, the account pays again. */
export const recordPayment = (
  ctx: Context,
  { invoiceId, paidOn }: { invoiceId: string; paidOn: string },
): Promise<Settled> =>
  ctx.write(async (tx) => {
    const { today } = await calendarAt(tx, ctx.orgId, ctx.clock.now())
    if (paidOn > today) return invalid('paidOn', 'That day has not come yet. Send the day it was paid.')
    return settle(ctx, tx, { action: 'recordPayment', invoiceId, to: 'PAID', paidOn })
  })

/** Takes an invoice back that nobody has paid. */
export const voidInvoice = (
  ctx: Context,
  { invoiceId, reason }: { invoiceId: string; reason: string },
): Promise<Settled> =>
  ctx.write(async (tx) => {
    const voidReason = reason.trim()
    if (voidReason === '' || voidReason.length > MOST_REASON)
      return invalid('reason', `Say why, in 1 to ${MOST_REASON} characters.`)
    return settle(ctx, tx, { action: 'voidInvoice', invoiceId, to: 'VOID', voidReason })
  })

interface Settling {
  action: string
  invoiceId: string
  to: 'PAID' | 'VOID'
  paidOn?: string
  voidReason?: string
}

const settle = async (
  ctx: Context,
  tx: Transaction,
  { action, invoiceId, to, ...rest }: Settling,
): Promise<Settled> => {
  const { orgId, principal, clock } = ctx
  const [known] = isId(invoiceId) ? await invoicesById(tx, orgId, [invoiceId]) : []
  if (!known) return missing('The invoice')
  // The account first: of two that are paid at once, the later one has to see the earlier one.
  await lockAccount(tx, orgId, known.ban)
  const before = (await lockInvoice(tx, orgId, known.id))!
  if (!mayBecome(before.status, to))
    return invalid('invoiceId', `The invoice ${words[before.status]}.`, `INVOICE_${before.status}`)
  const at = clock.now()
  const invoice = await moveInvoice(tx, orgId, before.id, { status: to, ...rest, at })
  const pays =
    before.status === 'OVERDUE' && !(await hasOverdue(tx, orgId, before.ban))
      ? await setPaymentStatus(tx, orgId, [before.ban], { from: 'PAST_DUE', to: 'CURRENT', at })
      : []
  await audit(tx, {
    ...{ orgId, principal, action, at, subject: { type: 'Invoice', id: before.id } },
    ...{ before: { ...before }, after: { ...invoice } },
  })
  await publish(
    tx,
    orgId,
    [invoiceChanged(invoice, at), ...pays.map((account) => accountChanged(account, at))],
    at,
  )
  return { invoice, receipt: await receiptOf(tx) }
}
