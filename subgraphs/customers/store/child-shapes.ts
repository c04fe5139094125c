import { type RawBuilder, sql } from 'kysely'
import type { ChildType } from '../domain/kinds.ts'
import { RENEWING_DEALS } from '../domain/renewals.ts'
import { TICKET_CATEGORIES } from '../domain/ticket-categories.ts'

const stageOf = (type: ChildType) => sql`
  left join customers.stages s on s.org_id = t.org_id and s.integration_id = t.integration_id and s.type = ${type}
    and s.pipeline_id = t.pipeline and s.stage_id = t.stage`

// A stage's id is known in its pipeline; the stage that a deal came from may have been in another one.
const PREVIOUS_STAGE = sql`
  left join lateral (
    select label from customers.stages ps where ps.org_id = t.org_id and ps.integration_id = t.integration_id and ps.type = 'deals'
      and ps.stage_id = t.previous_stage order by ps.pipeline_id <> t.pipeline, ps.pipeline_id limit 1
  ) ps on t.previous_stage is not null`

const RENEWAL = sql`
  left join customers.renewal_stages rs on rs.org_id = t.org_id and rs.integration_id = t.integration_id
    and rs.pipeline_id = t.pipeline and rs.stage_id = t.stage`

/** Where a deal's renewal stands: what the organisation has decided for its stage, else what the stage and the deal say themselves. */
export const RENEWAL_STAGE = sql`
  case when rs.renewal_stage is not null then rs.renewal_stage
    when s.renews or lower(t.properties ->> 'dealtype') = any(${[...RENEWING_DEALS]}::text[]) then
      coalesce(s.renewal_stage, case when t.is_open then 'UPCOMING' when t.is_won then 'RENEWED' else 'LOST' end)
    else 'NOT_A_RENEWAL' end`

const RECORD = sql`t.id, t.integration_id, t.external_id, t.company_external_id, t.valid_from, t.version`
const ABOUT = sql`t.owner_id, t.contact_external_id, t.deal_external_id, t.ticket_external_id, t.source_created_at`

interface Shape {
  columns: RawBuilder<unknown>
  join: RawBuilder<unknown>
}

/** What the graph asks for of each kind of record, as `t`, and what is joined to it. */
export const SHAPES: Record<ChildType, Shape> = {
  contacts: {
    columns: sql`${RECORD}, t.email, t.first_name, t.last_name, t.phone, t.job_title, t.owner_id, t.properties, t.source_created_at,
      t.modified_at, t.engagement_rank, t.name_key, t.warp_user_id, t.warp_role, t.warp_two_factor, t.warp_last_login,
      t.warp_api_key_count, t.warp_last_api_call`,
    join: sql``,
  },
  deals: {
    columns: sql`${RECORD}, t.name, t.amount, coalesce(t.currency, n.currency) as currency, t.pipeline, t.stage,
      s.label as stage_label, t.previous_stage, ps.label as previous_stage_label, t.stage_changed_at, s.probability, t.is_open, t.is_won,
      t.close_date, t.contract_end, coalesce(t.contract_end, t.close_date) as due_at, ${RENEWAL_STAGE} as renewal_stage, t.owner_id,
      t.source_created_at`,
    join: sql`${stageOf('deals')} ${PREVIOUS_STAGE} ${RENEWAL} left join customers.integrations n on n.id = t.integration_id`,
  },
  tickets: {
    columns: sql`${RECORD}, t.subject, t.stage, s.label as stage_label, t.is_open, t.priority, t.category, t.subcategory,
      t.properties ->> 'hs_ticket_category' as hubspot_category, t.owner_id, t.issue_type, t.severity, t.trunk_id, t.call_id,
      t.sla_breach_at, t.technical_details, t.closed_at, t.source_created_at`,
    join: stageOf('tickets'),
  },
  tasks: {
    columns: sql`${RECORD}, t.subject, t.body, t.status, t.priority, t.task_type, t.is_open, t.due_at, ${ABOUT}`,
    join: sql``,
  },
  notes: { columns: sql`${RECORD}, t.body, t.noted_at, ${ABOUT}`, join: sql`` },
}

/** Kinds of which all can be listed: by which column their lists are kept, and every value it has. See tickets_by_category. */
export const PARTED = {
  tasks: {
    ...SHAPES.tasks,
    parts: { column: 'is_open', kind: 'boolean', values: ['true', 'false'], filter: 'open' },
  },
  deals: {
    ...SHAPES.deals,
    parts: { column: 'is_open', kind: 'boolean', values: ['true', 'false'], filter: 'open' },
  },
  tickets: {
    ...SHAPES.tickets,
    parts: { column: 'category', kind: 'text', values: Object.keys(TICKET_CATEGORIES), filter: 'category' },
  },
} as const
export type PartedType = keyof typeof PARTED
