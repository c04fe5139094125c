/**
 * The fields of a request for prices, as both sides compare and change them: C3's words, but what stands line by line, or stock row by
 * stock row, is a field of its own, so that two colleagues who price two lines do not meet.
 *
 * price.3      what one piece of line 3 costs in our quote, in the request's currency: a decimal text of four places
 * reserved.S1  how much of the stock row that C3 calls S1 is held for the request
 */
const PRICE = 'price.'
const RESERVED = 'reserved.'

/** The field of a line's price. */
export const priceField = (line: number): string => `${PRICE}${line}`
/** Whose price a field is. */
export const lineOf = (field: string): number | undefined =>
  field.startsWith(PRICE) ? Number(field.slice(PRICE.length)) : undefined

/** The field of what is held of a stock row. */
export const reservedField = (c3StockId: string): string => `${RESERVED}${c3StockId}`
/** Of which stock row, by C3's id, a field says how much is held. */
export const stockIdOf = (field: string): string | undefined =>
  field.startsWith(RESERVED) ? field.slice(RESERVED.length) : undefined

interface Line {
  line: number
  unitPrice: string | null
}

/** What is held of a stock row for a request. */
export interface Reservation {
  stockId: string
  quantity: number
}

type Value = string | number | boolean | null | readonly string[]
type Fields = Readonly<Record<string, Value>>

/** Lines and reservations of a request as fields. */
export const splitRfq = (lines: readonly Line[], reservations: readonly Reservation[]) => ({
  // What else is said of lines changes as a whole: only C3 changes it.
  lines: JSON.stringify(lines.map(({ unitPrice: _, ...line }) => line)),
  ...Object.fromEntries(lines.map(({ line, unitPrice }) => [priceField(line), unitPrice])),
  ...Object.fromEntries(
    reservations
      .filter(({ quantity }) => quantity > 0)
      .map(({ stockId, quantity }) => [reservedField(stockId), quantity]),
  ),
})

/** The same as C3 tells them, out of fields. */
export const joinRfq = (fields: Fields): { lines: Line[]; reservations: Reservation[] } => ({
  lines: (JSON.parse(String(fields.lines)) as Omit<Line, 'unitPrice'>[]).map((line) => ({
    ...line,
    unitPrice: (fields[priceField(line.line)] as string | null | undefined) ?? null,
  })),
  reservations: Object.entries(fields).flatMap(([field, quantity]) => {
    const stockId = stockIdOf(field)
    return stockId === undefined || !quantity ? [] : [{ stockId, quantity: Number(quantity) }]
  }),
})

/** A value of a field in C3's spelling: prices have four places, instants milliseconds, and nothing held is nothing. */
export const spelledAsC3 = (field: string, value: Value): Value => {
  if (lineOf(field) !== undefined && typeof value === 'string') return fourPlaces(value)
  if (field === 'dueAt' && typeof value === 'string') return new Date(value).toISOString()
  return stockIdOf(field) !== undefined && value === 0 ? null : value
}

// Digits only, no arithmetic. What has more places stays as it is: C3 refuses it.
const fourPlaces = (price: string): string => {
  const [whole = '', part = ''] = price.split('.')
  return `${whole}.${part.padEnd(4, '0')}`
}

/** What may be changed from here. */
const WRITABLE: readonly string[] = ['status', 'buyer', 'note', 'dueAt']

/** Whether a field of a request can be written at C3, with this value. */
export const isWritable = (field: string, value: Value): boolean => {
  if (lineOf(field) !== undefined || stockIdOf(field) !== undefined) return true
  // A request always has a status and a date.
  return WRITABLE.includes(field) && (value !== null || field === 'buyer' || field === 'note')
}
