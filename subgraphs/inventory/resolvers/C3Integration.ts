import type { C3IntegrationResolvers } from '#schema/generated/inventory.types.ts'

export const C3Integration: C3IntegrationResolvers = {
  __resolveReference: (reference) => reference,

  counts: async ({ id }, _, ctx) => (await ctx.recordCounts.load(id as string)) ?? [],

  schedules: async ({ id }, _, ctx) => (await ctx.schedules.load(id as string)) ?? [],
}
