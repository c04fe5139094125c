import type { Context } from '../context.ts'
import { churnOfCustomer } from './churn.ts'
import { shown } from './Health.ts'
import { leadOfCustomer } from './leads.ts'
import { riskOfCustomer } from './risk.ts'

export const Customer = {
  ...churnOfCustomer,
  ...riskOfCustomer,
  ...leadOfCustomer,

  __resolveReference: (reference: { id: string; identityVersion?: number }) => reference,

  health: async (customer: { id: string; identityVersion: number }, _: unknown, ctx: Context) => {
    const standing = await ctx.standing.load(customer.id)
    const isBehind = !standing || standing.isDirty || standing.identityVersion < customer.identityVersion
    return shown(customer.id, standing?.health ?? null, isBehind)
  },
}
