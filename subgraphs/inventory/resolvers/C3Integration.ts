import type { Context } from '../context.ts'

export const C3Integration = {
  __resolveReference: (reference: { id: string }) => reference,

  counts: ({ id }: { id: string }, _: unknown, ctx: Context) => ctx.recordCounts.load(id),
}
