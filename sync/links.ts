import { sql } from 'kysely'
import { over, type Tx } from '#db/client.ts'
import { NO_ID } from '#kernel/ids.ts'
import type { SyncTables } from './tables.ts'
import type { Values } from './values.ts'

/** Where a record's values came from: said once for the record, and again for the fields that came another time. */
export interface PackedLineage {
  /** When the source changed the record, by its own clock; ISO 8601. */
  at: string
  /** The run that brought it; absent when the record was read by itself, because of a signal. */
  run?: string | undefined
  /**
   * `by` HUB: the hub changed it, at that time by our clock. Of the record as a whole (`@record`): a person has upheld what the hub
   * did with it, against what the source had done until then.
   */
  fields?: Record<string, { at: string; run?: string | undefined; by?: 'HUB' | undefined }>
}

/** What ties a record of the hub to a record of the source. */
export interface Link {
  externalId: string
  localId: string
  /** The values both sides last agreed on. Undefined while they are exactly what the hub holds: see `noteOurs`. */
  base: Values | undefined
  lineage: PackedLineage
  modifiedAt: Date | undefined
  /** `excluded`: it is there, and does not take part. `deleted`: here, and still there until that is written. */
  goneReason: 'archived' | 'missing' | 'merged' | 'excluded' | 'deleted' | undefined
  /** By our clock: since when it is known to be gone, and when it was last met at the source. */
  goneAt: Date | undefined
  syncedAt: Date
}

/** Who reads, for what it leaves on links. */
export interface Reading {
  /** The run that is told to have met the records. Left out, they stay met by whoever met them last. */
  seenBy: string | undefined
  at: Date
}

/** A link as it is to be written. */
export interface LinkRow {
  external_id: string
  local_id: string
  base: Values | undefined
  lineage: PackedLineage
  external_modified: Date | undefined
  gone_reason: string | null
}

export interface LinkPlace {
  orgId: string
  connectionId: string
  type: string
}

const tables = (tx: object): Tx<SyncTables> => over<SyncTables>(tx)

const PLACEHOLDER = 'new:'

/** What a record of ours is called while the source has yet to give it an id. */
export const placeholderOf = (localId: string): string => `${PLACEHOLDER}${localId}`

/** Whether the source has yet to give the record an id. */
export const isPlaceholder = (externalId: string): boolean => externalId.startsWith(PLACEHOLDER)

/** Our id of the record that a placeholder stands for; undefined for an id of the source's. */
export const localIdIn = (externalId: string): string | undefined =>
  isPlaceholder(externalId) ? externalId.slice(PLACEHOLDER.length) : undefined

interface Row {
  external_id: string
  local_id: string
  base: unknown
  lineage: unknown
  external_modified: Date | null
  gone_reason: Link['goneReason'] | null
  gone_at: Date | null
  last_synced_at: Date
}

const COLUMNS = [
  'external_id',
  'local_id',
  'base',
  'lineage',
  'external_modified',
  'gone_reason',
  'gone_at',
  'last_synced_at',
] as const

const linkOf = (row: Row): Link => ({
  externalId: row.external_id,
  localId: row.local_id,
  base: (row.base as Values | null) ?? undefined,
  lineage: row.lineage as PackedLineage,
  modifiedAt: row.external_modified ?? undefined,
  goneReason: row.gone_reason ?? undefined,
  goneAt: row.gone_at ?? undefined,
  syncedAt: row.last_synced_at,
})

const linksIn = (tx: object, place: LinkPlace) =>
  tables(tx)
    .selectFrom('sync.links')
    .select(COLUMNS)
    .where('org_id', '=', place.orgId)
    .where('connection_id', '=', place.connectionId)
    .where('type', '=', place.type)

