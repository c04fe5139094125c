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

/**
 * Notes of fields what both sides have agreed on, whatever was noted of them before: what is kept apart of the others stays, or is
 * kept from now on. One statement.
 * @param agreed by local id: what the hub holds, what was agreed on of some fields, and as of when the source's state is known
 */
export const agreeOn = async (
  tx: object,
  place: LinkPlace,
  agreed: readonly { localId: string; held: Values; fields: Values; modifiedAt?: Date | undefined }[],
): Promise<void> => {
  if (agreed.length === 0) return
  const rows = agreed.map(({ localId, held, fields, modifiedAt }) => ({
    ...{ local_id: localId, held, fields, modified_at: modifiedAt ?? null },
  }))
  await sql`
    update sync.links l set base = jsonb_strip_nulls(coalesce(l.base, r.held) || r.fields),
      external_modified = greatest(l.external_modified, r.modified_at)
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(local_id uuid, held jsonb, fields jsonb, modified_at timestamptz)
    where l.org_id = ${place.orgId}::uuid and l.connection_id = ${place.connectionId}::uuid and l.type = ${place.type}
      and l.local_id = r.local_id and l.gone_reason is distinct from 'merged'`.execute(over(tx))
}

/** Notes that the hub holds again what was agreed on of these records, by the source's ids: one statement. */
export const comeTogether = async (
  tx: object,
  place: LinkPlace,
  externalIds: readonly string[],
): Promise<void> => {
  if (externalIds.length === 0) return
  await sql`
    update sync.links set base = null
    where org_id = ${place.orgId}::uuid and connection_id = ${place.connectionId}::uuid and type = ${place.type}
      and external_id = any(${externalIds}::text[])`.execute(over(tx))
}

/** What was agreed on of a record that differs from it. */
export interface AgreedApart {
  localId: string
  externalId: string
  base: Values
}

/**
 * What was agreed on of records that are here and differ from it: of some, and of those in which a list names one of these. One
 * statement.
 */
export const agreedNaming = async (
  tx: object,
  place: LinkPlace,
  { localIds, field, items }: { localIds: readonly string[]; field: string; items: readonly string[] },
): Promise<AgreedApart[]> => {
  const { rows } = await sql<AgreedApart>`
    select local_id as "localId", external_id as "externalId", base from sync.links
    where org_id = ${place.orgId}::uuid and connection_id = ${place.connectionId}::uuid and type = ${place.type}
      and base is not null and gone_at is null
      and (local_id = any(${localIds}::uuid[]) or base -> ${field} ?| ${items}::text[])`.execute(over(tx))
  return rows
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
      gone_reason = case when r.is_archived and l.gone_reason = 'deleted' then 'archived' else l.gone_reason end,
      gone_at = case when r.is_archived and l.gone_reason = 'deleted' then ${at}::timestamptz else l.gone_at end, sync_count = l.sync_count + 1, last_synced_at = ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(external_id text, base jsonb, modified_at timestamptz, is_archived boolean)
    where l.org_id = ${place.orgId}::uuid and l.connection_id = ${place.connectionId}::uuid and l.type = ${place.type}
      and l.external_id = r.external_id`.execute(over(tx))
}

/**
 * Notes the id that the source has given to a record that was deleted here meanwhile, and what it was made with: it is to go there too,
 * unless somebody changes that.
 */
export const nameDeleted = async (
  tx: object,
  place: LinkPlace,
  named: readonly {
    placeholder: string
    externalId: string
    base: Values
    modifiedAt: Date | undefined
  }[],
): Promise<void> => {
  if (named.length === 0) return
  await sql`
    update sync.links l set external_id = r."externalId", base = r.base, external_modified = r."modifiedAt"
    from json_to_recordset(${JSON.stringify(named)}::json)
      as r(placeholder text, "externalId" text, base jsonb, "modifiedAt" timestamptz)
    where l.org_id = ${place.orgId}::uuid and l.connection_id = ${place.connectionId}::uuid and l.type = ${place.type}
      and l.external_id = r.placeholder and l.gone_reason = 'deleted'`.execute(over(tx))
}
