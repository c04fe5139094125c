import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { type SentSignal, type TakenSignals, takeSignals } from './take-signals.ts'

/** Takes over facts that somebody sent, in one transaction, and writes down who it was. Of each record the latest word counts. */
export const ingestSignals = (
  ctx: Pick<Context, 'orgId' | 'principal' | 'clock' | 'write'>,
  sent: readonly SentSignal[],
): Promise<TakenSignals & { receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const taken = await takeSignals(tx, { orgId, clock }, sent)
    const { accepted, known, refused } = taken
    await audit(tx, {
      ...{ orgId, principal, action: 'ingestSignals', at: clock.now() },
      subject: { type: 'Organisation', id: orgId },
      after: { accepted, known, refused: refused.length },
    })
    return { ...taken, receipt: await receiptOf(tx) }
  })
