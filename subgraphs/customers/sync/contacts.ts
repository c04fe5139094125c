import { event } from '#schema/events.ts'
import { fieldToLinks, linkField, mainLink, ownerIdOf } from '../domain/links.ts'
import { instantOf, textOf } from '../domain/values.ts'
import type { Belonging, Kind, PortalFacts } from './records.ts'

const told = (
  facts: PortalFacts,
  id: string,
  values: Readonly<Record<string, unknown>>,
  { customerId, companyId }: Belonging,
  observedAt: Date,
  deleted: boolean,
) =>
  event('customers.contact.changed', id, {
    contactId: id,
    customerId,
    companyId,
    lastActivityAt: instantOf(facts.fields.contacts.lastActivityAt(values))?.toISOString() ?? null,
    observedAt: observedAt.toISOString(),
    deleted,
  })

/** A HubSpot contact as our row and our event. */
export const contacts = (facts: PortalFacts): Kind => ({
  type: 'contacts',
  links: ['companies'],
  row: ({ id, externalId, values, modifiedAt }, place) => ({
    id,
    external_id: externalId,
    properties: values,
    source_created_at: instantOf(values.createdate),
    modified_at: modifiedAt ?? null,
    email: textOf(facts.fields.contacts.email(values)),
    first_name: textOf(facts.fields.contacts.firstName(values)),
    last_name: textOf(facts.fields.contacts.lastName(values)),
    phone: textOf(facts.fields.contacts.phone(values)),
    job_title: textOf(facts.fields.contacts.jobTitle(values)),
    owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(facts.fields.contacts.owner(values))),
    company_external_id: mainLink(fieldToLinks(values[linkField('companies')])),
  }),
  changed: (record, belongs, at) =>
    told(facts, record.id, record.values, belongs, record.modifiedAt ?? at, false),
  gone: (record, belongs, at) => told(facts, record.id, record.properties, belongs, at, true),
})
