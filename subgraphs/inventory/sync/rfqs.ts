import type { Rfq } from '#connectors/c3/index.ts'
import type { NewEvent } from '#events/outbox.ts'
import type { Plan, Update } from '#sync/plan.ts'
import type { Applying } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'
import { rfqStatusOf } from '../domain/rfq.ts'
import { joinRfq } from '../domain/rfq-fields.ts'
import { rfqChanged } from '../domain/telling.ts'
import { markGone } from '../store/gone.ts'
import { replaceLines, type WrittenLine } from '../store/rfq-lines.ts'
import { keepVersions } from '../store/rfq-versions.ts'
import { rfqsById, upsertRfqs } from '../store/rfqs.ts'
import { asTransaction } from '../store/transaction.ts'
import { changesOf, goneIds, maybeText, observedAt, text } from './read-values.ts'
import { localId } from './record-ids.ts'
import { holdStock } from './reservations.ts'
import { noteStanding } from './standing.ts'

/** It moves no date on. */
const NEVER = new Date(0)

/** What a request said before it was changed; nothing when it says the same. */
const formerOf = ({ localId: id, values, diff }: Update): { id: string; held: Values }[] => {
  const changes = Object.entries(diff)
  if (changes.length === 0) return []
  return [
    { id, held: { ...values, ...Object.fromEntries(changes.map(([field, { from }]) => [field, from])) } },
  ]
}

/** Writes requests for prices with their lines, and tells of them. */
export const writeRfqs = async (tx: object, plan: Plan, around: Applying): Promise<NewEvent[]> => {
  const { orgId, connectionId, at } = around
  const rfqs = changesOf(plan).map((change) => {
    const { values } = change
    const { lines, reservations } = joinRfq(values)
    // What is changed here is not agreed on with C3, and C3 has not changed it.
    const changedHereAt = 'diff' in change ? change.changedHereAt : undefined
    return {
      id: change.localId,
      connectionId,
      accountId: localId(orgId, connectionId, 'customers', text(values, 'customerId')),
      c3CustomerId: text(values, 'customerId'),
      c3RfqId: change.externalId,
      c3QuoteId: maybeText(values, 'quoteId'),
      number: text(values, 'number'),
      status: rfqStatusOf(text(values, 'status')),
      c3Status: text(values, 'status'),
      total: maybeText(values, 'total'),
      currency: text(values, 'currency'),
      buyer: maybeText(values, 'buyer'),
      note: maybeText(values, 'note'),
      reservations: JSON.stringify(reservations),
      dueAt: maybeText(values, 'dueAt'),
      lines: JSON.stringify(lines),
      lineCount: Number(values.lineCount),
      createdAt: text(values, 'createdAt'),
      c3LastSync: changedHereAt ? NEVER : at,
      c3ModifiedAt: observedAt(change, around),
      observedAt: changedHereAt ?? observedAt(change, around),
      updatedAt: at,
      previous: 'diff' in change && change.diff.status ? rfqStatusOf(String(change.diff.status.from)) : null,
      isNew: !('diff' in change),
      isHere: changedHereAt !== undefined,
      isSeen: 'diff' in change && (change.restored || Object.keys(change.diff).length > 0),
    }
  })
  await keepVersions(asTransaction(tx), { orgId, connectionId }, plan.updates.flatMap(formerOf), at)
  await upsertRfqs(asTransaction(tx), orgId, rfqs)
  await replaceLines(
    asTransaction(tx),
    orgId,
    rfqs.map(({ id }) => id),
    rfqs.flatMap(({ id, lines }) => linesIn(id, lines)),
  )
  const leaving = plan.gone.length > 0 ? await rfqsById(asTransaction(tx), orgId, goneIds(plan)) : []
  await markGone(asTransaction(tx), 'rfqs', orgId, goneIds(plan), at)
  const scarce = await holdStock(tx, changesOf(plan), goneIds(plan), around)
  await noteStanding(asTransaction(tx), orgId, rfqs)
  return [
    ...scarce,
    ...rfqs.map((rfq) =>
      rfqChanged(
        { ...rfq, createdAt: new Date(rfq.createdAt) },
        rfq.isNew ? null : (rfq.previous ?? rfq.status),
        rfq.observedAt,
        false,
      ),
    ),
    // As they stood when they went.
    ...leaving.map((rfq) => rfqChanged(rfq, rfq.status, at, true)),
  ]
}

/** The lines of a request, out of the text they are compared as. */
const linesIn = (rfqId: string, lines: string): WrittenLine[] =>
  (JSON.parse(lines) as Rfq['lines']).map(({ manufacturer, ...line }) => ({
    ...line,
    rfqId,
    manufacturer: manufacturer || null,
  }))
