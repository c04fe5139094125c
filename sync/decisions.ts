import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { idFrom } from '#kernel/ids.ts'
import type { LinkPlace } from './links.ts'
import type { Decision, Plan } from './plan.ts'
import { WHOLE_RECORD } from './policy.ts'
import type { Applying } from './target.ts'
import type { FieldValue } from './values.ts'

/** A decision that somebody else may want to hear of: one that waits for a person, or that did. */
export interface Conflict {
  id: string
  connectionId: string
  type: string
  externalId: string
  localId: string
  field: string
  /** The policy as people call it. */
  word: string
  /** Goes up whenever either side moves on, and when it ends. */
  version: number
  outcome: 'open' | 'theirs' | 'ours' | 'value' | 'agreed' | 'gone'
  decidedAt: Date
  closedAt: Date | null
}

/** Of decisions `d`. */
const CONFLICT = sql`d.id, d.connection_id as "connectionId", d.type, d.external_id as "externalId", d.local_id as "localId",
  d.field, d.policy as word, d.version, d.outcome, d.decided_at as "decidedAt", d.closed_at as "closedAt"`
/** The fields of records about which somebody has yet to decide, by local id: one statement, none for no records. */
export const openFieldsOf = async (
  tx: object,
  { orgId, connectionId, type }: LinkPlace,
  localIds: readonly string[],
): Promise<Map<string, Set<string>>> => {
  if (localIds.length === 0) return new Map()
  const { rows } = await sql<{ local_id: string; fields: string[] }>`
    select local_id, array_agg(field) as fields from sync.decisions
    where outcome = 'open' and org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type}
      and local_id = any(${localIds}::uuid[])
    group by local_id`.execute(over(tx))
  return new Map(rows.map((row) => [row.local_id, new Set(row.fields)]))
}

/**
 * Writes what a plan decided and closes what it found to be agreed on or gone: at most two statements, and none when nothing was
 * contested. A decision that is open keeps its row: what the sides say now replaces what they said.
 * @returns conflicts that opened, moved on or ended
 */
export const writeDecisions = async (tx: object, plan: Plan, around: Applying): Promise<Conflict[]> => {
  const written = await write(tx, plan, around)
  return [...written, ...(await close(tx, plan, around))]
}

const write = async (tx: object, { type, decisions }: Plan, around: Applying): Promise<Conflict[]> => {
  if (decisions.length === 0) return []
  const rows = decisions.map((decision) => rowOf(decision, type, around))
  const { rows: told } = await sql<Conflict>`
    insert into sync.decisions as d (org_id, id, connection_id, run_id, type, external_id, local_id, field, base, theirs, ours,
      theirs_at, ours_at, policy, policy_version, outcome, would, decided_at, closed_at)
    select ${around.orgId}::uuid, r.id, ${around.connectionId}::uuid, ${around.runId ?? null}::uuid, ${type}, r.external_id,
      r.local_id, r.field, r.base, r.theirs, r.ours, r.theirs_at, r.ours_at, r.policy, r.policy_version, r.outcome, r.would,
      ${around.at}::timestamptz, case when r.outcome <> 'open' then ${around.at}::timestamptz end
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, external_id text, local_id uuid, field text, base jsonb,
      theirs jsonb, ours jsonb, theirs_at timestamptz, ours_at timestamptz, policy text, policy_version integer, outcome text, would text)
    where not exists (select from sync.decisions known where known.id = r.id and known.outcome <> 'open')
    on conflict (org_id, connection_id, type, external_id, field) where outcome = 'open' do update set
      theirs = excluded.theirs, ours = excluded.ours, theirs_at = excluded.theirs_at, ours_at = excluded.ours_at,
      version = d.version + 1, moved_at = excluded.decided_at
      where (d.theirs, d.ours) is distinct from (excluded.theirs, excluded.ours)
    returning ${CONFLICT}`.execute(over(tx))
  return told.filter(({ outcome }) => outcome === 'open')
}

/** Ends open decisions: those about which both sides say the same now, and those of records that went. */
const close = async (tx: object, { closed, gone, type }: Plan, around: Applying): Promise<Conflict[]> => {
  const rows = [
    ...closed.map(({ localId, field }) => ({ local_id: localId, field, outcome: 'agreed' })),
    ...gone.map(({ localId }) => ({ local_id: localId, field: null, outcome: 'gone' })),
  ]
  if (rows.length === 0) return []
  const { rows: told } = await sql<Conflict>`
    update sync.decisions d set outcome = r.outcome, closed_at = ${around.at}::timestamptz, version = version + 1,
      settled_by = 'AGREEMENT'
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(local_id uuid, field text, outcome text)
    where d.outcome = 'open' and d.org_id = ${around.orgId}::uuid and d.connection_id = ${around.connectionId}::uuid
      and d.type = ${type} and d.local_id = r.local_id and (r.field is null or d.field = r.field)
    returning ${CONFLICT}`.execute(over(tx))
  return told
}

/**
 * Notes in open decisions what the hub says now, and ends those of which it says the same as the source: one statement, in the
 * transaction that changes the records.
 * @param changed by local id: the fields that changed here, as they are now
 * @returns conflicts that moved on or ended
 */
export const moveOurs = async (
  tx: object,
  { orgId, connectionId, type }: LinkPlace,
  changed: readonly { localId: string; field: string; ours: FieldValue }[],
  at: Date,
): Promise<Conflict[]> => {
  if (changed.length === 0) return []
  const rows = changed.map(({ localId, field, ours }) => ({
    local_id: localId,
    field,
    ours: { value: ours },
  }))
  const { rows: told } = await sql<Conflict>`
    update sync.decisions d set ours = r.ours, ours_at = ${at}::timestamptz, moved_at = ${at}::timestamptz, version = version + 1,
      outcome = case when d.theirs = r.ours then 'agreed' else 'open' end,
      settled_by = case when d.theirs = r.ours then 'AGREEMENT' else settled_by end,
      closed_at = case when d.theirs = r.ours then ${at}::timestamptz end
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(local_id uuid, field text, ours jsonb)
    where d.outcome = 'open' and d.org_id = ${orgId}::uuid and d.connection_id = ${connectionId}::uuid and d.type = ${type}
      and d.local_id = r.local_id and d.field = r.field
    returning ${CONFLICT}`.execute(over(tx))
  return told
}

// JSON null, not SQL null: "it was empty" is a value that a decision is about.
const rowOf = (decision: Decision, type: string, around: Applying) => ({
  id: idOf(decision, type, around),
  external_id: decision.externalId,
  local_id: decision.localId,
  field: decision.field,
  base: { value: decision.base },
  theirs: { value: decision.theirs },
  ours: { value: decision.ours },
  theirs_at: decision.theirsAt,
  ours_at: decision.oursAt,
  policy: decision.word,
  policy_version: decision.policyVersion,
  outcome: decision.outcome,
  would: decision.would ?? null,
})

/** The same however often a page is read. That a record is gone is met by every reading until something is done about it. */
const idOf = (decision: Decision, type: string, { runId, at, connectionId }: Applying): string =>
  decision.field === WHOLE_RECORD
    ? idFrom(
        connectionId,
        type,
        decision.externalId,
        WHOLE_RECORD,
        String(decision.theirs),
        decision.word,
        (decision.theirsAt ?? decision.oursAt)?.toISOString() ?? '',
      )
    : idFrom(
        runId ?? at.toISOString(),
        type,
        decision.externalId,
        decision.field,
        JSON.stringify(decision.theirs),
      )
