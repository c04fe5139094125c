import { sql } from 'kysely'
import { type CompanyKind, combineKinds } from '../domain/company-kinds.ts'
import {
  DEFAULT_RULES,
  type GoldenField,
  type GoldenRules,
  type HeardSystem,
  type KeptField,
  type KeptValues,
  keptValues,
  movedFields,
  type SayingAccount,
  type StandingCustomer,
} from '../domain/golden.ts'
import { compileMappings, DEFAULT_MAPPED, type Readers } from '../domain/mapping.ts'
import { normalName } from '../domain/names.ts'
import { countOf, currencyOf, numberOf, textOf } from '../domain/values.ts'
import { goldenRulesNow } from './golden-rules.ts'
import { mappingsOf, overridesOf } from './mappings.ts'
import type { Transaction } from './transaction.ts'

/** A live account as the database gives it. Records are read on demand: what is kept in columns is enough to write a customer's row. */
interface AccountFacts {
  system: HeardSystem
  accountId: string
  externalId: string
  observedAt: string | null
  name: string
  domain: string | null
  place: string | null
  country: string | null
  industry: string | null
  lifecycleStage: string | null
  ownerId: string | null
  kind: CompanyKind | null
  integrationId: string | null
  currency?: string | null
  properties?: Record<string, string | null>
}

interface CustomerFacts extends KeptValues {
  id: string
  lead_company_id: string | null
  kind: CompanyKind
  has_lead: boolean
  pins: Partial<Record<GoldenField, string>>
  accounts: AccountFacts[]
}

const NO_RECORDS = sql``
const RECORDS = sql`|| jsonb_build_object('currency', n.currency, 'properties', co.properties)`

/** Customers and what their live accounts say: those of one system the leading one first. One statement. */
const factsOf = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  withRecords: boolean,
): Promise<CustomerFacts[]> => {
  const { rows } = await sql<CustomerFacts>`
    select cu.id, cu.name, cu.domain, cu.industry, cu.lifecycle_stage, cu.owner_id, cu.lead_company_id, cu.kind,
      exists (select from customers.companies co where co.org_id = cu.org_id and co.customer_id = cu.id and co.id = cu.lead_company_id) as has_lead,
      coalesce((select jsonb_object_agg(p.field, p.value) from customers.pinned_fields p
        where p.org_id = cu.org_id and p.customer_id = cu.id), '{}') as pins,
      coalesce(a.accounts, '[]') as accounts
    from customers.customers cu
    left join lateral (
      select jsonb_agg(jsonb_build_object('system', i.system, 'accountId', i.account_id, 'externalId', i.external_id,
          'observedAt', coalesce(co.modified_at, i.observed_at), 'name', i.name, 'domain', i.domain, 'place', i.place, 'country', i.country,
          'industry', co.industry, 'lifecycleStage', co.lifecycle_stage, 'ownerId', co.owner_id, 'kind', co.kind,
          'integrationId', co.integration_id) ${withRecords ? RECORDS : NO_RECORDS}
        order by i.system, n.rank, co.source_created_at nulls last, i.account_id collate "C") as accounts
      from customers.identities i
      left join customers.companies co on co.org_id = i.org_id and co.id = case when i.system = 'HUBSPOT' then i.account_id::uuid end
      left join customers.integrations n on n.org_id = co.org_id and n.id = co.integration_id
      where i.org_id = cu.org_id and i.customer_id = cu.id and i.gone_at is null
    ) a on true
    where cu.org_id = ${orgId}::uuid and cu.id = any(${ids}::uuid[])`.execute(tx)
  return rows
}

const accountOf = (facts: AccountFacts, readers?: Readers<'companies'>): SayingAccount => ({
  ...{ system: facts.system, accountId: facts.accountId, externalId: facts.externalId },
  observedAt: facts.observedAt === null ? null : new Date(facts.observedAt),
  says: {
    ...{
      NAME: facts.name,
      DOMAIN: facts.domain,
      INDUSTRY: facts.industry,
      LIFECYCLE_STAGE: facts.lifecycleStage,
    },
    OWNER: facts.ownerId,
    ...(facts.system === 'HUBSPOT'
      ? facts.properties && readers && recordSays(facts, facts.properties, readers)
      : { CITY: facts.place, COUNTRY: facts.country }),
  },
})

const recordSays = (
  { currency }: AccountFacts,
  properties: Record<string, string | null>,
  read: Readers<'companies'>,
): SayingAccount['says'] => {
  const revenue = numberOf(read.annualRevenue(properties))
  return {
    PHONE: textOf(read.phone(properties)),
    WEBSITE: textOf(read.website(properties)),
    CITY: textOf(read.city(properties)),
    COUNTRY: textOf(read.country(properties)),
    EMPLOYEES: countOf(read.employees(properties))?.toString() ?? null,
    ANNUAL_REVENUE: revenue && `${revenue} ${currencyOf(currency) ?? 'USD'}`,
  }
}

const standing = (facts: CustomerFacts): StandingCustomer => ({
  held: facts,
  accounts: facts.accounts.map((account) => accountOf(account)),
  pins: facts.pins,
  hasLead: facts.has_lead,
})

