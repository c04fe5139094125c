/**
 * invoice  what an account has to pay for a month, issued once the month can change no more in the ordinary way
 * line     one thing it is for; the total is the sum of the lines
 * late     usage that was told of after its month had been billed: a line of a later invoice
 */
import Big from 'big.js'
import type { Decimal } from '#kernel/money.ts'
import { monthAfter } from './months.ts'
import type { NumberType, RatePlanTerms } from './rate-plans.ts'
import { lessOf, type RatedUsage, sumOf } from './rating.ts'
import type { UsageClass } from './usage.ts'

export type InvoiceStatus = 'ISSUED' | 'PAID' | 'OVERDUE' | 'VOID'

/** Where an invoice can go from where it is. */
const moves: Readonly<Record<InvoiceStatus, readonly InvoiceStatus[]>> = {
  ISSUED: ['PAID', 'OVERDUE', 'VOID'],
  OVERDUE: ['PAID', 'VOID'],
  PAID: [],
  VOID: [],
}

/** Whether an invoice can become what is asked for. */
export const mayBecome = (from: InvoiceStatus, to: InvoiceStatus): boolean => moves[from].includes(to)

export type InvoiceLineKind = 'FEE' | 'NUMBERS' | 'MINUTES' | 'MESSAGES' | 'LATE_USAGE'

export interface InvoiceLine {
  kind: InvoiceLineKind
  class: UsageClass | null
  numberType: NumberType | null
  /** As `YYYY-MM`. */
  ofMonth: string
  quantity: Decimal
  included: Decimal
  amount: Decimal
}

/** What an account's month is billed from. */
export interface BilledMonth {
  month: string
  terms: RatePlanTerms | null
  /** Null without a rate plan. */
  rated: RatedUsage | null
  /** Whether it was live on some day of the month: then it pays the fee and for its numbers, all of the month. */
  isLive: boolean
  numbers: readonly { type: NumberType; count: number; cost: Decimal }[]
  /** Earlier months that were billed: what was billed for their usage, and what it costs by what is known now. */
  earlier: readonly { month: string; billed: Decimal; cost: Decimal }[]
}

/** The lines of an account's month, in the order people read them. Empty when it has nothing to do with it. */
export const linesOf = ({ month, terms, rated, isLive, numbers, earlier }: BilledMonth): InvoiceLine[] => {
  const line = (kind: InvoiceLineKind, of: Partial<InvoiceLine>): InvoiceLine => ({
    ...{ kind, class: null, numberType: null, ofMonth: month, quantity: '1', included: '0', amount: '0' },
    ...of,
  })
  const owed = terms !== null && isLive
  return [
    ...(owed ? [line('FEE', { amount: sumOf([terms.monthlyFee]) })] : []),
    ...(owed
      ? numbers.map(({ type, count, cost }) =>
          line('NUMBERS', { numberType: type, quantity: String(count), amount: sumOf([cost]) }),
        )
      : []),
    ...(rated?.lines ?? []).map(({ kind, ...rest }) => line(kind, rest)),
    ...earlier
      .map(({ month: of, billed, cost }) => line('LATE_USAGE', { ofMonth: of, amount: lessOf(cost, billed) }))
      .filter(({ amount }) => new Big(amount).gt(0)),
  ]
}

/**
 * The month that is billed next. The first one of all is the last that is over: the hub does not bill what was before it.
 * @param billed the last one that is billed, if any
 * @param late the one in which records are late now
 */
export const nextToBill = (billed: string | undefined, late: string): string =>
  monthAfter(billed ?? monthAfter(late, -2))

/** How many days an account has to pay, from its payment terms: NET30 is thirty, paying beforehand is none; what is not known is thirty. */
export const daysToPay = (paymentTerms: string): number => {
  const [, days] = /^\s*NET\s*-?(\d{1,3})\s*$/i.exec(paymentTerms) ?? []
  if (days) return Number(days)
  return /^\s*(PREPAID|DUE\s+ON\s+RECEIPT|IMMEDIATE)/i.test(paymentTerms) ? 0 : 30
}

/** The number people quote. */
export const invoiceNumber = (ban: string, month: string): string => `INV-${month.replace('-', '')}-${ban}`
