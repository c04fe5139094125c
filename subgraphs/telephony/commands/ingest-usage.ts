import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { type SentUsage, type TakenUsage, takeUsage } from './take-usage.ts'

/** Takes over calls and messages that somebody sent, in one transaction, and writes down who it was. Each counts once. */
export const ingestUsage = (
  ctx: Pick<Context, 'orgId' | 'principal' | 'clock' | 'write'>,
  sent: readonly SentUsage[],
): Promise<TakenUsage & { receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const taken = await takeUsage(tx, { orgId, clock }, sent)
    const { accepted, known, refused } = taken
    await audit(tx, {
      ...{ orgId, principal, action: 'ingestUsage', at: clock.now() },
      subject: { type: 'Organisation', id: orgId },
      after: { accepted, known, refused: refused.length },
    })
    return { ...taken, receipt: await receiptOf(tx) }
  })
