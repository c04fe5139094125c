import { sql } from 'kysely'
import type { OutsideProvider } from '../domain/enrichment.ts'
import type { Transaction } from './transaction.ts'

export type EnrichmentState = 'WAITING' | 'RUNNING' | 'RESTING' | 'FAILED'

/** Where the loops of all processes listen. */
export const ENRICHMENT_CHANNEL = 'insights_enrichment'

/** Wakes the loops with the commit. */
const call = async (tx: Transaction): Promise<void> => {
  await sql`select pg_notify(${ENRICHMENT_CHANNEL}, '')`.execute(tx)
}

/** A customer that is to be written about. */
export interface Wanted {
  customerId: string
  /** 1 to 10. */
  priority: number
  /** Whether somebody asked for it. */
  isAsked: boolean
  /** Who may be asked; null: whoever the organisation lets be asked. */
  providers: readonly OutsideProvider[] | null
}

/** The priority of whoever is written about because something has changed. */
export const CHANGED_PRIORITY = 5

/**
 * Has customers written about, one statement for all; who was merged into another is left out. Whoever waits already keeps its place, and comes to a better one when somebody
 * asks; about whom is being written is written again.
 */
export const want = async (
  tx: Transaction,
  orgId: string,
  wanted: readonly Wanted[],
  at: Date,
): Promise<void> => {
  if (wanted.length === 0) return
  const inOrder = [...wanted].sort((a, b) => (a.customerId < b.customerId ? -1 : 1))
  await sql`
    insert into insights.enrichment_queue as q
      (org_id, customer_id, state, priority, is_asked, providers, wanted_at, due_at, attempts)
    select ${orgId}::uuid, r."customerId", 'WAITING', r.priority, r."isAsked",
      case when json_typeof(r.providers) = 'array' then array(select json_array_elements_text(r.providers)) end,
      ${at}::timestamptz, ${at}::timestamptz, 0
    from json_to_recordset(${JSON.stringify(inOrder)}::json)
      as r("customerId" text, priority smallint, "isAsked" boolean, providers json)
    where not exists (
      select from insights.customers c
      where c.org_id = ${orgId}::uuid and c.customer_id = r."customerId" and c.merged_into is not null)
    on conflict (org_id, customer_id) do update set
      state = case when q.state = 'RUNNING' then q.state else 'WAITING' end,
      is_again = q.state = 'RUNNING',
      due_at = case when q.state = 'RUNNING' then q.due_at else excluded.due_at end,
      wanted_at = case when q.state = 'WAITING' then q.wanted_at else excluded.wanted_at end,
      priority = case when q.state in ('WAITING', 'RUNNING') then greatest(q.priority, excluded.priority) else excluded.priority end,
      is_asked = excluded.is_asked or (q.is_asked and q.state in ('WAITING', 'RUNNING')),
      providers = case when excluded.is_asked then excluded.providers
        when q.state in ('WAITING', 'RUNNING') then q.providers end,
      attempts = case when q.state = 'RUNNING' then q.attempts else 0 end,
      code = case when q.state = 'RUNNING' then q.code end
    where excluded.is_asked or q.state <> 'WAITING'`.execute(tx)
  await call(tx)
}

/** Has every customer of the organisation written about that waits for nothing yet: one statement. */
export const wantAll = async (tx: Transaction, orgId: string, at: Date): Promise<void> => {
  await sql`
    insert into insights.enrichment_queue as q
      (org_id, customer_id, state, priority, is_asked, wanted_at, due_at, attempts)
    select c.org_id, c.customer_id, 'WAITING', ${CHANGED_PRIORITY}, false, ${at}::timestamptz, ${at}::timestamptz, 0
    from insights.health c where c.org_id = ${orgId}::uuid
    order by c.customer_id
    on conflict (org_id, customer_id) do update set
      state = 'WAITING', due_at = excluded.due_at, wanted_at = excluded.wanted_at, attempts = 0
    where q.state = 'RESTING'`.execute(tx)
  await call(tx)
}

/** Has nobody written about by itself any more; whoever somebody asked for keeps its turn. One statement. */
export const wantNone = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`
    update insights.enrichment_queue set state = 'RESTING', due_at = null
    where org_id = ${orgId}::uuid and not is_asked and state in ('WAITING', 'RESTING')`.execute(tx)
}

/** A customer whose turn it is, taken. */
export interface Turn {
  customerId: string
  isAsked: boolean
  providers: OutsideProvider[] | null
  attempts: number
  /** Those whose call is paid for already: whoever took it before must have died. */
  paid: OutsideProvider[]
}

// Whose score has yet to follow its facts is written about a moment later, by the facts and the score.
const isJudged = sql`not exists (
  select from insights.customers c where c.org_id = enrichment_queue.org_id and c.customer_id = enrichment_queue.customer_id
    and c.dirty_since is not null)`

