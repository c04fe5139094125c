import { type RawBuilder, sql } from 'kysely'
import { over } from '#db/client.ts'
import type { NewEvent } from '#events/outbox.ts'
import { applyPlan } from './apply.ts'
import { type LinkPlace, unseenLinks } from './links.ts'
import { emptyPlan } from './plan.ts'
import type { Target } from './target.ts'

/**
 * Has some records of a connection that was ended leave the hub, as if the source had them no longer, and forgets that they were ever
 * linked, what was agreed on, decided, given up, written and planned of them, and what was still to be done: connected again, they come as
 * new ones.
 * @param options.reading an id that no run has
 * @returns the most that left or was forgotten of one: fewer than the limit when nothing is left, and what is told of it
 */
export const leaveSome = async (
  tx: object,
  place: LinkPlace,
  { target, at, reading, limit }: { target: Target; at: Date; reading: string; limit: number },
): Promise<{ events: NewEvent[]; count: number }> => {
  const links = await unseenLinks(tx, place, reading, '', limit)
  const { orgId, connectionId, type } = place
  const gone = links.map(({ externalId, localId }) => ({ externalId, localId, reason: 'excluded' as const }))
  const { events } =
    links.length === 0
      ? { events: [] }
      : await applyPlan(tx, {
          plan: { ...emptyPlan(type), gone },
          links: new Map(links.map((link) => [link.externalId, link])),
          target,
          around: { orgId, connectionId, runId: undefined, at },
          seen: [],
          seenBy: undefined,
        })
  return { events, count: Math.max(links.length, await forgetSome(tx, place, limit)) }
}

/** Forgets what is kept of records of a kind that are gone: at most `limit` rows of each table. @returns the most that went of one */
const forgetSome = async (
  tx: object,
  { orgId, connectionId, type }: LinkPlace,
  limit: number,
): Promise<number> => {
  const ofGone = ['decisions', 'dead_letters', 'writes', 'plan_items', 'signals', 'outgoing']
  const forgotten: [table: string, which: RawBuilder<unknown>][] = [
    ['sync.links', sql`gone_at is not null`],
    ...ofGone.map((table): [string, RawBuilder<unknown>] => [`sync.${table}`, sql`true`]),
  ]
  let most = 0
  for (const [table, which] of forgotten) {
    const { numAffectedRows = 0n } = await sql`
      delete from ${sql.table(table)} where ctid = any(array(
        select ctid from ${sql.table(table)} where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid
          and type = ${type} and ${which} limit ${limit}))`.execute(over(tx))
    most = Math.max(most, Number(numAffectedRows))
  }
  return most
}
