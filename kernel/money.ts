import Big from 'big.js'

/** An exact decimal as text, as PostgreSQL `numeric` gives and takes it. Never a float. */
export type Decimal = string

export interface Money {
  amount: Decimal
  /** ISO 4217, three capital letters. */
  currency: string
}

/** Reads a decimal. @throws TypeError when the text is not a finite decimal number */
export const decimal = (value: string | number): Decimal => {
  try {
    return new Big(value).toFixed()
  } catch (cause) {
    throw new TypeError('not a decimal number', { cause })
  }
}

/** Adds amounts of one currency. @throws TypeError when currencies differ: sums never mix them */
export const addMoney = (a: Money, b: Money): Money => {
  if (a.currency !== b.currency) throw new TypeError('amounts of different currencies cannot be added')
  return { amount: new Big(a.amount).plus(b.amount).toFixed(), currency: a.currency }
}

/** −1, 0 or 1 as a is less than, equal to or more than b. */
export const compareDecimals = (a: Decimal, b: Decimal): -1 | 0 | 1 => new Big(a).cmp(b)
