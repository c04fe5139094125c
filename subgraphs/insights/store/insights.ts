import { type RawBuilder, sql } from 'kysely'
import type { Kept } from '../domain/regaining.ts'
import type { Transaction } from './transaction.ts'

/** An insight as it is kept. */
export interface InsightRow extends Kept {
  /** Of what is about a part or a supplier: the recommendation that it repeats. */
  recommendationId: string | null
}

export const insightColumns = sql`i.insight_id as "insightId", i.customer_id as "customerId", i.recommendation_id as "recommendationId",
  i.detector, i.method_version as "methodVersion", i.type, i.episode, i.state, i.version, i.confidence, i.impact,
  i.value_at_stake as "valueAtStake", i.sentence, i.measures, i.evidence, i.is_recommended as "isRecommended",
  i.needs_person as "needsPerson", i.dismissals, i.dismissed_at as "dismissedAt", i.dismissed_for as "dismissedFor", i.outcome,
  i.raised_at as "raisedAt", i.valid_until as "validUntil", i.decided_at as "decidedAt",
  i.as_of as "asOf", i.taken_from as "takenFrom"`

const selected = async (tx: Transaction, where: RawBuilder<unknown>): Promise<InsightRow[]> =>
  (
    await sql<InsightRow>`select ${insightColumns} from insights.insights i where ${where}`.execute(tx)
  ).rows.map(exact)

/** As it was written, so that what has not moved is known by its text: a decimal of the table has four digits. */
export const exact = (row: InsightRow): InsightRow =>
  row.valueAtStake === null ? row : { ...row, valueAtStake: row.valueAtStake.replace(/00$/, '') }

/** The newest insight of each detector about each of these customers, one statement for all. */
export const newestInsights = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, InsightRow[]>> => {
  const { rows } = await sql<InsightRow>`
    select distinct on (i.customer_id, i.detector) ${insightColumns} from insights.insights i
    where i.org_id = ${orgId}::uuid and i.customer_id = any(${customerIds}::text[]) and i.undone_at is null
    order by i.customer_id, i.detector, i.episode desc`.execute(tx)
  return Map.groupBy(rows.map(exact), ({ customerId }) => customerId!)
}

/** These insights, one statement for all. */
export const insightsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, InsightRow>> => {
  const rows = await selected(tx, sql`i.org_id = ${orgId}::uuid and i.insight_id = any(${ids}::uuid[])`)
  return new Map(rows.map((row) => [row.insightId, row]))
}

/** Writes insights in one statement. */
export const saveInsights = async (
  tx: Transaction,
  orgId: string,
  insights: readonly InsightRow[],
): Promise<void> => {
  if (insights.length === 0) return
  await sql`
    insert into insights.insights (org_id, insight_id, customer_id, recommendation_id, detector, method_version, type, episode, state,
      version, confidence, impact, value_at_stake, sentence, measures, evidence, is_recommended, needs_person, dismissals, dismissed_at,
      dismissed_for, outcome, raised_at, valid_until, decided_at, as_of, taken_from)
    select ${orgId}::uuid, r."insightId", r."customerId", r."recommendationId", r.detector, r."methodVersion", r.type, r.episode,
      r.state, r.version, r.confidence, r.impact, r."valueAtStake", r.sentence, r.measures, r.evidence, r."isRecommended",
      r."needsPerson", r.dismissals, r."dismissedAt", r."dismissedFor", r.outcome, r."raisedAt", r."validUntil", r."decidedAt",
      r."asOf", r."takenFrom"
    from json_to_recordset(${JSON.stringify(insights)}::json) as r(
      "insightId" uuid, "customerId" text, "recommendationId" text, detector text, "methodVersion" int, type text, episode int,
      state text, version int, confidence int, impact text, "valueAtStake" numeric, sentence text, measures json, evidence json,
      "isRecommended" boolean, "needsPerson" boolean, dismissals int, "dismissedAt" timestamptz, "dismissedFor" text, outcome text,
      "raisedAt" timestamptz, "validUntil" timestamptz, "decidedAt" timestamptz, "asOf" timestamptz,
      "takenFrom" text)
    on conflict (org_id, insight_id) do update set method_version = excluded.method_version, state = excluded.state,
      version = excluded.version, confidence = excluded.confidence, impact = excluded.impact,
      value_at_stake = excluded.value_at_stake, sentence = excluded.sentence, measures = excluded.measures,
      evidence = excluded.evidence, is_recommended = excluded.is_recommended, needs_person = excluded.needs_person,
      dismissals = excluded.dismissals, dismissed_at = excluded.dismissed_at, dismissed_for = excluded.dismissed_for,
      outcome = excluded.outcome, valid_until = excluded.valid_until, decided_at = excluded.decided_at, as_of = excluded.as_of,
      taken_from = excluded.taken_from, undone_at = null`.execute(tx)
}

/** What a detector noticed of accounts that were taken apart: its episodes from one on, except the one that it goes on from. */
export interface Undone {
  customerId: string
  detector: string
  from: number
  /** The id of the one that it goes on from. */
  goesOn: string | null
  at: Date
}

/** Ends what was noticed of accounts that were taken apart. It stays to be read, and is no part of what its detectors go on from. One statement; none for nothing. */
export const undoInsights = async (
  tx: Transaction,
  orgId: string,
  undone: readonly Undone[],
): Promise<void> => {
  if (undone.length === 0) return
  await sql`
    update insights.insights i set undone_at = r.at,
      state = case when i.is_open then 'EXPIRED' else i.state end, version = i.version + i.is_open::integer,
      decided_at = case when i.is_open then r.at else i.decided_at end, as_of = case when i.is_open then r.at else i.as_of end
    from json_to_recordset(${JSON.stringify(undone)}::json)
      as r("customerId" text, detector text, "from" int, "goesOn" uuid, at timestamptz)
    where i.org_id = ${orgId}::uuid and i.customer_id = r."customerId" and i.detector = r.detector and i.episode >= r."from"
      and i.insight_id is distinct from r."goesOn" and i.undone_at is null
      and i.customer_id = any(${undone.map(({ customerId }) => customerId)}::text[])`.execute(tx)
}

/**
 * Forgets insights that ended before a moment, and those of one rule and customer beyond so many; the newest of each stays, for it says when
 * the rule may speak again. At most as many as a night has time for, the oldest first. One statement.
 */
export const forgetEnded = async (
  tx: Transaction,
  orgId: string,
  { before, mostEpisodes }: { before: Date; mostEpisodes: number },
): Promise<void> => {
  await sql`
    delete from insights.insights i where i.org_id = ${orgId}::uuid and i.insight_id in (
      select o.insight_id from insights.insights o
      where o.org_id = ${orgId}::uuid and not o.is_open
        and (o.customer_id is null and o.decided_at < ${before}::timestamptz or exists (
          select 1 from insights.insights newer
          where newer.org_id = ${orgId}::uuid and newer.customer_id = o.customer_id and newer.detector = o.detector
            and newer.episode >= o.episode + (case when o.decided_at < ${before}::timestamptz then 1 else ${mostEpisodes}::integer end)
        ))
      order by o.decided_at limit ${MOST_FORGOTTEN})`.execute(tx)
}

const MOST_FORGOTTEN = 10_000
