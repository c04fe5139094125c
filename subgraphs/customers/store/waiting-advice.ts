import { sql } from 'kysely'
import type { Recommendation } from '../domain/advice.ts'
import type { Transaction } from './transaction.ts'

/** Something that was decided for a request of an account, as far as it is noted in HubSpot. */
export interface AccountAdvice extends Recommendation {
  recommendationId: string
  accountId: string
}

/** Keeps what cannot be noted yet, the last word about each: one statement. */
export const keepWaiting = async (
  tx: Transaction,
  orgId: string,
  advice: readonly AccountAdvice[],
): Promise<void> => {
  if (advice.length === 0) return
  // In the order in which it was told, so the last one of each stays.
  const last = [...new Map(advice.map((told) => [told.recommendationId, told])).values()]
  await sql`
    insert into customers.waiting_advice as w (org_id, recommendation_id, account_id, told, observed_at)
    select ${orgId}::uuid, t->>'recommendationId', t->>'accountId', t, (t->>'observedAt')::timestamptz
    from jsonb_array_elements(${JSON.stringify(last)}::jsonb) as t order by 2
    on conflict (org_id, recommendation_id) do update set account_id = excluded.account_id, told = excluded.told,
      observed_at = excluded.observed_at
    where w.observed_at <= excluded.observed_at`.execute(tx)
}

/** Takes away what can be noted by now, since its account's customer has a company: one statement. */
export const takeReady = async (
  tx: Transaction,
  orgId: string,
  limit: number,
): Promise<(AccountAdvice & { customerId: string })[]> => {
  const { rows } = await sql<{ told: AccountAdvice; customerId: string }>`
    with ready as (
      select w.recommendation_id, i.customer_id from customers.waiting_advice w
      join customers.identities i on i.org_id = w.org_id and i.system = 'C3' and i.account_id = w.account_id
      where w.org_id = ${orgId}::uuid and exists (
        select from customers.companies c where c.org_id = i.org_id and c.customer_id = i.customer_id and c.gone_at is null)
      order by w.observed_at, w.recommendation_id limit ${limit} for update of w skip locked
    )
    delete from customers.waiting_advice w using ready r
    where w.org_id = ${orgId}::uuid and w.recommendation_id = r.recommendation_id
    returning w.told, r.customer_id as "customerId"`.execute(tx)
  return rows.map(({ told, customerId }) => ({ ...told, customerId }))
}
