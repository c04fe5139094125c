import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import { type CreditRule, FIRST_RULE } from '../domain/credit.ts'
import type { CompanyWord } from '../domain/said-limit.ts'
import type { Transaction } from './transaction.ts'

/** The organisation's credit rule as it is kept. */
export interface CreditRuleRow extends CreditRule {
  /** Whether all trunks follow it. */
  isComplete: boolean
}

/** The organisation's credit rule. */
export const creditRuleOf = async (tx: Transaction, orgId: string): Promise<CreditRuleRow> => {
  const { rows } = await sql<CreditRuleRow>`
    select trim_scale(per_call)::text as "perCall", currency, version,
      not exists (select from telephony.credit_sharing where org_id = ${orgId}) as "isComplete"
    from telephony.credit_rules where org_id = ${orgId}`.execute(tx)
  return rows[0] ?? { ...FIRST_RULE, isComplete: true }
}

/** Writes the organisation's credit rule. */
export const setCreditRule = async (
  tx: Transaction,
  orgId: string,
  { perCall, currency, version }: CreditRule,
  at: Date,
): Promise<void> => {
  await sql`
    insert into telephony.credit_rules (org_id, per_call, currency, version, updated_at)
    values (${orgId}, ${perCall}::numeric, ${currency}, ${version}, ${at}::timestamptz)
    on conflict (org_id) do update set
      per_call = excluded.per_call, currency = excluded.currency, version = excluded.version, updated_at = excluded.updated_at`.execute(
    tx,
  )
}

/** How much an account's trunks, those taken down left out, have ordered together. */
export interface OrderedRow {
  ban: string
  trunks: number
  orderedCalls: number
}

/** What the trunks of each account have ordered together; one statement for all. */
export const orderedOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<OrderedRow[]> => {
  const { rows } = await sql<OrderedRow>`
    select t.ban, count(*)::int as trunks, sum(t.concurrent_calls)::float8 as "orderedCalls" from telephony.trunks t
    where t.org_id = ${orgId} and t.ban = any(${bans}::text[]) and t.status <> 'DELETED' group by t.ban`.execute(
    tx,
  )
  return rows
}

const wordColumns = sql`
  c.company_id as "companyId", c.customer_id as "customerId", c.ban, trim_scale(c.amount)::text as amount, c.currency, c.refused,
  c.pos::float8 as pos, c.said_pos::float8 as "saidPos", c.may_be_ours as "mayBeOurs", c.given_to as "givenTo", c.is_gone as "isGone"`

/** What these companies say, as it is remembered, held until the transaction ends; one statement. */
export const lockWords = async (
  tx: Transaction,
  orgId: string,
  companyIds: readonly string[],
): Promise<CompanyWord[]> => {
  const { rows } = await sql<CompanyWord>`
    select ${wordColumns} from telephony.company_credits c
    where c.org_id = ${orgId} and c.company_id = any(${companyIds}::text[]) order by c.company_id for update`.execute(
    tx,
  )
  return rows
}

/** Remembers what companies say; one statement. */
export const keepWords = async (
  tx: Transaction,
  orgId: string,
  words: readonly CompanyWord[],
): Promise<void> => {
  await sql`
    insert into telephony.company_credits as c
      (org_id, company_id, customer_id, ban, amount, currency, refused, pos, said_pos, may_be_ours, given_to, is_gone)
    select ${orgId}::uuid, w."companyId", w."customerId", w.ban, w.amount, w.currency, w.refused, w.pos, w."saidPos", w."mayBeOurs",
      w."givenTo", w."isGone"
    from jsonb_to_recordset(${JSON.stringify(words)}::jsonb) as w("companyId" text, "customerId" text, ban text, amount numeric,
      currency text, refused text, pos bigint, "saidPos" bigint, "mayBeOurs" boolean, "givenTo" text, "isGone" boolean)
    on conflict (org_id, company_id) do update set
      customer_id = excluded.customer_id, ban = excluded.ban, amount = excluded.amount, currency = excluded.currency,
      refused = excluded.refused, pos = excluded.pos, said_pos = excluded.said_pos, may_be_ours = excluded.may_be_ours,
      given_to = excluded.given_to, is_gone = excluded.is_gone`.execute(tx)
}

/** Companies → customers, as customers says. */
export const moveCompanyCredits = async (
  tx: Transaction,
  orgId: string,
  moved: readonly { accountId: string; customerId: string }[],
): Promise<void> => {
  await sql`
    update telephony.company_credits c set customer_id = m."customerId"
    from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as m("accountId" text, "customerId" text)
    where c.org_id = ${orgId} and c.company_id = m."accountId" and c.customer_id <> m."customerId"`.execute(
    tx,
  )
}

/** A limit that a company says and no account was given yet, with the account that it is for. */
export interface WaitingWord extends Pick<CompanyWord, 'companyId' | 'mayBeOurs'> {
  /** The account. */
  ban: string
  amount: Decimal
  currency: string
}

/**
 * What waits for the open accounts that are named, or belong to one of these customers, what counts first; one statement. A company speaks
 * for the account that it names; one that names none, for its customer's only account. Of several companies the one counts that names
 * the account, then the one that spoke last.
 */
export const waitingWords = async (
  tx: Transaction,
  orgId: string,
  { bans, customerIds }: { bans: readonly string[]; customerIds: readonly string[] },
): Promise<WaitingWord[]> => {
  const { rows } = await sql<WaitingWord>`
    with live as (
      select b.ban, a.customer_id, count(*) over (partition by a.customer_id) as siblings
      from telephony.billing_accounts b
      left join telephony.account_customers a on a.org_id = b.org_id and a.ban = b.ban
      where b.org_id = ${orgId} and b.status <> 'CHURNED'
        and (b.ban = any(${bans}::text[]) or a.customer_id = any(${customerIds}::text[]) or a.customer_id in (
          select o.customer_id from telephony.account_customers o where o.org_id = ${orgId} and o.ban = any(${bans}::text[])))
    )
    select l.ban, c.company_id as "companyId", trim_scale(c.amount)::text as amount, c.currency, c.may_be_ours as "mayBeOurs"
    from live l join telephony.company_credits c on c.org_id = ${orgId} and c.amount is not null and c.given_to is null and not c.is_gone
      and (c.ban = l.ban or (c.ban is null and c.customer_id = l.customer_id and l.siblings = 1))
    order by l.ban, (c.ban is null), c.said_pos desc, c.company_id`.execute(tx)
  return rows
}

/** Notes which accounts were given what companies say: it waits no longer. One statement. */
export const giveWords = async (
  tx: Transaction,
  orgId: string,
  given: readonly Pick<WaitingWord, 'companyId' | 'ban'>[],
): Promise<void> => {
  await sql`
    update telephony.company_credits c set given_to = g.ban
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g("companyId" text, ban text)
    where c.org_id = ${orgId} and c.company_id = g."companyId"`.execute(tx)
}

/** Of these customers, those with several accounts that are not closed; one statement. */
export const customersWithSeveral = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ customerId: string; accounts: number }>`
    select a.customer_id as "customerId", count(*)::int as accounts from telephony.account_customers a
    join telephony.billing_accounts b on b.org_id = a.org_id and b.ban = a.ban and b.status <> 'CHURNED'
    where a.org_id = ${orgId} and a.customer_id = any(${customerIds}::text[])
    group by a.customer_id having count(*) > 1`.execute(tx)
  return new Map(rows.map(({ customerId, accounts }) => [customerId, accounts]))
}
