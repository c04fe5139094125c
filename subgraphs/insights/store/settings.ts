import { sql } from 'kysely'
import type { HealthSettings } from '../domain/health-settings.ts'
import type { Span } from '../domain/score-diff.ts'
import { FIRST_SETTINGS, type SettingsDocument, settingsOf } from '../domain/settings.ts'
import type { Transaction } from './transaction.ts'

/** What an organisation says itself of how its customers are judged, in its newest version. */
export interface HeldSettings {
  version: number
  document: SettingsDocument
  changedAt: Date | null
}

/** The settings that hold now: one statement. */
export const heldSettings = async (tx: Transaction, orgId: string): Promise<HeldSettings> => {
  const row = await tx
    .selectFrom('insights.settings')
    .select(['version', 'document', 'changed_at as changedAt'])
    .where('org_id', '=', orgId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row
    ? { ...row, document: row.document as SettingsDocument }
    : { version: FIRST_SETTINGS, document: {}, changedAt: null }
}

/** By what health was scored at any time between two moments, with when: one statement. */
export const settingsBetween = async (
  tx: Transaction,
  orgId: string,
  { from, to }: { from: Date; to: Date },
): Promise<Span<HealthSettings>[]> => {
  const { rows } = await sql<{ document: SettingsDocument; since: Date | null; until: Date | null }>`
    select document, since, until from (
      select document, changed_at as since, lead(changed_at) over (order by version) as until, version from (
        select document, changed_at, version from insights.settings where org_id = ${orgId}::uuid
        union all select '{}', null, ${FIRST_SETTINGS}::int
      ) versions
    ) spans
    where coalesce(since, '1970-01-01Z') <= ${to} and (until is null or until > ${from}) order by version`.execute(
    tx,
  )
  return rows.map(({ document, since, until }) => ({
    of: settingsOf(document).health,
    since: new Date(since ?? 0),
    until: until && new Date(until),
  }))
}

/** The settings that hold now, and nobody else changes them until the transaction ends. */
export const lockSettings = async (tx: Transaction, orgId: string): Promise<HeldSettings> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`insights.settings ${orgId}`}, 0))`.execute(tx)
  return heldSettings(tx, orgId)
}

/** Keeps a new version; those before it stay. */
export const keepSettings = async (
  tx: Transaction,
  orgId: string,
  { version, document, changedAt }: HeldSettings & { changedAt: Date },
  changedBy: string,
): Promise<void> => {
  await tx
    .insertInto('insights.settings')
    .values({
      org_id: orgId,
      version,
      document: JSON.stringify(document),
      changed_at: changedAt,
      changed_by: changedBy,
    })
    .execute()
}
