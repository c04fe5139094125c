import { isId } from '#kernel/ids.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { RecordInput } from '../domain/judging-record.ts'
import type { RecordType } from '../domain/kinds.ts'
import { customersById } from '../store/customers.ts'
import type { Transaction } from '../store/transaction.ts'
import { type StandingRow, standingRecords } from '../store/written-records.ts'
import { type Outcome, writeRecords } from './write-records.ts'

/** A record that was written, and the proof. */
export interface WrittenRecord {
  id: string
  receipt: Receipt
}

/** The record that is named, and what is wanted of it. */
export interface ChangeAsk {
  /** A company is named by its customer. */
  id: string
  expectedVersion?: number | null | undefined
}

/** What people call a record of each kind. */
export const WORDS: Readonly<Record<RecordType, string>> = {
  companies: 'The company',
  contacts: 'The person',
  deals: 'The deal',
  tickets: 'The ticket',
  tasks: 'The task',
  notes: 'The note',
}

/** Changes a record here, and notes it to be changed in HubSpot. What it says already is no change. */
export const updateRecord = (
  ctx: Context,
  type: RecordType,
  ask: ChangeAsk & { input: RecordInput },
): Promise<WrittenRecord | Refusal> => change(ctx, type, 'UPDATE', ask)

/**
 * Deletes a record here, and notes it to be deleted in HubSpot, as if HubSpot had deleted it: a company's customer stays while other
 * systems know it, and what was linked to it stays without it. One that was deleted before has gone.
 */
export const deleteRecord = (
  ctx: Context,
  type: RecordType,
  ask: ChangeAsk,
): Promise<WrittenRecord | Refusal> => change(ctx, type, 'DELETE', { ...ask, input: {} })

const change = (
  ctx: Context,
  type: RecordType,
  deed: 'UPDATE' | 'DELETE',
  { id: asked, input, expectedVersion }: ChangeAsk & { input: RecordInput },
): Promise<WrittenRecord | Refusal> =>
  ctx.write(async (tx) => {
    const standing = await standingOf(tx, ctx.orgId, type, asked)
    if (!standing) return missing(WORDS[type])
    const { id, integration_id: integrationId } = standing
    const place = { orgId: ctx.orgId, integrationId, type }
    const [outcome] = await writeRecords(tx, ctx, place, deed, [{ id, input, expectedVersion }])
    return writtenOr(outcome, type) ?? { id, receipt: await receiptOf(tx) }
  })

/** The record that is named. A company is named by its customer. */
const standingOf = async (
  tx: Transaction,
  orgId: string,
  type: RecordType,
  asked: string,
): Promise<StandingRow | undefined> => {
  if (!isId(asked)) return undefined
  const id =
    type === 'companies' ? (await customersById(tx, orgId, [asked])).get(asked)?.lead_company_id : asked
  return id ? (await standingRecords(tx, orgId, type, [id])).get(id) : undefined
}

/** Why a record was not written; undefined when it was. */
export const writtenOr = (outcome: Outcome | undefined, type: RecordType): Refusal | undefined => {
  if (!outcome || outcome.state === 'MISSING') return missing(WORDS[type])
  if (outcome.state === 'STALE') return stale(WORDS[type], outcome.version)
  if (outcome.state !== 'REFUSED') return undefined
  const { field, message, code } = outcome.wrong
  return invalid(field, message, code)
}
