import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { mustEqual } from '../domain/compatibility.ts'
import { type Candidate, METHODS, reconcile } from '../domain/recommendations.ts'
import { forLine, type OpenLine } from '../domain/recommending-lines.ts'
import { forPart, forSupplier } from '../domain/recommending-parts.ts'
import { recommendationChanged } from '../domain/telling.ts'
import { decidedLines, shelfDaysOf, standInsOf } from '../store/advice.ts'
import { beginAdvising, dueAdvice, noteOutdated, settleAdvice } from '../store/advice-due.ts'
import { asStock, componentsById, connectionsOfParts } from '../store/components.ts'
import { expireOf, noteOrderOutcomes, notePriceOutcomes, noteStandInOutcomes } from '../store/outcomes.ts'
import { partFactsOf } from '../store/part-facts.ts'
import {
  countingOf,
  recommendationsById,
  type Whereabouts,
  writeReconciled,
} from '../store/recommendations.ts'
import { linesOf } from '../store/rfq-lines.ts'
import { type RfqRow, rfqsById } from '../store/rfqs.ts'
import { suppliersById } from '../store/suppliers.ts'
import type { Transaction } from '../store/transaction.ts'

interface Around {
  orgId: string
  clock: Clock
}

/**
 * Advises on some of what something was learnt about: what it should be, against what counts now. The same number of statements
 * whatever comes of it.
 * @param limit how much of it
 * @returns whether there may be more
 */
export const adviseSome = async (tx: Transaction, around: Around, limit: number): Promise<boolean> => {
  const { orgId } = around
  // Somebody else is at it.
  if (!(await beginAdvising(tx, orgId))) return false
  const due = await dueAdvice(tx, orgId, limit)
  const ids = (kind: string) => due.filter((each) => each.kind === kind).map(({ id }) => id)
  await adviseOn(tx, around, {
    rfqIds: ids('RFQ'),
    componentIds: ids('COMPONENT'),
    supplierRows: ids('SUPPLIER'),
  })
  await settleAdvice(tx, orgId, due)
  return due.length === limit
}

/** Has looked at again what an older version of a method has proposed. */
export const readvise = (tx: Transaction, orgId: string): Promise<void> =>
  noteOutdated(tx, orgId, Object.values(METHODS))

/** What is advised on, by our ids. */
export interface Subjects {
  rfqIds?: readonly string[]
  componentIds?: readonly string[]
  supplierRows?: readonly string[]
}

/** Brings what is recommended about these up to date, notes what came of it, and tells of all that changed. */
export const adviseOn = async (
  tx: Transaction,
  around: Around,
  { rfqIds = [], componentIds = [], supplierRows = [] }: Subjects,
): Promise<void> => {
  const { orgId, clock } = around
  const at = clock.now()
  const changed: string[] = []
  if (rfqIds.length > 0) changed.push(...(await adviseOnRfqs(tx, around, rfqIds)))
  if (componentIds.length > 0) {
    const made = await partCandidates(tx, orgId, componentIds, at)
    changed.push(...(await settle(tx, around, made, { componentIds })))
    changed.push(...(await noteOrderOutcomes(tx, orgId, componentIds, at)))
  }
  if (supplierRows.length > 0) {
    const suppliers = await suppliersById(tx, orgId, supplierRows)
    const supplierIds = suppliers.map(({ c3SupplierId }) => c3SupplierId)
    changed.push(...(await settle(tx, around, suppliers.flatMap(forSupplier), { supplierIds })))
  }
  await tellChanged(tx, orgId, changed, at)
}

/** Tells of recommendations as they are now. */
export const tellChanged = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> => {
  if (ids.length === 0) return
  const rows = await recommendationsById(tx, orgId, [...new Set(ids)])
  const rfqs = await rfqsById(tx, orgId, [...new Set(rows.flatMap(({ rfqId }) => rfqId ?? []))])
  const accounts = new Map(rfqs.map(({ id, accountId }) => [id, accountId]))
  const events = rows.map((row) => recommendationChanged(row, accounts.get(row.rfqId ?? '') ?? null, at))
  await publish(tx, orgId, events, at)
}

