import { event } from '#schema/events.ts'
import { ownerIdOf } from '../domain/links.ts'
import { isTicketOpen } from '../domain/stages.ts'
import { categoryOf, ISSUE_KINDS, SEVERITIES } from '../domain/ticket-categories.ts'
import { instantOf, textOf, wordOf } from '../domain/values.ts'
import type { PortalFacts } from './portal-facts.ts'
import { type Kind, type Says, said } from './records.ts'

const UNKNOWN = 'unknown'

const standing = (facts: PortalFacts, values: Says) => {
  const pipeline = textOf(said(values, 'hs_pipeline')) ?? UNKNOWN
  const stage = textOf(said(values, 'hs_pipeline_stage')) ?? UNKNOWN
  return { pipeline, stage, isOpen: isTicketOpen(facts.stages.tickets, pipeline, stage) }
}

/** A HubSpot ticket as our row and our event. */
export const tickets = (facts: PortalFacts): Kind => ({
  type: 'tickets',
  mappedBy: facts.versionOf('tickets'),
  columns: (values, { externalId, place }) => {
    const { pipeline, stage, isOpen } = standing(facts, values)
    const fields = facts.fields.tickets
    const issueType = textOf(fields.issueType(values))
    const { category, subcategory } = categoryOf(values, issueType)
    return {
      subject: textOf(facts.fields.tickets.subject(values)) ?? externalId,
      pipeline,
      stage,
      is_open: isOpen,
      priority: textOf(facts.fields.tickets.priority(values)),
      closed_at: instantOf(facts.fields.tickets.closedAt(values)),
      category,
      subcategory,
      owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(fields.owner(values))),
      issue_type: wordOf(ISSUE_KINDS, issueType),
      severity: wordOf(SEVERITIES, textOf(fields.severity(values))),
      trunk_id: textOf(fields.trunkId(values)),
      call_id: textOf(fields.callId(values)),
      sla_breach_at: instantOf(fields.slaBreachAt(values)),
      technical_details: textOf(fields.technicalDetails(values)),
    }
  },
  tell: ({ id, values, isNew, customerId, companyId, createdAt, observedAt, deleted }) => [
    event('customers.ticket.changed', id, {
      ticketId: id,
      customerId,
      companyId,
      isOpen: standing(facts, values).isOpen,
      priority: textOf(facts.fields.tickets.priority(values)),
      category: categoryOf(values, textOf(facts.fields.tickets.issueType(values))).category,
      isNew,
      createdAt: createdAt.toISOString(),
      closedAt: instantOf(facts.fields.tickets.closedAt(values))?.toISOString() ?? null,
      observedAt: observedAt.toISOString(),
      deleted,
    }),
  ],
})
