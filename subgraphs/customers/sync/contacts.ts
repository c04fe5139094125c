import { event } from '#schema/events.ts'
import { fieldToLinks, linkField, mainLink, ownerIdOf } from '../domain/links.ts'
import { instantOf, textOf } from '../domain/values.ts'
import type { Belonging, Kind } from './records.ts'

const told = (
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
    lastActivityAt: instantOf(values.notes_last_contacted as string)?.toISOString() ?? null,
    observedAt: observedAt.toISOString(),
    deleted,
  })

/** A HubSpot contact as our row and our event. */
export const contacts: Kind = {
  type: 'contacts',
  links: ['companies'],
  row: ({ id, externalId, values, modifiedAt }, place) => ({
    id,
    external_id: externalId,
    properties: values,
    source_created_at: instantOf(values.createdate),
    modified_at: modifiedAt ?? null,
    email: textOf(values.email),
    first_name: textOf(values.firstname),
    last_name: textOf(values.lastname),
    phone: textOf(values.phone) ?? textOf(values.mobilephone),
    job_title: textOf(values.jobtitle),
    owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(values.hubspot_owner_id)),
    company_external_id: mainLink(fieldToLinks(values[linkField('companies')])),
  }),
  changed: (record, belongs, at) => told(record.id, record.values, belongs, record.modifiedAt ?? at, false),
  gone: (record, belongs, at) => told(record.id, record.properties, belongs, at, true),
}