/**
 * Takes turns and marks them by `takenBy` until `until`; others' locks are stepped over. First those that somebody asked for, then those
 * that somebody took and never brought back, then the others, of which at most `background`.
 */
export const takeTurn = async (
  tx: Transaction,
  orgId: string,
  {
    now,
    until,
    takenBy,
    limit,
    background,
  }: { now: Date; until: Date; takenBy: string; limit: number; background: number },
): Promise<Turn[]> => {
  const { rows } = await sql<Turn>`
    with asked as (
      select customer_id from insights.enrichment_queue
      where org_id = ${orgId}::uuid and state = 'WAITING' and is_asked and due_at <= ${now}
        and ${isJudged}
      order by priority desc, wanted_at, customer_id limit ${limit} for update skip locked
    ), lapsed as (
      select customer_id from insights.enrichment_queue
      where org_id = ${orgId}::uuid and state = 'RUNNING' and due_at <= ${now}
      order by due_at limit ${limit} - (select count(*) from asked) for update skip locked
    ), changed as (
      select customer_id from insights.enrichment_queue
      where org_id = ${orgId}::uuid and state = 'WAITING' and not is_asked and due_at <= ${now}
        and ${isJudged}
      order by priority desc, wanted_at, customer_id
      limit greatest(0, least(${background}, ${limit} - (select count(*) from asked) - (select count(*) from lapsed)))
      for update skip locked
    ), old as (
      select customer_id from insights.enrichment_queue
      where org_id = ${orgId}::uuid and state = 'RESTING' and due_at <= ${now}
      order by due_at
      limit greatest(0, least(${background}, ${limit} - (select count(*) from asked) - (select count(*) from lapsed))
        - (select count(*) from changed))
      for update skip locked
    )
    update insights.enrichment_queue q set
      state = 'RUNNING', due_at = ${until}, taken_by = ${takenBy}::uuid, attempts = q.attempts + 1, is_again = false
    from (select * from asked union all select * from lapsed union all select * from changed union all select * from old) t
    where q.org_id = ${orgId}::uuid and q.customer_id = t.customer_id
    returning q.customer_id as "customerId", q.is_asked as "isAsked", q.providers, q.attempts, q.paid`.execute(
    tx,
  )
  return rows
}

/** Notes whose calls are paid for, before they are made. One statement. */
export const markPaid = async (
  tx: Transaction,
  orgId: string,
  paid: readonly { customerId: string; paid: readonly OutsideProvider[] }[],
): Promise<void> => {
  if (paid.length === 0) return
  await sql`
    update insights.enrichment_queue q set paid = array(select json_array_elements_text(r.paid))
    from json_to_recordset(${JSON.stringify(paid)}::json) as r("customerId" text, paid json)
    where q.org_id = ${orgId}::uuid and q.customer_id = r."customerId"`.execute(tx)
}

/** Those of these turns that are still whose they were, held until the transaction ends. */
export const heldTurns = async (
  tx: Transaction,
  orgId: string,
  takenBy: string,
  customerIds: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await sql<{ customerId: string }>`
    select customer_id as "customerId" from insights.enrichment_queue
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::text[])
      and taken_by = ${takenBy}::uuid and state = 'RUNNING'
    order by customer_id for update`.execute(tx)
  return new Set(rows.map((row) => row.customerId))
}

/** How a turn ended. */
export interface Ended {
  customerId: string
  state: Exclude<EnrichmentState, 'RUNNING'>
  /** When its next turn is; null when it has none by itself. */
  dueAt: Date | null
  attempts: number
  /** Whether it stays somebody's wish. */
  isAsked: boolean
  code: string | null
}

/** Ends turns, one statement for all; about whom there was news meanwhile waits again. */
export const endTurns = async (
  tx: Transaction,
  orgId: string,
  ended: readonly Ended[],
  at: Date,
): Promise<void> => {
  if (ended.length === 0) return
  await sql`
    update insights.enrichment_queue q set
      state = case when q.is_again then 'WAITING' else r.state end,
      due_at = case when q.is_again then ${at}::timestamptz else r."dueAt" end,
      wanted_at = case when q.is_again then ${at}::timestamptz else q.wanted_at end,
      attempts = case when q.is_again then 0 else r.attempts end,
      is_asked = case when q.is_again then q.is_asked else r."isAsked" end,
      providers = case when q.is_again or r."isAsked" then q.providers end,
      code = r.code, finished_at = ${at}::timestamptz, taken_by = null, paid = '{}', is_again = false
    from json_to_recordset(${JSON.stringify(ended)}::json)
      as r("customerId" text, state text, "dueAt" timestamptz, attempts smallint, "isAsked" boolean, code text)
    where q.org_id = ${orgId}::uuid and q.customer_id = r."customerId"`.execute(tx)
}

