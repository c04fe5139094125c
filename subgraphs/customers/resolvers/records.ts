import type { Context } from '../context.ts'
import type { ContactRow, DealRow, TicketRow } from '../store/children.ts'
import type { IdentityRow } from '../store/identities.ts'
import type { OwnerRow } from '../store/portal.ts'

/** The customer that a record belongs to: that of its main company. */
const customer = async (
  record: { integration_id: string; company_external_id: string | null },
  _: unknown,
  ctx: Context,
) => {
  if (!record.company_external_id) return null
  const id = await ctx.customerOfCompany.load(`${record.integration_id}/${record.company_external_id}`)
  return id ? await ctx.customers.load(id) : null
}

const owner = (record: { owner_id: string | null }, _: unknown, ctx: Context) =>
  record.owner_id ? ctx.owners.load(record.owner_id) : null

export const Contact = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => ctx.contacts.load(id),
  firstName: (contact: ContactRow) => contact.first_name,
  lastName: (contact: ContactRow) => contact.last_name,
  jobTitle: (contact: ContactRow) => contact.job_title,
  hubspotContactId: (contact: ContactRow) => contact.external_id,
  updatedAt: (contact: ContactRow) => contact.valid_from,
  customer,
  owner,
}

export const Deal = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => ctx.deals.load(id),
  amount: (deal: DealRow) =>
    deal.amount === null ? null : { amount: deal.amount, currency: deal.currency ?? 'USD' },
  stageLabel: (deal: DealRow) => deal.stage_label,
  isOpen: (deal: DealRow) => deal.is_open,
  isWon: (deal: DealRow) => deal.is_won,
  probability: (deal: DealRow) => (deal.probability === null ? null : Number(deal.probability)),
  closeDate: (deal: DealRow) => deal.close_date,
  hubspotDealId: (deal: DealRow) => deal.external_id,
  createdAt: (deal: DealRow) => deal.source_created_at,
  updatedAt: (deal: DealRow) => deal.valid_from,
  customer,
  owner,
}

export const Ticket = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => ctx.tickets.load(id),
  stageLabel: (ticket: TicketRow) => ticket.stage_label,
  isOpen: (ticket: TicketRow) => ticket.is_open,
  hubspotTicketId: (ticket: TicketRow) => ticket.external_id,
  createdAt: (ticket: TicketRow) => ticket.source_created_at,
  updatedAt: (ticket: TicketRow) => ticket.valid_from,
  customer,
}

export const Owner = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => ctx.owners.load(id),
  hubspotOwnerId: (row: OwnerRow) => row.external_id,
  isActive: (row: OwnerRow) => row.is_active,
}

export const Identity = {
  accountId: (account: IdentityRow) => account.external_id,
  linkedBy: (account: IdentityRow) => account.linked_by,
}

/** Another system's account: we only say whose it is. */
export const C3Account = {
  __resolveReference: (reference: { id: string }) => reference,
  customer: async ({ id }: { id: string }, _: unknown, ctx: Context) => {
    const customerId = await ctx.customerOfAccount.load(id, 'C3')
    return customerId ? await ctx.customers.load(customerId) : null
  },
}

export const BillingAccount = {
  __resolveReference: (reference: { ban: string }) => reference,
  customer: async ({ ban }: { ban: string }, _: unknown, ctx: Context) => {
    const customerId = await ctx.customerOfAccount.load(ban, 'WARP')
    return customerId ? await ctx.customers.load(customerId) : null
  },
}

export const HubSpotIntegration = {
  __resolveReference: (reference: { id: string }) => reference,
  portalId: async ({ id }: { id: string }, _: unknown, ctx: Context) =>
    (await ctx.integrations.load(id))?.portal_id ?? null,
  counts: async ({ id }: { id: string }, _: unknown, ctx: Context) =>
    (await ctx.recordCounts.load(id, undefined)) ?? [],
}
