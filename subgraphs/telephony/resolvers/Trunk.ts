import { isId } from '#kernel/ids.ts'
import type { Context } from '../context.ts'
import type { TrunkRow } from '../store/assets.ts'

export const Trunk = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => (isId(id) ? ctx.trunks.load(id) : null),

  account: ({ ban }: TrunkRow, _: unknown, ctx: Context) => ctx.accounts.load(ban),
}