/** The links of these records, by external id. Ids that a merge has retired answer with their own, retired link. */
export const readLinks = async (
  tx: object,
  place: LinkPlace,
  externalIds: readonly string[],
): Promise<Map<string, Link>> => {
  const rows = await linksIn(tx, place)
    .where('external_id', '=', sql<string>`any(${externalIds}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.external_id, linkOf(row)]))
}

/** The links of records of ours, by local id; of a record that got another id at the source, the one that it has now. */
export const linksOfLocals = async (
  tx: object,
  place: LinkPlace,
  localIds: readonly string[],
): Promise<Map<string, Link>> => {
  const rows = await linksIn(tx, place)
    .where('local_id', '=', sql<string>`any(${localIds}::uuid[])`)
    .orderBy(sql`gone_reason is not distinct from 'merged'`, 'desc')
    .orderBy('last_synced_at')
    .execute()
  return new Map(rows.map((row) => [row.local_id, linkOf(row)]))
}

/** Writes links, new and known: one statement. */
export const writeLinks = async (
  tx: object,
  place: LinkPlace,
  rows: readonly LinkRow[],
  { seenBy, at }: Reading,
): Promise<void> => {
  if (rows.length === 0) return
  const seen = sql`${seenBy ?? null}::uuid`
  // Without an id: no run has met the record yet.
  await sql`
    insert into sync.links (org_id, connection_id, type, external_id, local_id, base, lineage, external_modified,
      seen_run, gone_reason, gone_at, last_synced_at)
    select ${place.orgId}::uuid, ${place.connectionId}::uuid, ${place.type}, r.external_id, r.local_id, r.base, r.lineage,
      r.external_modified, coalesce(${seen}, ${NO_ID}::uuid), r.gone_reason,
      case when r.gone_reason is not null then ${at}::timestamptz end, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(external_id text, local_id uuid, base jsonb, lineage jsonb,
      external_modified timestamptz, gone_reason text)
    on conflict (org_id, connection_id, type, external_id) do update set
      local_id = excluded.local_id, base = excluded.base, lineage = excluded.lineage,
      external_modified = excluded.external_modified, seen_run = coalesce(${seen}, links.seen_run),
      gone_reason = excluded.gone_reason, gone_at = coalesce(case when excluded.gone_reason is not null then links.gone_at end, excluded.gone_at),
      sync_count = links.sync_count + 1, last_synced_at = excluded.last_synced_at`.execute(tables(tx))
}

/**
 * Notes that these records were met, so that a run can tell the others to be missing.
 * @param reading.at left out: they were only looked at, and are as old as before
 */
export const markSeen = async (
  tx: object,
  place: LinkPlace,
  externalIds: readonly string[],
  { seenBy, at }: Partial<Reading>,
): Promise<void> => {
  if (externalIds.length === 0) return
  await tables(tx)
    .updateTable('sync.links')
    .set({ ...(seenBy ? { seen_run: seenBy } : {}), ...(at ? { last_synced_at: at } : {}) })
    .where('org_id', '=', place.orgId)
    .where('connection_id', '=', place.connectionId)
    .where('type', '=', place.type)
    .where('external_id', '=', sql<string>`any(${externalIds}::text[])`)
    .execute()
}

/** Live links that a run has not met, `limit` at a time, by external id. */
export const unseenLinks = async (
  tx: object,
  place: LinkPlace,
  runId: string,
  after: string,
  limit: number,
): Promise<Link[]> => {
  const rows = await linksIn(tx, place)
    .where('external_id', '>', after)
    .where('gone_at', 'is', null)
    // What the source does not have yet is not missing there.
    .where('external_id', 'not like', `${PLACEHOLDER}%`)
    .where('seen_run', '!=', runId)
    .orderBy('external_id')
    .limit(limit)
    .execute()
  return rows.map(linkOf)
}

/** Archived records that a run's reading of the whole archive has not met: perhaps they are back. */
export const unarchivedLinks = async (
  tx: object,
  place: LinkPlace,
  runId: string,
  after: string,
  limit: number,
): Promise<string[]> => {
  const rows = await tables(tx)
    .selectFrom('sync.links')
    .select('external_id')
    .where('org_id', '=', place.orgId)
    .where('connection_id', '=', place.connectionId)
    .where('type', '=', place.type)
    .where('external_id', '>', after)
    .where('gone_reason', '=', 'archived')
    .where('seen_run', '!=', runId)
    .orderBy('external_id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.external_id)
}

/** Archived records that will not come back. */
export const purgeLinks = async (
  tx: object,
  place: LinkPlace,
  externalIds: readonly string[],
): Promise<void> => {
  await tables(tx)
    .updateTable('sync.links')
    .set({ gone_reason: 'missing' })
    .where('org_id', '=', place.orgId)
    .where('connection_id', '=', place.connectionId)
    .where('type', '=', place.type)
    .where('external_id', '=', sql<string>`any(${externalIds}::text[])`)
    .where('gone_reason', '=', 'archived')
    .execute()
}

/** Remembers that records were merged away. */
export const writeAliases = async (
  tx: object,
  place: LinkPlace,
  aliases: readonly { externalId: string; survivorId: string }[],
  at: Date,
): Promise<void> => {
  if (aliases.length === 0) return
  await tables(tx)
    .insertInto('sync.aliases')
    .values(
      aliases.map(({ externalId, survivorId }) => ({
        org_id: place.orgId,
        connection_id: place.connectionId,
        type: place.type,
        external_id: externalId,
        survivor_id: survivorId,
        at,
      })),
    )
    .onConflict((oc) =>
      oc
        .columns(['org_id', 'connection_id', 'type', 'external_id'])
        .doUpdateSet((eb) => ({ survivor_id: eb.ref('excluded.survivor_id') })),
    )
    .execute()
}

/**
 * What records are called now that were once called otherwise, of a type or of any: one statement. Those that kept their names are
 * absent; one that was merged again since is called otherwise again.
 */
export const namesOf = async (
  tx: object,
  { orgId, connectionId }: Pick<LinkPlace, 'orgId' | 'connectionId'>,
  formerIds: readonly string[],
  type?: string,
): Promise<Map<string, string>> => {
  const rows = await tables(tx)
    .selectFrom('sync.aliases')
    .$if(type !== undefined, (query) => query.where('type', '=', type ?? ''))
    .select(['external_id', 'survivor_id'])
    .where('org_id', '=', orgId)
    .where('connection_id', '=', connectionId)
    .where('external_id', '=', sql<string>`any(${formerIds}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.external_id, row.survivor_id]))
}

