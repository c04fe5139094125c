import { sql } from 'kysely'
import { type AccountKey, inOrder, type Judgement } from '../domain/matching/judgement.ts'
import type { Edge } from '../domain/matching/resolve.ts'
import type { Transaction } from './transaction.ts'

/** A pair that was judged. */
export interface FoundPair extends Judgement {
  id: string
  a: AccountKey
  b: AccountKey
  kind: 'MATCH' | 'DUPLICATE'
  facts: string
  /** Whether it is worth keeping: both are live, and somebody would be asked. */
  isWorth: boolean
}

const pairOf = ({ a, b, rules, ...rest }: FoundPair) => {
  const [first, second] = inOrder(a, b)
  return {
    ...rest,
    reasons: rules,
    a_system: first.system,
    a_account_id: first.accountId,
    b_system: second.system,
    b_account_id: second.accountId,
  }
}

/**
 * Keeps pairs that are worth it, and notes of those kept before what they are worth now: one statement. What a person decided holds as long
 * as both accounts say what they said then.
 */
export const keepPairs = async (
  tx: Transaction,
  orgId: string,
  pairs: readonly FoundPair[],
  at: Date,
): Promise<void> => {
  if (pairs.length === 0) return
  const rows = pairs.map(pairOf)
  await sql`
    insert into customers.identity_candidates as c (org_id, id, a_system, a_account_id, b_system, b_account_id, kind, score, verdict,
      waterfall, reasons, model, facts, state, found_at, updated_at)
    select ${orgId}::uuid, r.id, r.a_system, r.a_account_id, r.b_system, r.b_account_id, r.kind, r.score, r.verdict, r.waterfall,
      array(select jsonb_array_elements_text(r.reasons)), r.model, r.facts, case when r."isWorth" then 'OPEN' else 'GONE' end,
      ${at}::timestamptz, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, a_system text, a_account_id text, b_system text,
      b_account_id text, kind text, score numeric, verdict text, waterfall jsonb, reasons jsonb, model text, facts text, "isWorth" boolean)
    where r."isWorth" or exists (
      select from customers.identity_candidates k where k.org_id = ${orgId}::uuid and k.a_system = r.a_system
        and k.a_account_id = r.a_account_id and k.b_system = r.b_system and k.b_account_id = r.b_account_id)
    on conflict (org_id, a_system, a_account_id, b_system, b_account_id) do update set kind = excluded.kind, score = excluded.score,
      verdict = excluded.verdict, waterfall = excluded.waterfall, reasons = excluded.reasons, model = excluded.model,
      facts = excluded.facts, updated_at = excluded.updated_at,
      state = case when c.decided_by is not null and c.facts = excluded.facts then c.state
        when excluded.state = 'GONE' then 'GONE' when c.state = 'LINKED' then 'LINKED' else 'OPEN' end,
      decided_by = case when c.facts = excluded.facts then c.decided_by end,
      decided_at = case when c.facts = excluded.facts then c.decided_at end,
      reason = case when c.facts = excluded.facts then c.reason end
    where (c.score, c.verdict, c.facts, c.model, c.kind) is distinct from
        (excluded.score, excluded.verdict, excluded.facts, excluded.model, excluded.kind)
      or c.decided_by is null and (excluded.state = 'GONE') <> (c.state = 'GONE')`.execute(tx)
}

/** A kept pair as it counts when accounts are put together. */
export interface KeptEdge extends Edge {
  id: string
}

/** All kept pairs of accounts: one statement. */
export const edgesOf = async (
  tx: Transaction,
  orgId: string,
  keys: readonly AccountKey[],
): Promise<KeptEdge[]> => {
  const systems = keys.map(({ system }) => system)
  const ids = keys.map(({ accountId }) => accountId)
  const { rows } = await sql<{
    id: string
    a_system: AccountKey['system']
    a_account_id: string
    b_system: AccountKey['system']
    b_account_id: string
    kind: Edge['kind']
    score: string
    state: Edge['state']
    decided: boolean
  }>`
    with k as (select system, account_id from unnest(${systems}::text[], ${ids}::text[]) as k(system, account_id)), found as (
      select c.id from k join customers.identity_candidates c
        on c.org_id = ${orgId}::uuid and c.a_system = k.system and c.a_account_id = k.account_id
      union select c.id from k join customers.identity_candidates c
        on c.org_id = ${orgId}::uuid and c.b_system = k.system and c.b_account_id = k.account_id)
    select c.id, c.a_system, c.a_account_id, c.b_system, c.b_account_id, c.kind, c.score, c.state, c.decided_by is not null as decided
    from found join customers.identity_candidates c on c.org_id = ${orgId}::uuid and c.id = found.id`.execute(
    tx,
  )
  return rows.map((row) => ({
    id: row.id,
    a: { system: row.a_system, accountId: row.a_account_id },
    b: { system: row.b_system, accountId: row.b_account_id },
    kind: row.kind,
    score: Number(row.score),
    state: row.state,
    isDecided: row.decided,
  }))
}

/** Notes which pairs are linked and which are open, of those that nobody has decided: one statement. */
export const markLinked = async (
  tx: Transaction,
  orgId: string,
  states: readonly { id: string; state: 'LINKED' | 'OPEN' }[],
  at: Date,
): Promise<void> => {
  if (states.length === 0) return
  await sql`
    update customers.identity_candidates c set state = r.state, updated_at = ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(states)}::jsonb) as r(id uuid, state text)
    where c.org_id = ${orgId}::uuid and c.id = r.id and c.decided_by is null and c.state <> r.state`.execute(
    tx,
  )
}
