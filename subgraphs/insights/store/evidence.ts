import { sql } from 'kysely'
import type { SignalKind, SourceSystem } from '../domain/kinds.ts'
import type { AccountSystem, Details } from '../domain/signal.ts'
import type { Transaction } from './transaction.ts'

/** A fact as it is shown: exactly as it is kept. */
export interface SignalRow {
  kind: SignalKind
  system: SourceSystem
  recordId: string
  accountSystem: AccountSystem
  accountId: string
  /** Decimal. */
  amount: string | null
  unit: string | null
  label: string | null
  happenedAt: Date | null
  endedAt: Date | null
  observedAt: Date
  /** The same moment, to the microsecond, as the order of the list has it. */
  place: string
  source: string
  position: string
  details: Details | null
}

/** Which facts of a customer, and from where on. */
export interface SignalPage {
  kind: string | null
  system: string | null
  limit: number
  /** The moment, system, kind and record that the page begins behind. */
  after: readonly [string, string, string, string] | null
}

/** A page of the facts about a customer, what was seen last first. One statement. */
export const newestSignals = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
  { kind, system, limit, after }: SignalPage,
): Promise<SignalRow[]> => {
  const behind = after
    ? sql`and (s.observed_at < ${after[0]}::timestamptz or (s.observed_at = ${after[0]}::timestamptz
        and (s.system, s.kind, s.record_id) > (${after[1]}, ${after[2]}, ${after[3]})))`
    : sql``
  const { rows } = await sql<SignalRow>`
    select s.kind, s.system, s.record_id as "recordId", s.account_system as "accountSystem", s.account_id as "accountId",
      s.amount::text as amount, s.unit, s.label, s.happened_at as "happenedAt", s.ended_at as "endedAt",
      s.observed_at as "observedAt", to_char(s.observed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place,
      s.source, s.source_pos::text as position, s.details
    from insights.accounts a join insights.signals s
      on s.org_id = a.org_id and s.account_system = a.system and s.account_id = a.account_id
    where a.org_id = ${orgId}::uuid and a.customer_id = ${customerId}
      ${kind === null ? sql`` : sql`and s.kind = ${kind}`} ${system === null ? sql`` : sql`and s.system = ${system}`} ${behind}
    order by s.observed_at desc, s.system, s.kind, s.record_id limit ${limit}`.execute(tx)
  return rows
}

/** How many facts of each kind are known of a customer, and how many days of what comes day by day. One statement. */
export const countKinds = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ kind: string; known: number }>`
    with own as materialized (
      select system, account_id from insights.accounts where org_id = ${orgId}::uuid and customer_id = ${customerId}
    )
    select s.kind, count(*)::int as known from own join insights.signals s
      on s.org_id = ${orgId}::uuid and s.account_system = own.system and s.account_id = own.account_id
    group by s.kind
    union all
    select s.kind, sum(cardinality(array_remove(s.amounts, null)))::int from own join insights.series s
      on s.org_id = ${orgId}::uuid and s.account_system = own.system and s.account_id = own.account_id
    group by s.kind order by 1`.execute(tx)
  return new Map(rows.map(({ kind, known }) => [kind, known]))
}
