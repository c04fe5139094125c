import { sql } from 'kysely'
import type { CountedPage } from '#service/connection.ts'
import {
  type AccountKey,
  type Candidate,
  type CandidateKind,
  type CandidateState,
  inOrder,
  type Judgement,
  type WaterfallRow,
} from '../domain/matching/judgement.ts'
import { MATCHING_CHANNEL } from './identities.ts'
import type { Transaction } from './transaction.ts'

/** Which candidates are asked for. What is left out does not narrow. */
export interface CandidateFilter {
  states?: readonly CandidateState[]
  kind?: CandidateKind
  minScore?: number
  maxScore?: number
  /** Of which one of the two accounts is. */
  system?: AccountKey['system']
  /** Of which customers one of the two accounts is, now. */
  customerIds?: readonly string[]
}

/** Behind whom a page begins: highest score first, then by id. */
export interface CandidatePage {
  first: number
  after: { score: number; id: string } | null
}

/** A page of candidates. */
export type IdentityCandidateConnectionRow = CountedPage<Candidate>
/** A candidate as the graph shows it. */
export type IdentityCandidateRow = Candidate
/** One of its accounts: what it says is loaded apart. */
export type ComparedAccountRow = AccountKey
/** One row of what it was concluded from. */
export type MatchStepRow = WaterfallRow

interface CandidateRow {
  id: string
  a_system: AccountKey['system']
  a_account_id: string
  b_system: AccountKey['system']
  b_account_id: string
  kind: CandidateKind
  score: string
  verdict: Judgement['verdict']
  waterfall: Judgement['waterfall']
  reasons: Judgement['rules']
  model: string
  state: CandidateState
  decided_by: string | null
  decided_at: Date | null
  reason: string | null
  found_at: Date
  updated_at: Date
}

const COLUMNS = sql`c.id, c.a_system, c.a_account_id, c.b_system, c.b_account_id, c.kind, c.score, c.verdict, c.waterfall, c.reasons,
  c.model, c.state, c.decided_by, c.decided_at, c.reason, c.found_at, c.updated_at`

const candidateOf = (row: CandidateRow): Candidate => ({
  id: row.id,
  a: { system: row.a_system, accountId: row.a_account_id },
  b: { system: row.b_system, accountId: row.b_account_id },
  kind: row.kind,
  score: Number(row.score),
  verdict: row.verdict,
  waterfall: row.waterfall,
  rules: row.reasons,
  model: row.model,
  state: row.state,
  decidedBy: row.decided_by,
  decidedAt: row.decided_at,
  reason: row.reason,
  foundAt: row.found_at,
  updatedAt: row.updated_at,
})

const narrowed = (orgId: string, filter: CandidateFilter) => {
  const all = [sql<boolean>`c.org_id = ${orgId}::uuid`]
  const [state, ...others] = filter.states ?? []
  if (state && others.length === 0) all.push(sql`c.state = ${state}`)
  else if (filter.states) all.push(sql`c.state = any(${[...filter.states]}::text[])`)
  if (filter.kind) all.push(sql`c.kind = ${filter.kind}`)
  // Whole numbers: under row security no index serves a comparison of decimals.
  if (filter.minScore !== undefined) all.push(sql`c.rank >= ceil(${filter.minScore}::numeric * 100)::integer`)
  if (filter.maxScore !== undefined)
    all.push(sql`c.rank <= floor(${filter.maxScore}::numeric * 100)::integer`)
  if (filter.system) all.push(sql`${filter.system} in (c.a_system, c.b_system)`)
  if (filter.customerIds)
    all.push(sql`(c.a_system, c.a_account_id) in (
        select i.system, i.account_id from customers.identities i
        where i.org_id = ${orgId}::uuid and i.customer_id = any(${[...filter.customerIds]}::uuid[]))
      or c.org_id = ${orgId}::uuid and (c.b_system, c.b_account_id) in (
        select i.system, i.account_id from customers.identities i
        where i.org_id = ${orgId}::uuid and i.customer_id = any(${[...filter.customerIds]}::uuid[]))`)
  return sql.join(
    all.map((each) => sql`(${each})`),
    sql` and `,
  )
}

/** A page of candidates, highest score first: one statement. Ask for one more than is shown to know whether there are more. */
export const candidatesOf = async (
  tx: Transaction,
  orgId: string,
  filter: CandidateFilter,
  { first, after }: CandidatePage,
): Promise<Candidate[]> => {
  const { rows } = await sql<CandidateRow>`
    select ${COLUMNS} from customers.identity_candidates c where ${narrowed(orgId, filter)}
      ${after ? sql`and (c.rank, c.id) < (${Math.round(after.score * 100)}, ${after.id}::uuid)` : sql``}
    order by c.rank desc, c.id desc limit ${first}`.execute(tx)
  return rows.map(candidateOf)
}

