/** What must be so of everything that insights keeps and has told, once it has come to rest. */
import { isDeepStrictEqual } from 'node:util'
import type { EventPayload, ProfileFields } from '#schema/events.ts'
import { movedFindings, toldOf, type Values } from '#subgraphs/insights/domain/findings.ts'
import { tellInsight, tellToDo } from '#subgraphs/insights/domain/telling.ts'
import { type InsightRow, newestInsights } from '#subgraphs/insights/store/insights.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import type { InsightsBed } from '#test/insights/bed.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import type { Compared } from './from-nothing.ts'
import type { KilledHub } from './hub.ts'
import type { Told } from './told.ts'

interface Kept {
  customer_id: string
  score: string | null
  confidence: string
  trend: string | null
  dimensions: { name: string; score: number }[]
  contributions: { points: number }[]
  found: Values | null
}

const keptBy = (bed: InsightsBed): Promise<Kept[]> =>
  bed.rows<Kept>(
    'select h.customer_id, h.score, h.confidence, h.trend, h.dimensions, h.contributions, f.found from insights.health h left join insights.findings f using (org_id, customer_id)',
  )

const compared = (rows: number, differences: (string | false)[]): Compared => ({
  rows,
  differences: differences.filter((each) => each !== false),
})

/** Whether the points of every score sum to it. */
export const checkContributions = async (bed: InsightsBed): Promise<Compared> => {
  const rows = await keptBy(bed)
  return compared(
    rows.length,
    rows.map(({ customer_id, score, contributions }) => {
      const sum = contributions.reduce((all, { points }) => all + points, 0)
      return (
        Math.abs(sum - Number(score ?? 0)) > 0.01 &&
        `points of ${customer_id} sum to ${sum}, its score is ${score}`
      )
    }),
  )
}

/** Whether history ends with what is. */
export const checkHistory = async (bed: InsightsBed): Promise<Compared> => {
  const last = await bed.rows<Kept>(
    'select distinct on (customer_id) * from insights.health_history order by customer_id, as_of desc',
  )
  const byCustomer = new Map(last.map((row) => [row.customer_id, row]))
  const rows = await keptBy(bed)
  const shown = (row: Kept | undefined) =>
    row && [row.score, row.confidence, row.trend, row.dimensions.map(({ name, score }) => [name, score])]
  return compared(
    rows.length,
    rows.map((row) => {
      const then = byCustomer.get(row.customer_id)
      // Of whom nothing was ever known there is no history.
      if (!then && row.score === null) return false
      return (
        !isDeepStrictEqual(shown(row), shown(then)) &&
        `history of ${row.customer_id} ends with ${JSON.stringify(shown(then))}, it is ${JSON.stringify(shown(row))}`
      )
    }),
  )
}

const newestOf = (bed: InsightsBed, ids: readonly string[]): Promise<Map<string, InsightRow[]>> =>
  bed.database.read(DEMO, (tx) => newestInsights(asTransaction(tx), DEMO, ids))

/** What would be told of a customer to somebody who knows nothing of it. */
const fieldsOf = (
  found: Values | null,
  customerId: string,
  insights: readonly InsightRow[],
): ProfileFields => {
  const at = new Date(0)
  const toDo = tellToDo(customerId, insights, at).flatMap(({ name, payload }) =>
    name === 'insights.profile.changed' ? [(payload as EventPayload<'insights.profile.changed'>).fields] : [],
  )
  const values = found ?? {}
  return Object.assign({}, toldOf(movedFindings({}, values), {}, values, at), ...toDo)
}

