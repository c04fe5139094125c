import { sql } from 'kysely'
import { FIRST_SETTINGS, type SettingsDocument } from '../domain/settings.ts'
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
