import type { IdentityResolvers } from '#schema/generated/customers.types.ts'

export const Identity: IdentityResolvers = {
  accountId: (account) => account.external_id,
  linkedBy: (account) => account.linked_by,
}
