import { isId } from '#kernel/ids.ts'
import type { Context } from '../context.ts'

export const Query = {
  trunk: (_: unknown, { id }: { id: string }, ctx: Context) => (isId(id) ? ctx.trunks.load(id) : null),
  billingAccount: (_: unknown, { ban }: { ban: string }, ctx: Context) => ctx.accounts.load(ban),
}
