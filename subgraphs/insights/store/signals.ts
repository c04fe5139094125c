import { sql } from 'kysely'
import type { SignalKind, SourceSystem } from '../domain/kinds.ts'
import type { AccountSystem, Details, Signal } from '../domain/signal.ts'
import type { AccountRef } from './customers.ts'
import { PAST_DAYS } from './former-facts.ts'
import type { Transaction } from './transaction.ts'

/** What a source last said of a record: a fact, or (`signal` null) that there is none any more. */
export interface Word {
  system: SourceSystem
  kind: SignalKind
  recordId: string
  signal: Signal | null
  source: string
  /** Where in the source's log it was said. */
  sourcePos: number
}

/** An account of which a fact of this kind has changed. */
export interface Changed extends AccountRef {
  kind: SignalKind
}

const asRows = (words: readonly Word[]): string =>
  JSON.stringify(
    words.map(({ system, kind, recordId, signal, source, sourcePos }) => ({
      system,
      kind,
      record_id: recordId,
      account_system: signal?.accountSystem,
      account_id: signal?.accountId,
      amount: signal?.amount,
      unit: signal?.unit,
      label: signal?.label,
      happened_at: signal?.happenedAt,
      ended_at: signal?.endedAt,
      observed_at: signal?.observedAt,
      details: signal?.details,
      source,
      source_pos: sourcePos,
    })),
  )

/**
 * Keeps what was said, one word per record and one statement for all. What was said earlier than what is held changes
 * nothing, so that repeated and late words do no harm. What a fact was until now is kept for a while, so that it can be said what moved a
 * score.
 * @param at when we learned it
 * @returns the accounts whose facts changed, with the kind of each: where a fact is now and where it was
 */
export const keepWords = async (
  tx: Transaction,
  orgId: string,
  words: readonly Word[],
  at: Date,
): Promise<Changed[]> => {
  if (words.length === 0) return []
  const { rows } = await sql<{
    kind: SignalKind
    wasOf: string | null
    was: string | null
    isOf: string | null
    is: string | null
    changed: boolean
  }>`
    with kept as (
    insert into insights.signals
      (org_id, system, kind, record_id, account_system, account_id, amount, unit, label, happened_at, ended_at, observed_at, details, source, source_pos, taken_at)
    select ${orgId}::uuid, r.*, ${at}::timestamptz from json_to_recordset(${asRows(words)}::json) as r(
      system text, kind text, record_id text, account_system text, account_id text, amount numeric, unit text, label text,
      happened_at timestamptz, ended_at timestamptz, observed_at timestamptz, details json, source text, source_pos bigint)
    on conflict (org_id, system, kind, record_id) do update set
      account_system = excluded.account_system, account_id = excluded.account_id, amount = excluded.amount, unit = excluded.unit, label = excluded.label,
      happened_at = excluded.happened_at, ended_at = excluded.ended_at, observed_at = excluded.observed_at, details = excluded.details,
      source = excluded.source, source_pos = excluded.source_pos,
      taken_at = case when
        (insights.signals.account_system, insights.signals.account_id, insights.signals.amount, insights.signals.unit, insights.signals.label,
          insights.signals.happened_at, insights.signals.ended_at, insights.signals.observed_at, insights.signals.details::text)
        is distinct from (excluded.account_system, excluded.account_id, excluded.amount, excluded.unit, excluded.label,
          excluded.happened_at, excluded.ended_at, excluded.observed_at, excluded.details::text)
        then excluded.taken_at else insights.signals.taken_at end
    where insights.signals.source_pos < excluded.source_pos
    returning old as former, new.kind, new.account_system as "isOf", new.account_id as is,
      (old.account_system, old.account_id, old.amount, old.unit, old.label, old.happened_at, old.ended_at, old.observed_at, old.details::text)
        is distinct from
      (new.account_system, new.account_id, new.amount, new.unit, new.label, new.happened_at, new.ended_at, new.observed_at, new.details::text) as changed
    ), former as (
      insert into insights.former_signals
        (org_id, account_system, account_id, system, kind, record_id, amount, unit, label, happened_at, ended_at, observed_at, details, taken_at, until)
      select (k.former).org_id, (k.former).account_system, (k.former).account_id, (k.former).system, (k.former).kind, (k.former).record_id,
        (k.former).amount, (k.former).unit, (k.former).label, (k.former).happened_at, (k.former).ended_at, (k.former).observed_at,
        (k.former).details, (k.former).taken_at, ${at}::timestamptz
      from kept k where k.changed and (k.former).account_id is not null and (k.former).taken_at < ${at}::timestamptz
      on conflict do nothing
    ), forgotten as (
      delete from insights.former_signals f using kept k
      where f.org_id = ${orgId}::uuid and f.account_system = k."isOf" and f.account_id = k.is
        and f.until < ${at}::timestamptz - ${PAST_DAYS} * interval '1 day'
    )
    select k.kind, (k.former).account_system as "wasOf", (k.former).account_id as was, k."isOf", k.is, k.changed from kept k`.execute(
    tx,
  )
  return rows
    .filter((row) => row.changed)
    .flatMap(({ kind, wasOf, was, isOf, is }) =>
      [refOf(wasOf, was), ...(was === is && wasOf === isOf ? [] : [refOf(isOf, is)])]
        .flat()
        .map((account) => ({ ...account, kind })),
    )
}