/** Where a field's value came from. */
export interface FieldLineage {
  connectionId: string
  externalId: string
  observedAt: Date
  /** Null when no run brought it: the record was read by itself. */
  runId: string | null
  /** Somebody changed it here, and it has not come from the source since. */
  byHub: boolean
}

/** Where one field of records of ours came from, by local id, given that it has a value; records that no source speaks for are absent. */
export const lineageOf = async (
  tx: object,
  orgId: string,
  localIds: readonly string[],
  field: string,
): Promise<Map<string, FieldLineage>> => {
  const rows = await tables(tx)
    .selectFrom('sync.links')
    .select(['local_id', 'connection_id', 'external_id', 'lineage'])
    .where('org_id', '=', orgId)
    .where('local_id', '=', sql<string>`any(${localIds}::uuid[])`)
    .where('gone_at', 'is', null)
    .execute()
  return new Map(
    rows.map((row) => {
      const packed = row.lineage as unknown as PackedLineage
      const came: { at: string; run?: string | undefined; by?: 'HUB' | undefined } =
        packed.fields?.[field] ?? packed
      return [
        row.local_id,
        {
          connectionId: row.connection_id,
          externalId: row.external_id,
          observedAt: new Date(came.at),
          runId: came.run ?? null,
          byHub: came.by === 'HUB' || isPlaceholder(row.external_id),
        },
      ] as const
    }),
  )
}
