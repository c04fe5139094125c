import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { agreeOn } from './agreement.ts'
import { takeTurnOf } from './checkpoint.ts'
import { type ContestedField, contestedColumns } from './conflicts.ts'
import type { LinkPlace } from './links.ts'
import { noteOutgoing } from './outgoing.ts'
import { WHOLE_RECORD } from './policy.ts'
import { noteSignals } from './signals.ts'
import type { FieldValue, Values } from './values.ts'

/** What a person decided: for one side, or a value of their own. */
export type Choice = 'theirs' | 'ours' | { value: FieldValue }

/** What is to be changed here, so that the hub holds what was decided. */
export interface Consequences {
  updates: { localId: string; values: Values }[]
  deletes: string[]
}

/**
 * Contested fields, which nobody else changes until the transaction ends: neither readings of their records nor other people. One
 * statement for each connection and type, and one for all.
 * @param partnersOf fields that are settled together with one: those of them that are open come along
 */
export const lockContested = async (
  tx: object,
  orgId: string,
  found: readonly Pick<ContestedField, 'id' | 'connectionId' | 'type' | 'localId' | 'field'>[],
  partnersOf: (type: string, field: string) => readonly string[] = () => [],
): Promise<ContestedField[]> => {
  const turns = new Map(
    found.map(({ connectionId, type }) => [`${connectionId} ${type}`, { connectionId, type }]),
  )
  for (const [, turn] of [...turns].sort(([a], [b]) => (a < b ? -1 : 1))) await takeTurnOf(tx, turn)
  const partners = found.flatMap(({ type, localId, field }) =>
    partnersOf(type, field).map((name) => ({ local_id: localId, field: name })),
  )
  const { rows } = await sql<ContestedField>`
    select ${contestedColumns} from sync.decisions where org_id = ${orgId}::uuid and (id = any(${found.map(({ id }) => id)}::uuid[])
      or outcome = 'open' and (local_id, field) in (
        select r.local_id, r.field from json_to_recordset(${JSON.stringify(partners)}::json) as r(local_id uuid, field text)))
    order by decided_at desc, id desc for update`.execute(over(tx))
  return rows
}

/**
 * Ends open conflicts of one connection and type as a person decided: both sides have agreed from now on on what the source has, so
 * that what is decided otherwise is written there. A fixed number of statements.
 * @param how.held what the hub holds of the records, by local id
 * @returns the conflicts as they are now, and what the caller is to change here in the same transaction
 */
export const resolveContested = async (
  tx: object,
  place: LinkPlace,
  open: readonly ContestedField[],
  { choice, held }: { choice: Choice; held: ReadonlyMap<string, Values> },
  at: Date,
): Promise<{ resolved: ContestedField[]; consequences: Consequences }> => {
  const resolved = await closeContested(tx, place, open, choice, at)
  const fields = open.filter(({ field }) => field !== WHOLE_RECORD)
  await agreeOnTheirs(tx, place, fields, held)
  const updates = choice === 'ours' ? [] : updatesOf(fields, choice)
  await noteOutgoing(
    tx,
    place,
    fields.map(({ localId }) => ({ type: place.type, localId, isUrgent: true })),
    at,
  )
  const whole = open.filter(({ field }) => field === WHOLE_RECORD)
  const deletes =
    whole.length > 0 && (choice === 'theirs' || choice === 'ours')
      ? await settleRecords(tx, place, whole, choice, at)
      : []
  return { resolved, consequences: { updates, deletes } }
}

const updatesOf = (
  fields: readonly ContestedField[],
  choice: 'theirs' | { value: FieldValue },
): Consequences['updates'] => {
  const records = Map.groupBy(fields, ({ localId }) => localId)
  return [...records].map(([localId, ofRecord]) => ({
    localId,
    values: Object.fromEntries(
      ofRecord.map(({ field, theirs }) => [field, choice === 'theirs' ? theirs : choice.value]),
    ),
  }))
}

const closeContested = async (
  tx: object,
  { orgId }: LinkPlace,
  open: readonly ContestedField[],
  choice: Choice,
  at: Date,
): Promise<ContestedField[]> => {
  const isSide = choice === 'theirs' || choice === 'ours'
  const { rows } = await sql<ContestedField>`
    update sync.decisions set outcome = ${isSide ? choice : 'value'}, settled_by = 'PERSON', closed_at = ${at}::timestamptz,
      version = version + 1, chosen = ${isSide ? null : JSON.stringify(choice)}::jsonb
    where org_id = ${orgId}::uuid and id = any(${open.map(({ id }) => id)}::uuid[]) and outcome = 'open'
    returning ${contestedColumns}`.execute(over(tx))
  return rows
}

/** What both agreed on need not be kept apart where something is open: the hub may hold just that again. */
const agreeOnTheirs = (
  tx: object,
  place: LinkPlace,
  fields: readonly ContestedField[],
  held: ReadonlyMap<string, Values>,
): Promise<void> =>
  agreeOn(
    tx,
    place,
    [...Map.groupBy(fields, ({ localId }) => localId)].map(([localId, ofRecord]) => ({
      localId,
      held: held.get(localId) ?? {},
      fields: Object.fromEntries(ofRecord.map(({ field, theirs }) => [field, theirs])),
    })),
  )

/**
 * What one side deleted and the other changed. Where the source counts, its deed is brought over: the record goes, or is read again
 * and back. Where the hub does, that is remembered on the link: what the source had done until then is no question any more.
 */
const settleRecords = async (
  tx: object,
  place: LinkPlace,
  whole: readonly ContestedField[],
  side: 'theirs' | 'ours',
  at: Date,
): Promise<string[]> => {
  const { orgId, connectionId, type } = place
  const goneThere = whole.filter(({ theirs }) => theirs === 'deleted')
  if (side === 'ours') {
    const rows = whole.map(({ localId, theirsAt }) => ({
      local_id: localId,
      at: (theirsAt ?? at).toISOString(),
    }))
    await sql`
      update sync.links l set lineage = jsonb_set(l.lineage, '{fields}', coalesce(l.lineage -> 'fields', '{}')
        || jsonb_build_object(${WHOLE_RECORD}::text, jsonb_build_object('at', r.at, 'by', 'HUB')))
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(local_id uuid, at text)
      where l.org_id = ${orgId}::uuid and l.connection_id = ${connectionId}::uuid and l.type = ${type}
        and l.local_id = r.local_id`.execute(over(tx))
  } else {
    const kept = whole.filter(({ theirs }) => theirs !== 'deleted').map(({ localId }) => localId)
    await sql`
      update sync.links set gone_reason = 'archived'
      where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type}
        and local_id = any(${kept}::uuid[]) and gone_reason = 'deleted'`.execute(over(tx))
  }
  const again = side === 'ours' ? whole : whole.filter(({ theirs }) => theirs !== 'deleted')
  await noteSignals(
    tx,
    again.map(({ externalId }) => ({
      orgId,
      connectionId,
      type,
      externalId,
      hasLinks: true,
      isUrgent: true,
    })),
    at,
  )
  return side === 'theirs' ? goneThere.map(({ localId }) => localId) : []
}
