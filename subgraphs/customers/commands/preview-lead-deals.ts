import { isId } from '#kernel/ids.ts'
import { type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { integrationsOf } from '../store/integrations.ts'
import { type JudgedLead, judgeCompanies } from './judge-companies.ts'

/** Which leads of a portal would become deals, were that switched on now. Nothing is changed. */
export const previewLeadDeals = async (
  ctx: Context,
  { integrationId, most }: { integrationId: string; most: number },
): Promise<{ isOn: boolean; total: number; leads: JudgedLead[] } | MissingRefusal> =>
  await ctx.db.read(ctx.orgId, async (tx) => {
    const { orgId } = ctx
    const [portal] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!portal) return missing('The HubSpot connection')
    const preview = { isOn: portal.auto_create_deals, total: 0, leads: [] as JudgedLead[] }
    for await (const { opens } of judgeCompanies(tx, { orgId, integrationId }, null)) {
      preview.total += opens.length
      preview.leads.push(...opens.slice(0, most - preview.leads.length))
    }
    return preview
  })
