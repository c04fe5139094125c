import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { LinkPlace } from './links.ts'
import type { Values } from './values.ts'

/**
 * Notes that fields of records were changed here: what both sides last agreed on is kept from now on, where it is not already, and
 * of each field since when it is ours. One statement.
 * @param changed by local id: what the hub held before, and the fields that change
 */
export const noteOurs = async (
  tx: object,
  place: LinkPlace,
  changed: readonly { localId: string; held: Values; fields: readonly string[] }[],
  at: Date,
): Promise<void> => {
  if (changed.length === 0) return
  const ours = { at: at.toISOString(), by: 'HUB' }
  const rows = changed.map(({ localId, held, fields }) => ({
    ...{ local_id: localId, base: held, fields: Object.fromEntries(fields.map((field) => [field, ours])) },
  }))
  await sql`
    update sync.links l set base = coalesce(l.base, r.base),
      lineage = jsonb_set(l.lineage, '{fields}', coalesce(l.lineage -> 'fields', '{}') || r.fields)
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(local_id uuid, base jsonb, fields jsonb)
    where l.org_id = ${place.orgId}::uuid and l.connection_id = ${place.connectionId}::uuid and l.type = ${place.type}
      and l.local_id = r.local_id and l.gone_reason is distinct from 'merged'`.execute(over(tx))
}

/** What both sides agree on after a write at the source. */
export interface Agreed {
  externalId: string
  /** Undefined: exactly what the hub holds. */
  base: Values | undefined
  modifiedAt: Date | undefined
  /** It was archived there because it was deleted here. */
  isArchived: boolean
}

/** Notes what both sides agree on after writes: one statement. */
export const agree = async (
  tx: object,
  place: LinkPlace,
  agreed: readonly Agreed[],
  at: Date,
): Promise<void> => {
  if (agreed.length === 0) return
  const rows = agreed.map(({ externalId, base, modifiedAt, isArchived }) => ({
    ...{ external_id: externalId, base, modified_at: modifiedAt ?? null, is_archived: isArchived },
  }))
  await sql`
    update sync.links l set base = r.base, external_modified = greatest(l.external_modified, r.modified_at),
      gone_reason = case when r.is_archived then 'archived' else l.gone_reason end, sync_count = l.sync_count + 1, last_synced_at = ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(external_id text, base jsonb, modified_at timestamptz, is_archived boolean)
    where l.org_id = ${place.orgId}::uuid and l.connection_id = ${place.connectionId}::uuid and l.type = ${place.type}
      and l.external_id = r.external_id`.execute(over(tx))
}

/** Notes the id that the source has given to a record that was deleted here meanwhile: it is to go there too. */
export const nameDeleted = async (
  tx: object,
  place: LinkPlace,
  named: readonly { placeholder: string; externalId: string }[],
): Promise<void> => {
  if (named.length === 0) return
  await sql`
    update sync.links l set external_id = r."externalId"
    from json_to_recordset(${JSON.stringify(named)}::json) as r(placeholder text, "externalId" text)
    where l.org_id = ${place.orgId}::uuid and l.connection_id = ${place.connectionId}::uuid and l.type = ${place.type}
      and l.external_id = r.placeholder and l.gone_reason = 'deleted'`.execute(over(tx))
}
