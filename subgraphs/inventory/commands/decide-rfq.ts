import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { type AuditEntry, audit } from '#service/audit.ts'
import type { Values } from '#sync/values.ts'
import type { ChangeRecords } from '../context.ts'
import { type RfqStatus, type TransitionRefusal, transition } from '../domain/rfq.ts'
import { reservedField } from '../domain/rfq-fields.ts'
import { type HappeningDetails, movedTo, type RfqActor } from '../domain/rfq-history.ts'
import { reservationsOf } from '../store/reservations.ts'
import { noteHappenings } from '../store/rfq-history.ts'
import type { RfqRow } from '../store/rfqs.ts'
import type { Transaction } from '../store/transaction.ts'

/** Who decides, and with what. */
export interface Deciding {
  orgId: string
  clock: Clock
  changeRecords: ChangeRecords
  principal: AuditEntry['principal']
  by: RfqActor
  action: string
}

/** Where a request shall go, and what else is said of it. */
export interface Decided {
  to: RfqStatus
  values?: Values
  details?: HappeningDetails
}

/**
 * Lets a request go where it is to go, in the caller's transaction, which has taken the request's turn: here at once, and C3 is told.
 * For whoever does not buy nothing is held any more. Nothing is done when it does not go there.
 */
export const decideRfq = async (
  tx: Transaction,
  deciding: Deciding,
  rfq: RfqRow,
  { to, values = {}, details = {} }: Decided,
): Promise<TransitionRefusal | undefined> => {
  const { orgId, clock, changeRecords, principal, by, action } = deciding
  const status = transition(rfq, to)
  if (typeof status !== 'string') return status
  const at = clock.now()
  const held = to === 'LOST' || to === 'EXPIRED' ? await reservationsOf(tx, orgId, [rfq.id]) : []
  const released = Object.fromEntries(held.map(({ c3StockId }) => [reservedField(c3StockId), null]))
  const place = { orgId, integrationId: rfq.connectionId, type: 'rfqs' as const }
  const updates = [{ localId: rfq.id, values: { ...values, ...released, status } }]
  await changeRecords(tx, place, { updates }, at)
  await noteHappenings(tx, orgId, [
    {
      ...{ id: newId(clock), rfqId: rfq.id, at, kind: movedTo(to), by },
      details: { ...details, ...(to === rfq.status ? {} : { previousStatus: rfq.status }) },
    },
    ...held
      .filter(({ quantity }) => quantity > 0)
      .map(({ stockId, quantity }) => ({
        ...{ id: newId(clock), rfqId: rfq.id, at, kind: 'RELEASED' as const, by: 'HUB' as const },
        details: { stockId, quantity },
      })),
  ])
  await audit(tx, {
    ...{ orgId, principal, action, subject: { type: 'Rfq', id: rfq.id }, at },
    ...{ before: { status: rfq.status }, after: { status: to, ...details, ...values } },
  })
  return undefined
}
