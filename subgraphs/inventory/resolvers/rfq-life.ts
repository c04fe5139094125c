import type {
  MutationResolvers,
  QuoteLineResolvers,
  QuoteResolvers,
  RfqResolvers,
  RfqTotalResolvers,
} from '#schema/generated/inventory.types.ts'
import { missing } from '#service/refusal.ts'
import { chooseComponent } from '../commands/choose-component.ts'
import { loseRfq, quoteRfq, type RfqAnswer, winRfq } from '../commands/move-rfq.ts'
import type { Context } from '../context.ts'
import { nextStatuses } from '../domain/rfq.ts'

export const Quote: QuoteResolvers = {
  lines: ({ lines, currency }) => lines.map((line) => ({ ...line, currency })),
  total: ({ total, currency }) => ({ amount: total, currency }),
  lostReason: ({ reason }) => reason,
}

export const QuoteLine: QuoteLineResolvers = {
  unitPrice: ({ unitPrice, currency }) => ({ amount: unitPrice, currency }),
}

export const RfqTotal: RfqTotalResolvers = {
  total: ({ amount, currency }) => ({ amount, currency }),
}

export const rfqLife: Pick<RfqResolvers, 'quotes' | 'nextStatuses'> = {
  quotes: async ({ id }, _, ctx) => (await ctx.quotes.load(id)) ?? [],
  nextStatuses: (rfq) => [...nextStatuses(rfq)],
}

/** What was decided, as the graph answers it. */
const moved = async (ctx: Context, answer: RfqAnswer) => {
  if (!('receipt' in answer)) return answer
  const rfq = await ctx.rfqs.load(answer.rfqId)
  return rfq
    ? { __typename: 'RfqMoved' as const, rfq, receipt: answer.receipt }
    : missing('The request for prices')
}

export const rfqMutations: Pick<MutationResolvers, 'quoteRfq' | 'winRfq' | 'loseRfq' | 'chooseComponent'> = {
  chooseComponent: async (_, args, ctx) => {
    const answer = await chooseComponent(ctx, args)
    if ('__typename' in answer) return answer
    const rfq = await ctx.rfqs.load(answer.rfqId)
    return rfq
      ? { __typename: 'ComponentChosen', rfq, receipt: answer.receipt }
      : missing('The request for prices')
  },

  quoteRfq: async (_, args, ctx) => moved(ctx, await quoteRfq(ctx, args)),
  winRfq: async (_, args, ctx) => moved(ctx, await winRfq(ctx, args)),
  loseRfq: async (_, args, ctx) => moved(ctx, await loseRfq(ctx, args)),
}
