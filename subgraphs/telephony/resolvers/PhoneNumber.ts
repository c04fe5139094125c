import { isId } from '#kernel/ids.ts'
import type { Context } from '../context.ts'
import type { NumberRow } from '../store/assets.ts'

export const PhoneNumber = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => (isId(id) ? ctx.numbers.load(id) : null),

  monthlyCost: ({ monthlyCost, currency }: NumberRow) => ({ amount: monthlyCost, currency }),
  trunk: ({ trunkId }: NumberRow, _: unknown, ctx: Context) => (trunkId ? ctx.trunks.load(trunkId) : null),
  account: ({ ban }: NumberRow, _: unknown, ctx: Context) => ctx.accounts.load(ban),
}
