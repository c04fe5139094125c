import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type LostReason, quoteFault } from '../domain/quotes.ts'
import type { TransitionRefusal } from '../domain/rfq.ts'
import { priceField } from '../domain/rfq-fields.ts'
import { noteQuote, quotesOf } from '../store/quotes.ts'
import { linesOf } from '../store/rfq-lines.ts'
import type { RfqRow } from '../store/rfqs.ts'
import type { Transaction } from '../store/transaction.ts'
import { type Decided, decideRfq } from './decide-rfq.ts'
import { staleRfq, standingRfq } from './standing-rfq.ts'

/** The request that is named, and the version of it that was read. */
export interface RfqAsk {
  id: string
  expectedVersion?: number | null | undefined
}

export type RfqAnswer = { rfqId: string; receipt: Receipt } | TransitionRefusal | Refusal

/**
 * Quotes prices for a request. Lines that are not named keep the price they have, and every line needs one. What was quoted before and
 * is still open is superseded, unless the prices are the same: then it only holds for another time.
 */
export const quoteRfq = (
  ctx: Context,
  ask: RfqAsk & {
    lines: readonly { line: number; unitPrice: string }[]
    validUntil?: Date | null | undefined
  },
): Promise<RfqAnswer> =>
  decide(ctx, 'quoteRfq', ask, async (tx, rfq) => {
    const { validUntil = null, lines } = ask
    if (validUntil && validUntil <= ctx.clock.now())
      return invalid('validUntil', 'The prices must hold for a while: name a moment to come.', 'IN_THE_PAST')
    const fault = quoteFault(await linesOf(tx, ctx.orgId, [rfq.id]), lines)
    if (fault) return invalid(fault.field, fault.message, fault.code)
    const values = Object.fromEntries(lines.map(({ line, unitPrice }) => [priceField(line), unitPrice]))
    return {
      ...{ to: 'QUOTED' as const, values },
      note: () => noteQuote(tx, ctx.orgId, rfq.id, { validUntil }),
    }
  })

/** The customer ordered what was quoted. */
export const winRfq = (ctx: Context, ask: RfqAsk): Promise<RfqAnswer> =>
  decide(ctx, 'winRfq', ask, async (tx, rfq) => {
    const [newest] = await quotesOf(tx, ctx.orgId, [rfq.id])
    return { to: 'WON' as const, details: newest ? { quoteRevision: newest.revision } : {} }
  })

/** The customer ordered elsewhere, or not at all. What was held for the request is given back. */
export const loseRfq = (ctx: Context, ask: RfqAsk & { reason: LostReason }): Promise<RfqAnswer> =>
  decide(ctx, 'loseRfq', ask, async (tx, rfq) => ({
    ...{ to: 'LOST' as const, details: { reason: ask.reason } },
    note: () => noteQuote(tx, ctx.orgId, rfq.id, { reason: ask.reason }),
  }))

/** What is decided, and what is noted once it is. */
type Deed = Decided & { note?: () => Promise<void> }

const decide = (
  ctx: Context,
  action: string,
  { id, expectedVersion }: RfqAsk,
  judge: (tx: Transaction, rfq: RfqRow) => Promise<Deed | InvalidRefusal>,
): Promise<RfqAnswer> =>
  ctx.write(async (tx) => {
    const rfq = await standingRfq(tx, ctx.orgId, id)
    if (!rfq) return missing('The request for prices')
    const stale = staleRfq(rfq, expectedVersion)
    if (stale) return stale
    const deed = await judge(tx, rfq)
    if ('__typename' in deed) return deed
    const { note, ...decided } = deed
    const refused = await decideRfq(tx, { ...ctx, by: 'PERSON', action }, rfq, decided)
    if (refused) return refused
    await note?.()
    return { rfqId: rfq.id, receipt: await receiptOf(tx) }
  })
