import { newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal } from '#service/refusal.ts'
import { takeTurnOf } from '#sync/checkpoint.ts'
import type { Context } from '../context.ts'
import {
  type ExternalId,
  type ExternalIdTaken,
  externalIdOf,
  externalIdTaken,
  HUBSPOT,
  type OutsideType,
  wrongId,
} from '../domain/external-ids.ts'
import type { RecordInput } from '../domain/judging-record.ts'
import { matchDomain } from '../domain/names.ts'
import { customersById } from '../store/customers.ts'
import { externalIdsOf, giveExternalId, recordsKnownBy } from '../store/external-ids.ts'
import { integrationsOf } from '../store/integrations.ts'
import type { RecordPlace } from '../store/records.ts'
import type { Transaction } from '../store/transaction.ts'
import { contactsByEmail, customerByDomain } from '../store/written-records.ts'
import { WORDS, type WrittenRecord, writtenOr } from './change-record.ts'
import { SEVERAL } from './create-record.ts'
import { writeRecords } from './write-records.ts'

const GRAPH_TYPES = {
  companies: 'CompanyRecord',
  contacts: 'Contact',
  deals: 'Deal',
  tickets: 'Ticket',
} as const
const ACTIONS = {
  companies: 'upsertCompany',
  contacts: 'upsertContact',
  deals: 'upsertDeal',
  tickets: 'upsertTicket',
} as const

export interface UpsertAsk {
  system: string
  value: string
  input: RecordInput
  integrationId?: string | null | undefined
  expectedVersion?: number | null | undefined
}

/**
 * Makes or changes a record by the id that another program has for it. Whoever writes by the same id at the same time waits: the one
 * makes it, the other changes it. A person with the same address and a company with the same web domain are taken for the one that is
 * meant, as wherever records are made. What HubSpot has is changed by HubSpot's own id, which only HubSpot gives.
 */
export const upsertRecord = (
  ctx: Context,
  type: OutsideType,
  ask: UpsertAsk,
): Promise<WrittenRecord | Refusal | ExternalIdTaken> =>
  ctx.write(async (tx) => {
    const { orgId, clock } = ctx
    const { input, expectedVersion } = ask
    const outside = externalIdOf(ask.system, ask.value)
    if (!outside) {
      const { field, message } = wrongId(ask.system)
      return invalid(field, message)
    }
    const row = chosen(await integrationsOf(tx, orgId), ask.integrationId ?? null)
    if (row === 'ambiguous') return invalid('integrationId', SEVERAL)
    if (!row || row.disconnected_at) return missing('The HubSpot connection')
    const place = { orgId, integrationId: row.id, type }
    // Taken before anybody is looked for: two who find nobody would make two.
    await takeTurnOf(tx, { connectionId: row.id, type })
    const [known] = await recordsKnownBy(tx, place, outside)
    const id = known ?? (outside.system === HUBSPOT ? undefined : await alike(tx, place, input))
    const held = id && (await idThere(tx, orgId, id, outside))
    if (id !== undefined && held && known === undefined) return externalIdTaken(id, held)
    // A version is of something that is there.
    if (id === undefined && (outside.system === HUBSPOT || typeof expectedVersion === 'number'))
      return missing(WORDS[type])
    const localId = id ?? newId(clock)
    const wanted = { id: localId, input, expectedVersion }
    const [outcome] = await writeRecords(tx, ctx, place, id === undefined ? 'CREATE' : 'UPDATE', [wanted])
    const refused = writtenOr(outcome, type)
    if (refused) return refused
    if (known === undefined) await give(tx, ctx, place, outside, localId)
    return { id: localId, receipt: await receiptOf(tx) }
  })

/** The record that is taken for the one that is meant; undefined when none is. */
const alike = async (
  tx: Transaction,
  place: RecordPlace,
  { email, domain }: RecordInput,
): Promise<string | undefined> => {
  if (place.type === 'contacts' && typeof email === 'string') {
    const address = email.trim().toLowerCase()
    return address === '' ? undefined : (await contactsByEmail(tx, place, [address])).get(address)
  }
  const match = place.type === 'companies' && typeof domain === 'string' ? matchDomain(domain) : null
  const customerId = match === null ? null : await customerByDomain(tx, place, match)
  if (customerId === null) return undefined
  return (await customersById(tx, place.orgId, [customerId])).get(customerId)?.lead_company_id ?? undefined
}

/** The id that the same program has for a record already. */
const idThere = async (
  tx: Transaction,
  orgId: string,
  recordId: string,
  { system }: ExternalId,
): Promise<ExternalId | undefined> =>
  (await externalIdsOf(tx, orgId, [recordId])).get(recordId)?.find((one) => one.system === system)

const give = async (
  tx: Transaction,
  { orgId, principal, clock }: Context,
  place: RecordPlace & { type: OutsideType },
  outside: ExternalId,
  recordId: string,
): Promise<void> => {
  const at = clock.now()
  await giveExternalId(tx, place, outside, recordId, at)
  await audit(tx, {
    orgId,
    principal,
    action: ACTIONS[place.type],
    subject: { type: GRAPH_TYPES[place.type], id: recordId },
    after: { system: outside.system },
    at,
  })
}
