import { sql } from 'kysely'
import { over } from '#db/client.ts'

/**
 * signal  a record of the source may have changed: its truth is to be read again. It says nothing of the record itself.
 * note    to write a signal down; noting it again while it waits changes nothing, while it is being read it stays
 * lane    the signals of one connection and type: read by one worker at a time, in turn with other lanes
 */
export interface Signal {
  orgId: string
  connectionId: string
  /** As the source names it, such as `companies`. */
  type: string
  externalId: string
  /** When the source says that it changed, by its own clock: what was read later need not be read again. */
  changedAt?: Date | undefined
  /** Its links changed, or may have: readings of changes by time do not show that. */
  hasLinks?: boolean
  /** Somebody asked for it: it is read before what else waits of its connection. */
  isUrgent?: boolean
}

/** NOTIFY channel that wakes the readers; it is only a hint, the table is the truth. */
export const SIGNALS_CHANNEL = 'sync_signals'

/**
 * Notes that records may have changed, inside the caller's transaction (of the organisation's, or the relay's for several):
 * one statement, however many. Safe to repeat.
 * @param at our clock
 */
export const noteSignals = async (tx: object, signals: readonly Signal[], at: Date): Promise<void> => {
  if (signals.length === 0) return
  const rows = signals.map((each) => ({
    org_id: each.orgId,
    connection_id: each.connectionId,
    type: each.type,
    external_id: each.externalId,
    changed_at: each.changedAt,
    has_links: each.hasLinks ?? false,
    urgent: each.isUrgent ?? false,
  }))
  // In one order, so that two who note the same records wait for each other instead of for ever. What waited for another try is
  // due at once: it may just have been put right.
  await sql`
    with noted as (
      insert into sync.signals as s (org_id, connection_id, type, external_id, changed_at, has_links, urgent, noted_at, due_at)
      select org_id, connection_id, type, external_id, max(changed_at), bool_or(has_links), bool_or(urgent), ${at}::timestamptz, ${at}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(org_id uuid, connection_id uuid, type text, external_id text,
        changed_at timestamptz, has_links boolean, urgent boolean)
      group by org_id, connection_id, type, external_id
      order by org_id, connection_id, type, external_id
      on conflict (org_id, connection_id, type, external_id) do update set
        noted = s.noted + 1, noted_at = excluded.noted_at, changed_at = greatest(s.changed_at, excluded.changed_at),
        has_links = s.has_links or excluded.has_links, urgent = s.urgent or excluded.urgent,
        due_at = case when s.attempts > 0 then excluded.due_at else s.due_at end
    )
    select pg_notify(${SIGNALS_CHANNEL}, '')`.execute(over(tx))
}
