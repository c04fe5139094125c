import { type RawBuilder, sql } from 'kysely'

/** Behind everything that begins alike, byte by byte. */
const LAST = '\u{10FFFF}'

/** Where a range of texts that begin so ends. */
export const beyond = (start: string): string => start + LAST

/**
 * Whether a text begins so, letter by letter. A range, not a pattern: row level security keeps patterns from using an index, and an
 * index of `text_pattern_ops` serves it.
 */
export const beginsWith = (column: RawBuilder<unknown>, start: string): RawBuilder<unknown> =>
  sql`(${column} ~>=~ ${start} and ${column} ~<~ ${beyond(start)})`
