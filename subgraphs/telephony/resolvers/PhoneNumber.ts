import { isId } from '#kernel/ids.ts'
import type { Context } from '../context.ts'
import type { PhoneNumberRow } from '../store/assets.ts'

export const PhoneNumber = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => (isId(id) ? ctx.numbers.load(id) : null),

  monthlyCost: ({ monthlyCost, currency }: PhoneNumberRow) => ({ amount: monthlyCost, currency }),
  trunk: ({ trunkId }: PhoneNumberRow, _: unknown, ctx: Context) =>
    trunkId ? ctx.trunks.load(trunkId) : null,
  account: ({ ban }: PhoneNumberRow, _: unknown, ctx: Context) => ctx.accounts.load(ban),
}
