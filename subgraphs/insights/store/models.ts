import { sql } from 'kysely'
import type { ModelName, Models } from '../domain/models.ts'
import type { Transaction } from './transaction.ts'

/** What holds of everything that an organisation's methods have learned, one statement. */
export const heldModels = async (tx: Transaction, orgId: string): Promise<Partial<Models>> => {
  const { rows } = await sql<{ name: ModelName; version: number; learned: object }>`
    select name, version, learned from insights.models where org_id = ${orgId}::uuid and is_held`.execute(tx)
  return Object.fromEntries(rows.map(({ name, version, learned }) => [name, { ...learned, version }]))
}

/** A version of a model with how well it does. */
export interface ModelRow {
  name: ModelName
  version: number
  learned: unknown
  /** What it was measured by, such as `{ "auc": 0.81 }`. */
  report: Record<string, number>
  learnedAt: Date
  isHeld: boolean
}

/** The newest version of a model, held or not; null when it was never learned. */
export const newestModel = async (
  tx: Transaction,
  orgId: string,
  name: ModelName,
): Promise<ModelRow | null> => {
  const { rows } = await sql<ModelRow>`
    select name, version, learned, report, learned_at as "learnedAt", is_held as "isHeld"
    from insights.models where org_id = ${orgId}::uuid and name = ${name} order by version desc limit 1`.execute(
    tx,
  )
  return rows[0] ?? null
}

/** Keeps a version of a model; when it is held, the one that was held before no longer is. Two at once: one of them fails by its key. */
export const keepModel = async (tx: Transaction, orgId: string, model: ModelRow): Promise<void> => {
  await sql`
    with others as (
      update insights.models set is_held = false
      where org_id = ${orgId}::uuid and name = ${model.name} and is_held and ${model.isHeld}::boolean
    )
    insert into insights.models (org_id, name, version, learned, report, learned_at, is_held)
    values (${orgId}::uuid, ${model.name}, ${model.version}, ${JSON.stringify(model.learned)}::json,
      ${JSON.stringify(model.report)}::json, ${model.learnedAt}, ${model.isHeld})`.execute(tx)
}

/** A page of what was learned, newest first; versions that nothing was learned for are left out. @param page.before only those before it */
export const modelsBefore = async (
  tx: Transaction,
  orgId: string,
  name: ModelName,
  page: { before: number | null; limit: number },
): Promise<ModelRow[]> => {
  const { rows } = await sql<ModelRow>`
    select name, version, learned, report, learned_at as "learnedAt", is_held as "isHeld"
    from insights.models where org_id = ${orgId}::uuid and name = ${name} and json_typeof(learned) <> 'null'
      and (${page.before}::int is null or version < ${page.before}::int)
    order by version desc limit ${page.limit}`.execute(tx)
  return rows
}
