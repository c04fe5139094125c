import type { Context } from '../context.ts'
import { type RfqArgs, rfqPage } from './rfq-page.ts'

interface Reference {
  id: string
  c3CustomerIds: string[]
}

export const Customer = {
  __resolveReference: (reference: Reference) => reference,

  rfqs: ({ c3CustomerIds }: Reference, args: RfqArgs, ctx: Context) => rfqPage(ctx, c3CustomerIds, args),
}
