import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import type { ChangeRecords } from '../context.ts'
import { linkProposed } from '../store/rfq-proposals.ts'
import {
  dealsOfRfqs,
  type KeptRfq,
  keepRfqs,
  linkRfqs,
  lockRfqs,
  meantBy,
  mentioning,
} from '../store/rfqs.ts'
import { asTransaction } from '../store/transaction.ts'
import { sayRfqs } from './say-rfqs.ts'

/** What inventory tells of requests for prices. */
export const RFQ_EVENTS = ['inventory.rfq.changed'] as const

/**
 * Takes in requests for prices: those that deals' records mention are linked to them, others to the only deal that fits where that is
 * switched on, and the deals say where their requests stand. A batch takes the same number of statements, however many requests it is about.
 */
export const takeRfqs = async (
  raw: object,
  changeRecords: ChangeRecords,
  orgId: string,
  events: readonly LoggedEvent[],
  at: Date,
): Promise<void> => {
  const told = events.flatMap((each) =>
    each.name === 'inventory.rfq.changed' ? [readEvent(each.name, each.version, each.payload)] : [],
  )
  if (told.length === 0) return
  const tx = asTransaction(raw)
  await lockRfqs(tx, orgId)
  const newest = new Map<string, KeptRfq>()
  for (const { rfqId, total, ...rest } of told) {
    const observedAt = new Date(rest.observedAt).toISOString()
    const rfq = {
      ...rest,
      id: rfqId,
      observedAt,
      total: total?.amount ?? null,
      currency: total?.currency ?? null,
    }
    const before = newest.get(rfqId)
    if (!before || before.observedAt <= observedAt) newest.set(rfqId, rfq)
  }
  await keepRfqs(tx, orgId, [...newest.values()], at)
  const rfqIds = [...newest.keys()]
  const meant = await meantBy(tx, orgId, await mentioning(tx, orgId, rfqIds))
  await linkRfqs(tx, orgId, meant, { by: 'PROPERTY', again: false, at })
  await linkProposed(tx, orgId, { rfqIds }, at)
  await sayRfqs(tx, changeRecords, { orgId, dealIds: await dealsOfRfqs(tx, orgId, rfqIds), at })
}
