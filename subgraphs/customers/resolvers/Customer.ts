import type { CustomerResolvers } from '#schema/generated/customers.types.ts'
import type { Context } from '../context.ts'
import { GOLDEN_FIELDS, type GoldenField, revenueOf, SHOWN_AS } from '../domain/golden.ts'
import type { FieldOf } from '../domain/hub-fields.ts'
import { hubField } from '../domain/hub-fields.ts'
import { DEFAULT_MAPPED, mappingOf, type Reader } from '../domain/mapping.ts'
import { currencyOf, dayOf, instantOf, numberOf, type Said, textOf } from '../domain/values.ts'
import type { CompanyRow } from '../store/companies.ts'
import type { CustomerRow } from '../store/customers.ts'
import { portalId } from '../store/portal-ids.ts'
import { allowedActions } from './allowed-actions.ts'
import { contactsOf, dealsOf, notesOf, pageOf, tasksOf, ticketsOf } from './child-pages.ts'
import { goldenFields, goldenValue } from './golden.ts'
import { customerPendingWrites } from './pending-writes.ts'
import { propertiesOf } from './properties.ts'
import { customerRenewals } from './renewal-pages.ts'
import { timelineOfCustomer } from './timeline.ts'

/** The leading HubSpot record, or null. */
const company = (customer: CustomerRow, ctx: Context) =>
  customer.lead_company_id ? ctx.companies.load(customer.lead_company_id) : null

type CompanyField = FieldOf<'companies'>

/** How a company's portal is mapped; the hub's own mapping needs no looking up. */
const readerOf = async (row: CompanyRow, field: CompanyField, ctx: Context): Promise<Reader> => {
  if (row.mapping_version === null) return DEFAULT_MAPPED.companies[field]
  return ((await ctx.mapped.load(row.integration_id))?.fields ?? DEFAULT_MAPPED).companies[field]
}

/** Makes a resolver of one thing that the leading HubSpot record says. */
const said =
  <T>(field: CompanyField, read: (said: Said) => T) =>
  async (customer: CustomerRow, _: unknown, ctx: Context): Promise<T | null> => {
    const row = await company(customer, ctx)
    return row ? read((await readerOf(row, field, ctx))(row.properties)) : null
  }

const money = (field: CompanyField) => async (customer: CustomerRow, _: unknown, ctx: Context) => {
  const row = await company(customer, ctx)
  const amount = row ? numberOf((await readerOf(row, field, ctx))(row.properties)) : null
  return amount === null ? null : { amount, currency: currencyOf(row?.currency) ?? 'USD' }
}

const whole = (said: Said): number | null => {
  const number = Number(numberOf(said) ?? Number.NaN)
  // GraphQL's Int has 32 bits; a larger crowd is a typing error.
  return Number.isFinite(number) && Math.abs(number) < 2 ** 31 ? Math.round(number) : null
}

/** Makes a resolver of a text that is chosen among what the customer's accounts say. */
const golden = (field: GoldenField) => async (customer: CustomerRow, _: unknown, ctx: Context) =>
  (await goldenValue(customer, field, ctx))?.value ?? null

/** The accounts of other systems, as the ids that their subgraphs know. */
const accountsIn = (system: 'C3' | 'WARP') => async (customer: CustomerRow, _: unknown, ctx: Context) =>
  ((await ctx.identities.load(customer.id)) ?? [])
    .filter((account) => account.system === system)
    .map((account) => account.account_id)

