import type {
  ContactConnectionResolvers,
  CustomerConnectionResolvers,
  DealConnectionResolvers,
  TicketConnectionResolvers,
} from '#schema/generated/customers.types.ts'
import type { CountedPage } from '../store/pages.ts'

const counted = { totalCount: (page: Pick<CountedPage<never>, 'count'>) => page.count() }

export const CustomerConnection: CustomerConnectionResolvers = counted
export const ContactConnection: ContactConnectionResolvers = counted
export const DealConnection: DealConnectionResolvers = counted
export const TicketConnection: TicketConnectionResolvers = counted
