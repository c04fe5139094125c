import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { ListPage } from '../logs.ts'
import { doneWith, fingerprintOf, type ItemAction, type ItemState, type PlanItem } from './items.ts'

/** MAKING: it is being compared. CHECKING and DOING come after the approval. MOVED: it was refused, because something has moved. */
export type PlanState = 'MAKING' | 'READY' | 'EXPIRED' | 'DOING' | 'DONE' | 'MOVED' | 'FAILED' | 'CANCELLED'

/** How much a plan would do of one thing. */
export interface PlanCount {
  direction: 'IN' | 'OUT'
  type: string
  action: ItemAction
  records: number
}

/** A plan as it is kept. */
export interface KeptPlan {
  id: string
  connectionId: string
  kind: 'READ' | 'UNDO'
  mode: 'FULL' | 'INCREMENTAL'
  types: string[]
  state: PlanState
  runId: string
  undoes: string | null
  applyRunId: string | null
  madeBy: string
  madeAt: Date
  expiresAt: Date
  hash: string | null
  counts: PlanCount[]
  apiCalls: number
  approvedBy: string | null
  approvedAt: Date | null
  checkedAt: Date | null
}

/** An item as it is kept. */
export interface KeptItem extends PlanItem {
  state: ItemState
  fingerprint: string
  /** What would be done by now; null while it is as planned, its action null when nothing would. */
  movedTo: { action: ItemAction | null; fields: PlanItem['fields'] } | null
}

/** So long after it was made a plan may be approved. */
const LASTS_MS = 24 * 3_600_000

/** Notes a plan that a run is to make. */
export const keepPlan = async (
  tx: object,
  plan: Pick<KeptPlan, 'id' | 'connectionId' | 'kind' | 'mode' | 'types' | 'runId' | 'undoes' | 'madeBy'> & {
    orgId: string
  },
  at: Date,
): Promise<void> => {
  await sql`
    insert into sync.plans (id, org_id, connection_id, kind, mode, types, run_id, undoes, made_by, made_at, expires_at)
    values (${plan.id}::uuid, ${plan.orgId}::uuid, ${plan.connectionId}::uuid, ${plan.kind}, ${plan.mode}, ${plan.types}::text[],
      ${plan.runId}::uuid, ${plan.undoes}::uuid, ${plan.madeBy}, ${at}::timestamptz, ${new Date(at.getTime() + LASTS_MS)}::timestamptz)`.execute(
    over(tx),
  )
}

// What a plan is at follows from its runs: nothing has to be told twice.
const planColumns = (at: Date) => sql`
  p.id, p.connection_id as "connectionId", p.kind, p.mode, p.types, p.run_id as "runId", p.undoes, p.apply_run_id as "applyRunId",
  p.made_by as "madeBy", p.made_at as "madeAt", p.expires_at as "expiresAt", p.hash, p.counts, p.api_calls as "apiCalls",
  p.approved_by as "approvedBy", p.approved_at as "approvedAt", p.checked_at as "checkedAt",
  case when p.moved_at is not null then 'MOVED'
    when a.state = 'COMPLETED' then 'DONE' when a.state in ('FAILED', 'CANCELLED') then a.state when a.id is not null then 'DOING'
    when p.hash is null then case when r.state in ('FAILED', 'CANCELLED') then r.state else 'MAKING' end
    when p.expires_at <= ${at}::timestamptz then 'EXPIRED' else 'READY' end as state`
const FROM = sql`sync.plans p left join sync.runs r on r.id = p.run_id left join sync.runs a on a.id = p.apply_run_id`

