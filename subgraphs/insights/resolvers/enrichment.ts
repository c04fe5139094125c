import type { Clock } from '#kernel/clock.ts'
import type {
  Enrichment,
  EnrichmentProviderStatus,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/insights.types.ts'
import { connection, isMoment, isText, keyset, placeOf } from '#service/connection.ts'
import { isPast } from '#service/noticing.ts'
import { isRefusal } from '#service/refusal.ts'
import { enrichCustomer } from '../commands/enrich-customer.ts'
import type { Context } from '../context.ts'
import { bandOf } from '../domain/confidence.ts'
import { reasonOf, summaryOf } from '../domain/enrichment.ts'
import { dayOf, granted, nextDay } from '../domain/enrichment-budget.ts'
import { DAY } from '../domain/measuring.ts'
import { settingsOf } from '../domain/settings.ts'
import { dayOfAsking } from '../store/enrichment-days.ts'
import { countFailures, countTurns, failedTurns } from '../store/enrichment-queue.ts'
import type { KeptEnrichment } from '../store/enrichments.ts'
import { heldSettings } from '../store/settings.ts'

const MOST_CODES = 20
const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text))

/** What is written about a customer, as the graph shows it. */
const shown = (row: KeptEnrichment, refreshDays: number, clock: Clock): Enrichment => ({
  ...row.document,
  summary: summaryOf(row.document),
  sentences: row.document.sentences.map((one) => ({ ...one, evidence: [...one.evidence] })),
  researched: [...row.document.researched],
  refused: row.document.refused.map(({ provider, code, againAt }) => ({
    ...{ provider, code, message: reasonOf(code), againAt: dateOf(againAt) },
  })),
  ...{ madeAt: row.madeAt, checkedAt: row.checkedAt },
  band: bandOf(Number(row.document.confidence)),
  isStale:
    row.state === 'WAITING' ||
    row.state === 'RUNNING' ||
    isPast(clock, new Date(row.checkedAt.getTime() + refreshDays * DAY)),
})

/** The field of a customer. */
export const enrichment = async (customer: { id: string }, _: unknown, ctx: Context) => {
  const row = await ctx.enrichments.load(customer.id)
  if (row === null) return null
  const settings = await ctx.settings.load(ctx.orgId)
  return shown(row, settingsOf(settings?.document ?? {}).enrichment.refreshDays, ctx.clock)
}

export const enrichmentQueries: Pick<QueryResolvers, 'enrichmentStatus' | 'enrichmentFailures'> = {
  enrichmentStatus: async (_, _args, ctx) => {
    const { orgId, clock, reachable } = ctx
    const now = clock.now()
    const [turns, failures, days, settings] = await ctx.db.read(orgId, async (tx) => [
      await countTurns(tx, orgId),
      await countFailures(tx, orgId, MOST_CODES),
      await dayOfAsking(tx, orgId, dayOf(now)),
      settingsOf((await heldSettings(tx, orgId)).document).enrichment,
    ])
    const rules: EnrichmentProviderStatus = {
      ...{ provider: 'RULES', isAvailable: true, isUsed: true, model: null, calls: 0, callsPerDay: null },
      ...{ cost: null, costPerDay: null, againAt: null, answered: 0, ungrounded: 0, failedCalls: 0 },
    }
    const outside = (['RESEARCH', 'MODEL'] as const).map((provider): EnrichmentProviderStatus => {
      const day = days.find((one) => one.provider === provider)
      const left = granted([{ provider, calls: 1 }], days, settings, reachable.prices).get(provider)
      return {
        provider,
        isAvailable: reachable.providers.includes(provider),
        isUsed: settings.providers.includes(provider),
        model: provider === 'MODEL' ? reachable.model : null,
        calls: day?.calls ?? 0,
        callsPerDay: settings.callsPerDay,
        cost: { amount: day?.cost ?? '0', currency: 'USD' },
        costPerDay: { amount: settings.costPerDay, currency: 'USD' },
        againAt: left === 0 ? nextDay(now) : null,
        ...{ answered: day?.answered ?? 0, ungrounded: day?.ungrounded ?? 0, failedCalls: day?.failed ?? 0 },
      }
    })
    const { WAITING: waiting, RUNNING: running, FAILED: failed } = turns
    return { waiting, running, failed, providers: [rules, ...outside], failures }
  },

  enrichmentFailures: async (_, args, ctx) => {
    const page = keyset(args, 2)
    const place = placeOf(page.after, isMoment, isText)
    const after = place && { failedAt: place[0], customerId: place[1] }
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      failedTurns(tx, ctx.orgId, { limit: page.limit, after }),
    )
    return connection(
      rows.map(({ customerId, ...row }) => ({ ...row, customer: { id: customerId } })),
      page,
      (row) => [row.failedAt.toISOString(), row.customer.id],
    )
  },
}

export const enrichmentMutations: Pick<MutationResolvers, 'enrichCustomer'> = {
  enrichCustomer: async (_, ask, ctx) => {
    const wanted = await enrichCustomer(ctx, ask)
    if (isRefusal(wanted)) return wanted
    const { customerId, ...rest } = wanted
    return { __typename: 'EnrichmentWanted', customer: { id: customerId }, ...rest }
  },
}
