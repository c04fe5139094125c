import { event } from '#schema/events.ts'
import { engagementOf, engagementRank } from '../domain/engagement.ts'
import { ownerIdOf } from '../domain/links.ts'
import { instantOf, textOf } from '../domain/values.ts'
import type { PortalFacts } from './portal-facts.ts'
import type { Kind } from './records.ts'

/** A HubSpot contact as our row and our event. */
export const contacts = (facts: PortalFacts): Kind => ({
  type: 'contacts',
  mappedBy: facts.versionOf('contacts'),
  columns: (values, { place, createdAt, modifiedAt }) => ({
    email: textOf(facts.fields.contacts.email(values)),
    first_name: textOf(facts.fields.contacts.firstName(values)),
    last_name: textOf(facts.fields.contacts.lastName(values)),
    phone: textOf(facts.fields.contacts.phone(values)),
    job_title: textOf(facts.fields.contacts.jobTitle(values)),
    owner_id: ownerIdOf(place.orgId, place.integrationId, textOf(facts.fields.contacts.owner(values))),
    engagement_rank: engagementRank(engagementOf(values, { createdAt, changedAt: modifiedAt })),
  }),
  tell: ({ id, values, customerId, companyId, observedAt, deleted }) => [
    event('customers.contact.changed', id, {
      contactId: id,
      customerId,
      companyId,
      lastActivityAt: instantOf(facts.fields.contacts.lastActivityAt(values))?.toISOString() ?? null,
      observedAt: observedAt.toISOString(),
      deleted,
    }),
  ],
})
