import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { DealRow } from '../store/child-rows.ts'
import { childrenById } from '../store/children.ts'
import { findRfq, lockRfqs, unlinkRfqs } from '../store/rfqs.ts'
import { sayRfqs } from './say-rfqs.ts'

/** Takes a request for prices away from a deal: it comes back only when somebody says so, here or in HubSpot. */
export const unlinkRfqFromDeal = (
  ctx: Context,
  { rfqId, dealId }: { rfqId: string; dealId: string },
): Promise<{ deal: DealRow; wasLinked: boolean; receipt: Receipt } | MissingRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    await lockRfqs(tx, orgId)
    if (!isId(rfqId) || !(await findRfq(tx, orgId, rfqId))) return missing('The request for prices')
    const found = () => childrenById(tx, orgId, 'deals', [dealId])
    if (!isId(dealId) || !(await found()).has(dealId)) return missing('The deal')
    const at = clock.now()
    const changed = await unlinkRfqs(tx, orgId, [{ rfqId, dealId }], { by: 'MANUAL', at })
    await sayRfqs(tx, ctx.changeRecords, { orgId, dealIds: changed, at })
    if (changed.length > 0)
      await audit(tx, {
        ...{ orgId, principal, action: 'unlinkRfqFromDeal', subject: { type: 'Deal', id: dealId }, at },
        ...{ before: { [`rfq ${rfqId}`]: true }, after: { [`rfq ${rfqId}`]: false } },
      })
    const deal = (await found()).get(dealId)
    return deal ? { deal, wasLinked: changed.length > 0, receipt: await receiptOf(tx) } : missing('The deal')
  })
