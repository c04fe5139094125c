import { chosen } from '#service/choosing.ts'
import { invalid, isRefusal, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { RecordInput } from '../domain/judging-record.ts'
import { matchDomain } from '../domain/names.ts'
import { integrationsOf } from '../store/integrations.ts'
import { portalId } from '../store/portal-ids.ts'
import { customerByDomain, standingRecords } from '../store/written-records.ts'
import { awaitPortalId } from './await-portal-id.ts'
import { updateRecord, type WrittenRecord } from './change-record.ts'
import { createRecord } from './create-record.ts'
import { type EnrichmentWish, wantEnrichment } from './want-enrichment.ts'

/** What callers of an earlier product send. */
export interface CrmAsk {
  entityType: string
  integrationId: string | null
  contact: {
    email: string
    company?: string | null | undefined
    companyId?: string | null | undefined
    title?: string | null | undefined
    [field: string]: unknown
  } | null
  company: {
    id?: string | null | undefined
    domain?: string | null | undefined
    [field: string]: unknown
  } | null
  options: EnrichmentWish | null
}

export interface CrmSynced {
  crmContactId: string | null
  entityType: string
  isPending: boolean
}

/** How long HubSpot is waited for: in real time, since somebody waits. */
const WAIT_MS = 4_000

/**
 * Brings one person or company to HubSpot and waits a while until it is there. A person is known by the address, a company by its
 * customer or its web domain: whoever is here already is changed.
 */
export const syncToCrm = async (ctx: Context, ask: CrmAsk): Promise<CrmSynced | Refusal> => {
  const { entityType, contact, company } = ask
  if (entityType !== 'contact' && entityType !== 'company')
    return invalid('entityType', 'It is contact or company.')
  const type = entityType === 'contact' ? 'contacts' : 'companies'
  if (!(type === 'contacts' ? contact : company)) return invalid(entityType, `Say what the ${entityType} is.`)
  const written =
    contact && type === 'contacts' ? await person(ctx, ask, contact) : await firm(ctx, ask, company ?? {})
  if (isRefusal(written)) return written
  await wantEnrichment(ctx, type, written.id, ask.options ?? {})
  const crmContactId = await awaitPortalId(
    () =>
      ctx.db.read(ctx.orgId, async (tx) => {
        const row = (await standingRecords(tx, ctx.orgId, type, [written.id])).get(written.id)
        return portalId(row?.external_id)
      }),
    WAIT_MS,
  )
  const isPending = ((await ctx.pendingWrites.load(written.id)) ?? []).length > 0
  return { crmContactId, entityType, isPending }
}

const person = (
  ctx: Context,
  { integrationId }: CrmAsk,
  { company, companyId, title, ...rest }: NonNullable<CrmAsk['contact']>,
): Promise<WrittenRecord | Refusal> => {
  const input: RecordInput = {
    ...rest,
    ...(title === undefined ? {} : { jobTitle: title }),
    ...(companyId ? { customerId: companyId } : {}),
    ...(company === undefined ? {} : { properties: [{ name: 'company', value: company }] }),
  }
  return createRecord(ctx, 'contacts', { input, integrationId })
}

const firm = async (
  ctx: Context,
  { integrationId }: CrmAsk,
  { id, ...input }: NonNullable<CrmAsk['company']>,
): Promise<WrittenRecord | Refusal> => {
  const known = id ?? (await customerSaid(ctx, integrationId, input.domain ?? null))
  return known === null
    ? createRecord(ctx, 'companies', { input, integrationId })
    : updateRecord(ctx, 'companies', { id: known, input })
}

const customerSaid = (
  ctx: Context,
  integrationId: string | null,
  domain: string | null,
): Promise<string | null> =>
  ctx.db.read(ctx.orgId, async (tx) => {
    const match = matchDomain(domain)
    const row = chosen(await integrationsOf(tx, ctx.orgId), integrationId)
    if (match === null || row === null || row === 'ambiguous') return null
    return await customerByDomain(tx, { orgId: ctx.orgId, integrationId: row.id }, match)
  })
