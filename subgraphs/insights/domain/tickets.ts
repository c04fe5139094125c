/** Tickets as everything that judges a customer reads them. */
import type { Known } from './facts.ts'
import type { Signal } from './signal.ts'

/** Those that nobody has closed. */
export const openTickets = ({ facts }: Pick<Known, 'facts'>): Signal[] =>
  facts('ticket').filter(({ endedAt }) => endedAt === null)

const isUrgent = ({ label }: Signal): boolean => label === 'HIGH' || label === 'URGENT'

/** Open ones of high or urgent priority. */
export const urgentTickets = (known: Pick<Known, 'facts'>): Signal[] => openTickets(known).filter(isUrgent)
