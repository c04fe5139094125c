import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** What an onboarding was given. */
export interface Provision {
  onboardingId: string
  customerId: string
  ban: string | null
  trunkId: string | null
}

/** What these onboardings were given, one statement for all. */
export const provisionsOf = async (
  tx: Transaction,
  orgId: string,
  onboardingIds: readonly string[],
): Promise<Map<string, Provision>> => {
  const { rows } = await sql<Provision>`
    select onboarding_id as "onboardingId", customer_id as "customerId", ban, trunk_id as "trunkId" from telephony.onboardings
    where org_id = ${orgId} and onboarding_id = any(${onboardingIds}::text[])`.execute(tx)
  return new Map(rows.map((row) => [row.onboardingId, row]))
}

/** Notes what onboardings were given, one statement for all. */
export const noteProvisions = async (
  tx: Transaction,
  orgId: string,
  provisions: readonly Provision[],
): Promise<void> => {
  if (provisions.length === 0) return
  await sql`
    insert into telephony.onboardings (org_id, onboarding_id, customer_id, ban, trunk_id)
    select ${orgId}::uuid, p."onboardingId", p."customerId", p."ban", p."trunkId"
    from jsonb_to_recordset(${JSON.stringify(provisions)}::jsonb)
      as p("onboardingId" text, "customerId" text, "ban" text, "trunkId" uuid)
    on conflict (org_id, onboarding_id) do update set
      ban = excluded.ban, trunk_id = excluded.trunk_id`.execute(tx)
}

/** The oldest account of each customer that is not closed: one that is known to be the customer's, or that was opened for it; one statement. */
export const openAccountsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, string>> => {
  const { rows } = await sql<{ customerId: string; ban: string }>`
    select distinct on (coalesce(a.customer_id, b.opened_for)) coalesce(a.customer_id, b.opened_for) as "customerId", b.ban
    from telephony.billing_accounts b
    left join telephony.account_customers a on a.org_id = b.org_id and a.ban = b.ban
    where b.org_id = ${orgId} and b.status <> 'CHURNED'
      and (a.customer_id = any(${customerIds}::text[]) or b.opened_for = any(${customerIds}::text[]))
    order by 1, b.created_at, b.ban`.execute(tx)
  return new Map(rows.map(({ customerId, ban }) => [customerId, ban]))
}

/** Which of these account numbers are taken; one statement. */
export const takenBans = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await sql<{ ban: string }>`
    select ban from telephony.billing_accounts where org_id = ${orgId} and ban = any(${bans}::text[])`.execute(
    tx,
  )
  return new Set(rows.map(({ ban }) => ban))
}
