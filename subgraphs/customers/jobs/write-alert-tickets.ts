import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { writeAlertTicket } from '../commands/write-alert-ticket.ts'
import type { Rows } from '../store/transaction.ts'
import { changeRecords } from '../sync/change-records.ts'
import { writeAlertTickets } from './definitions.ts'

/** Opens tickets for alerts and tells those of alerts that are over, each in a transaction of its own. Safe to repeat. */
export const writeTicketsOfAlerts = task<
  { orgId: string },
  { database: Rows; clock: Clock; published(): void }
>(writeAlertTickets, async ({ orgId }, { database, clock, published }, { signal }) => {
  for (let last: string | undefined = ''; last !== undefined; ) {
    signal.throwIfAborted()
    const after: string = last
    const around = { orgId, changeRecords, at: clock.now() }
    last = await database.transaction(orgId, (tx) => writeAlertTicket(tx, around, after))
    published()
  }
})
