import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Lane } from './lanes.ts'
import type { Waiting } from './settle.ts'

/** A signal that is being read. */
export interface WaitingSignal extends Waiting {
  /** Its links are to be read, too: they may have changed, or the record is not here. */
  isLinked: boolean
}

const isOfLane = ({ orgId, connectionId, type }: Lane) =>
  sql`s.org_id = ${orgId}::uuid and s.connection_id = ${connectionId}::uuid and s.type = ${type}`

// What was noted and not tried yet is due, whatever the clock did since.
const isDue = (now: Date) => sql`(s.due_at <= ${now}::timestamptz or s.attempts = 0)`

/**
 * The signals of a lane that are due, those that somebody asked for first, then the oldest, and how many wait in all, counted up to `countTo`.
 * What is left to a run is left out of both, unless somebody asked for it.
 */
export const waitingIn = async (
  tx: object,
  lane: Lane,
  { now, limit, countTo }: { now: Date; limit: number; countTo: number },
): Promise<{ signals: WaitingSignal[]; waiting: number }> => {
  const urgent = sql`from sync.signals s where ${isOfLane(lane)} and ${isDue(now)} and s.urgent`
  const others = sql`from sync.signals s where ${isOfLane(lane)} and ${isDue(now)} and not s.urgent
    and s.due_at > ${lane.sweptAt ?? '-infinity'}::timestamptz`
  // Each kind over an index of its own: what waits behind is not looked at.
  const { rows } = await sql<{
    external_id: string
    noted: number
    attempts: number
    is_linked: boolean
    waiting: number
  }>`
    select s.external_id, s.noted, s.attempts, s.has_links or not exists (select from sync.links l
        where l.org_id = s.org_id and l.connection_id = s.connection_id and l.type = s.type and l.external_id = s.external_id
          and l.gone_at is null) as is_linked, (select count(*) from (
        (select ${others} limit ${countTo}) union all (select ${urgent} limit ${countTo})) counted) as waiting
    from (
      (select s.* ${urgent} order by s.due_at limit ${limit}) union all (select s.* ${others} order by s.due_at limit ${limit})
    ) s order by s.urgent desc, s.due_at limit ${limit}`.execute(over(tx))
  return {
    signals: rows.map((row) => ({
      key: row.external_id,
      noted: row.noted,
      attempts: row.attempts,
      isLinked: row.is_linked,
    })),
    waiting: rows[0]?.waiting ?? 0,
  }
}

/**
 * Takes away what a run has brought: the signals noted before it began, but not those about links, and not those of records that
 * it shows by their times not to have seen.
 */
export const discardSwept = async (tx: object, lane: Lane): Promise<void> => {
  await sql`
    delete from sync.signals s where ${isOfLane(lane)} and s.due_at <= ${lane.sweptAt ?? null}::timestamptz
      and s.noted_at <= ${lane.sweptAt ?? null}::timestamptz and s.attempts = 0 and not s.has_links
      and (s.changed_at is null or exists (select from sync.links l
        where l.org_id = s.org_id and l.connection_id = s.connection_id and l.type = s.type and l.external_id = s.external_id
          and (l.external_modified >= s.changed_at or l.gone_at >= s.changed_at)))`.execute(over(tx))
}

/** Takes away all signals of a lane that nobody can read. */
export const discardLane = async (tx: object, lane: Lane): Promise<void> => {
  await sql`delete from sync.signals s where ${isOfLane(lane)}`.execute(over(tx))
}

/**
 * Has records that a run could not store tried again by themselves: one statement. One that waits for its next try already has had
 * one more.
 */
export const tryAgain = async (
  tx: object,
  { orgId, connectionId, type }: Pick<Lane, 'orgId' | 'connectionId' | 'type'>,
  failed: readonly { externalId: string; code: string }[],
  { at, dueAt }: { at: Date; dueAt: Date },
): Promise<void> => {
  if (failed.length === 0) return
  const rows = failed.map(({ externalId, code }) => ({ external_id: externalId, code }))
  await sql`
    insert into sync.signals as s (org_id, connection_id, type, external_id, noted_at, due_at, attempts, error_code)
    select ${orgId}::uuid, ${connectionId}::uuid, ${type}, r.external_id, ${at}::timestamptz, ${dueAt}::timestamptz, 1, r.code
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(external_id text, code text) order by r.external_id
    on conflict (org_id, connection_id, type, external_id) do update set attempts = s.attempts + 1, error_code = excluded.error_code`.execute(
    over(tx),
  )
}