/** What is known of customers with all that their accounts' records say, by customer: two statements. */
export const standingCustomers = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, StandingCustomer>> => {
  const rows = await factsOf(tx, orgId, ids, true)
  const portals = new Set(
    rows.flatMap(({ accounts }) => accounts.flatMap(({ integrationId }) => integrationId ?? [])),
  )
  const mapped = Map.groupBy(await mappingsOf(tx, orgId, [...portals]), (row) => row.integration_id)
  const readers = new Map(
    [...mapped].map(([id, own]) => [id, compileMappings(overridesOf(own)).companies] as const),
  )
  return new Map(
    rows.map((row) => [
      row.id,
      {
        ...standing(row),
        accounts: row.accounts.map((account) =>
          accountOf(account, readers.get(account.integrationId ?? '') ?? DEFAULT_MAPPED.companies),
        ),
      },
    ]),
  )
}

/** What a customer's row is to say beside the values that stand for it. */
interface RowAfter extends KeptValues {
  id: string
  normal_name: string
  lead_company_id: string | null
  kind: CompanyKind
  is_live: boolean
}

/** As `combineKinds` has it; whoever has an account at C3 or WARP buys. Who has no live account stays what it was. */
const rowAfter = (facts: CustomerFacts, kept: KeptValues): RowAfter => {
  const companies = facts.accounts.filter(({ system }) => system === 'HUBSPOT')
  const isLive = facts.accounts.length > 0
  const buysElsewhere = companies.length < facts.accounts.length
  const stays = !isLive || (companies.length === 0 && facts.has_lead)
  return {
    ...kept,
    id: facts.id,
    normal_name: normalName(kept.name),
    lead_company_id: stays ? facts.lead_company_id : (companies[0]?.accountId ?? null),
    kind: isLive
      ? combineKinds([
          ...companies.flatMap(({ kind }) => kind ?? []),
          ...(buysElsewhere ? (['CUSTOMER'] as const) : []),
        ])
      : facts.kind,
    is_live: isLive,
  }
}

/** Writes customers' rows: one statement. */
const writeRows = async (
  tx: Transaction,
  orgId: string,
  rows: readonly RowAfter[],
  at: Date,
): Promise<void> => {
  if (rows.length === 0) return
  await sql`
    update customers.customers c set name = r.name, normal_name = r.normal_name, domain = r.domain, industry = r.industry,
      lifecycle_stage = r.lifecycle_stage, owner_id = r.owner_id, lead_company_id = r.lead_company_id, kind = r.kind,
      gone_at = case when r.is_live then null else coalesce(c.gone_at, ${at}::timestamptz) end, updated_at = ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, name text, normal_name text, domain text, industry text,
      lifecycle_stage text, owner_id uuid, lead_company_id uuid, kind text, is_live boolean)
    where c.id = r.id and c.org_id = ${orgId}::uuid`.execute(tx)
}

/**
 * Makes customers say what their accounts say, by the organisation's rules; a customer without a live account is gone. Whoever calls holds
 * `lockIdentities`: rules and accounts are read before rows are written. Three statements.
 * @param begun customers that were just written as their only account says: they are looked at only where rules were decided
 */
export const refreshCustomers = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  at: Date,
  begun: readonly string[] = [],
): Promise<void> => {
  if (ids.length + begun.length === 0) return
  const rules = await goldenRulesNow(tx, orgId)
  const asked = rules === DEFAULT_RULES ? ids : [...ids, ...begun]
  if (asked.length === 0) return
  const facts = await factsOf(tx, orgId, asked, false)
  await writeRows(
    tx,
    orgId,
    facts.map((each) => rowAfter(each, keptValues(standing(each), rules))),
    at,
  )
}

/** A customer for which other values stand now. */
export interface MovedCustomer {
  id: string
  fields: KeptField[]
}

/**
 * Lets customers follow rules and what was decided by hand, and writes those that move: two statements. Whoever calls holds
 * `lockIdentities`.
 * @param freed a field that was decided by hand until now
 */
export const followRules = async (
  tx: Transaction,
  orgId: string,
  ask: { ids: readonly string[]; rules: GoldenRules; freed?: GoldenField },
  at: Date,
): Promise<MovedCustomer[]> => {
  const facts = await factsOf(tx, orgId, ask.ids, false)
  const moved = facts.flatMap((each) => {
    const kept = keptValues(standing(each), ask.rules, ask.freed)
    const fields = movedFields(each, kept)
    return fields.length > 0 ? [{ row: rowAfter(each, kept), fields }] : []
  })
  await writeRows(
    tx,
    orgId,
    moved.map(({ row }) => row),
    at,
  )
  return moved.map(({ row, fields }) => ({ id: row.id, fields }))
}

/** Customers that stand for themselves, by id, behind one of them: one statement. */
export const customersAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select id from customers.customers where org_id = ${orgId}::uuid and id > ${after}::uuid and merged_into is null and gone_at is null
    order by id limit ${limit}`.execute(tx)
  return rows.map(({ id }) => id)
}