/** How many turns have ended since a moment: by index, and no more than is asked for. */
export const countEnded = async (
  tx: Transaction,
  orgId: string,
  since: Date,
  most: number,
): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from (
      select 1 from insights.enrichment_queue where org_id = ${orgId}::uuid and finished_at > ${since} limit ${most}
    ) recent`.execute(tx)
  return rows[0]!.n
}

/**
 * Organisations with a turn to take now. Asked as relay, across organisations, which it steps through by index: what it costs does not
 * depend on how many wait.
 */
export const organisationsWithTurns = async (tx: Transaction, at: Date): Promise<string[]> => {
  const { rows } = await sql<{ orgId: string }>`
    with recursive orgs as (
      (select org_id from insights.enrichment_queue where due_at is not null order by org_id limit 1)
      union all
      select (select q.org_id from insights.enrichment_queue q where q.due_at is not null and q.org_id > orgs.org_id
        order by q.org_id limit 1)
      from orgs where orgs.org_id is not null
    )
    select org_id as "orgId" from orgs where coalesce(
      (select true from insights.enrichment_queue q where q.org_id = orgs.org_id and q.due_at <= ${at} order by q.due_at limit 1),
      false)`.execute(tx)
  return rows.map((row) => row.orgId)
}

/** How many turns are in each state. */
export const countTurns = async (
  tx: Transaction,
  orgId: string,
): Promise<Record<EnrichmentState, number>> => {
  const { rows } = await sql<{ state: EnrichmentState; n: number }>`
    select state, count(*)::int as n from insights.enrichment_queue where org_id = ${orgId}::uuid group by state`.execute(
    tx,
  )
  return {
    ...{ WAITING: 0, RUNNING: 0, RESTING: 0, FAILED: 0 },
    ...Object.fromEntries(rows.map(({ state, n }) => [state, n])),
  }
}

/** What went wrong with those that failed, the most frequent first. */
export const countFailures = async (
  tx: Transaction,
  orgId: string,
  most: number,
): Promise<{ code: string; count: number; lastAt: Date }[]> => {
  const { rows } = await sql<{ code: string; count: number; lastAt: Date }>`
    select code, count(*)::int as count, max(finished_at) as "lastAt" from insights.enrichment_queue
    where org_id = ${orgId}::uuid and state = 'FAILED' group by code order by 2 desc, code limit ${most}`.execute(
    tx,
  )
  return rows
}

/** A customer that could not be written about. */
export interface FailedTurn {
  customerId: string
  code: string
  attempts: number
  failedAt: Date
}

/** A page of those that failed, the last first. */
export const failedTurns = async (
  tx: Transaction,
  orgId: string,
  { limit, after }: { limit: number; after: { failedAt: string; customerId: string } | null },
): Promise<FailedTurn[]> => {
  const { rows } = await sql<FailedTurn>`
    select customer_id as "customerId", code, attempts::int as attempts, finished_at as "failedAt"
    from insights.enrichment_queue
    where org_id = ${orgId}::uuid and state = 'FAILED'
      and (${after === null}::boolean or finished_at < ${after?.failedAt ?? null}::timestamptz
        or (finished_at = ${after?.failedAt ?? null}::timestamptz and customer_id > ${after?.customerId ?? null}))
    order by finished_at desc, customer_id limit ${limit}`.execute(tx)
  return rows
}

/** How far the turns of these customers are; those that never had one are left out. */
export const turnsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, EnrichmentState>> => {
  const { rows } = await sql<{ customerId: string; state: EnrichmentState }>`
    select customer_id as "customerId", state from insights.enrichment_queue
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::text[])`.execute(tx)
  return new Map(rows.map(({ customerId, state }) => [customerId, state]))
}

/** The turns of these customers as they stand, to be put back as they were: one statement. */
export const turnRowsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, object>> => {
  const { rows } = await sql<{ customerId: string; turn: object }>`
    select customer_id as "customerId", to_json(q) as turn from insights.enrichment_queue q
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::text[])`.execute(tx)
  return new Map(rows.map(({ customerId, turn }) => [customerId, turn]))
}

/** Puts turns back as they were, one statement for all; whoever was being written about waits again. */
export const putTurns = async (tx: Transaction, turns: readonly object[]): Promise<void> => {
  if (turns.length === 0) return
  await sql`
    insert into insights.enrichment_queue (org_id, customer_id, state, priority, is_asked, providers, wanted_at, due_at, attempts,
      paid, code, finished_at)
    select org_id, customer_id, case when state = 'RUNNING' then 'WAITING' else state end, priority, is_asked, providers, wanted_at,
      case when state = 'RUNNING' then wanted_at else due_at end, attempts, paid, code, finished_at
    from json_populate_recordset(null::insights.enrichment_queue, ${JSON.stringify(turns)}::json)
    on conflict do nothing`.execute(tx)
  await call(tx)
}
