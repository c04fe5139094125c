import type {
  ConflictConnectionResolvers,
  ContactConnectionResolvers,
  CustomerConnectionResolvers,
  DeadLetterConnectionResolvers,
  DealConnectionResolvers,
  DealRfqConnectionResolvers,
  IdentityCandidateConnectionResolvers,
  NoteConnectionResolvers,
  OwnerConnectionResolvers,
  RenewalConnectionResolvers,
  StakeholderConnectionResolvers,
  TaskConnectionResolvers,
  TicketConnectionResolvers,
} from '#schema/generated/customers.types.ts'
import { counted } from '#service/connection.ts'
import type { DealConnectionRow } from '../store/pages.ts'

export const CustomerConnection: CustomerConnectionResolvers = counted
export const ContactConnection: ContactConnectionResolvers = counted

const totals = async (page: Pick<DealConnectionRow, 'sums'>) =>
  (await page.sums()).map(({ amount, currency, deals }) => ({ total: { amount, currency }, deals }))
export const DealConnection: DealConnectionResolvers = { ...counted, totals }
export const RenewalConnection: RenewalConnectionResolvers = { ...counted, totals }

export const TaskConnection: TaskConnectionResolvers = counted
export const DealRfqConnection: DealRfqConnectionResolvers = counted
export const IdentityCandidateConnection: IdentityCandidateConnectionResolvers = counted
export const NoteConnection: NoteConnectionResolvers = counted
export const OwnerConnection: OwnerConnectionResolvers = counted
export const StakeholderConnection: StakeholderConnectionResolvers = counted
export const TicketConnection: TicketConnectionResolvers = counted
export const ConflictConnection: ConflictConnectionResolvers = counted
export const DeadLetterConnection: DeadLetterConnectionResolvers = counted
