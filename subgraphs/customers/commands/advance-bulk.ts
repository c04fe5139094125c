import { publish } from '#events/outbox.ts'
import { bulkProgressed } from '../domain/telling-bulk.ts'
import { type BulkItemRow, type BulkJobRow, nextOfBulk, noteBulk } from '../store/bulk.ts'
import type { Transaction } from '../store/transaction.ts'
import { standingRecords } from '../store/written-records.ts'
import { type Outcome, type Writer, writeRecords } from './write-records.ts'

const BATCH = 200

/**
 * Does the next batch of a change of many records, in the caller's transaction: what became of each is written down with it, so that
 * nothing is done twice. @returns whether there may be more
 */
export const advanceBulk = async (
  tx: Transaction,
  writer: Omit<Writer, 'principal'>,
  jobId: string,
): Promise<boolean> => {
  const { orgId, clock } = writer
  const next = await nextOfBulk(tx, orgId, jobId, BATCH)
  if (!next || next.job.state === 'COMPLETED') return false
  const { job, items } = next
  const principal = { kind: job.asked_by_kind, id: job.asked_by } as Writer['principal']
  const outcomes = await writeItems(tx, { ...writer, principal }, job, items)
  const isLast = items.length < BATCH
  const at = clock.now()
  const now = await noteBulk(
    tx,
    orgId,
    jobId,
    items.map((item, n) => shown(item, outcomes[n] ?? { state: 'MISSING' })),
    { isLast, at },
  )
  await publish(tx, orgId, now ? [bulkProgressed(now)] : [], at)
  return !isLast
}

/** Records that are there are written where they are; of every portal in its turn, always in one order. */
const writeItems = async (
  tx: Transaction,
  writer: Writer,
  { type, operation, integration_id: integrationId, input }: BulkJobRow,
  items: readonly BulkItemRow[],
): Promise<Outcome[]> => {
  const { orgId } = writer
  const wanted = items.map((item) => ({ id: item.record_id, input: item.input ?? input ?? {} }))
  if (integrationId !== null)
    return await writeRecords(tx, writer, { orgId, integrationId, type }, operation, wanted)
  const standing = await standingRecords(
    tx,
    orgId,
    type,
    wanted.map(({ id }) => id),
  )
  const outcomes: Outcome[] = items.map(() => ({ state: 'MISSING' }))
  const portals = [...new Set([...standing.values()].map((row) => row.integration_id))].sort()
  for (const portal of portals) {
    const own = wanted.flatMap((each, n) => (standing.get(each.id)?.integration_id === portal ? [n] : []))
    const place = { orgId, integrationId: portal, type }
    const written = await writeRecords(
      tx,
      writer,
      place,
      operation,
      own.map((n) => wanted[n]!),
    )
    for (const [i, n] of own.entries()) outcomes[n] = written[i] ?? { state: 'MISSING' }
  }
  return outcomes
}

const GONE = { code: 'NOT_FOUND', field: null, message: 'The record was not found. Check its id.' }

const shown = ({ position, record_id }: BulkItemRow, outcome: Outcome) => {
  const none = { code: null, field: null, message: null }
  if (outcome.state === 'WRITTEN' || outcome.state === 'UNCHANGED')
    return { position, record_id: outcome.id, outcome: outcome.state, ...none }
  const refused = { position, record_id, outcome: 'REFUSED' as const }
  return outcome.state === 'REFUSED' ? { ...refused, ...outcome.wrong } : { ...refused, ...GONE }
}
