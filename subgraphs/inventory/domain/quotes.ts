import Big from 'big.js'
import type { Decimal } from '#kernel/money.ts'
import type { RfqStatus } from './rfq.ts'

/** A line that is quoted. */
export interface QuotedLine {
  line: number
  partNumber: string
  quantity: number
  /** Decimal of four places. */
  unitPrice: Decimal
}

export const QUOTE_OUTCOMES = ['OPEN', 'SUPERSEDED', 'WON', 'LOST', 'EXPIRED', 'WITHDRAWN'] as const
export type QuoteOutcome = (typeof QUOTE_OUTCOMES)[number]

export const LOST_REASONS = ['PRICE', 'LEAD_TIME', 'AVAILABILITY', 'NO_NEED', 'OTHER'] as const
export type LostReason = (typeof LOST_REASONS)[number]

/** What has come of a request's newest quote, by where the request stands. */
export const quoteOutcome = (status: RfqStatus): QuoteOutcome =>
  status === 'QUOTED' ? 'OPEN' : status === 'OPEN' ? 'WITHDRAWN' : status

interface Priceable {
  line: number
  partNumber: string
  quantity: number
  unitPrice: Decimal | null
}

/** The lines of a quote and what they come to, exactly. Null while not every line has a price. */
export const quoteOf = (lines: readonly Priceable[]): { lines: QuotedLine[]; total: Decimal } | null => {
  if (lines.length === 0) return null
  const quoted: QuotedLine[] = []
  let total = new Big(0)
  for (const { line, partNumber, quantity, unitPrice } of lines) {
    if (unitPrice === null) return null
    total = total.plus(new Big(unitPrice).times(quantity))
    quoted.push({ line, partNumber, quantity, unitPrice })
  }
  return { lines: quoted.sort((a, b) => a.line - b.line), total: total.toFixed(4) }
}

/** What is wrong with prices that are to be quoted. */
export interface QuoteFault {
  field: string
  message: string
  code: string
}

const PRICE = /^\d{1,14}(\.\d{1,4})?$/

/** What is wrong with prices for a request's lines; undefined when nothing is. */
export const quoteFault = (
  lines: readonly Pick<Priceable, 'line' | 'unitPrice'>[],
  asked: readonly { line: number; unitPrice: string }[],
): QuoteFault | undefined => {
  const fault = (message: string, code: string): QuoteFault => ({ field: 'lines', message, code })
  const known = new Set(lines.map(({ line }) => line))
  const named = new Set<number>()
  for (const { line, unitPrice } of asked) {
    if (!known.has(line)) return fault(`The request has no line ${line}.`, 'NO_SUCH_LINE')
    if (named.has(line)) return fault(`Line ${line} is named twice.`, 'LINE_TWICE')
    if (!PRICE.test(unitPrice))
      return fault(
        `The price of line ${line} is a number from nought on with at most four places.`,
        'INVALID_PRICE',
      )
    named.add(line)
  }
  const bare = lines.filter(({ line, unitPrice }) => unitPrice === null && !named.has(line))
  return bare.length > 0
    ? fault(
        `Name a price for every line: ${bare.map(({ line }) => line).join(', ')} have none.`,
        'LINES_WITHOUT_PRICE',
      )
    : undefined
}
