import { publish } from '#events/outbox.ts'
import { idFrom, isId, newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type BulkDeed, MOST_CHANGED, MOST_MADE, onlyOne } from '../domain/bulk.ts'
import type { RecordInput } from '../domain/judging-record.ts'
import type { RecordType } from '../domain/kinds.ts'
import { bulkProgressed } from '../domain/telling-bulk.ts'
import { runBulk } from '../jobs/definitions.ts'
import { type BulkJobRow, bulkJobsById, writeBulk } from '../store/bulk.ts'
import { type Selection, selectedRecords } from '../store/bulk-selection.ts'
import { integrationsOf } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import { SEVERAL } from './create-record.ts'

/** What was started, and the proof. */
export interface BulkStarted {
  job: BulkJobRow
  receipt: Receipt
}
type Started = BulkStarted | InvalidRefusal | MissingRefusal
type Sets = Readonly<Record<string, unknown>>

/** Writes down that many records are to be made: that is done in the background. */
export const startMaking = (
  ctx: Context,
  ask: { records: readonly Sets[]; integrationId: string | null; key: string | null },
): Promise<Started> =>
  ctx.write(async (tx) => {
    const { orgId } = ctx
    const sets = ask.records.map(onlyOne)
    const type = sets[0]?.type
    if (!type || sets.some((set) => set?.type !== type))
      return invalid('records', 'Say what records of one kind are to be, each by one input.')
    if (sets.length > MOST_MADE) return invalid('records', `Name at most ${MOST_MADE} at a time.`)
    const row = chosen(await integrationsOf(tx, orgId), ask.integrationId)
    if (row === 'ambiguous') return invalid('integrationId', SEVERAL)
    if (!row || row.disconnected_at) return missing('The HubSpot connection')
    const id = idOfBulk(ctx, ask.key)
    const items = sets.map((set, n) => ({ record_id: idFrom(id, String(n)), input: set?.input ?? {} }))
    return await begin(tx, ctx, { id, type, operation: 'CREATE', integrationId: row.id, input: null }, items)
  })

/** The same for many records that are to be changed alike, or deleted. */
export const startChanging = (
  ctx: Context,
  ask: { select: Selection; set: Sets | null; key: string | null },
): Promise<Started> =>
  ctx.write(async (tx) => {
    const { orgId } = ctx
    const { select } = ask
    const set = ask.set === null ? undefined : onlyOne(ask.set)
    if (ask.set !== null && set?.type !== select.type)
      return invalid('set', 'Say what the records are to say by the one input of their kind.')
    const ids = await selectedRecords(tx, orgId, select, MOST_CHANGED + 1)
    if (ids === null)
      return invalid('select', 'Name the records by their ids, or by the one filter of their kind.')
    if (ids.length > MOST_CHANGED)
      return invalid('select', `These are more than ${MOST_CHANGED}: narrow them.`)
    const about = {
      ...{ id: idOfBulk(ctx, ask.key), type: select.type, integrationId: null, input: set?.input ?? null },
      operation: ask.set === null ? ('DELETE' as const) : ('UPDATE' as const),
    }
    return await begin(
      tx,
      ctx,
      about,
      ids.map((id) => ({ record_id: id, input: null })),
    )
  })

const idOfBulk = ({ orgId, clock }: Context, key: string | null): string =>
  key === null ? newId(clock) : idFrom(orgId, 'bulk', key)

const begin = async (
  tx: Transaction,
  { orgId, principal, clock, jobs }: Context,
  about: {
    id: string
    type: RecordType
    operation: BulkDeed
    integrationId: string | null
    input: RecordInput | null
  },
  items: readonly { record_id: string; input: RecordInput | null }[],
): Promise<Started> => {
  if (items.some(({ record_id }) => !isId(record_id))) return missing('The record')
  const at = clock.now()
  const { id, type, operation, integrationId, input } = about
  const asked = { asked_by_kind: principal.kind, asked_by: principal.id }
  const isNew = await writeBulk(
    tx,
    orgId,
    { id, type, operation, integration_id: integrationId, input, ...asked },
    items,
    at,
  )
  const job = (await bulkJobsById(tx, orgId, [id])).get(id)
  if (!job) return missing('The change')
  if (isNew) {
    await jobs.enqueue(tx, runBulk, { orgId, jobId: id })
    const after = { type, operation, total: items.length, fields: Object.keys(input ?? {}).sort() }
    await audit(tx, { orgId, principal, action: 'startBulk', subject: { type: 'BulkJob', id }, after, at })
    await publish(tx, orgId, [bulkProgressed(job)], at)
  }
  return { job, receipt: await receiptOf(tx) }
}
