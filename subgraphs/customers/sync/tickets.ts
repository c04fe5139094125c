import { event } from '#schema/events.ts'
import { fieldToLinks, linkField, mainLink } from '../domain/links.ts'
import { isTicketOpen } from '../domain/stages.ts'
import { instantOf, type Said, textOf } from '../domain/values.ts'
import type { Belonging, Kind, PortalFacts } from './records.ts'

type Says = Readonly<Record<string, unknown>>
const UNKNOWN = 'unknown'

const standing = (facts: PortalFacts, values: Says) => {
  const pipeline = textOf(values.hs_pipeline as Said) ?? UNKNOWN
  const stage = textOf(values.hs_pipeline_stage as Said) ?? UNKNOWN
  return { pipeline, stage, isOpen: isTicketOpen(facts.stages.tickets, pipeline, stage) }
}

const told = (
  facts: PortalFacts,
  id: string,
  values: Says,
  around: Belonging & { observedAt: Date; createdAt: Date; deleted: boolean },
) =>
  event('customers.ticket.changed', id, {
    ticketId: id,
    customerId: around.customerId,
    companyId: around.companyId,
    isOpen: standing(facts, values).isOpen,
    priority: textOf(facts.fields.tickets.priority(values)),
    createdAt: around.createdAt.toISOString(),
    closedAt: instantOf(facts.fields.tickets.closedAt(values))?.toISOString() ?? null,
    observedAt: around.observedAt.toISOString(),
    deleted: around.deleted,
  })

/** A HubSpot ticket as our row and our event. */
export const tickets = (facts: PortalFacts): Kind => ({
  type: 'tickets',
  links: ['companies', 'contacts'],
  row: ({ id, externalId, values, modifiedAt }) => {
    const { pipeline, stage, isOpen } = standing(facts, values)
    return {
      id,
      external_id: externalId,
      properties: values,
      source_created_at: instantOf(values.createdate) ?? new Date(0),
      modified_at: modifiedAt ?? null,
      subject: textOf(facts.fields.tickets.subject(values)) ?? externalId,
      pipeline,
      stage,
      is_open: isOpen,
      priority: textOf(facts.fields.tickets.priority(values)),
      closed_at: instantOf(facts.fields.tickets.closedAt(values)),
      company_external_id: mainLink(fieldToLinks(values[linkField('companies')])),
    }
  },
  changed: (record, belongs, at) =>
    told(facts, record.id, record.values, {
      ...belongs,
      observedAt: record.modifiedAt ?? at,
      createdAt: instantOf(record.values.createdate) ?? new Date(0),
      deleted: false,
    }),
  gone: (record, belongs, at) =>
    told(facts, record.id, record.properties, {
      ...belongs,
      observedAt: at,
      createdAt: record.source_created_at ?? new Date(0),
      deleted: true,
    }),
})
