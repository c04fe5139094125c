/** All that insights keeps of customers, computed anew from the last words alone, on a database of its own. */
import { isDeepStrictEqual } from 'node:util'
import type { LoggedEvent } from '#events/event.ts'
import { TestClock } from '#kernel/clock.ts'
import { takeSignals } from '#subgraphs/insights/commands/take-signals.ts'
import { PART_ADVICE, takeSupplyRisks } from '#subgraphs/insights/commands/take-supply-risks.ts'
import { firstMonthKept } from '#subgraphs/insights/domain/months.ts'
import type { InsightRow } from '#subgraphs/insights/store/insights.ts'
import { newestInsights } from '#subgraphs/insights/store/insights.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { type InsightsBed, insightsBed } from '#test/insights/bed.ts'
import { shuffled } from '#test/insights/facts.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import type { Life } from './life.ts'

const BATCH = 200
/** Taken over as they are: what they are is decided and learned on the way, and not told by anybody. */
const RULES = { settings: 'true', models: "learned::text <> 'null'" }

/** What is kept, without where and when it was learned, by a key. What rests on what was found before is compared elsewhere. */
const TABLES: Readonly<Record<string, string>> = {
  customers: `select customer_id as key, jsonb_build_array(identity_version, merged_into) as said from insights.customers`,
  accounts: `select concat_ws(' ', customer_id, system, account_id) as key, 'true'::jsonb as said from insights.accounts`,
  signals: `select concat_ws(' ', system, kind, record_id) as key, to_jsonb(t) - '{source,source_pos,taken_at}'::text[] as said from insights.signals t`,
  series: `select concat_ws(' ', account_system, account_id, kind, system, month) as key, jsonb_build_array(unit, to_jsonb(amounts)) as said
    from insights.series where month >= $1::date`,
  domains: `select concat_ws(' ', account_system, account_id) as key, to_jsonb(domain) as said from insights.domains`,
  health: `select customer_id as key, to_jsonb(t) - '{as_of,days,slope,trend,fingerprint}'::text[] as said from insights.health t`,
  findings: `select customer_id as key, found::jsonb #- '{lead,state}' #- '{lead,dealStage}' as said from insights.findings where found::text <> '{}'`,
  'supply risks': `select recommendation_id as key, to_jsonb(t) - '{version,raised_at,decided_at}'::text[] as said
    from insights.insights t where recommendation_id is not null`,
}

const tableOf = async (bed: InsightsBed, name: string, now: Date): Promise<Map<string, unknown>> => {
  const sql = TABLES[name]!
  const rows = await bed.rows<{ key: string; said: unknown }>(
    sql,
    sql.includes('$1') ? [firstMonthKept(now)] : [],
  )
  return new Map(rows.map(({ key, said }) => [key, said]))
}

/** Tells it the last words, in another order than they came, and has everybody judged. */
const computed = async (
  bed: InsightsBed,
  life: Life,
  kept: InsightsBed,
  random: () => number,
): Promise<void> => {
  const { now } = life
  for (const [table, where] of Object.entries(RULES)) {
    const rows = await kept.rows<object>(`select to_jsonb(t) as row from insights.${table} t where ${where}`)
    await bed.rows(
      `insert into insights.${table} select r.* from jsonb_array_elements($1::jsonb) e, jsonb_populate_record(null::insights.${table}, e->'row') r`,
      [JSON.stringify(rows)],
    )
  }
  const words = [...life.last.values()].map(({ source, event }, n) => ({
    source,
    event: { ...event, pos: n + 1, orgId: DEMO, occurredAt: now } satisfies LoggedEvent,
  }))
  const [advice, facts] = [
    words.filter(({ event }) => event.name === PART_ADVICE),
    words.filter(({ event }) => event.name !== PART_ADVICE),
  ]
  const mixed = shuffled(random, facts)
  for (let n = 0; n < mixed.length; n += BATCH) await bed.take(mixed.slice(n, n + BATCH), now)
  const clock = new TestClock(now)
  const sent = [...life.sent.values()].map((each, index) => ({ index, told: each }))
  await bed.database.transaction(DEMO, async (raw) => {
    const tx = asTransaction(raw)
    await takeSupplyRisks(
      tx,
      DEMO,
      advice.map(({ event }) => event),
      now,
    )
    for (let n = 0; n < sent.length; n += BATCH) {
      const { refused } = await takeSignals(tx, { orgId: DEMO, clock }, sent.slice(n, n + BATCH))
      if (refused.length > 0) throw new Error(`refused now, taken before: ${JSON.stringify(refused[0])}`)
    }
  })
  await bed.scoreAll(now)
}

