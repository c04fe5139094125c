import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { DealRow } from '../store/child-rows.ts'
import { childrenById } from '../store/children.ts'
import { findRfq, linkRfqs, lockRfqs } from '../store/rfqs.ts'
import { sayRfqs } from './say-rfqs.ts'

/** Lets a request for prices belong to a deal, whatever was before. Linking again what is linked changes nothing. */
export const linkRfqToDeal = (
  ctx: Context,
  { rfqId, dealId }: { rfqId: string; dealId: string },
): Promise<{ deal: DealRow; isNew: boolean; receipt: Receipt } | MissingRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    await lockRfqs(tx, orgId)
    if (!isId(rfqId) || !(await findRfq(tx, orgId, rfqId))) return missing('The request for prices')
    const found = () => childrenById(tx, orgId, 'deals', [dealId])
    if (!isId(dealId) || !(await found()).has(dealId)) return missing('The deal')
    const at = clock.now()
    const changed = await linkRfqs(tx, orgId, [{ rfqId, dealId }], { by: 'MANUAL', again: true, at })
    await sayRfqs(tx, ctx.changeRecords, { orgId, dealIds: changed, at })
    if (changed.length > 0)
      await audit(tx, {
        ...{ orgId, principal, action: 'linkRfqToDeal', subject: { type: 'Deal', id: dealId }, at },
        ...{ before: { [`rfq ${rfqId}`]: false }, after: { [`rfq ${rfqId}`]: true } },
      })
    const deal = (await found()).get(dealId)
    return deal ? { deal, isNew: changed.length > 0, receipt: await receiptOf(tx) } : missing('The deal')
  })
