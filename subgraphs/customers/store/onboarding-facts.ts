import { sql } from 'kysely'
import type { Facts } from '../domain/onboarding.ts'
import type { OnboardingCode } from '../domain/onboarding-words.ts'
import { standingAccount } from './standing-accounts.ts'
import type { Transaction } from './transaction.ts'

interface Row {
  deal: { isWon: boolean; isGone: boolean; customerId: string | null } | null
  company: Facts['company']
  namesakes: number
  account: Facts['account']
  mail: { state: 'QUEUED' | 'SENT' | 'WITHHELD' | 'FAILED'; code: OnboardingCode | null } | null
}

/** Whose deals these are, by deal: one statement. Deals without a company are absent, and deals that are not here. */
export const customersOfDeals = async (
  tx: Transaction,
  orgId: string,
  dealIds: readonly string[],
): Promise<Map<string, { customerId: string | null; integrationId: string }>> => {
  const { rows } = await sql<{ id: string; customerId: string | null; integrationId: string }>`
    select d.id, d.integration_id as "integrationId", co.customer_id as "customerId" from customers.deals d
    left join customers.companies co on co.org_id = d.org_id and co.integration_id = d.integration_id
      and co.external_id = d.company_external_id and co.gone_at is null
    where d.org_id = ${orgId}::uuid and d.id = any(${dealIds}::uuid[])`.execute(tx)
  return new Map(rows.map(({ id, ...row }) => [id, row]))
}

/** What an onboarding is judged by, beside its customer and its portal: one statement. */
export const factsAround = async (
  tx: Transaction,
  orgId: string,
  about: {
    onboardingId: string
    dealId: string | null
    customerId: string | null
    integrationId: string | null
    domain: string | null
  },
): Promise<Row> => {
  const { rows } = await sql<Row>`
    select
      (select json_build_object('isWon', coalesce(d.is_won, false), 'isGone', d.gone_at is not null) from customers.deals d
        where d.org_id = ${orgId}::uuid and d.id = ${about.dealId}::uuid) as deal,
      (select json_build_object('id', co.id, 'externalId', co.external_id) from customers.companies co
        where co.org_id = ${orgId}::uuid and co.customer_id = ${about.customerId}::uuid and co.integration_id = ${about.integrationId}::uuid
          and co.gone_at is null order by co.id limit 1) as company,
      (select count(*)::int from customers.companies co where co.org_id = ${orgId}::uuid and co.integration_id = ${about.integrationId}::uuid
        and co.match_domain = ${about.domain} and co.gone_at is null) as namesakes,
      (select row_to_json(s) from (${standingAccount(sql`${orgId}::uuid`, sql`${about.customerId}::uuid`)}) s) as account,
      (select json_build_object('state', m.state, 'code', m.error_code) from customers.mail_outbox m
        where m.org_id = ${orgId}::uuid and m.onboarding_id = ${about.onboardingId}::uuid order by m.made_at desc limit 1) as mail`.execute(
    tx,
  )
  return rows[0] as Row
}

/**
 * Who is welcomed: of the deal's contacts, or where there is no deal of the company's, the first with an address who has not refused
 * mails. Null when there is nobody.
 */
export const welcomedContact = async (
  tx: Transaction,
  orgId: string,
  { dealId, companyId }: { dealId: string | null; companyId: string | null },
): Promise<string | null> => {
  const { rows } = await sql<{ id: string }>`
    select c.id from customers.contacts c
    where c.org_id = ${orgId}::uuid and c.gone_at is null and c.merged_into is null and c.email is not null
      and coalesce(c.properties ->> 'hs_email_optout', 'false') <> 'true'
      and exists (
        select from customers.edges e join customers.deals d on d.org_id = e.org_id and d.integration_id = e.integration_id
          and d.external_id = e.from_id and d.id = ${dealId}::uuid
        where e.org_id = c.org_id and e.integration_id = c.integration_id and e.from_type = 'deals' and e.to_type = 'contacts'
          and e.to_id = c.external_id
        union all
        select from customers.companies co where ${dealId}::uuid is null and co.org_id = c.org_id and co.id = ${companyId}::uuid
          and co.integration_id = c.integration_id and co.external_id = c.company_external_id)
    order by c.source_created_at nulls last, c.id limit 1`.execute(tx)
  return rows[0]?.id ?? null
}
