import type { ContactResolvers } from '#schema/generated/customers.types.ts'
import { customer, owner } from './belonging.ts'
import { propertiesOf } from './properties.ts'

export const Contact: ContactResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.contacts.byId.load(id),
  firstName: (contact) => contact.first_name,
  lastName: (contact) => contact.last_name,
  jobTitle: (contact) => contact.job_title,
  hubspotContactId: (contact) => contact.external_id,
  updatedAt: (contact) => contact.valid_from,
  customer,
  owner,
  properties: propertiesOf('contacts'),
}
