import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** What a company's record says that may be told to those who are asked about it. */
export interface CompanyRow {
  companyId: string
  domain: string | null
  industry: string | null
  /** Where in the source's log it was said. */
  sourcePos: number
}

/** Keeps what companies say, one statement for all. What was said earlier than what is held changes nothing. */
export const keepCompanies = async (
  tx: Transaction,
  orgId: string,
  companies: readonly CompanyRow[],
): Promise<void> => {
  if (companies.length === 0) return
  await sql`
    insert into insights.companies (org_id, company_id, domain, industry, source_pos)
    select ${orgId}::uuid, r."companyId", r.domain, r.industry, r."sourcePos"
    from json_to_recordset(${JSON.stringify(companies)}::json)
      as r("companyId" text, domain text, industry text, "sourcePos" bigint)
    on conflict (org_id, company_id) do update set
      domain = excluded.domain, industry = excluded.industry, source_pos = excluded.source_pos
    where insights.companies.source_pos < excluded.source_pos`.execute(tx)
}

/** The company of each of these customers that has a domain, the first by its id; one statement for all. */
export const companiesOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, { domain: string; industry: string | null }>> => {
  const { rows } = await sql<{ customerId: string; domain: string; industry: string | null }>`
    select distinct on (a.customer_id) a.customer_id as "customerId", c.domain, c.industry
    from insights.accounts a
    join insights.companies c on c.org_id = a.org_id and c.company_id = a.account_id
    where a.org_id = ${orgId}::uuid and a.customer_id = any(${customerIds}::text[]) and a.system = 'HUBSPOT'
      and c.domain is not null
    order by a.customer_id, c.company_id`.execute(tx)
  return new Map(rows.map(({ customerId, ...company }) => [customerId, company]))
}