/** Plans by id. */
export const plansById = async (
  tx: object,
  orgId: string,
  ids: readonly string[],
  at: Date,
): Promise<Map<string, KeptPlan>> => {
  const { rows } = await sql<KeptPlan>`
    select ${planColumns(at)} from ${FROM} where p.org_id = ${orgId}::uuid and p.id = any(${ids}::uuid[])`.execute(
    over(tx),
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** A plan, of which nobody else decides until the transaction ends. */
export const lockPlan = async (
  tx: object,
  orgId: string,
  id: string,
  at: Date,
): Promise<KeptPlan | undefined> => {
  await sql`select from sync.plans where org_id = ${orgId}::uuid and id = ${id}::uuid for update`.execute(
    over(tx),
  )
  return (await plansById(tx, orgId, [id], at)).get(id)
}

/** Plans, newest first. */
export const listPlans = async (
  tx: object,
  orgId: string,
  { connectionId }: { connectionId?: string | undefined },
  { limit, after }: ListPage,
  at: Date,
): Promise<KeptPlan[]> => {
  const { rows } = await sql<KeptPlan>`
    select ${planColumns(at)} from ${FROM}
    where p.org_id = ${orgId}::uuid ${connectionId ? sql`and p.connection_id = ${connectionId}::uuid` : sql``}
      ${after ? sql`and (p.made_at, p.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
    order by p.made_at desc, p.id desc limit ${limit}`.execute(over(tx))
  return rows
}

/** The newest plan that would undo a run and that nobody has refused or ended, if any. */
export const undoOf = async (
  tx: object,
  orgId: string,
  runId: string,
  at: Date,
): Promise<KeptPlan | undefined> => {
  const { rows } = await sql<KeptPlan>`
    select * from (select ${planColumns(at)} from ${FROM} where p.org_id = ${orgId}::uuid and p.undoes = ${runId}::uuid) found
    where state in ('MAKING', 'READY', 'DOING') order by "madeAt" desc limit 1`.execute(over(tx))
  return rows[0]
}

/** The plan was approved: this run does it. */
export const noteApproval = async (
  tx: object,
  id: string,
  { runId, by, at }: { runId: string; by: string; at: Date },
): Promise<void> => {
  await sql`
    update sync.plans set apply_run_id = ${runId}::uuid, approved_by = ${by}, approved_at = ${at}::timestamptz
    where id = ${id}::uuid`.execute(over(tx))
}

/** Everything was found as the plan says: it is done from here on. */
export const noteChecked = async (tx: object, id: string, at: Date): Promise<void> => {
  await sql`update sync.plans set checked_at = coalesce(checked_at, ${at}::timestamptz) where id = ${id}::uuid`.execute(
    over(tx),
  )
}

/** Something has moved since the plan was made: no more is done of it. */
export const noteMoved = async (tx: object, id: string, at: Date): Promise<void> => {
  await sql`update sync.plans set moved_at = coalesce(moved_at, ${at}::timestamptz) where id = ${id}::uuid`.execute(
    over(tx),
  )
}

/** Says of a plan that it is whole: how much it would do, and the hash of all of it, whatever pages it came in. */
export const closePlan = async (tx: object, id: string, apiCalls: number): Promise<void> => {
  const { rows } = await sql<PlanCount>`
    select direction, type, action, count(*)::integer as records from sync.plan_items
    where plan_id = ${id}::uuid and state <> 'IMPOSSIBLE' group by 1, 2, 3 order by 1, 2, 3`.execute(over(tx))
  await sql`
    update sync.plans set counts = ${JSON.stringify(rows)}::jsonb, api_calls = ${apiCalls}, hash = (
      select encode(sha256(convert_to(coalesce(string_agg(fingerprint, ''
        order by type collate "C", external_id collate "C", direction), ''), 'UTF8')), 'hex')
      from sync.plan_items where plan_id = ${id}::uuid and state <> 'IMPOSSIBLE')
    where id = ${id}::uuid`.execute(over(tx))
}

/** Writes items of a plan: one statement. A record that is met again is as it was met last. */
export const keepItems = async (
  tx: object,
  plan: { orgId: string; connectionId: string; planId: string },
  items: readonly (PlanItem & { state?: ItemState })[],
): Promise<void> => {
  if (items.length === 0) return
  const rows = items.map((item) => ({
    ...{ direction: item.direction, type: item.type, external_id: item.externalId, local_id: item.localId },
    ...{ action: item.action, fields: item.fields, reason: item.reason, survivor_id: item.survivorId },
    ...{
      done_with: doneWith(item),
      source_at: item.sourceAt,
      ours: item.ours,
      state: item.state ?? 'PENDING',
    },
    fingerprint: fingerprintOf(item),
  }))
  await sql`
    insert into sync.plan_items (org_id, plan_id, connection_id, direction, type, external_id, local_id, action, fields, reason,
      survivor_id, done_with, source_at, ours, fingerprint, state)
    select ${plan.orgId}::uuid, ${plan.planId}::uuid, ${plan.connectionId}::uuid, r.* from json_to_recordset(${JSON.stringify(rows)}::json)
      as r(direction text, type text, external_id text, local_id uuid, action text, fields jsonb, reason text, survivor_id text,
        done_with text, source_at timestamptz, ours text, fingerprint text, state text)
    on conflict (plan_id, type, external_id, direction) do update set local_id = excluded.local_id, action = excluded.action,
      fields = excluded.fields, reason = excluded.reason, survivor_id = excluded.survivor_id, done_with = excluded.done_with,
      source_at = excluded.source_at, ours = excluded.ours, fingerprint = excluded.fingerprint`.execute(
    over(tx),
  )
}

/** Takes records out of a plan that are met once more while it is made: what they are now counts. */
export const dropItems = async (
  tx: object,
  planId: string,
  type: string,
  externalIds: readonly string[],
): Promise<void> => {
  if (externalIds.length === 0) return
  await sql`
    delete from sync.plan_items where plan_id = ${planId}::uuid and type = ${type}
      and external_id = any(${externalIds}::text[])`.execute(over(tx))
}

/** Of records of ours those that a plan has something to do with already: one statement. */
export const plannedAmong = async (
  tx: object,
  planId: string,
  type: string,
  localIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (localIds.length === 0) return new Set()
  const { rows } = await sql<{ local_id: string }>`
    select distinct local_id from sync.plan_items
    where plan_id = ${planId}::uuid and type = ${type} and local_id = any(${localIds}::uuid[])`.execute(
    over(tx),
  )
  return new Set(rows.map((row) => row.local_id))
}

/** Of placeholders those of records that a plan makes at the source, of whatever type: one statement, none for none. */
export const madeBy = async (
  tx: object,
  planId: string,
  placeholders: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (placeholders.length === 0) return new Set()
  const { rows } = await sql<{ external_id: string }>`
    select external_id from sync.plan_items
    where plan_id = ${planId}::uuid and direction = 'OUT' and action = 'CREATE' and external_id = any(${placeholders}::text[])`.execute(
    over(tx),
  )
  return new Set(rows.map((row) => row.external_id))
}

/** What a plan would bring over of records before anything of them is written: their prints by external id. One statement. */
export const toBringOver = async (
  tx: object,
  planId: string,
  type: string,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await sql<{ external_id: string; fingerprint: string }>`
    select external_id, fingerprint from sync.plan_items
    where plan_id = ${planId}::uuid and direction = 'IN' and type = ${type} and state = 'PENDING'
      and external_id = any(${externalIds}::text[])`.execute(over(tx))
  return new Map(rows.map((row) => [row.external_id, row.fingerprint]))
}

/** Of what a plan has something to do: directions and types. */
export const kindsOfPlan = async (
  tx: object,
  planId: string,
): Promise<Pick<PlanCount, 'direction' | 'type'>[]> => {
  const { rows } = await sql<Pick<PlanCount, 'direction' | 'type'>>`
    select distinct direction, type from sync.plan_items where plan_id = ${planId}::uuid and state = 'PENDING'`.execute(
    over(tx),
  )
  return rows
}

const ITEM = sql`direction, type, external_id as "externalId", local_id as "localId", action, fields, reason,
  survivor_id as "survivorId", source_at as "sourceAt", ours, fingerprint, state, moved_to as "movedTo"`

/** Which items are meant; what is left out does not narrow. */
export interface ItemFilter {
  type?: string | undefined
  action?: ItemAction | undefined
  direction?: 'IN' | 'OUT' | undefined
  state?: ItemState | undefined
}

/** Which page of which items. */
export type ItemPage = ItemFilter & ListPage

/** Items of plans by type and record, a page of each: one statement. */
export const itemsOfPlans = async (
  tx: object,
  orgId: string,
  planIds: readonly string[],
  { type, action, direction, state, limit, after }: ItemPage,
): Promise<Map<string, KeptItem[]>> => {
  const { rows } = await sql<KeptItem & { planId: string }>`
    select p.id as "planId", i.* from unnest(${planIds}::uuid[]) as p(id) cross join lateral (
      select ${ITEM} from sync.plan_items where org_id = ${orgId}::uuid and plan_id = p.id
      ${type ? sql`and type = ${type}` : sql``} ${action ? sql`and action = ${action}` : sql``}
      ${direction ? sql`and direction = ${direction}` : sql``} ${state ? sql`and state = ${state}` : sql``}
      ${after ? sql`and (type, external_id, direction) > (${after[0]}, ${after[1]}, ${after[2]})` : sql``}
      order by type, external_id, direction limit ${limit}) i
    order by p.id, i.type, i."externalId", i.direction`.execute(over(tx))
  return Map.groupBy(rows, (row) => row.planId)
}

/** What is still to be done of a type, behind a record: some, and all that is done together with the last of them. */
export const pendingItems = async (
  tx: object,
  planId: string,
  { type, direction }: { type: string; direction: 'IN' | 'OUT' },
  after: string,
  limit: number,
): Promise<KeptItem[]> => {
  const { rows } = await sql<KeptItem>`
    with last as (
      select max(done_with) as done_with from (
        select done_with from sync.plan_items
        where plan_id = ${planId}::uuid and direction = ${direction} and type = ${type} and state = 'PENDING' and done_with > ${after}
        order by done_with limit ${limit}) page)
    select ${ITEM} from sync.plan_items i, last
    where i.plan_id = ${planId}::uuid and i.direction = ${direction} and i.type = ${type} and i.state = 'PENDING'
      and i.done_with > ${after} and i.done_with <= last.done_with
    order by i.done_with, i.external_id`.execute(over(tx))
  return rows
}

/** What became of items: one statement. */
export interface ItemOutcome {
  externalId: string
  state: ItemState
  movedTo?: KeptItem['movedTo']
  /** Why it cannot be done. Left out: what was said of it stands. */
  reason?: string | null
}

/** Notes what became of items of a type. */
export const noteOutcomes = async (
  tx: object,
  planId: string,
  { type, direction }: { type: string; direction: 'IN' | 'OUT' },
  outcomes: readonly ItemOutcome[],
): Promise<void> => {
  if (outcomes.length === 0) return
  const rows = outcomes.map((each) => ({
    external_id: each.externalId,
    state: each.state,
    moved_to: each.movedTo ?? null,
    reason: each.reason ?? null,
  }))
  await sql`
    update sync.plan_items i set state = r.state, moved_to = r.moved_to, reason = coalesce(r.reason, i.reason)
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(external_id text, state text, moved_to jsonb, reason text)
    where i.plan_id = ${planId}::uuid and i.type = ${type} and i.direction = ${direction} and i.external_id = r.external_id`.execute(
    over(tx),
  )
}

/** Whether anything of a plan was found to have moved. */
export const hasMoved = async (tx: object, planId: string): Promise<boolean> => {
  const { rows } = await sql<{ moved: boolean }>`
    select exists (select from sync.plan_items where plan_id = ${planId}::uuid and state = 'MOVED') as moved`.execute(
    over(tx),
  )
  return rows[0]?.moved ?? false
}
