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
