import type {
  ContactConnectionResolvers,
  CustomerConnectionResolvers,
  DeadLetterConnectionResolvers,
  DealConnectionResolvers,
  TicketConnectionResolvers,
} from '#schema/generated/customers.types.ts'
import { counted } from '#service/connection.ts'

export const CustomerConnection: CustomerConnectionResolvers = counted
export const ContactConnection: ContactConnectionResolvers = counted
export const DealConnection: DealConnectionResolvers = counted
export const TicketConnection: TicketConnectionResolvers = counted
export const DeadLetterConnection: DeadLetterConnectionResolvers = counted
