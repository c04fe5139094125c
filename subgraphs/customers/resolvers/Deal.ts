import type { DealResolvers } from '#schema/generated/customers.types.ts'
import { portalId } from '../store/portal-ids.ts'
import { customer, owner } from './belonging.ts'
import { contactsOf, notesOf, tasksOf } from './child-pages.ts'
import { externalIds } from './external-ids.ts'
import { pendingWrites } from './pending-writes.ts'
import { propertiesOf } from './properties.ts'
import { rfqsOfDeal } from './rfq-links.ts'

export const Deal: DealResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.deals.byId.load(id),
  amount: (deal) => (deal.amount === null ? null : { amount: deal.amount, currency: deal.currency ?? 'USD' }),
  stageLabel: (deal) => deal.stage_label,
  isOpen: (deal) => deal.is_open,
  isWon: (deal) => deal.is_won,
  probability: (deal) => (deal.probability === null ? null : Number(deal.probability)),
  closeDate: (deal) => deal.close_date,
  contacts: contactsOf('deals'),
  renewalStage: (deal) => deal.renewal_stage,
  contractEnd: (deal) => deal.contract_end?.toISOString().slice(0, 10) ?? null,
  renewsAt: (deal) => deal.due_at,
  previousStage: (deal) => deal.previous_stage,
  previousStageLabel: (deal) => deal.previous_stage_label,
  stageChangedAt: (deal) => deal.stage_changed_at,
  hubspotDealId: (deal) => portalId(deal.external_id),
  externalIds,
  pendingWrites,
  createdAt: (deal) => deal.source_created_at,
  updatedAt: (deal) => deal.valid_from,
  tasks: tasksOf('deals'),
  notes: notesOf('deals'),
  rfqs: rfqsOfDeal,
  customer,
  owner,
  properties: propertiesOf('deals'),
}
