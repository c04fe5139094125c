import type { Context } from '../context.ts'
import { buyingFields } from './buying.ts'
import { shown } from './Health.ts'
import { opportunityFields } from './opportunities.ts'
import { valueFields } from './value.ts'
import { customerInsights } from './insights.ts'
import { recommendations } from './next-actions.ts'

export const Customer = {
  ...buyingFields,
  ...valueFields,
  ...opportunityFields,

  __resolveReference: (reference: { id: string; identityVersion?: number }) => reference,

  health: async (customer: { id: string; identityVersion: number }, _: unknown, ctx: Context) => {
    const standing = await ctx.standing.load(customer.id)
    const isBehind = !standing || standing.isDirty || standing.identityVersion < customer.identityVersion
    return shown(customer.id, standing?.health ?? null, isBehind, ctx.clock.now())
  },

  insights: customerInsights,
  recommendations,
}
