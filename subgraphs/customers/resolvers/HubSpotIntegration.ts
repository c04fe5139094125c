import type { HubSpotIntegrationResolvers } from '#schema/generated/customers.types.ts'

export const HubSpotIntegration: HubSpotIntegrationResolvers = {
  __resolveReference: (reference) => reference,
  portalId: async ({ id }, _, ctx) => (id ? ((await ctx.integrations.load(id))?.portal_id ?? null) : null),
  counts: async ({ id }, _, ctx) => (id ? ((await ctx.recordCounts.load(id)) ?? []) : []),
}
