import type { OwnerResolvers } from '#schema/generated/customers.types.ts'

export const Owner: OwnerResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.owners.load(id),
  hubspotOwnerId: (row) => row.external_id,
  isActive: (row) => row.is_active,
}