/** Whether what was told last of everybody is what is kept. */
export const checkTold = async (bed: InsightsBed, told: Told): Promise<Compared> => {
  const rows = await keptBy(bed)
  const insights = await newestOf(
    bed,
    rows.map(({ customer_id }) => customer_id),
  )
  const found: (string | false)[] = []
  let count = 0
  for (const { customer_id: id, score, trend, found: values } of rows) {
    const last = told.health.get(id)
    const [was, is] = [
      [last?.score ?? null, last?.trend ?? null],
      [score, trend],
    ]
    found.push(!isDeepStrictEqual(was, is) && `health of ${id}: told ${was}, is ${is}`)
    const own = insights.get(id) ?? []
    const expected = fieldsOf(values, id, own) as Record<string, { value: unknown } | undefined>
    const heard = told.fields.get(id) ?? new Map<string, { value: unknown }>()
    for (const field of new Set([...heard.keys(), ...Object.keys(expected)])) {
      if (field === 'summary') continue
      const [was, is] = [heard.get(field)?.value ?? null, expected[field]?.value ?? null]
      count++
      found.push(
        !isDeepStrictEqual(was, is) &&
          `${field} of ${id}: told ${JSON.stringify(was)}, is ${JSON.stringify(is)}`,
      )
    }
    for (const row of own) {
      const { payload } = tellInsight(row, true)
      count++
      found.push(
        !isDeepStrictEqual(told.insights.get(row.insightId), payload) &&
          `insight ${row.detector} of ${id}: told ${JSON.stringify(told.insights.get(row.insightId))}, is ${JSON.stringify(payload)}`,
      )
    }
    for (const { name, payload } of tellToDo(id, own, new Date(0))) {
      if (name !== 'insights.recommendation.changed') continue
      const { observedAt: _, ...asked } = payload as EventPayload<'insights.recommendation.changed'>
      const { observedAt: __, ...heardOf } = told.recommendations.get(asked.recommendationId) ?? {
        observedAt: '',
      }
      count++
      found.push(
        !isDeepStrictEqual(heardOf, asked) &&
          `recommendation ${asked.recommendationId} of ${id}: told otherwise`,
      )
    }
  }
  return compared(rows.length + count, found)
}

const numberOf = (text: unknown): number | null => (text === null || text === undefined ? null : Number(text))

/** Whether customers are filtered and ordered by what insights keeps. */
export const checkColumns = async (hub: KilledHub): Promise<Compared> => {
  const columns = await hub.customersRows<Record<string, string | null> & { id: string }>(
    'select id::text, health_score, health_trend, churn_risk, lead_score from customers.customers',
  )
  const byId = new Map(columns.map((row) => [row.id, row]))
  const rows = await keptBy(hub.bed)
  return compared(
    rows.length,
    rows.map(({ customer_id: id, score, trend, found }) => {
      const column = byId.get(id)
      const said = fieldsOf(found, id, [])
      const is = [numberOf(score), trend, numberOf(said.churnRisk?.value), numberOf(said.score?.value)]
      const there = [
        ...[numberOf(column?.health_score), column?.health_trend ?? null],
        ...[numberOf(column?.churn_risk), numberOf(column?.lead_score)],
      ]
      return !isDeepStrictEqual(there, is) && `columns of ${id}: ${there}, kept ${is}`
    }),
  )
}

/** Every row that judging writes, without the moment it was last looked at. */
const judged = async (bed: InsightsBed) => ({
  health: await bed.rows("select to_jsonb(h) - 'as_of' as row from insights.health h order by customer_id"),
  findings: await bed.rows('select * from insights.findings order by customer_id'),
  insights: await bed.rows('select * from insights.insights order by insight_id'),
  history: await bed.rows('select * from insights.health_history order by customer_id, as_of'),
})

/** Whether judging everybody anew, with what is remembered, moves nothing and tells nothing. */
export const checkRecompute = async (hub: KilledHub): Promise<Compared> => {
  const before = await judged(hub.bed)
  const heard = hub.told.events
  const { data } = await hub.ask('mutation { recomputeInsights { recompute { total } } }')
  await hub.settled()
  const after = await judged(hub.bed)
  const names = Object.keys(before) as (keyof typeof before)[]
  return compared(data.recomputeInsights.recompute.total, [
    hub.told.events !== heard && `recomputing told ${hub.told.events - heard} events`,
    ...names.flatMap((name) => {
      const [was, is] = [
        before[name].map((row) => JSON.stringify(row)),
        after[name].map((row) => JSON.stringify(row)),
      ]
      const other = is.filter((row) => !was.includes(row))
      return other.length > 0 || was.length !== is.length
        ? [
            `recomputed ${name}: ${other.length} rows are others, such as ${other[0]} where there was ${was.find((row) => !is.includes(row))}`,
          ]
        : []
    }),
  ])
}
