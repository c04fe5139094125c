import type { ContactResolvers } from '#schema/generated/customers.types.ts'
import { portalId } from '../store/portal-ids.ts'
import { customer, owner } from './belonging.ts'
import { dealsOf, notesOf, tasksOf, ticketsOf } from './child-pages.ts'
import { externalIds } from './external-ids.ts'
import { pendingWrites } from './pending-writes.ts'
import { propertiesOf } from './properties.ts'
import { engagement } from './Stakeholder.ts'

export const Contact: ContactResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.contacts.byId.load(id),
  firstName: (contact) => contact.first_name,
  lastName: (contact) => contact.last_name,
  jobTitle: (contact) => contact.job_title,
  warpUserId: (contact) => contact.warp_user_id,
  warpRole: (contact) => contact.warp_role,
  warpTwoFactorEnabled: (contact) => contact.warp_two_factor,
  warpLastLogin: (contact) => contact.warp_last_login,
  warpApiKeyCount: (contact) => contact.warp_api_key_count,
  warpLastApiCall: (contact) => contact.warp_last_api_call,
  engagement,
  deals: dealsOf('contacts'),
  tickets: ticketsOf('contacts'),
  hubspotContactId: (contact) => portalId(contact.external_id),
  externalIds,
  pendingWrites,
  updatedAt: (contact) => contact.valid_from,
  tasks: tasksOf('contacts'),
  notes: notesOf('contacts'),
  customer,
  owner,
  properties: propertiesOf('contacts'),
}
