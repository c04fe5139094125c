import { decimal } from '#kernel/money.ts'

/** What HubSpot says is text, whatever a property's type: these read it, and answer null for what does not fit. */
export type Said = string | number | boolean | null | undefined | readonly string[]

/** A text without white space around it; null when nothing is left. */
export const textOf = (said: Said): string | null => {
  const text = typeof said === 'string' ? said.trim() : typeof said === 'number' ? String(said) : ''
  return text === '' ? null : text
}

// numeric(…) has no limit of ours; a text of a thousand digits is no amount.
const LONGEST_NUMBER = 40
const LARGEST_NUMBER = 1e30

/** An exact number. */
export const numberOf = (said: Said): string | null => {
  const text = textOf(said)
  // Written out, a number with a large exponent would be megabytes long.
  if (text === null || text.length > LONGEST_NUMBER || Math.abs(Number(text)) > LARGEST_NUMBER) return null
  try {
    return decimal(text)
  } catch (error) {
    // Properties change their type, old values stay: no number is as good as none.
    if (error instanceof TypeError) return null
    throw error
  }
}

/** A moment, given as ISO 8601 or as milliseconds since 1970. */
export const instantOf = (said: Said): Date | null => {
  const text = textOf(said)
  if (text === null) return null
  const at = new Date(/^-?\d{9,15}$/.test(text) ? Number(text) : text)
  const year = at.getUTCFullYear()
  return year >= 1 && year <= 9999 ? at : null
}

/** A day, YYYY-MM-DD. */
export const dayOf = (said: Said): string | null => instantOf(said)?.toISOString().slice(0, 10) ?? null

/** A list that HubSpot joins by semicolons. */
export const listOf = (said: Said): string[] =>
  (textOf(said) ?? '')
    .split(';')
    .map((item) => item.trim())
    .filter(Boolean)

/** ISO 4217; null for anything else. */
export const currencyOf = (said: Said): string | null => {
  const text = textOf(said)?.toUpperCase()
  return text && /^[A-Z]{3}$/.test(text) ? text : null
}

/** A word of a closed list, however it is written; null for any other. */
export const wordOf = <T extends string>(list: readonly T[], said: string | null): T | null =>
  list.find((word) => word === said?.trim().toUpperCase()) ?? null

/** A yes or no, as HubSpot writes it; null for anything else. */
export const flagOf = (said: Said): boolean | null =>
  ({ true: true, false: false })[textOf(said)?.trim().toLowerCase() ?? ''] ?? null

/** A number of things: whole, not below zero, and what a database's integer can hold; null for anything else. */
export const countOf = (said: Said): number | null => {
  const count = Number(numberOf(said) ?? Number.NaN)
  return Number.isFinite(count) && count >= 0 && count < 2 ** 31 ? Math.floor(count) : null
}
