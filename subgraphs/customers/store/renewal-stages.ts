import { sql } from 'kysely'
import type { RenewalStage } from '../domain/renewals.ts'
import type { Transaction } from './transaction.ts'

/** A stage of a portal's deals with what it says of a renewal. */
export interface HeldRenewalStage {
  integration_id: string
  pipeline_id: string
  pipeline_label: string
  stage_id: string
  label: string
  decided: RenewalStage | null
  suggested: RenewalStage
  renews: boolean
}

/** The stages of portals' deals, in their order there: one statement. */
export const renewalStagesOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, HeldRenewalStage[]>> => {
  const { rows } = await sql<HeldRenewalStage>`
    select s.integration_id, s.pipeline_id, s.pipeline_label, s.stage_id, s.label, rs.renewal_stage as decided, s.renews,
      coalesce(s.renewal_stage, case when s.is_open then 'UPCOMING' when s.is_won then 'RENEWED' else 'LOST' end) as suggested
    from customers.stages s left join customers.renewal_stages rs on rs.org_id = s.org_id and rs.integration_id = s.integration_id
      and rs.pipeline_id = s.pipeline_id and rs.stage_id = s.stage_id
    where s.org_id = ${orgId}::uuid and s.integration_id = any(${integrationIds}::uuid[]) and s.type = 'deals'
    order by s.pipeline_label, s.pipeline_id, s.position, s.stage_id`.execute(tx)
  return Map.groupBy(rows, (row) => row.integration_id)
}

/** A stage and what it is to say; null: what it says itself. */
export interface DecidedStage {
  pipelineId: string
  stageId: string
  renewalStage: RenewalStage | null
}

/** Writes what stages are to say: at most two statements. */
export const writeRenewalStages = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  stages: readonly DecidedStage[],
): Promise<void> => {
  const list = (some: readonly DecidedStage[]) =>
    JSON.stringify(
      some.map((each) => ({
        pipeline_id: each.pipelineId,
        stage_id: each.stageId,
        renewal_stage: each.renewalStage,
      })),
    )
  const [kept, ended] = [
    stages.filter(({ renewalStage }) => renewalStage !== null),
    stages.filter(({ renewalStage }) => renewalStage === null),
  ]
  if (kept.length > 0)
    await sql`
      insert into customers.renewal_stages (org_id, integration_id, pipeline_id, stage_id, renewal_stage)
      select ${orgId}::uuid, ${integrationId}::uuid, r.pipeline_id, r.stage_id, r.renewal_stage
      from json_to_recordset(${list(kept)}::json) as r(pipeline_id text, stage_id text, renewal_stage text)
      on conflict (org_id, integration_id, pipeline_id, stage_id) do update set renewal_stage = excluded.renewal_stage`.execute(
      tx,
    )
  if (ended.length > 0)
    await sql`
      delete from customers.renewal_stages d
      using json_to_recordset(${list(ended)}::json) as r(pipeline_id text, stage_id text)
      where d.org_id = ${orgId}::uuid and d.integration_id = ${integrationId}::uuid and d.pipeline_id = r.pipeline_id
        and d.stage_id = r.stage_id`.execute(tx)
}
