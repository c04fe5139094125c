import { sql } from 'kysely'
import type { CompanyKind, DecidedKind, KindProperty } from '../domain/company-kinds.ts'
import type { Transaction } from './transaction.ts'

/** What was decided of portals' words, by connection: one statement. */
export const decidedKindsOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, DecidedKind[]>> => {
  const { rows } = await sql<DecidedKind & { integration_id: string }>`
    select integration_id, property, value, kind from customers.company_kinds
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[]) order by property, value`.execute(
    tx,
  )
  return Map.groupBy(rows, (row) => row.integration_id)
}

/** A word and what it is to make a company; null: what is taken for granted. */
export interface AskedKind {
  property: KindProperty
  value: string
  kind: CompanyKind | null
}

/** Writes what words are to make companies: at most two statements. */
export const writeCompanyKinds = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  rules: readonly AskedKind[],
): Promise<void> => {
  const [kept, ended] = [rules.filter(({ kind }) => kind !== null), rules.filter(({ kind }) => kind === null)]
  if (kept.length > 0)
    await sql`
      insert into customers.company_kinds (org_id, integration_id, property, value, kind)
      select ${orgId}::uuid, ${integrationId}::uuid, r.property, r.value, r.kind
      from json_to_recordset(${JSON.stringify(kept)}::json) as r(property text, value text, kind text)
      on conflict (org_id, integration_id, property, value) do update set kind = excluded.kind`.execute(tx)
  if (ended.length > 0)
    await sql`
      delete from customers.company_kinds d using json_to_recordset(${JSON.stringify(ended)}::json) as r(property text, value text)
      where d.org_id = ${orgId}::uuid and d.integration_id = ${integrationId}::uuid and d.property = r.property
        and d.value = r.value`.execute(tx)
}
