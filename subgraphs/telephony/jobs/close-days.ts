import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { growMonths } from '../commands/count-growth.ts'
import { issueInvoices } from '../commands/issue-invoices.ts'
import { keepMrr } from '../commands/keep-mrr.ts'
import { markOverdueInvoices } from '../commands/mark-overdue.ts'
import { summariseUsage } from '../commands/summarise-usage.ts'
import type { Night } from '../domain/nights.ts'
import { organisations } from '../store/nights.ts'
import type { Rows, Transaction } from '../store/transaction.ts'
import { closeDays } from './definitions.ts'

/** In this order: what is billed, and how accounts grew, goes by what they paid. */
const deeds: readonly [string, (tx: Transaction, night: Night) => Promise<boolean>][] = [
  ['tell usage', summariseUsage],
  ['work out what accounts pay', keepMrr],
  ['issue invoices', issueInvoices],
  ['look for overdue invoices', markOverdueInvoices],
  ['add up growth', growMonths],
]

/** What is worked with. */
export interface Around {
  database: Pick<Rows, 'relay' | 'transaction'>
  clock: Clock
  log: Log
  published(): void
}

/**
 * Does what is to be done once an organisation's day is over, of all organisations; what was missed, the next one makes up for. Each
 * page is one transaction that notes how far it came. Safe to repeat, for many at once, and to break off anywhere.
 */
export const closeAllDays = async (
  { database, clock, log, published }: Around,
  signal?: AbortSignal,
): Promise<void> => {
  for (const orgId of await database.relay(organisations))
    for (const [what, deed] of deeds)
      try {
        for (let isMore = true; isMore && !signal?.aborted; ) {
          isMore = await database.transaction(orgId, (tx) => deed(tx, { orgId, clock }))
          published()
        }
      } catch (error) {
        // One organisation's trouble keeps nobody else from its turn, and it comes again within the hour.
        log.warn({ err: error, orgId }, `could not ${what}`)
      }
}

/** Days end at another hour in each time zone: it is looked for every hour whose day is over. */
export const closeDaysThatEnded = task<Record<string, never>, Around>(closeDays, (_, around, { signal }) =>
  closeAllDays(around, signal),
)
