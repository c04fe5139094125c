/**
 * What a company is to us. A portal's own words decide, by rules that can be changed per portal: HubSpot's company type and its
 * lifecycle stage each make it one kind or say nothing, and both together are weighed.
 */
export const COMPANY_KINDS = ['CUSTOMER', 'SUPPLIER', 'BOTH', 'PROSPECT', 'OTHER'] as const
export type CompanyKind = (typeof COMPANY_KINDS)[number]

/** Properties that rules may be about. */
export const KIND_PROPERTIES = ['type', 'lifecyclestage'] as const
export type KindProperty = (typeof KIND_PROPERTIES)[number]

/** Kinds by a property's value in lower case. */
export type CompanyKinds = Readonly<Record<KindProperty, ReadonlyMap<string, CompanyKind>>>

/** What HubSpot's own words mean, until somebody decides otherwise. */
export const DEFAULT_KINDS: CompanyKinds = {
  type: new Map([
    ['prospect', 'PROSPECT'],
    ['vendor', 'SUPPLIER'],
    ['supplier', 'SUPPLIER'],
    ['manufacturer', 'SUPPLIER'],
    ['distributor', 'SUPPLIER'],
    ['customer', 'CUSTOMER'],
    ['reseller', 'CUSTOMER'],
  ]),
  lifecyclestage: new Map([
    ['subscriber', 'PROSPECT'],
    ['lead', 'PROSPECT'],
    ['marketingqualifiedlead', 'PROSPECT'],
    ['salesqualifiedlead', 'PROSPECT'],
    ['opportunity', 'PROSPECT'],
    ['customer', 'CUSTOMER'],
    ['evangelist', 'CUSTOMER'],
  ]),
}

/**
 * What several words together make of one company, or several accounts of one customer: who buys and sells is both, who does
 * either is that, whatever else is said, and who might buy is a prospect.
 */
export const combineKinds = (kinds: readonly CompanyKind[]): CompanyKind => {
  const has = (kind: CompanyKind) => kinds.includes(kind)
  if (has('BOTH') || (has('CUSTOMER') && has('SUPPLIER'))) return 'BOTH'
  if (has('CUSTOMER')) return 'CUSTOMER'
  if (has('SUPPLIER')) return 'SUPPLIER'
  return has('PROSPECT') ? 'PROSPECT' : 'OTHER'
}

/** What a company is by the rules of its portal. */
export const companyKind = (
  rules: CompanyKinds,
  said: Readonly<Record<KindProperty, string | null>>,
): CompanyKind =>
  combineKinds(
    KIND_PROPERTIES.flatMap((property) => rules[property].get((said[property] ?? '').toLowerCase()) ?? []),
  )

/** A rule that somebody has decided. */
export interface DecidedKind {
  property: KindProperty
  value: string
  kind: CompanyKind
}

/** The rules of a portal: what somebody has decided, and otherwise what is taken for granted. */
export const kindsWith = (decided: readonly DecidedKind[]): CompanyKinds => {
  if (decided.length === 0) return DEFAULT_KINDS
  const of = (property: KindProperty) =>
    new Map([
      ...DEFAULT_KINDS[property],
      ...decided
        .filter((rule) => rule.property === property)
        .map(({ value, kind }) => [value, kind] as const),
    ])
  return { type: of('type'), lifecyclestage: of('lifecyclestage') }
}
