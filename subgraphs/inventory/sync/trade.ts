import type { NewEvent } from '#events/outbox.ts'
import type { Plan } from '#sync/plan.ts'
import type { Applying } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'
import { markGone } from '../store/gone.ts'
import { upsertSuppliers } from '../store/suppliers.ts'
import { asTransaction } from '../store/transaction.ts'
import { type TransactionRow, upsertTransactions } from '../store/transactions.ts'
import { writingTrade } from './orders.ts'
import { changesOf, goneIds, maybeNumber, maybeText, observedAt, text } from './read-values.ts'
import { componentId, localId } from './record-ids.ts'

/** Writes suppliers. */
export const writeSuppliers = async (tx: object, plan: Plan, around: Applying): Promise<NewEvent[]> => {
  const { orgId, connectionId, at } = around
  const suppliers = changesOf(plan).map((change) => {
    const { localId: id, externalId, values } = change
    return {
      id,
      connectionId,
      c3SupplierId: externalId,
      name: text(values, 'name'),
      country: maybeText(values, 'country'),
      leadTimeDays: Number(values.leadTimeDays),
      onTime: maybeNumber(values, 'onTime'),
      isApproved: values.isApproved === true,
      c3LastSync: at,
      c3ModifiedAt: observedAt(change, around),
    }
  })
  await upsertSuppliers(asTransaction(tx), orgId, suppliers)
  await markGone(asTransaction(tx), 'suppliers', orgId, goneIds(plan), at)
  return []
}

const KINDS: readonly string[] = ['SALE', 'RETURN', 'PURCHASE']

/** Of a kind that this hub does not know, nothing is kept: nobody could say what it does to a sum. */
export const isKnownTrade = ({ kind }: Values): boolean => KINDS.includes(String(kind))

/** Writes transactions. */
export const writeTransactions = async (tx: object, plan: Plan, around: Applying): Promise<NewEvent[]> => {
  const { orgId, connectionId, at } = around
  const idOf = (type: string, externalId: string | null) =>
    externalId === null ? null : localId(orgId, connectionId, type, externalId)
  const transactions = changesOf(plan).map((change) => {
    const { localId: id, externalId, values } = change
    const [partNumber, manufacturer] = [text(values, 'partNumber'), text(values, 'manufacturer')]
    const c3CustomerId = maybeText(values, 'customerId')
    const c3SupplierId = maybeText(values, 'supplierId')
    const c3RfqId = maybeText(values, 'rfqId')
    return {
      id,
      connectionId,
      c3TransactionId: externalId,
      kind: text(values, 'kind') as TransactionRow['kind'],
      accountId: idOf('customers', c3CustomerId),
      supplierId: idOf('suppliers', c3SupplierId),
      rfqId: idOf('rfqs', c3RfqId),
      componentId: componentId(orgId, manufacturer, partNumber),
      c3CustomerId,
      c3SupplierId,
      c3RfqId,
      rfqLine: maybeNumber(values, 'line'),
      c3StockId: maybeText(values, 'stockId'),
      partNumber,
      manufacturer,
      quantity: Number(values.quantity),
      unitPrice: text(values, 'unitPrice'),
      unitCost: maybeText(values, 'unitCost'),
      currency: text(values, 'currency'),
      at: text(values, 'at'),
      c3ModifiedAt: observedAt(change, around),
      c3LastSync: at,
    }
  })
  const gone = goneIds(plan)
  const write = async () => {
    await upsertTransactions(asTransaction(tx), orgId, transactions)
    await markGone(asTransaction(tx), 'transactions', orgId, gone, at)
  }
  const ids = [...transactions.map(({ id }) => id), ...gone]
  return await writingTrade(asTransaction(tx), orgId, { lines: transactions, ids }, write, at)
}
