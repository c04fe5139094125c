import { MOST_NUMBERS, type NumberStatus } from './numbers.ts'
import { isLine } from './texts.ts'

/**
 * Moving numbers between carriers.
 *
 * losing   the carrier that has the numbers
 * gaining  the carrier that gets them: we, when they come in
 *
 * The gaining carrier asks (its Local Service Request), the losing one agrees on a day (its Firm Order Commitment), and on that day the
 * numbers move. Until then either side may stop it, and another day may be agreed on.
 */
export type PortDirection = 'IN' | 'OUT'
export const PORT_STATUSES = [
  'DRAFT',
  'SUBMITTED',
  'CONFIRMED',
  'REJECTED',
  'CANCELLED',
  'COMPLETED',
] as const
export type PortStatus = (typeof PORT_STATUSES)[number]

/** An order of ours that was refused can be put right and sent again; another carrier's is over, and it sends another. */
export const PORT_MOVES: Record<PortDirection, Record<PortStatus, readonly PortStatus[]>> = {
  IN: {
    DRAFT: ['SUBMITTED', 'CANCELLED'],
    SUBMITTED: ['CONFIRMED', 'REJECTED', 'CANCELLED'],
    CONFIRMED: ['COMPLETED', 'CONFIRMED', 'REJECTED', 'CANCELLED'],
    REJECTED: ['SUBMITTED', 'CANCELLED'],
    CANCELLED: [],
    COMPLETED: [],
  },
  OUT: {
    DRAFT: [],
    SUBMITTED: ['CONFIRMED', 'REJECTED', 'CANCELLED'],
    CONFIRMED: ['COMPLETED', 'CONFIRMED', 'REJECTED', 'CANCELLED'],
    REJECTED: [],
    CANCELLED: [],
    COMPLETED: [],
  },
}

export interface Port {
  direction: PortDirection
  status: PortStatus
  agreedOn: string | null
  reason: string | null
}

export const nextSteps = ({ direction, status }: Port): readonly PortStatus[] => PORT_MOVES[direction][status]

/** Whether something can still come of it. */
export const isOpen = (port: Port): boolean => nextSteps(port).length > 0

/** What is told with a step. */
export interface PortDetails {
  agreedOn?: string
  reason?: string
}

/** Whether the step was taken already, with the same words. */
export const isTaken = (port: Port, to: PortStatus, { agreedOn, reason }: PortDetails): boolean =>
  port.status === to &&
  (agreedOn === undefined || port.agreedOn === agreedOn) &&
  (reason === undefined || port.reason === reason)

/** An order after a step. What was agreed on and refused before no longer holds once it is sent again. */
export const movePort = <P extends Port>(port: P, to: PortStatus, { agreedOn, reason }: PortDetails): P => ({
  ...port,
  status: to,
  agreedOn: to === 'SUBMITTED' || to === 'REJECTED' ? null : (agreedOn ?? port.agreedOn),
  reason: to === 'REJECTED' ? (reason ?? null) : null,
})

/** What becomes of the numbers of an order that stands so. Nothing stays in use with an account that was closed meanwhile. */
export const numbersOf = (port: Port, isAccountOver: boolean): NumberStatus => {
  if (isOpen(port)) return port.direction === 'IN' ? 'PORTING_IN' : 'PORTING_OUT'
  const moved = port.status === 'COMPLETED'
  if (port.direction === 'IN') return moved ? 'ACTIVE' : 'RELEASED'
  if (moved) return 'PORTED_OUT'
  return isAccountOver ? 'RELEASED' : 'ACTIVE'
}

/** What is wrong with how an order names the other carrier and how many numbers it is about; null when nothing is. */
export const flawInOrder = (
  carrier: string,
  { field, count }: { field: string; count: number },
): { field: string; problem: string } | null => {
  if (!isLine(carrier, 1, 100)) return { field: 'carrier', problem: 'must have 1 to 100 characters' }
  return count < 1 || count > MOST_NUMBERS ? { field, problem: `must be 1 to ${MOST_NUMBERS}` } : null
}
