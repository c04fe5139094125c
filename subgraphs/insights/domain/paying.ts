/**
 * past due   of a billing account: its system says that it does not pay, or suspended it for that. Of an invoice: the day by which it had
 *            to be paid is over (UTC), and it is not paid
 */
import type { Known } from './facts.ts'
import { DAY } from './measuring.ts'
import type { Signal } from './signal.ts'

/** Whether a billing account's system says that it is past due. */
export const isPastDue = ({ label }: Signal): boolean => label === 'PAST_DUE' || label === 'SUSPENDED'

/** Billing accounts that are past due. */
export const pastDueAccounts = ({ facts }: Pick<Known, 'facts'>): Signal[] =>
  facts('billing').filter(isPastDue)

/** The end of the day by which an invoice has to be paid, in milliseconds; null when nobody has said. */
export const dueUntil = ({ details }: Signal): number | null =>
  details?.dueOn === undefined ? null : Date.parse(details.dueOn) + DAY

/** Invoices that are not paid, with the end of the day by which they have to be. */
export const unpaidInvoices = ({ facts }: Pick<Known, 'facts'>): { invoice: Signal; until: number }[] =>
  facts('invoice').flatMap((invoice) => {
    const until = invoice.label === 'PAID' ? null : dueUntil(invoice)
    return until === null ? [] : [{ invoice, until }]
  })

/**
 * Invoices that are past due by so many days at least, and when time alone adds one to them.
 * @param days 0: since the end of the day by which they had to be paid
 */
export const overdueInvoices = (
  known: Pick<Known, 'facts' | 'asOf'>,
  days = 0,
): { overdue: Signal[]; changesAt: Date | null } => {
  const overdue: Signal[] = []
  let next = Number.POSITIVE_INFINITY
  for (const { invoice, until } of unpaidInvoices(known)) {
    const from = until + Math.ceil(days * DAY)
    if (from <= known.asOf.getTime()) overdue.push(invoice)
    else next = Math.min(next, from)
  }
  return { overdue, changesAt: Number.isFinite(next) ? new Date(next) : null }
}