const adviseOnRfqs = async (
  tx: Transaction,
  around: Around,
  rfqIds: readonly string[],
): Promise<string[]> => {
  const { orgId, clock } = around
  const at = clock.now()
  const rfqs = await rfqsById(tx, orgId, rfqIds)
  const open = rfqs.filter(({ status }) => status === 'OPEN')
  // What was quoted waits for the customer. Of all others nobody needs a price any more, nor of those that are gone.
  const waiting = new Set(
    rfqs.filter(({ status }) => status === 'OPEN' || status === 'QUOTED').map(({ id }) => id),
  )
  const made = await lineCandidates(tx, orgId, open, at)
  return [
    ...(await settle(tx, around, made, { rfqIds: open.map(({ id }) => id) })),
    ...(await expireOf(
      tx,
      orgId,
      rfqIds.filter((id) => !waiting.has(id)),
      at,
    )),
    ...(await notePriceOutcomes(tx, orgId, rfqIds, at)),
    ...(await noteStandInOutcomes(tx, orgId, rfqIds, at)),
  ]
}

/** Compares with what counts and writes what differs. @returns ids of what changed */
const settle = async (
  tx: Transaction,
  { orgId, clock }: Around,
  candidates: readonly Candidate[],
  looked: Whereabouts,
): Promise<string[]> => {
  const { made, expired } = reconcile(candidates, await countingOf(tx, orgId, looked))
  const named = made.map((each) => ({ ...each, id: newId(clock) }))
  return await writeReconciled(tx, orgId, { made: named, expired }, null, clock.now())
}

const partCandidates = async (
  tx: Transaction,
  orgId: string,
  componentIds: readonly string[],
  at: Date,
): Promise<Candidate[]> => {
  const known = await partFactsOf(tx, orgId, componentIds, at)
  const connections = await connectionsOfParts(tx, orgId, componentIds)
  return [...known.values()].flatMap(({ part: { id, partNumber, manufacturer }, facts }) => {
    const connectionId = connections.get(id)
    return connectionId ? forPart({ id, connectionId, partNumber, manufacturer, facts }) : []
  })
}

const lineCandidates = async (
  tx: Transaction,
  orgId: string,
  rfqs: readonly RfqRow[],
  at: Date,
): Promise<Candidate[]> => {
  if (rfqs.length === 0) return []
  const byId = new Map(rfqs.map((rfq) => [rfq.id, rfq]))
  const lines = await linesOf(tx, orgId, [...byId.keys()])
  const asked = await componentsById(tx, orgId, [
    ...new Set(lines.flatMap(({ componentId }) => componentId ?? [])),
  ])
  const relatives = await standInsOf(
    tx,
    orgId,
    asked.flatMap(({ id, family, category, parameters }) =>
      family === null ? [] : [{ id, family, category, equal: mustEqual(category, parameters) }],
    ),
  )
  const others = await componentsById(tx, orgId, [...new Set([...relatives.values()].flat())])
  const parts = new Map([...asked, ...others].map((part) => [part.id, asStock(part)]))
  const decided = Map.groupBy(
    await decidedLines(tx, orgId, [...new Set(asked.flatMap(({ category }) => category ?? []))]),
    ({ category }) => category,
  )
  const days = await shelfDaysOf(
    tx,
    orgId,
    asked.map(({ id }) => id),
    at,
  )
  return lines.flatMap((row): Candidate[] => {
    const [part, rfq] = [parts.get(row.componentId ?? ''), byId.get(row.rfqId)!]
    if (!part) return []
    const line: OpenLine = {
      ...{ rfqId: rfq.id, c3RfqId: rfq.c3RfqId, connectionId: rfq.connectionId, accountId: rfq.accountId },
      ...{ line: row.line, asked: row.partNumber, quantity: row.quantity, currency: rfq.currency, part },
      daysOnShelf: days.get(part.id) ?? 0,
      relatives: (relatives.get(part.id) ?? []).flatMap((id) => parts.get(id) ?? []),
      decided: decided.get(part.category ?? '') ?? [],
    }
    return forLine(line, at)
  })
}
