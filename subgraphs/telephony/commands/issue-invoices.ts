import Big from 'big.js'
import { publish } from '#events/outbox.ts'
import { idFrom } from '#kernel/ids.ts'
import { auditAll } from '#service/audit.ts'
import { daysToPay, invoiceNumber, linesOf, nextToBill } from '../domain/invoices.ts'
import { dayAfter, firstDayOf, lastDayOf, monthAfter, monthOf } from '../domain/months.ts'
import { CLOCK, type Night } from '../domain/nights.ts'
import { sumOf } from '../domain/rating.ts'
import { spendOf } from '../domain/spend.ts'
import { invoiceChanged } from '../domain/telling-invoices.ts'
import { accountsByBan, type BillingAccountRow } from '../store/accounts.ts'
import { numbersWithin } from '../store/held-numbers.ts'
import { billedUsage, insertInvoices, invoicesById, plannedAccounts } from '../store/invoices.ts'
import { keepMonthAsItIs, monthUsage } from '../store/month-usage.ts'
import { liveWithin } from '../store/mrr-days.ts'
import { calendarAt, isMrrKept, lockNight, noteProgress, progressOf } from '../store/nights.ts'
import type { Transaction } from '../store/transaction.ts'

const PAGE = 200
/** Records are taken over for 95 days, so what comes late is of one of these months. */
const LATE_MONTHS = 4

/**
 * Bills a month once it can change no more in the ordinary way: three days after it ended, one invoice for each account that was on a
 * rate plan. A page of accounts at a time, each with how far it has come: whoever is killed goes on with those who are left, and the
 * same account is billed for a month once.
 * @returns whether there is more
 */
export const issueInvoices = async (tx: Transaction, { orgId, clock }: Night): Promise<boolean> => {
  await lockNight(tx, orgId, 'INVOICES')
  const at = clock.now()
  const { today, lateUntil } = await calendarAt(tx, orgId, at)
  const done = await progressOf(tx, orgId, 'INVOICES')
  const month = nextToBill(done && monthOf(done.until), monthOf(lateUntil))
  if (month >= monthOf(lateUntil)) return false
  if (!(await isMrrKept(tx, orgId, lastDayOf(month)))) return false
  const after = done?.afterBan ?? ''
  await keepMonthAsItIs(tx, orgId, month)
  const bans = await plannedAccounts(tx, orgId, { month, after, limit: PAGE })
  if (bans.length > 0) await billAccounts(tx, { orgId, bans, month, today, at })
  const isMore = bans.length === PAGE
  const until = lastDayOf(isMore ? monthAfter(month, -1) : month)
  await noteProgress(tx, orgId, 'INVOICES', { until, afterBan: isMore ? bans.at(-1)! : null })
  // There may be another month to be billed, after a long rest.
  return true
}

interface Billing {
  orgId: string
  bans: readonly string[]
  month: string
  today: string
  at: Date
}

const billAccounts = async (tx: Transaction, billing: Billing): Promise<void> => {
  const { orgId, bans, month, at } = billing
  const accounts = await accountsByBan(tx, orgId, bans)
  const invoices = (await invoicesOf(tx, accounts, billing)).filter(({ lines }) => lines.length > 0)
  if (invoices.length === 0) return
  const written = await insertInvoices(tx, orgId, invoices)
  const issued = await invoicesById(tx, orgId, [...written])
  await auditAll(
    tx,
    issued.map((invoice) => ({
      ...{ orgId, principal: CLOCK, action: 'issueInvoice', at },
      ...{ subject: { type: 'Invoice', id: invoice.id }, after: { ...invoice, month } },
    })),
  )
  await publish(
    tx,
    orgId,
    issued.map((invoice) => invoiceChanged(invoice, at)),
    at,
  )
}

/** What each account has to pay for the month; without lines when it has nothing to do with it. */
const invoicesOf = async (
  tx: Transaction,
  accounts: readonly BillingAccountRow[],
  { orgId, bans, month, today, at }: Billing,
) => {
  const days = { from: firstDayOf(month), to: lastDayOf(month) }
  const earlier = await billedUsage(tx, orgId, bans, { from: monthAfter(month, -LATE_MONTHS), before: month })
  const each = [
    ...bans.map((ban) => ({ ban, month })),
    ...earlier.map(({ ban, month: of }) => ({ ban, month: of })),
  ]
  const months = new Map(
    (await monthUsage(tx, orgId, { each })).map((one) => [`${one.ban} ${one.month}`, one]),
  )
  const live = await liveWithin(tx, orgId, bans, days)
  const held = await numbersWithin(tx, orgId, bans, days)
  return accounts.map(({ ban, currency, paymentTerms }) => {
    const used = months.get(`${ban} ${month}`)!
    const lines = linesOf({
      ...{ month, terms: used.terms, rated: spendOf(used).rated, isLive: live.has(ban) },
      numbers: held.filter((numbers) => numbers.ban === ban),
      earlier: earlier.flatMap((one) => {
        if (one.ban !== ban) return []
        const cost = spendOf(months.get(`${ban} ${one.month}`)!).spend
        return cost === null ? [] : [{ month: one.month, billed: one.billed, cost }]
      }),
    })
    const total = sumOf(lines.map(({ amount }) => amount))
    // Where there is nothing to pay, it is paid.
    const paidOn = new Big(total).eq(0) ? today : null
    return {
      ...{
        id: idFrom('invoice', orgId, ban, month),
        number: invoiceNumber(ban, month),
        ban,
        month,
        currency,
      },
      ...{ total, status: paidOn ? ('PAID' as const) : ('ISSUED' as const), paidOn, issuedAt: at },
      dueOn: dayAfter(today, daysToPay(paymentTerms)),
      lines,
    }
  })
}
