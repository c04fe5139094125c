import { sql } from 'kysely'
import type { SignalKind, SourceSystem } from '../domain/kinds.ts'
import type { Span } from '../domain/score-diff.ts'
import type { AccountSystem, Details, Signal } from '../domain/signal.ts'
import type { Transaction } from './transaction.ts'

/** What is kept of the past, in days: as long as what is told day by day. */
export const PAST_DAYS = 400

/** The accounts a customer had at any time between two moments, with when: one statement. */
export const accountsBetween = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
  { from, to }: { from: Date; to: Date },
): Promise<Span<{ system: string; accountId: string }>[]> => {
  const { rows } = await sql<{ system: string; accountId: string; since: Date; until: Date | null }>`
    select system, account_id as "accountId", taken_at as since, null::timestamptz as until from insights.accounts
    where org_id = ${orgId}::uuid and customer_id = ${customerId} and taken_at <= ${to}
    union all
    select system, account_id, taken_at, until from insights.former_accounts
    where org_id = ${orgId}::uuid and customer_id = ${customerId} and until > ${from} and taken_at <= ${to}
    order by since, system, "accountId"`.execute(tx)
  return rows.map(({ since, until, ...of }) => ({ of, since: new Date(since), until: dateOf(until) }))
}

/** What was known of these accounts at any time between two moments, with when: one statement. At most `limit` of them. */
export const signalsBetween = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly { system: string; accountId: string }[],
  { from, to, limit }: { from: Date; to: Date; limit: number },
): Promise<Span<Signal>[]> => {
  const { rows } = await sql<Row>`
    with a as (select * from json_to_recordset(${JSON.stringify(accounts)}::json) as a("system" text, "accountId" text))
    select s.system, s.account_system as "accountSystem", s.account_id as "accountId", s.kind, s.record_id as "recordId", s.amount,
      s.unit, s.label, s.happened_at as "happenedAt", s.ended_at as "endedAt", s.observed_at as "observedAt", s.details,
      s.taken_at as since, null::timestamptz as until
    from a join insights.signals s
      on s.org_id = ${orgId}::uuid and s.account_system = a."system" and s.account_id = a."accountId" and s.taken_at <= ${to}
    union all
    select f.system, f.account_system, f.account_id, f.kind, f.record_id, f.amount,
      f.unit, f.label, f.happened_at, f.ended_at, f.observed_at, f.details, f.taken_at, f.until
    from a join insights.former_signals f
      on f.org_id = ${orgId}::uuid and f.account_system = a."system" and f.account_id = a."accountId"
      and f.until > ${from} and f.taken_at <= ${to}
    order by since, system, kind, "recordId" limit ${limit}`.execute(tx)
  return rows.map(({ since, until, details, ...row }) => ({
    of: {
      ...row,
      ...(details === null ? {} : { details }),
      amount: row.amount === null ? null : Number(row.amount),
      happenedAt: dateOf(row.happenedAt),
      endedAt: dateOf(row.endedAt),
      observedAt: new Date(row.observedAt),
    },
    since: new Date(since),
    until: dateOf(until),
  }))
}

/** Forgets what these records were: of people who have been erased. */
export const forgetFormer = async (
  tx: Transaction,
  orgId: string,
  records: readonly { system: SourceSystem; kind: SignalKind; recordId: string }[],
): Promise<void> => {
  if (records.length === 0) return
  await sql`
    delete from insights.former_signals f using json_to_recordset(${JSON.stringify(records)}::json)
      as r("system" text, "kind" text, "recordId" text)
    where f.org_id = ${orgId}::uuid and f.system = r."system" and f.kind = r."kind" and f.record_id = r."recordId"`.execute(
    tx,
  )
}

/**
 * Forgets what lies too far back of customers that nobody judges any more, and what accounts customers had then: three statements. What is
 * judged forgets its own past with each score.
 */
export const forgetPast = async (tx: Transaction, orgId: string, now: Date): Promise<void> => {
  const before = sql`${now}::timestamptz - ${PAST_DAYS} * interval '1 day'`
  await sql`
    delete from insights.health_history k using insights.customers c
    where c.org_id = ${orgId}::uuid and c.judged_accounts = '' and k.org_id = ${orgId}::uuid and k.customer_id = c.customer_id
      and k.as_of < ${before}`.execute(tx)
  await sql`delete from insights.former_accounts where org_id = ${orgId}::uuid and until < ${before}`.execute(
    tx,
  )
  // Of who is merged, it is kept: its words hold for whoever it was merged into, and it may stand for itself again.
  await sql`
    delete from insights.former_judgements
    where org_id = ${orgId}::uuid and merged_into is null and set_aside_at < ${before}`.execute(tx)
}

interface Row extends Omit<Signal, 'amount' | 'happenedAt' | 'endedAt' | 'observedAt' | 'details'> {
  system: SourceSystem
  accountSystem: AccountSystem
  amount: string | null
  happenedAt: Date | null
  endedAt: Date | null
  observedAt: Date
  details: Details | null
  since: Date
  until: Date | null
}

const dateOf = (at: Date | null): Date | null => (at === null ? null : new Date(at))
