import { event } from '#schema/events.ts'
import { engagementOf, engagementRank } from '../domain/engagement.ts'
import { ownerIdOf } from '../domain/links.ts'
import { countOf, flagOf, instantOf, textOf, wordOf } from '../domain/values.ts'
import { WARP_ROLES } from '../domain/warp-user.ts'
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
    warp_user_id: textOf(facts.fields.contacts.warpUserId(values)),
    warp_role: wordOf(WARP_ROLES, textOf(facts.fields.contacts.warpRole(values))),
    warp_two_factor: flagOf(facts.fields.contacts.warpTwoFactor(values)),
    warp_last_login: instantOf(facts.fields.contacts.warpLastLogin(values)),
    warp_api_key_count: countOf(facts.fields.contacts.warpApiKeyCount(values)),
    warp_last_api_call: instantOf(facts.fields.contacts.warpLastApiCall(values)),
    engagement_rank: engagementRank(engagementOf(values, { createdAt, changedAt: modifiedAt })),
  }),
  tell: ({ id, values, customerId, companyId, createdAt, observedAt, deleted }) => [
    event('customers.contact.changed', id, {
      contactId: id,
      customerId,
      companyId,
      lastActivityAt: instantOf(facts.fields.contacts.lastActivityAt(values))?.toISOString() ?? null,
      noticed: engagementOf(values, { createdAt, changedAt: observedAt }).noticed.map(
        ({ signal, count, at }) => ({ signal, count, at: at.toISOString() }),
      ),
      observedAt: observedAt.toISOString(),
      deleted,
    }),
  ],
})
