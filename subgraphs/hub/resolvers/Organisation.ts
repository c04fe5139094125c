import type { OrganisationResolvers } from '#schema/generated/hub.types.ts'
import { organisation } from '../store/organisations.ts'
import { organisationMembers } from './members.ts'

export const Organisation: OrganisationResolvers = {
  // One organisation is asked for at a time: another one's id finds nothing.
  __resolveReference: async ({ id }, { db, orgId }) =>
    id === orgId ? ((await db.read(orgId, (tx) => organisation(tx, orgId))) ?? null) : null,
  ...organisationMembers,
}
