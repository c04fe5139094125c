import type { CountedPage } from '#service/connection.ts'
import type { ContactRow, DealRow, TicketRow } from './children.ts'
import type { CustomerRow } from './customers.ts'

export type CustomerConnectionRow = CountedPage<CustomerRow>
export type ContactConnectionRow = CountedPage<ContactRow>
export type DealConnectionRow = CountedPage<DealRow>
export type TicketConnectionRow = CountedPage<TicketRow>
