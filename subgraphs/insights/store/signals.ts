import { sql } from 'kysely'
import type { Signal } from '../domain/signal.ts'
import type { Transaction } from './transaction.ts'

/** A fact with the place in its source's log it was read from. */
export interface SignalRow extends Signal {
  source: string
  sourcePos: number
}

/** A record whose facts are withdrawn: everywhere when it is gone, elsewhere when it now speaks of `accountId`. */
export interface Withdrawal {
  kind: string
  recordId: string
  system: string | null
  accountId: string | null
}

const rows = (signals: readonly SignalRow[]): string =>
  JSON.stringify(
    signals.map((s) => ({
      system: s.system,
      account_id: s.accountId,
      kind: s.kind,
      record_id: s.recordId,
      amount: s.amount,
      unit: s.unit,
      label: s.label,
      happened_at: s.happenedAt,
      ended_at: s.endedAt,
      observed_at: s.observedAt,
      source: s.source,
      source_pos: s.sourcePos,
    })),
  )

/** Withdraws facts by record. @returns the accounts they were about */
export const withdraw = async (tx: Transaction, orgId: string, gone: readonly Withdrawal[]) => {
  if (gone.length === 0) return []
  const { rows: accounts } = await sql<{ system: string; account_id: string }>`
    delete from insights.signals s
    using jsonb_to_recordset(${JSON.stringify(gone)}::jsonb)
      as g("kind" text, "recordId" text, "system" text, "accountId" text)
    where s.org_id = ${orgId} and s.kind = g."kind" and s.record_id = g."recordId"
      and (s.system, s.account_id) is distinct from (g."system", g."accountId")
    returning s.system, s.account_id`.execute(tx)
  return accounts
}

/** Writes facts, one statement for all; a fact read from further back in the log than the one held changes nothing. */
export const upsertSignals = async (
  tx: Transaction,
  orgId: string,
  signals: readonly SignalRow[],
): Promise<void> => {
  if (signals.length === 0) return
  await sql`
    insert into insights.signals
      (org_id, system, account_id, kind, record_id, amount, unit, label, happened_at, ended_at, observed_at, source, source_pos)
    select ${orgId}::uuid, r.* from jsonb_to_recordset(${rows(signals)}::jsonb) as r(
      system text, account_id text, kind text, record_id text, amount numeric, unit text, label text,
      happened_at timestamptz, ended_at timestamptz, observed_at timestamptz, source text, source_pos bigint)
    on conflict (org_id, system, account_id, kind, record_id) do update set
      amount = excluded.amount, unit = excluded.unit, label = excluded.label, happened_at = excluded.happened_at,
      ended_at = excluded.ended_at, observed_at = excluded.observed_at, source_pos = excluded.source_pos
    where insights.signals.source_pos < excluded.source_pos`.execute(tx)
}

/** All facts about each of the customers, one statement for all, in an order that does not depend on arrival. */
export const signalsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, Signal[]>> => {
  const found = await tx
    .selectFrom('insights.accounts as a')
    .innerJoin('insights.signals as s', (join) =>
      join
        .onRef('s.org_id', '=', 'a.org_id')
        .onRef('s.system', '=', 'a.system')
        .onRef('s.account_id', '=', 'a.account_id'),
    )
    .select([
      'a.customer_id',
      's.system',
      's.account_id',
      's.kind',
      's.record_id',
      's.amount',
      's.unit',
      's.label',
    ])
    .select(['s.happened_at', 's.ended_at', 's.observed_at'])
    .where('a.org_id', '=', orgId)
    .where('a.customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .orderBy('s.system')
    .orderBy('s.account_id')
    .orderBy('s.kind')
    .orderBy('s.record_id')
    .execute()
  const byCustomer = new Map<string, Signal[]>(customerIds.map((id) => [id, []]))
  for (const row of found)
    byCustomer.get(row.customer_id!)?.push({
      system: row.system as Signal['system'],
      accountId: row.account_id,
      kind: row.kind as Signal['kind'],
      recordId: row.record_id,
      amount: row.amount === null ? null : Number(row.amount),
      unit: row.unit,
      label: row.label,
      happenedAt: row.happened_at,
      endedAt: row.ended_at,
      observedAt: row.observed_at,
    })
  return byCustomer
}
