import { EVERY_TYPE } from '#schema/events.ts'
import type { C3IntegrationResolvers } from '#schema/generated/inventory.types.ts'
import type { Context } from '../context.ts'
import { featuresOf } from '../domain/features.ts'
import { settingsOf } from '../domain/settings.ts'
import { standingsIn } from '../domain/standings.ts'

const row = async ({ id }: { id?: string }, ctx: Context) => (id ? await ctx.integrations.load(id) : null)

export const C3Integration: C3IntegrationResolvers = {
  __resolveReference: (reference) => reference,

  counts: async ({ id }, _, ctx) => (await ctx.recordCounts.load(id as string)) ?? [],

  standings: async ({ id }, _, ctx) =>
    standingsIn(
      (await ctx.recordCounts.load(id as string)) ?? [],
      (await ctx.standingCounts.load(id as string)) ?? [],
    ),

  schedules: async ({ id }, _, ctx) => (await ctx.schedules.load(id as string)) ?? [],

  accountId: async (one, _, ctx) => (await row(one, ctx))?.accountId ?? null,
  accountName: async (one, _, ctx) => (await row(one, ctx))?.accountName ?? null,
  apiVersion: async (one, _, ctx) => (await row(one, ctx))?.apiVersion ?? null,
  isDisconnected: async (one, _, ctx) => ((await row(one, ctx))?.disconnectedAt ?? null) !== null,
  settings: async (one, _, ctx) => {
    const found = await row(one, ctx)
    return found ? { ...settingsOf(found), version: found.settingsVersion } : null
  },
  pauses: async ({ id }, _, ctx) =>
    ((id && (await ctx.pauses.load(id))) || []).map(({ direction, type, paused_at: since }) => ({
      direction,
      type: type === EVERY_TYPE ? null : type,
      since,
    })),
  abilities: async (one, _, ctx) => {
    const found = await row(one, ctx)
    return found ? featuresOf(found) : null
  },
  syncCount: async (one, _, ctx) => (await row(one, ctx))?.syncCount ?? null,
  lastError: async (one, _, ctx) => (await row(one, ctx))?.lastError ?? null,
  lastErrorAt: async (one, _, ctx) => (await row(one, ctx))?.lastErrorAt ?? null,
  webhook: async (one, _, ctx) => {
    const found = await row(one, ctx)
    if (!found?.webhookUrl && !found?.webhookError) return null
    const [newest, former] = (await ctx.webhookSecrets.load(found.id)) ?? []
    return {
      url: found.webhookUrl,
      setAt: found.webhookSetAt,
      error: found.webhookError,
      secretMadeAt: newest?.madeAt ?? null,
      formerSecretUntil: former?.endsAt ?? null,
    }
  },
  webhooks: async ({ id }, _, ctx) => (id ? ((await ctx.webhookSummaries.load(id)) ?? null) : null),
}
