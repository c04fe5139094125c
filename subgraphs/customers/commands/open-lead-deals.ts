import { idFrom, isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { ChangeRecords, Context } from '../context.ts'
import { isOn } from '../domain/features.ts'
import { goesOut } from '../domain/going-out.ts'
import { linkField, linksToField } from '../domain/links.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { type StageRow, stagesOf } from '../store/portal.ts'
import { lay, raise } from '../store/raised.ts'
import type { Transaction } from '../store/transaction.ts'
import { writableProperties } from '../store/writable.ts'
import { type JudgedLead, judgeCompanies, LEAD } from './judge-companies.ts'

/** Whether deals are made of a portal's leads without anybody asking. */
export const opensDeals = (portal: IntegrationRow): boolean =>
  portal.auto_create_deals && goesOut(portal) && isOn(portal, 'DEALS')

/**
 * Opens deals for a portal's promising leads, and notes which of them have cooled down: here at once, in HubSpot within moments. Safe
 * to repeat. Nothing where it is not switched on.
 * @param ids only these companies; null: all
 * @returns how many were opened; why none can be, when that is so
 */
export const openDealsOf = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  { portal, ids, at }: { portal: IntegrationRow; ids: readonly string[] | null; at: Date },
): Promise<{ opened: number } | { trouble: string }> => {
  if (!opensDeals(portal)) return { opened: 0 }
  const place = { orgId: portal.org_id, integrationId: portal.id, type: 'deals' as const }
  const barred = (await writableProperties(tx, place, 'deals')).refusalOf(EXTERNAL_KEY)
  if (barred) return { trouble: `${barred.message} ${barred.fix}` }
  const stage = (await stagesOf(tx, place)).find((each) => each.type === 'deals' && each.is_open)
  if (!stage) return { trouble: 'The portal’s stages of deals are not known yet. Sync it first.' }
  let opened = 0
  for await (const { opens, lays, raised } of judgeCompanies(tx, place, ids)) {
    const made = opens.map((lead) => {
      const times = (raised.get(lead.id)?.times ?? 0) + 1
      const dealId = idFrom(place.orgId, place.integrationId, 'raised', LEAD, lead.id, String(times))
      return { lead, about: lead.id, recordId: dealId, times }
    })
    const assumed = { createdate: at.toISOString() }
    const creates = made.map(({ lead, recordId }) => ({
      localId: recordId,
      values: dealOf(lead, stage),
      assumed,
    }))
    if (creates.length > 0) await changeRecords(tx, place, { creates }, at, { isUrgent: false })
    await raise(tx, place, { reason: LEAD, recordType: 'deals' }, made, at)
    await lay(
      tx,
      place,
      LEAD,
      lays.map(({ id }) => id),
    )
    opened += made.length
  }
  return { opened }
}

const dealOf = (lead: JudgedLead, stage: StageRow) => ({
  dealname: `${lead.name} (lead score ${lead.score})`,
  pipeline: stage.pipeline_id,
  dealstage: stage.stage_id,
  [linkField('companies')]: linksToField([{ id: lead.externalId, primary: true }]),
  ...(lead.owner ? { hubspot_owner_id: lead.owner } : {}),
})

/** The same for all leads of a portal at once, as somebody asks for who has looked at the preview. */
export const openLeadDeals = (
  ctx: Context,
  integrationId: string,
): Promise<{ integrationId: string; opened: number; receipt: Receipt } | InvalidRefusal | MissingRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const [portal] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!portal || portal.disconnected_at) return missing('The HubSpot connection')
    if (!opensDeals(portal))
      return invalid(
        'integrationId',
        'Making deals of leads is switched off for this connection. Switch it on first.',
      )
    const at = clock.now()
    const done = await openDealsOf(tx, ctx.changeRecords, { portal, ids: null, at })
    if ('trouble' in done) return invalid('integrationId', done.trouble)
    const subject = { type: 'HubSpotIntegration', id: integrationId }
    await audit(tx, {
      orgId,
      principal,
      action: 'openLeadDeals',
      subject,
      after: { opened: done.opened },
      at,
    })
    return { integrationId, opened: done.opened, receipt: await receiptOf(tx) }
  })
