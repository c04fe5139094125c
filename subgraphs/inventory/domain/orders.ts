/**
 * order   what one C3 account bought on one day in one currency, or gave back: C3 keeps single lines of trade and gives those of one order
 *         the same moment, but no number. Days are those of UTC, so that an order stays what it is when the organisation moves
 */

/** What makes lines of trade one order. */
export interface OrderKey {
  accountId: string
  /** As `YYYY-MM-DD`. */
  day: string
  currency: string
  kind: 'SALE' | 'RETURN'
}

/** A line of trade as far as it says which order it belongs to. */
export interface TradeLine {
  kind: 'SALE' | 'RETURN' | 'PURCHASE'
  accountId: string | null
  currency: string
  /** When, as ISO 8601 text. */
  at: string
}

/** Its id: the same for the same lines, always. */
export const orderId = ({ accountId, day, currency, kind }: OrderKey): string =>
  [accountId, day, currency, kind].join(':')

/** The order a line belongs to; what we bought ourselves belongs to none. */
export const orderOf = ({ kind, accountId, currency, at }: TradeLine): OrderKey[] =>
  kind === 'PURCHASE' || accountId === null
    ? []
    : [{ accountId, day: new Date(at).toISOString().slice(0, 10), currency, kind }]

/** Each order once. */
export const eachOnce = (keys: readonly OrderKey[]): OrderKey[] => [
  ...new Map(keys.map((key) => [orderId(key), key])).values(),
]
