import { idFrom, newId } from '#kernel/ids.ts'
import { chosen } from '#service/choosing.ts'
import { receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { RecordInput } from '../domain/judging-record.ts'
import type { RecordType } from '../domain/kinds.ts'
import { integrationsOf } from '../store/integrations.ts'
import { type WrittenRecord, writtenOr } from './change-record.ts'
import { writeRecords } from './write-records.ts'

const LONGEST_KEY = 200

/**
 * Makes a record here, and notes it to be made in HubSpot. A person whose address is here already is changed instead. The same request
 * sent again, by its key, makes nothing.
 */
export const createRecord = (
  ctx: Context,
  type: RecordType,
  ask: { input: RecordInput; integrationId?: string | null; idempotencyKey?: string | null },
): Promise<WrittenRecord | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, clock } = ctx
    const { input, integrationId = null, idempotencyKey: key = null } = ask
    if (key !== null && (key === '' || key.length > LONGEST_KEY))
      return invalid('idempotencyKey', `It has between 1 and ${LONGEST_KEY} letters.`)
    const row = chosen(await integrationsOf(tx, orgId), integrationId)
    if (row === 'ambiguous') return invalid('integrationId', SEVERAL)
    if (!row || row.disconnected_at) return missing('The HubSpot connection')
    const id = key === null ? newId(clock) : idFrom(orgId, row.id, type, 'asked for', key)
    const place = { orgId, integrationId: row.id, type }
    const [outcome] = await writeRecords(tx, ctx, place, 'CREATE', [{ id, input }])
    return writtenOr(outcome, type) ?? { id: idOf(outcome, id), receipt: await receiptOf(tx) }
  })

/** There are several connections, and none was named. */
export const SEVERAL = 'There are several HubSpot connections: name one.'

const idOf = (outcome: Awaited<ReturnType<typeof writeRecords>>[number] | undefined, id: string): string =>
  outcome && 'id' in outcome ? outcome.id : id