export interface Compared {
  rows: number
  /** What is not the same, in words. */
  differences: string[]
}

/** Compares what is kept with what is computed from nothing, at the same moment. */
export const compareFromNothing = async (
  kept: InsightsBed,
  life: Life,
  random: () => number,
): Promise<Compared> => {
  await using fresh = await insightsBed()
  await computed(fresh, life, kept, random)
  const all: Compared = { rows: 0, differences: [] }
  for (const name of Object.keys(TABLES)) {
    const [was, is] = [await tableOf(kept, name, life.now), await tableOf(fresh, name, life.now)]
    const keys = new Set([...was.keys(), ...is.keys()])
    all.rows += keys.size
    for (const key of keys) {
      const [held, found] = [was.get(key), is.get(key)]
      if (!isDeepStrictEqual(held, found)) all.differences.push(`${name} ${key}: ${differ(held, found)}`)
    }
  }
  const insights = await compareInsights(kept, fresh)
  return { rows: all.rows + insights.rows, differences: [...all.differences, ...insights.differences] }
}

/** The parts of two documents that differ. */
const differ = (held: unknown, found: unknown): string => {
  if (typeof held !== 'object' || typeof found !== 'object' || !held || !found)
    return `kept ${JSON.stringify(held)}, from nothing ${JSON.stringify(found)}`
  const [a, b] = [held as Record<string, unknown>, found as Record<string, unknown>]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((part) => !isDeepStrictEqual(a[part], b[part]))
    .map((part) => `${part}: kept ${JSON.stringify(a[part])}, from nothing ${JSON.stringify(b[part])}`)
    .join('; ')
}

const openOf = async (bed: InsightsBed): Promise<Map<string, InsightRow>> => {
  const customers = await bed.rows<{ id: string }>('select customer_id as id from insights.health')
  const held = await bed.database.read(DEMO, (tx) =>
    newestInsights(
      asTransaction(tx),
      DEMO,
      customers.map(({ id }) => id),
    ),
  )
  return new Map([...held].flatMap(([id, rows]) => rows.map((row) => [`${id} ${row.detector}`, row])))
}

/**
 * Whatever would be noticed by somebody who has never looked is open here too and says the same, unless people decided on it or nobody
 * cared in time. What is open here and would not be noticed is what stays a tenth longer: only then.
 */
const compareInsights = async (kept: InsightsBed, fresh: InsightsBed): Promise<Compared> => {
  const [was, is] = [await openOf(kept), await openOf(fresh)]
  const differences: string[] = []
  for (const [key, found] of is) {
    const held = was.get(key)
    const saidOf = ({
      methodVersion,
      confidence,
      impact,
      valueAtStake,
      sentence,
      measures,
      evidence,
    }: InsightRow) => ({
      ...{ methodVersion, confidence, impact, valueAtStake, sentence, measures, evidence },
    })
    if (held?.state === 'NEW') {
      if (!isDeepStrictEqual(saidOf(held), saidOf(found)))
        differences.push(`insight ${key}: ${differ(saidOf(held), saidOf(found))}`)
    } else if (
      !held ||
      (held.state === 'EXPIRED' &&
        held.decidedAt! < (held.validUntil ?? held.decidedAt!) &&
        held.dismissals === 0)
    )
      differences.push(`insight ${key}: ${held ? 'over' : 'never noticed'}, open from nothing`)
  }
  return { rows: new Set([...was.keys(), ...is.keys()]).size, differences }
}
