import { publish } from '#events/outbox.ts'
import { auditAll } from '#service/audit.ts'
import { dayAfter } from '../domain/months.ts'
import { CLOCK, type Night } from '../domain/nights.ts'
import { accountChanged } from '../domain/telling.ts'
import { invoiceChanged } from '../domain/telling-invoices.ts'
import { setPaymentStatus } from '../store/account-changes.ts'
import { lockAccounts } from '../store/accounts.ts'
import { accountsWithDue, markOverdue } from '../store/invoices.ts'
import { calendarAt, lockNight, noteProgress, progressOf } from '../store/nights.ts'
import type { Transaction } from '../store/transaction.ts'

const PAGE = 500

/**
 * Has invoices be overdue whose day has passed, once a night; their accounts, where all was paid so far, are behind with paying.
 * @returns whether there is more
 */
export const markOverdueInvoices = async (tx: Transaction, { orgId, clock }: Night): Promise<boolean> => {
  await lockNight(tx, orgId, 'OVERDUE')
  const at = clock.now()
  const { today } = await calendarAt(tx, orgId, at)
  const done = await progressOf(tx, orgId, 'OVERDUE')
  if (done && done.until >= dayAfter(today, -1)) return false
  const due = await accountsWithDue(tx, orgId, { today, limit: PAGE })
  // The accounts first, as whoever notes a payment does: what was paid meanwhile is seen then, and what is paid later sees this.
  await lockAccounts(tx, orgId, due)
  const overdue = await markOverdue(tx, orgId, due, { today, at })
  const bans = [...new Set(overdue.map(({ ban }) => ban))]
  const behind = await setPaymentStatus(tx, orgId, bans, { from: 'CURRENT', to: 'PAST_DUE', at })
  await auditAll(tx, [
    ...overdue.map(({ id }) => ({
      ...{ orgId, principal: CLOCK, action: 'markOverdue', at, subject: { type: 'Invoice', id } },
      ...{ before: { status: 'ISSUED' }, after: { status: 'OVERDUE' } },
    })),
    ...behind.map(({ ban }) => ({
      ...{ orgId, principal: CLOCK, action: 'markOverdue', at, subject: { type: 'BillingAccount', id: ban } },
      ...{ before: { paymentStatus: 'CURRENT' }, after: { paymentStatus: 'PAST_DUE' } },
    })),
  ])
  await publish(
    tx,
    orgId,
    [
      ...overdue.map((invoice) => invoiceChanged(invoice, at)),
      ...behind.map((account) => accountChanged(account, at)),
    ],
    at,
  )
  if (due.length === PAGE) return true
  await noteProgress(tx, orgId, 'OVERDUE', { until: dayAfter(today, -1), afterBan: null })
  return false
}
