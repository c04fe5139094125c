import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type ListedDelivery, listedDeliveries } from '#sync/deliveries/listed.ts'
import type { DeliveryTables } from '#sync/deliveries/tables.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Asking } from './vendor.ts'

/** What is the vendor's own about its deliveries. */
export interface Delivering<Row extends ListedDelivery> {
  tables: DeliveryTables
  /** What the audit calls it, and the graph a delivery. */
  action: string
  subject: string
  /** Why the records of a delivery cannot be read: the connection was ended, or they are another account's. Undefined when they can. */
  obstacle(tx: object, orgId: string, delivery: Row): Promise<'ended' | 'foreign' | undefined>
}

/** What came of it. Null when there is no such delivery; a word when there is nothing to be read, or nothing that may. */
export type Replayed<Row> = { delivery: Row; receipt: Receipt } | 'empty' | 'ended' | 'foreign' | null

/** Has the records of a delivery read again, with their links, before whatever else waits. */
export const replayingDelivery = <Row extends ListedDelivery>(vendor: Delivering<Row>) => {
  const { lockDelivery, noteReplay } = listedDeliveries<Row>(vendor.tables)
  return (ctx: Asking, id: string): Promise<Replayed<Row>> =>
    ctx.write(async (tx) => {
      const { orgId, principal, clock } = ctx
      const before = isId(id) ? await lockDelivery(tx, orgId, id) : undefined
      if (!before) return null
      const obstacle = await vendor.obstacle(tx, orgId, before)
      if (obstacle) return obstacle
      if (before.records.length === 0) return 'empty'
      const at = clock.now()
      const signals = before.records.map(([type, externalId]) => ({
        ...{ orgId, connectionId: before.integration_id, type, externalId, hasLinks: true, isUrgent: true },
      }))
      await noteSignals(tx, signals, at)
      await noteReplay(tx, id, at)
      const delivery: Row = { ...before, status: 'RECEIVED', replayed_at: at, applied_at: null }
      await audit(tx, {
        orgId,
        principal,
        action: vendor.action,
        subject: { type: vendor.subject, id },
        before: { status: before.status, replayedAt: before.replayed_at },
        after: { status: delivery.status, replayedAt: at },
        at,
      })
      return { delivery, receipt: await receiptOf(tx) }
    })
}
