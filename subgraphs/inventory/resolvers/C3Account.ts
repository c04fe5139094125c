import type { C3AccountResolvers } from '#schema/generated/inventory.types.ts'

export const C3Account: C3AccountResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.accounts.load(id),
}
