import type { StakeholderResolvers } from '#schema/generated/customers.types.ts'
import { today } from '#service/noticing.ts'
import type { Context } from '../context.ts'
import { engagementOf, scoreEngagement } from '../domain/engagement.ts'
import type { ContactRow } from '../store/child-rows.ts'

/** How engaged a person is on this day. */
export const engagement = (contact: ContactRow, _: unknown, ctx: Context) => {
  const record = {
    createdAt: contact.source_created_at ?? new Date(0),
    changedAt: contact.modified_at ?? contact.valid_from,
  }
  return scoreEngagement(engagementOf(contact.properties, record), today(ctx.clock))
}

export const Stakeholder: StakeholderResolvers = {
  contact: (stakeholder) => stakeholder,
  engagement,
}
