import { type RawBuilder, sql } from 'kysely'

/** A page of what is listed newest first. */
export interface NewestPage {
  limit: number
  /** When the last one seen was made, as ISO text, and its id. */
  after: readonly [string, string] | null
}

/** The condition that leaves out what was seen before. */
export const behind = (after: NewestPage['after']): RawBuilder<unknown> =>
  after ? sql`and (created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``