/** How many candidates there are: one statement. */
export const countCandidates = async (
  tx: Transaction,
  orgId: string,
  filter: CandidateFilter,
): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::integer as n from customers.identity_candidates c where ${narrowed(orgId, filter)}`.execute(
    tx,
  )
  return rows[0]?.n ?? 0
}

/** Candidates by id: one statement. */
export const candidatesById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, Candidate>> => {
  const { rows } = await sql<CandidateRow>`
    select ${COLUMNS} from customers.identity_candidates c
    where c.org_id = ${orgId}::uuid and c.id = any(${[...ids]}::uuid[])`.execute(tx)
  return new Map(rows.map((row) => [row.id, candidateOf(row)]))
}

/** What a person decides of candidates: LINKED and REJECTED hold until the facts change, OPEN takes a decision back. */
export interface CandidateDecision {
  state: 'LINKED' | 'REJECTED' | 'OPEN'
  /** Who, as `kind id`. */
  decidedBy: string
  reason: string | null
}

/**
 * Notes a person's decision of candidates, and has their accounts judged anew: one statement. It moves no account: whoever accepts one
 * moves it in the same transaction (`moveAccounts` with MANUAL), or leaves it to the matcher, which links what was accepted.
 * @returns the ids of those that were there
 */
export const decideCandidates = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  decision: CandidateDecision,
  at: Date,
): Promise<Set<string>> => {
  const isOpen = decision.state === 'OPEN'
  const { rows } = await sql<{ id: string }>`
    with decided as (
      update customers.identity_candidates set state = ${decision.state},
        decided_by = ${isOpen ? null : decision.decidedBy}, decided_at = ${isOpen ? null : at}::timestamptz,
        reason = ${isOpen ? null : decision.reason}, updated_at = ${at}::timestamptz
      where org_id = ${orgId}::uuid and id = any(${[...ids]}::uuid[])
      returning id, a_system, a_account_id, b_system, b_account_id
    ), due as (
      insert into customers.identity_due (org_id, system, account_id, step, marked_at)
      select ${orgId}::uuid, system, account_id, 'JUDGE', ${at}::timestamptz from (
        select a_system as system, a_account_id as account_id from decided union select b_system, b_account_id from decided) d
      order by system, account_id
      on conflict do nothing
    )
    select id, pg_notify(${MATCHING_CHANNEL}, '')::text as told from decided`.execute(tx)
  return new Set(rows.map((row) => row.id))
}

/** A pair of which a person says that both are not the same customer, with what the matcher has to say of it (`judgePairs`). */
export interface RejectedPair extends Judgement {
  id: string
  a: AccountKey
  b: AccountKey
  kind: CandidateKind
  facts: string
}

/** Remembers that accounts are not the same customer, whether the matcher had thought so or not: one statement. */
export const rejectPairs = async (
  tx: Transaction,
  orgId: string,
  pairs: readonly RejectedPair[],
  by: { decidedBy: string; reason: string | null },
  at: Date,
): Promise<void> => {
  if (pairs.length === 0) return
  const rows = pairs.map(({ a, b, rules, ...rest }) => {
    const [first, second] = inOrder(a, b)
    return {
      ...rest,
      reasons: rules,
      a_system: first.system,
      a_account_id: first.accountId,
      b_system: second.system,
      b_account_id: second.accountId,
    }
  })
  await sql`
    insert into customers.identity_candidates (org_id, id, a_system, a_account_id, b_system, b_account_id, kind, score, verdict, waterfall,
      reasons, model, facts, state, decided_by, decided_at, reason, found_at, updated_at)
    select ${orgId}::uuid, r.id, r.a_system, r.a_account_id, r.b_system, r.b_account_id, r.kind, r.score, r.verdict, r.waterfall,
      array(select jsonb_array_elements_text(r.reasons)), r.model, r.facts, 'REJECTED', ${by.decidedBy}, ${at}::timestamptz,
      ${by.reason}, ${at}::timestamptz, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, a_system text, a_account_id text, b_system text,
      b_account_id text, kind text, score numeric, verdict text, waterfall jsonb, reasons jsonb, model text, facts text)
    on conflict (org_id, a_system, a_account_id, b_system, b_account_id) do update set state = 'REJECTED',
      decided_by = excluded.decided_by, decided_at = excluded.decided_at, reason = excluded.reason, facts = excluded.facts,
      updated_at = excluded.updated_at`.execute(tx)
}
