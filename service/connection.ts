import { z } from 'zod'
import { decodeCursor, encodeCursor, pageSize } from '#kernel/cursor.ts'
import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'

/** The values of a list's order columns at one row, the last one unique. */
export type Position = readonly (string | number | null)[]

export interface PageArgs {
  first: number
  after?: string | null
}

/** A page as the SDL's connections show it. */
export interface Connection<T> {
  nodes: T[]
  edges: { node: T; cursor: string }[]
  pageInfo: {
    endCursor: string | null
    hasNextPage: boolean
    startCursor: string | null
    hasPreviousPage: boolean
  }
}

/** A page of a list, which counts the whole list only when somebody asks how long it is. */
export interface CountedPage<T> extends Connection<T> {
  /** Null when the list is too long to be counted. */
  count(): Promise<number | null>
}

/** `totalCount` of every connection whose page can count: the resolver of the field. */
export const counted = { totalCount: (page: Pick<CountedPage<never>, 'count'>) => page.count() }

/** A checked request for a page, ready for a query: one row more than shown tells whether there is a next page. */
export interface Keyset {
  /** How many rows to fetch: one more than are shown. */
  limit: number
  first: number
  /** Rows strictly behind this place; null from the start. */
  after: Position | null
}

/**
 * Checks the arguments of a list.
 * @param length how many values the list's order has
 * @throws BAD_INPUT when `first` is out of bounds or the cursor is of another list
 */
export const keyset = (args: PageArgs, length: number, most = 200): Keyset => {
  const first = pageSize(args.first, most)
  return { first, limit: first + 1, after: args.after ? decodeCursor(args.after, length) : null }
}

type Value = Position[number]
type Is<T extends Value> = (value: Value) => value is T

/** A whole number as the database's `integer` holds it. */
export const isWhole = (value: Value): value is number =>
  Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31
/** A text that the database takes. */
export const isText = (value: Value): value is string => typeof value === 'string' && !value.includes('\0')
/** A moment as ISO 8601 text in UTC, of a year that the database has too. */
export const isMoment = (value: Value): value is string =>
  moment.safeParse(value).success && String(value) >= '0001'
const moment = z.iso.datetime()

/** An id of ours. */
export const isOurId = (value: Value): value is string => typeof value === 'string' && isId(value)

/**
 * The place that a cursor names, once its values have turned out to be what the list is ordered by: a cursor of another list may have as many.
 * @throws BAD_INPUT when it is of another list
 */
export const placeOf = <const T extends readonly Value[]>(
  after: Position | null,
  ...are: { [K in keyof T]: Is<T[K]> }
): T | null => {
  if (after === null) return null
  if (after.length === are.length && are.every((is, n) => is(after[n]!))) return after as unknown as T
  throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' })
}

/**
 * Makes a page of rows fetched with `keyset.limit`.
 * @param position a row's values of the order columns; dates as ISO text
 */
export const connection = <T>(
  rows: readonly T[],
  page: Pick<Keyset, 'first' | 'after'>,
  position: (row: T) => Position,
): Connection<T> => {
  const nodes = rows.slice(0, page.first)
  const edges = nodes.map((node) => ({ node, cursor: encodeCursor(position(node)) }))
  return {
    nodes,
    edges,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: rows.length > page.first,
      hasPreviousPage: page.after !== null,
    },
  }
}
