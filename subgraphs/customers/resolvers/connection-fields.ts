import type { HubSpotIntegrationResolvers } from '#schema/generated/customers.types.ts'
import type { Context } from '../context.ts'
import { featuresOf } from '../domain/features.ts'
import { EVERY_TYPE, settingsOf } from '../domain/settings.ts'

const row = async ({ id }: { id?: string }, ctx: Context) => (id ? await ctx.integrations.load(id) : null)

/** How a connection signs in, what it may do, and how it is kept in step. */
export const connectionFields = {
  mode: async (one, _, ctx) => (await row(one, ctx))?.mode ?? null,
  hubDomain: async (one, _, ctx) => (await row(one, ctx))?.hub_domain ?? null,
  isDisconnected: async (one, _, ctx) => ((await row(one, ctx))?.disconnected_at ?? null) !== null,
  settings: async (one, _, ctx) => {
    const found = await row(one, ctx)
    return found ? { ...settingsOf(found), version: found.settings_version } : null
  },
  pauses: async ({ id }, _, ctx) =>
    ((id && (await ctx.pauses.load(id))) || []).map(({ direction, type, paused_at: since }) => ({
      direction,
      type: type === EVERY_TYPE ? null : type,
      since,
    })),
  features: async (one, _, ctx) => {
    const found = await row(one, ctx)
    return found ? featuresOf(found) : null
  },
  grantedScopes: async (one, _, ctx) => {
    const granted = (await row(one, ctx))?.granted_scopes
    return granted ? [...granted] : null
  },
  syncCount: async (one, _, ctx) => (await row(one, ctx))?.sync_count ?? null,
  lastError: async (one, _, ctx) => (await row(one, ctx))?.last_error ?? null,
  lastErrorAt: async (one, _, ctx) => (await row(one, ctx))?.last_error_at ?? null,
  rateBudget: async (one, _, ctx) => {
    const found = await row(one, ctx)
    return found ? await ctx.portals.rates(found) : null
  },
} satisfies HubSpotIntegrationResolvers
