import { type RawBuilder, sql } from 'kysely'
import type { Facts } from '../domain/onboarding.ts'
import type { Transaction } from './transaction.ts'

/** The customer's accounts on WARP, each with how it was last told of. */
const accountsOf = (orgId: RawBuilder<unknown>, customerId: RawBuilder<unknown>) => sql`
  customers.identities i left join customers.timeline_told a on a.org_id = i.org_id and a.subject = 'ACCOUNT' and a.id = i.account_id
  where i.org_id = ${orgId} and i.customer_id = ${customerId} and i.system = 'WARP' and i.gone_at is null`

/**
 * The account that a customer is served by, as a subquery of one row at most: none that was closed, one with a trunk before one without,
 * and last one that stands still.
 */
export const standingAccount = (orgId: RawBuilder<unknown>, customerId: RawBuilder<unknown>) => sql`
  select s.ban, s.status, s.tier, s.trunk_id as "trunkId" from (
    select i.account_id as ban, a.state ->> 'status' as status, a.state ->> 'tier' as tier,
      (select t.id from customers.timeline_told t where t.org_id = i.org_id and t.ban = i.account_id and t.subject = 'TRUNK'
        and t.state ->> 'status' <> 'DELETED' order by t.state ->> 'createdAt', t.id limit 1) as trunk_id
    from ${accountsOf(orgId, customerId)}) s
  where s.status is distinct from 'CHURNED'
  order by s.trunk_id is null, coalesce(s.status, '') = 'SUSPENDED', s.ban limit 1`

/** Whether a customer has left: it had accounts, and all of them were closed. A condition. */
export const hasLeft = (orgId: RawBuilder<unknown>, customerId: RawBuilder<unknown>) =>
  sql<boolean>`(select coalesce(bool_and(coalesce(a.state ->> 'status', '') = 'CHURNED'), false) from ${accountsOf(orgId, customerId)})`

/** The account that a customer is served by: one statement. Null without one. */
export const accountServing = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
): Promise<Facts['account']> => {
  const { rows } = await standingAccount(sql`${orgId}::uuid`, sql`${customerId}::uuid`).execute(tx)
  return (rows[0] as Facts['account'] | undefined) ?? null
}

/** Whether a customer has left: one statement. */
export const customerHasLeft = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
): Promise<boolean> => {
  const { rows } = await sql<{ left: boolean }>`
    select ${hasLeft(sql`${orgId}::uuid`, sql`${customerId}::uuid`)} as left`.execute(tx)
  return rows[0]?.left ?? false
}
