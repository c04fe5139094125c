import type { Context } from '../context.ts'
import { enrichment } from './enrichment.ts'
import { shown } from './Health.ts'

export const Customer = {
  __resolveReference: (reference: { id: string; identityVersion?: number }) => reference,

  health: async (customer: { id: string; identityVersion: number }, _: unknown, ctx: Context) => {
    const standing = await ctx.standing.load(customer.id)
    const isBehind = !standing || standing.isDirty || standing.identityVersion < customer.identityVersion
    return shown(customer.id, standing?.health ?? null, isBehind)
  },

  enrichment,
}
