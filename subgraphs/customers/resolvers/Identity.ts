import type { IdentityResolvers } from '#schema/generated/customers.types.ts'
import { portalId } from '../store/portal-ids.ts'

export const Identity: IdentityResolvers = {
  accountId: (account) => portalId(account.external_id),
  linkedBy: (account) => account.linked_by,
}