export const Customer: CustomerResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.customers.load(id),
  mergedInto: (customer) => customer.merged_into,
  lifecycleStage: (customer) => customer.lifecycle_stage,
  identityVersion: (customer) => customer.identity_version,
  version: (customer) => customer.identity_version,
  createdAt: (customer) => customer.created_at,
  updatedAt: (customer) => customer.updated_at,
  phone: golden('PHONE'),
  website: golden('WEBSITE'),
  city: golden('CITY'),
  country: golden('COUNTRY'),
  employees: async (customer, _, ctx) => {
    const chosen = await goldenValue(customer, 'EMPLOYEES', ctx)
    return chosen?.value == null ? null : Number(chosen.value)
  },
  annualRevenue: async (customer, _, ctx) =>
    revenueOf((await goldenValue(customer, 'ANNUAL_REVENUE', ctx))?.value ?? null),
  leadScore: said('leadScore', whole),
  ...goldenFields,
  warpBan: said('warpBan', textOf),
  warpStatus: said('warpStatus', textOf),
  warpServiceTier: said('warpServiceTier', textOf),
  warpMrr: money('warpMrr'),
  warpContractEnd: said('warpContractEnd', dayOf),
  warpCreditLimit: money('warpCreditLimit'),
  warpPaymentTerms: said('warpPaymentTerms', textOf),
  hubspotOwnerId: said('owner', textOf),
  hubspotCompanyId: async (customer, _, ctx) => portalId((await company(customer, ctx))?.external_id),
  hubspotLastSync: async (customer, _, ctx) => (await company(customer, ctx))?.last_synced_at ?? null,
  companyVersion: async (customer, _, ctx) => (await company(customer, ctx))?.version ?? null,
  pendingWrites: customerPendingWrites,
  owner: (customer, _, ctx) => (customer.owner_id ? ctx.owners.load(customer.owner_id) : null),
  contacts: contactsOf('customers'),
  stakeholders: ({ id }, args, ctx) =>
    pageOf(ctx, 'contacts', { of: 'customers', id }, { order: 'engagement' }, args),
  deals: dealsOf('customers'),
  renewals: customerRenewals,
  tickets: ticketsOf('customers'),
  tasks: tasksOf('customers'),
  notes: notesOf('customers'),
  timeline: timelineOfCustomer,
  properties: async (customer, args, ctx) =>
    customer.lead_company_id
      ? await propertiesOf('companies')({ id: customer.lead_company_id }, args, ctx)
      : [],
  allowedActions,
  identities: async (customer, _, ctx) => (await ctx.identities.load(customer.id)) ?? [],
  c3CustomerIds: accountsIn('C3'),
  bans: accountsIn('WARP'),
  onboarding: ({ id }, _, ctx) => ctx.onboardingOfCustomer.load(id),
  lineage: async (customer, { field }, ctx) => {
    const known = field === 'hubspotOwnerId' ? 'owner' : field
    if (!hubField('companies', known)) return null
    const chosen = GOLDEN_FIELDS.find((each) => SHOWN_AS[each] === field)
    const source = chosen && (await goldenValue(customer, chosen, ctx))
    if (source?.isPinned) return pinnedLineage(customer, chosen, ctx)
    const said = source?.account
    if (said && said.system !== 'HUBSPOT')
      return (
        said.observedAt && {
          ...{
            system: said.system,
            record: portalId(said.externalId),
            observedAt: said.observedAt,
            runId: null,
          },
        }
      )
    const companyId = said?.accountId ?? customer.lead_company_id
    return companyId ? companyLineage(companyId, known, ctx) : null
  },
}

/** Where a value came from that somebody decided by hand. */
const pinnedLineage = async ({ id }: CustomerRow, field: GoldenField | undefined, ctx: Context) => {
  const pin = (await ctx.pins.load(id))?.find((each) => each.field === field)
  return pin ? { system: 'HUB', record: null, observedAt: pin.pinned_at, runId: null } : null
}

/** Where a value of a HubSpot company came from. */
const companyLineage = async (companyId: string, field: string, ctx: Context) => {
  const row = await ctx.companies.load(companyId)
  const mapped = row?.mapping_version == null ? null : await ctx.mapped.load(row.integration_id)
  const { properties } = mappingOf('companies', field, mapped?.overrides.companies ?? {})
  const name = row && properties.find((each) => instantOrText(row.properties[each]))
  const came = name ? await ctx.lineage.load(companyId, name) : null
  return (
    came && {
      system: came.byHub ? 'HUB' : 'HUBSPOT',
      record: portalId(came.externalId),
      observedAt: came.observedAt,
      runId: came.runId,
    }
  )
}

const instantOrText = (value: string | null | undefined): boolean =>
  instantOf(value) !== null || textOf(value) !== null
