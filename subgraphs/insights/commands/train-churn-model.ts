import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { learnChurn } from '../jobs/definitions.ts'

/** Has it learned anew who leaves. Asked for again while it waits, it is done once. */
export const trainChurnModel = (ctx: Context): Promise<{ requestedAt: Date; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock, jobs } = ctx
    const at = clock.now()
    await jobs.enqueue(tx, learnChurn, { orgId })
    await audit(tx, {
      ...{ orgId, principal, at, action: 'trainChurnModel' },
      subject: { type: 'Organisation', id: orgId },
    })
    return { requestedAt: at, receipt: await receiptOf(tx) }
  })
