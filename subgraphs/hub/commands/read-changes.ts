import { CursorExpired } from '#events/log.ts'
import { BadInput, Forbidden } from '#kernel/errors.ts'
import { holds } from '#kernel/principal.ts'
import { withDetail } from '#service/errors.ts'
import { cursorAt } from '#service/subscriptions.ts'
import type { Context } from '../context.ts'
import { type ChangedType, typesFor } from '../domain/changed-types.ts'
import { type ChangeRow, changesAfter, outwardHead } from '../store/outward.ts'

/** Changes behind a place, and how far was looked. */
export interface ChangesRead {
  /** At most one more than was asked for. */
  rows: ChangeRow[]
  /** Everything up to here was looked through when there are no more rows. */
  head: number
}

/**
 * Reads what changed behind a place, of the kinds that the caller may read.
 * @param after null: from the oldest change that is kept
 * @throws CURSOR_EXPIRED when changes behind the place are forgotten, or it was never given out: then everything has to be read anew;
 *   FORBIDDEN when a kind is named that the caller may not read
 */
export const readChanges = async (
  { db, orgId, principal }: Pick<Context, 'db' | 'orgId' | 'principal'>,
  {
    after,
    types: asked,
    isDeleted,
    limit,
  }: {
    after: number | null
    types: readonly ChangedType[] | null
    /** Null: those that are there and those that are gone. */
    isDeleted: boolean | null
    limit: number
  },
): Promise<ChangesRead> => {
  if (asked?.length === 0)
    throw BadInput.with({ field: 'types', reason: 'name at least one kind, or leave it out' })
  // What they may see is decided by rows that are there: of one that has gone, or become another customer's, nobody could tell whose it was.
  if (principal.rows) throw Forbidden.with()
  const types = typesFor(asked, (scope) => holds(principal, [scope]))
  if (!types) throw Forbidden.with()
  return await db.read(orgId, async (tx) => {
    // In this order: what is written meanwhile lies behind the head, and is found the next time.
    const { place: head, forgotten } = await outwardHead(tx, orgId)
    const from = after ?? forgotten
    if (from < forgotten || from > head)
      throw withDetail(CursorExpired.with({ oldest: forgotten + 1 }), { oldest: cursorAt(forgotten) })
    return { rows: await changesAfter(tx, orgId, { after: from, types, isDeleted, limit }), head }
  })
}
