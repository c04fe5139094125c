import { idFrom } from '#kernel/ids.ts'
import type { Insight, InsightsMemory } from '../domain/insights.ts'
import { tellInsights } from '../domain/telling.ts'
import { type InsightRow, newestInsights, saveInsights } from '../store/insights.ts'
import type { Judged, Keeper } from './keeper.ts'

/** What was remembered: rows, of which those that have not moved come back as they are. */
interface Remembered extends InsightsMemory {
  newest: readonly InsightRow[]
}

const remembered = (rows: readonly InsightRow[]): Remembered => ({
  newest: rows,
  asOf: rows.reduce((last, { asOf }) => (asOf > last ? asOf : last), new Date(0)),
})

/** Keeps what is noticed of customers, where it has moved. */
export const insightsKeeper: Keeper<'insights'> = {
  recall: async (tx, orgId, customerIds) =>
    new Map(
      [...(await newestInsights(tx, orgId, customerIds))].map(([customerId, rows]) => [
        customerId,
        remembered(rows),
      ]),
    ),
  save: (tx, orgId, judged) =>
    saveInsights(
      tx,
      orgId,
      judged.flatMap((one) => moved(orgId, one)),
    ),
  forget: async (tx, orgId, customerIds, at) => {
    const held = await newestInsights(tx, orgId, customerIds)
    const after = new Map(
      [...held].map(([customerId, rows]) => [customerId, rows.map((row) => ended(row, at))]),
    )
    await saveInsights(
      tx,
      orgId,
      [...after].flatMap(([customerId, rows]) => rows.filter((row, i) => row !== held.get(customerId)![i])),
    )
    return [...after].flatMap(([customerId, rows]) =>
      tellInsights(customerId, held.get(customerId)!, rows, at),
    )
  },
  tell: (one, orgId) =>
    tellInsights(
      one.customerId,
      rowsOf(one.memory),
      one.found.newest.map(named(orgId, one.customerId)),
      one.found.asOf,
    ),
}

const rowsOf = (memory: InsightsMemory | undefined): readonly InsightRow[] =>
  (memory as Remembered | undefined)?.newest ?? []

/** The row of what was noticed: the one remembered where it is of that. */
const named =
  (orgId: string, customerId: string) =>
  (insight: Insight): InsightRow =>
    'insightId' in insight
      ? (insight as InsightRow)
      : { ...insight, insightId: insightId(orgId, customerId, insight), customerId, recommendationId: null }

/** The same for the same episode, always. */
const insightId = (orgId: string, customerId: string, { detector, episode }: Insight): string =>
  idFrom('insight', orgId, customerId, detector, `${episode}`)

const moved = (orgId: string, { customerId, found, memory }: Judged<'insights'>): InsightRow[] => {
  const before = new Set<Insight>(rowsOf(memory))
  return found.newest.filter((insight) => !before.has(insight)).map(named(orgId, customerId))
}

/** What was open of somebody who is nobody any more. */
const ended = (row: InsightRow, at: Date): InsightRow =>
  row.state === 'NEW' || row.state === 'ACCEPTED'
    ? { ...row, state: 'EXPIRED', version: row.version + 1, decidedAt: at, asOf: at }
    : row
