import { judgeLeads, type Lead } from '../domain/lead-deals.ts'
import { compileField, mappingOf } from '../domain/mapping.ts'
import { numberOf, textOf } from '../domain/values.ts'
import { leadCompanies } from '../store/leads.ts'
import { mappingIn, mappingsOf } from '../store/mappings.ts'
import { lockRaised, type Raised } from '../store/raised.ts'
import type { Transaction } from '../store/transaction.ts'

/** Under this reason deals for leads are raised. */
export const LEAD = 'LEAD_SCORE'

export interface JudgedLead extends Lead {
  externalId: string
  customerId: string
  name: string
  /** Who looks after the company, by the colleague's id in HubSpot. */
  owner: string | null
}

const AT_ONCE = 1000

/**
 * Judges the companies of a portal as leads, a page at a time. Nothing is changed.
 * @param ids only these; null: all
 */
export async function* judgeCompanies(
  tx: Transaction,
  place: { orgId: string; integrationId: string },
  ids: readonly string[] | null,
): AsyncGenerator<{ opens: JudgedLead[]; lays: JudgedLead[]; raised: Map<string, Raised> }> {
  const { fields } = mappingIn(
    await mappingsOf(tx, place.orgId, [place.integrationId]),
    place.integrationId,
    'companies',
  )
  const score = mappingOf('companies', 'leadScore', fields)
  const owner = mappingOf('companies', 'owner', fields)
  const names = [...score.properties, ...owner.properties]
  const [scoreOf, ownerOf] = [compileField(score), compileField(owner)]
  for (let after: string | null = null; ; ) {
    const rows = await leadCompanies(tx, place, names, ids ? { ids } : { after, limit: AT_ONCE })
    const leads = rows.map((row) => ({
      id: row.id,
      score: numberOrNull(numberOf(scoreOf(row.says))),
      hasOpenDeal: row.has_open_deal,
      externalId: row.external_id,
      customerId: row.customer_id,
      name: row.name,
      owner: textOf(ownerOf(row.says)),
    }))
    const raised = await lockRaised(
      tx,
      place,
      LEAD,
      leads.map(({ id }) => id),
    )
    yield { ...judgeLeads(leads, (id) => raised.get(id)?.stands ?? false), raised }
    if (ids || rows.length < AT_ONCE) return
    after = rows.at(-1)?.id ?? null
  }
}

const numberOrNull = (text: string | null): number | null => (text === null ? null : Number(text))
