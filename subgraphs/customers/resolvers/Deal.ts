import type { DealResolvers } from '#schema/generated/customers.types.ts'
import { customer, owner } from './belonging.ts'
import { propertiesOf } from './properties.ts'

export const Deal: DealResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.deals.byId.load(id),
  amount: (deal) => (deal.amount === null ? null : { amount: deal.amount, currency: deal.currency ?? 'USD' }),
  stageLabel: (deal) => deal.stage_label,
  isOpen: (deal) => deal.is_open,
  isWon: (deal) => deal.is_won,
  probability: (deal) => (deal.probability === null ? null : Number(deal.probability)),
  closeDate: (deal) => deal.close_date,
  hubspotDealId: (deal) => deal.external_id,
  createdAt: (deal) => deal.source_created_at,
  updatedAt: (deal) => deal.valid_from,
  customer,
  owner,
  properties: propertiesOf('deals'),
}
