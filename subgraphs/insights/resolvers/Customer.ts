import { BadInput } from '#kernel/errors.ts'
import { connection, isMoment, keyset, type PageArgs, placeOf } from '#service/connection.ts'
import { isPast } from '#service/noticing.ts'
import type { Context } from '../context.ts'
import { healthSteps } from '../store/health.ts'
import { buyingFields } from './buying.ts'
import { churnOfCustomer } from './churn.ts'
import { enrichment } from './enrichment.ts'
import { shown } from './Health.ts'
import { customerInsights } from './insights.ts'
import { leadOfCustomer } from './leads.ts'
import { recommendations } from './next-actions.ts'
import { opportunityFields } from './opportunities.ts'
import { riskOfCustomer } from './risk.ts'
import { valueFields } from './value.ts'

export const Customer = {
  ...buyingFields,
  ...valueFields,
  ...opportunityFields,
  ...churnOfCustomer,
  ...riskOfCustomer,
  ...leadOfCustomer,

  __resolveReference: (reference: { id: string; identityVersion?: number }) => reference,

  health: async (
    customer: { id: string; identityVersion: number },
    { asOf }: { asOf?: Date | null },
    ctx: Context,
  ) => {
    const now = () => ctx.clock.now()
    if (asOf) {
      const held = await ctx.healthThen.load(customer.id, asOf)
      return shown(customer.id, held, false, () => (isPast(ctx.clock, asOf) ? asOf : now()))
    }
    const standing = await ctx.standing.load(customer.id)
    const isDue = standing?.dueAt && isPast(ctx.clock, standing.dueAt)
    const isBehind =
      !standing || standing.isDirty || isDue || standing.identityVersion < customer.identityVersion
    return shown(customer.id, standing?.health ?? null, Boolean(isBehind), now)
  },

  healthHistory: async (
    { id }: { id: string },
    { from, to, ...args }: PageArgs & { from: Date; to: Date },
    ctx: Context,
  ) => {
    if (to < from) throw BadInput.with({ field: 'to', reason: 'must not be before from' })
    const page = keyset(args, 1)
    const place = placeOf(page.after, isMoment)
    const ask = { from, to, after: place && new Date(place[0]), limit: page.limit }
    const rows = await ctx.db.read(ctx.orgId, (tx) => healthSteps(tx, ctx.orgId, id, ask))
    const listed = connection(rows, page, (row) => [row.asOf.toISOString()])
    const health = (row: (typeof rows)[number]) => shown(id, row, false, () => row.asOf)
    return {
      ...listed,
      nodes: listed.nodes.map(health),
      edges: listed.edges.map(({ node, cursor }) => ({ cursor, node: health(node) })),
    }
  },

  insights: customerInsights,
  recommendations,
  enrichment,
}
