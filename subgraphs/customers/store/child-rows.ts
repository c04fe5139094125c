import type { RenewalStage } from '../domain/renewals.ts'
import type { IssueKind, Severity, TicketCategory, TicketSubcategory } from '../domain/ticket-categories.ts'
import type { WarpRole } from '../domain/warp-user.ts'

/** What every record of a person, deal, ticket, task or note has. */
interface Row {
  id: string
  integration_id: string
  external_id: string
  company_external_id: string | null
  valid_from: Date
  version: number
}

/** What HubSpot said of a record, in its own words. */
type Properties = Record<string, string | null>

/** A person's record. */
export interface ContactRow extends Row {
  email: string | null
  first_name: string | null
  last_name: string | null
  phone: string | null
  job_title: string | null
  owner_id: string | null
  properties: Properties
  source_created_at: Date | null
  modified_at: Date | null
  engagement_rank: number
  warp_user_id: string | null
  warp_role: WarpRole | null
  warp_two_factor: boolean | null
  warp_last_login: Date | null
  warp_api_key_count: number | null
  warp_last_api_call: Date | null
  name_key: string
}

/** A deal's record, with what its pipeline says of its stage. */
export interface DealRow extends Row {
  name: string
  amount: string | null
  currency: string | null
  pipeline: string
  stage: string
  stage_label: string | null
  previous_stage: string | null
  previous_stage_label: string | null
  stage_changed_at: Date | null
  probability: string | null
  is_open: boolean
  is_won: boolean | null
  close_date: Date | null
  contract_end: Date | null
  due_at: Date | null
  renewal_stage: RenewalStage
  owner_id: string | null
  source_created_at: Date
}

/** A ticket's record. */
export interface TicketRow extends Row {
  subject: string
  stage: string
  stage_label: string | null
  is_open: boolean
  priority: string | null
  category: TicketCategory
  subcategory: TicketSubcategory | null
  hubspot_category: string | null
  owner_id: string | null
  issue_type: IssueKind | null
  severity: Severity | null
  trunk_id: string | null
  call_id: string | null
  sla_breach_at: Date | null
  technical_details: string | null
  closed_at: Date | null
  source_created_at: Date
}

/** What a task or a note is about, by the portal's ids. */
interface About {
  owner_id: string | null
  contact_external_id: string | null
  deal_external_id: string | null
  ticket_external_id: string | null
  source_created_at: Date
}

/** A task's record. */
export interface TaskRow extends Row, About {
  subject: string
  body: string | null
  status: string
  priority: string | null
  task_type: string | null
  is_open: boolean
  due_at: Date
}

/** A note's record. */
export interface NoteRow extends Row, About {
  body: string | null
  noted_at: Date
}

export interface ChildRows {
  contacts: ContactRow
  deals: DealRow
  tickets: TicketRow
  tasks: TaskRow
  notes: NoteRow
}
