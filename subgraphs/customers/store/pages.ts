import type { CountedPage } from '#service/connection.ts'
import type { ContactRow, DealRow, NoteRow, TaskRow, TicketRow } from './child-rows.ts'
import type { CurrencySum } from './children.ts'
import type { CustomerRow } from './customers.ts'
import type { OwnerRow } from './owners.ts'

export type CustomerConnectionRow = CountedPage<CustomerRow>
export type ContactConnectionRow = CountedPage<ContactRow>
export type TicketConnectionRow = CountedPage<TicketRow>
export type TaskConnectionRow = CountedPage<TaskRow>
export type NoteConnectionRow = CountedPage<NoteRow>
export type OwnerConnectionRow = CountedPage<OwnerRow>
/** A person and how engaged they are: what both are made of is the person's record. */
export type StakeholderRow = ContactRow
export type StakeholderConnectionRow = CountedPage<StakeholderRow>
/** A list of deals, which sums up all of it only when somebody asks. */
export interface DealConnectionRow extends CountedPage<DealRow> {
  sums(): Promise<CurrencySum[]>
}
export type RenewalConnectionRow = DealConnectionRow
