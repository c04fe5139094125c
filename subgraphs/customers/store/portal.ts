import { sql } from 'kysely'
import type { RenewalStage } from '../domain/renewals.ts'
import type { OwnerRow } from './owners.ts'
import type { Transaction } from './transaction.ts'

/** A stage of a pipeline. */
export interface StageRow {
  type: 'deals' | 'tickets'
  pipeline_id: string
  stage_id: string
  pipeline_label: string
  label: string
  position: number
  is_open: boolean
  is_won: boolean | null
  probability: string | null
  /** Deals: what it says of a renewal by itself, and whether everything in it is one. */
  renewal_stage: RenewalStage | null
  renews: boolean
  /** What somebody has decided that it says of a renewal; null while nobody has. Only read. */
  decided?: RenewalStage | null
}

/**
 * Makes a portal's owners and stages what the portal says: three statements. Owners stay, since records may name them, and so do
 * stages of types that were not asked for.
 */
export const writePortal = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  owners: readonly OwnerRow[],
  told: Readonly<Partial<Record<StageRow['type'], readonly StageRow[]>>>,
): Promise<void> => {
  const stages = Object.values(told).flat()
  await sql`
    insert into customers.owners (org_id, integration_id, id, external_id, email, name, is_active)
    select ${orgId}::uuid, ${integrationId}::uuid, r.id, r.external_id, r.email, r.name, r.is_active
    from json_to_recordset(${JSON.stringify(owners)}::json) as r(id uuid, external_id text, email text, name text, is_active boolean)
    on conflict (id) do update set email = excluded.email, name = excluded.name, is_active = excluded.is_active`.execute(
    tx,
  )
  await sql`delete from customers.stages where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid
    and type = any(${Object.keys(told)}::text[])`.execute(tx)
  await sql`
    insert into customers.stages (org_id, integration_id, type, pipeline_id, stage_id, pipeline_label, label, position, is_open, is_won,
      probability, renewal_stage, renews)
    select ${orgId}::uuid, ${integrationId}::uuid, r.type, r.pipeline_id, r.stage_id, r.pipeline_label, r.label, r.position, r.is_open,
      r.is_won, r.probability, r.renewal_stage, r.renews
    from json_to_recordset(${JSON.stringify(stages)}::json) as r(type text, pipeline_id text, stage_id text, pipeline_label text,
      label text, position integer, is_open boolean, is_won boolean, probability numeric, renewal_stage text,
      renews boolean)`.execute(tx)
}

/** The stages of a portal. */
export const stagesOf = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
): Promise<StageRow[]> => {
  const { rows } = await sql<StageRow>`
    select s.type, s.pipeline_id, s.stage_id, s.pipeline_label, s.label, s.position, s.is_open, s.is_won, s.probability, s.renewal_stage,
      s.renews, rs.renewal_stage as decided
    from customers.stages s left join customers.renewal_stages rs on s.type = 'deals' and rs.org_id = s.org_id
      and rs.integration_id = s.integration_id and rs.pipeline_id = s.pipeline_id and rs.stage_id = s.stage_id
    where s.org_id = ${orgId}::uuid and s.integration_id = ${integrationId}::uuid order by s.type, s.pipeline_id, s.position`.execute(
    tx,
  )
  return rows
}