const refOf = (system: string | null, accountId: string | null): AccountRef[] =>
  system === null || accountId === null ? [] : [{ system, accountId }]

/** A fact as the columns that make it up, moments in milliseconds. */
type Columns = [
  ...[system: SourceSystem, accountSystem: AccountSystem, accountId: string, kind: SignalKind],
  ...[recordId: string, amount: number | null, unit: string | null, label: string | null],
  ...[happened: number | null, ended: number | null, observed: number, details: Details | null],
]

/** The facts of customers. Of each they are read from a text when they are asked for, so that few of a batch take room at a time. */
export interface SignalsByCustomer {
  get(customerId: string): Signal[]
}

/**
 * All facts about each of the customers, or those of some kinds: one statement for all. They come as one text for each customer: as rows
 * of columns they would take longer to be read than the customer takes to be judged.
 */
export const signalsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  kinds?: readonly SignalKind[],
): Promise<SignalsByCustomer> => {
  const { rows } = await sql<{ customerId: string; facts: string }>`
    select a.customer_id as "customerId", json_agg(json_build_array(
      s.system, a.system, a.account_id, s.kind, s.record_id, s.amount, s.unit, s.label,
      ${inMs('s.happened_at')}, ${inMs('s.ended_at')}, ${inMs('s.observed_at')}, s.details))::text as facts
    from insights.accounts a join insights.signals s
      on s.org_id = a.org_id and s.account_system = a.system and s.account_id = a.account_id
    where a.org_id = ${orgId}::uuid and a.customer_id = any(${customerIds}::text[])
      ${kinds === undefined ? sql`` : sql`and s.kind = any(${kinds}::text[])`}
    group by a.customer_id`.execute(tx)
  const texts = new Map(rows.map(({ customerId, facts }) => [customerId, facts]))
  return { get: (customerId) => (JSON.parse(texts.get(customerId) ?? '[]') as Columns[]).map(signalOf) }
}

const signalOf = ([
  system,
  accountSystem,
  accountId,
  kind,
  recordId,
  amount,
  unit,
  label,
  happened,
  ended,
  observed,
  details,
]: Columns): Signal => ({
  ...{ system, accountSystem, accountId, kind, recordId, amount, unit, label },
  happenedAt: dateOf(happened),
  endedAt: dateOf(ended),
  // A fact with an account was observed: the table's check.
  observedAt: new Date(observed),
  ...(details === null ? {} : { details }),
})

const inMs = (column: string) => sql`(extract(epoch from ${sql.ref(column)}) * 1000)::double precision`
const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))
