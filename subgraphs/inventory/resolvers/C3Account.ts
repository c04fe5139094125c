import type { Context } from '../context.ts'

export const C3Account = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => ctx.accounts.load(id),
}
