import type { RfqStatus } from './rfq.ts'

/**
 * shelf     a stock row, of which so many are free: lie there and are neither counted as reserved by C3 nor promised here
 * promised  held here for a request, and not known to be counted by C3 yet
 */
export interface Shelf {
  /** Our id. */
  id: string
  c3StockId: string
  free: number
  /** How many of it are held for the request that is asked for. */
  held: number
  /** YYYY-MM-DD; null while nobody says. */
  receivedOn: string | null
}

/** So many of one shelf. */
export interface Portion {
  shelf: Shelf
  quantity: number
}

/** Nobody holds more at once. */
export const MOST_PIECES = 1_000_000_000

/** Requests for which stock may be held: whoever does not buy needs none. */
const HOLDING: readonly RfqStatus[] = ['OPEN', 'QUOTED', 'WON']
export const mayHold = (status: RfqStatus): boolean => HOLDING.includes(status)

/** Takes parts from shelves, the oldest first. Null when all of them together have too few. Pure. */
export const takeFrom = (shelves: readonly Shelf[], quantity: number): Portion[] | null =>
  portions([...shelves].sort(byAge), quantity, ({ free }) => free)

/** Gives parts back to shelves, the newest first. Null when fewer are held. Pure. */
export const giveBackTo = (shelves: readonly Shelf[], quantity: number): Portion[] | null =>
  portions([...shelves].sort(byAge).reverse(), quantity, ({ held }) => held)

const portions = (
  shelves: readonly Shelf[],
  quantity: number,
  most: (shelf: Shelf) => number,
): Portion[] | null => {
  let left = quantity
  const found: Portion[] = []
  for (const shelf of shelves) {
    const some = Math.min(left, Math.max(0, most(shelf)))
    if (some > 0) found.push({ shelf, quantity: some })
    left -= some
  }
  return left === 0 ? found : null
}

// What nobody knows the age of goes last.
const byAge = (a: Shelf, b: Shelf): number =>
  (a.receivedOn ?? '9999').localeCompare(b.receivedOn ?? '9999') || a.c3StockId.localeCompare(b.c3StockId)

/** What all shelves have free together. */
export const freeOn = (shelves: readonly Shelf[]): number =>
  shelves.reduce((sum, { free }) => sum + Math.max(0, free), 0)

/** What of all shelves is held for the request. */
export const heldOn = (shelves: readonly Shelf[]): number => shelves.reduce((sum, { held }) => sum + held, 0)

export type ReservationState = 'HELD' | 'PROMISED' | 'RELEASING'

/** Whether C3 holds what is held here. */
export const reservationState = (quantity: number, c3Quantity: number): ReservationState =>
  quantity === c3Quantity ? 'HELD' : quantity > c3Quantity ? 'PROMISED' : 'RELEASING'

/**
 * What is to be held when C3 has refused to hold more: what it had before, and of what was asked for since, nothing of the refused.
 * @param refused what was written and refused: from what C3 had, to what it was to have
 */
export const heldAfterRefusal = (now: number, refused: { from: number; to: number }): number =>
  Math.max(Math.min(now, refused.from), now - Math.max(0, refused.to - refused.from))
