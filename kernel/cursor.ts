import { BadInput } from './errors.ts'

/** Makes an opaque cursor of a keyset position (the values of the order columns, last one unique). */
export const encodeCursor = (values: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url')

/**
 * Reads a cursor made by `encodeCursor`.
 * @param lengths how many values the list's order has; several where cursors of an earlier version are good too
 * @throws BAD_INPUT when it was not made by this list
 */
export const decodeCursor = (cursor: string, ...lengths: number[]): (string | number | null)[] => {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const sound = (v: unknown) => v === null || typeof v === 'string' || typeof v === 'number'
    if (Array.isArray(values) && lengths.includes(values.length) && values.every(sound)) return values
  } catch (error) {
    throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' }, { cause: error })
  }
  throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' })
}

/** Checks a page size. @throws BAD_INPUT outside 1 … max */
export const pageSize = (first: number, max = 200): number => {
  if (Number.isInteger(first) && first >= 1 && first <= max) return first
  throw BadInput.with({ field: 'first', reason: `must be from 1 to ${max}` })
}
