import type { NewEvent } from '#events/outbox.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Create, Plan, Update } from '#sync/plan.ts'
import type { RunProgress } from '#sync/run.ts'
import type { Applying, Target } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'
import { rfqStatusOf } from '../domain/rfq.ts'
import { accountChanged, integrationChanged, rfqChanged, runProgressed } from '../domain/telling.ts'
import { upsertAccounts } from '../store/accounts.ts'
import { currentValues } from '../store/current.ts'
import { markGone } from '../store/gone.ts'
import { noteSync } from '../store/integrations.ts'
import { upsertRfqs } from '../store/rfqs.ts'
import { insertComponents, upsertStock } from '../store/stock.ts'
import { asTransaction } from '../store/transaction.ts'

type Change = Create | Update

/** The hub's id of a C3 record: the same for the same record, always. */
export const localId = (orgId: string, connectionId: string, type: string, externalId: string): string =>
  idFrom(orgId, connectionId, type, externalId)

const text = (values: Values, field: string): string => String(values[field] ?? '')
const maybe = (values: Values, field: string): string | null =>
  (values[field] as string | null | undefined) ?? null

const changes = (plan: Plan): Change[] => [...plan.creates, ...plan.updates]
const goneIds = (plan: Plan): string[] => plan.gone.map((gone) => gone.localId)
const observedAt = (change: Change, around: Applying): Date => change.modifiedAt ?? around.at

const writeStock = async (tx: object, plan: Plan, around: Applying): Promise<NewEvent[]> => {
  const { orgId, connectionId, at } = around
  const rows = changes(plan).map(({ localId: id, externalId, values }) => {
    const partNumber = text(values, 'partNumber')
    const manufacturer = text(values, 'manufacturer')
    return {
      id,
      connectionId,
      partNumber,
      manufacturer,
      componentId: idFrom(orgId, 'component', manufacturer, partNumber),
      description: maybe(values, 'description'),
      c3StockId: externalId,
      location: text(values, 'location'),
      quantityAvailable: Number(values.quantityAvailable),
      quantityReserved: Number(values.quantityReserved),
      costPerUnit: text(values, 'costPerUnit'),
      currency: text(values, 'currency'),
      dateCode: maybe(values, 'dateCode'),
      lotCode: maybe(values, 'lotCode'),
      c3LastSync: at,
    }
  })
  const components = new Map(rows.map((row) => [row.componentId, { ...row, id: row.componentId }]))
  await insertComponents(asTransaction(tx), orgId, [...components.values()])
  await upsertStock(asTransaction(tx), orgId, rows)
  await markGone(asTransaction(tx), 'inventory', orgId, goneIds(plan), at)
  // Nobody outside follows single stock rows: a sync of thousands would drown what others wait for.
  return []
}

const writeAccounts = async (tx: object, plan: Plan, around: Applying): Promise<NewEvent[]> => {
  const { orgId, connectionId, at } = around
  const accounts = changes(plan).map(({ localId: id, externalId, values, modifiedAt }) => ({
    id,
    connectionId,
    c3CustomerId: externalId,
    name: text(values, 'name'),
    domain: maybe(values, 'domain'),
    phone: maybe(values, 'phone'),
    city: maybe(values, 'city'),
    country: maybe(values, 'country'),
    c3LastSync: at,
    c3ModifiedAt: modifiedAt ?? at,
  }))
  await upsertAccounts(asTransaction(tx), orgId, accounts)
  await markGone(asTransaction(tx), 'c3_accounts', orgId, goneIds(plan), at)
  return [
    ...changes(plan).map((change) => {
      const { values, localId: id } = change
      const told = { id, connectionId, name: text(values, 'name'), domain: maybe(values, 'domain') }
      return accountChanged(told, observedAt(change, around), false)
    }),
    ...plan.gone.map(({ localId: id, externalId }) =>
      accountChanged({ id, connectionId, name: externalId, domain: null }, at, true),
    ),
  ]
}

const writeRfqs = async (tx: object, plan: Plan, around: Applying): Promise<NewEvent[]> => {
  const { orgId, connectionId, at } = around
  const rfqs = changes(plan).map((change) => {
    const { values } = change
    return {
      id: change.localId,
      connectionId,
      accountId: localId(orgId, connectionId, 'customers', text(values, 'customerId')),
      c3CustomerId: text(values, 'customerId'),
      c3RfqId: change.externalId,
      c3QuoteId: maybe(values, 'quoteId'),
      number: text(values, 'number'),
      status: rfqStatusOf(text(values, 'status')),
      c3Status: text(values, 'status'),
      total: maybe(values, 'total'),
      currency: text(values, 'currency'),
      buyer: maybe(values, 'buyer'),
      dueAt: maybe(values, 'dueAt'),
      lines: text(values, 'lines'),
      lineCount: Number(values.lineCount),
      createdAt: text(values, 'createdAt'),
      c3LastSync: at,
      c3ModifiedAt: observedAt(change, around),
      previous: 'diff' in change && change.diff.status ? rfqStatusOf(String(change.diff.status.from)) : null,
      isNew: !('diff' in change),
    }
  })
  await upsertRfqs(asTransaction(tx), orgId, rfqs)
  await markGone(asTransaction(tx), 'rfqs', orgId, goneIds(plan), at)
  return [
    ...rfqs.map((rfq) =>
      rfqChanged(
        { ...rfq, createdAt: new Date(rfq.createdAt) },
        rfq.isNew ? null : (rfq.previous ?? rfq.status),
        rfq.c3ModifiedAt,
        false,
      ),
    ),
    ...plan.gone.map(({ localId: id }) =>
      rfqChanged(
        { id, accountId: id, status: 'EXPIRED', total: null, currency: 'USD', createdAt: at },
        null,
        at,
        true,
      ),
    ),
  ]
}

const writers = { inventory: writeStock, customers: writeAccounts, rfqs: writeRfqs }

/** Where the sync engine puts what C3 says. */
export const c3Target: Target = {
  current: currentValues,
  apply: (tx, plan, around) => writers[plan.type as keyof typeof writers](tx, plan, around),
  progressed: (run: RunProgress) => [runProgressed(run)],
  ended: async (tx, run, code) => {
    const integration = await noteSync(asTransaction(tx), run, code)
    return integration ? [integrationChanged(integration)] : []
  },
}
