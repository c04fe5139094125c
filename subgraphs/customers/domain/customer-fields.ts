/**
 * Which properties of a HubSpot company say what a customer's fields show, the first that has a value first. Portals name
 * some things differently; what is not listed is not shown as a field of its own.
 */
export const SOURCE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  name: ['name'],
  domain: ['domain', 'website'],
  industry: ['industry'],
  phone: ['phone'],
  website: ['website'],
  city: ['city'],
  country: ['country'],
  employees: ['numberofemployees'],
  annualRevenue: ['annualrevenue'],
  lifecycleStage: ['lifecyclestage'],
  leadScore: ['hubspotscore', 'lead_score'],
  owner: ['hubspot_owner_id'],
  hubspotOwnerId: ['hubspot_owner_id'],
  warpBan: ['warp_ban'],
  warpStatus: ['warp_status'],
  warpServiceTier: ['warp_service_tier', 'warp_tier'],
  warpMrr: ['warp_mrr'],
  warpContractEnd: ['warp_contract_end'],
  warpCreditLimit: ['warp_credit_limit'],
  warpPaymentTerms: ['warp_payment_terms'],
}

/** What a company's properties say of a customer's field; null when nothing. */
export const companyField = (
  properties: Readonly<Record<string, string | null>>,
  field: string,
): string | null => {
  const name = SOURCE_FIELDS[field]?.find((each) => (properties[each] ?? '') !== '')
  return name === undefined ? null : (properties[name] ?? null)
}
