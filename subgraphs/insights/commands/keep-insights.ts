import { idFrom } from '#kernel/ids.ts'
import type { Insight, InsightsMemory } from '../domain/insights.ts'
import { tellInsights } from '../domain/telling.ts'
import { type InsightRow, newestInsights, saveInsights, undoInsights } from '../store/insights.ts'
import type { Judged, Keeper } from './keeper.ts'

/** What was remembered: rows, of which those that have not moved come back as they are. */
export interface Remembered extends InsightsMemory {
  newest: readonly InsightRow[]
  /** What was noticed of accounts that have been taken apart. */
  undone?: readonly InsightRow[]
  /** Rows that were there before those that stand, by id. */
  known?: ReadonlyMap<string, InsightRow>
}

export const remembered = (rows: readonly InsightRow[]): Remembered => ({
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
  save: async (tx, orgId, judged) => {
    await undoInsights(
      tx,
      orgId,
      judged.flatMap(({ memory, found: { asOf: at } }) => {
        const former = memory as Remembered | undefined
        return (former?.undone ?? []).map(({ customerId, detector }) => {
          const goesOn = former!.newest.find((each) => each.detector === detector)
          const place = { from: goesOn?.episode ?? 0, goesOn: goesOn?.insightId ?? null }
          return { customerId: customerId!, detector, ...place, at }
        })
      }),
    )
    await saveInsights(
      tx,
      orgId,
      judged.flatMap((one) => moved(orgId, one)),
    )
  },
  forget: async (tx, orgId, gone) => {
    const after = gone.map(({ customerId, held, at }) => {
      const before = rowsOf(held)
      return { customerId, before, rows: before.map((row) => ended(row, at)), at }
    })
    await saveInsights(
      tx,
      orgId,
      after.flatMap(({ before, rows }) => rows.filter((row, i) => row !== before[i])),
    )
    return after.flatMap(({ customerId, before, rows, at }) => tellInsights(customerId, before, rows, at))
  },
  tell: ({ customerId, found, held, memory }, orgId) => {
    const { undone = [], known } = (memory ?? {}) as Partial<Remembered>
    const after = found.newest.map(named(orgId, customerId))
    const over = undone.map((row) => ended(row, found.asOf))
    return tellInsights(customerId, rowsOf(held), [...after, ...over], found.asOf, known)
  },
}

const rowsOf = (memory: InsightsMemory | undefined): readonly InsightRow[] =>
  (memory as Remembered | undefined)?.newest ?? []

/** The row of what was noticed: the one remembered where it is of that. */
const named =
  (orgId: string, customerId: string) =>
  (insight: Insight): InsightRow =>
    'insightId' in insight
      ? (insight as InsightRow)
      : {
          ...insight,
          insightId: insightId(orgId, customerId, insight),
          ...{ customerId, recommendationId: null, takenFrom: null },
        }

/** The same for the same episode, always; one that began after another like it was undone is another one. */
const insightId = (orgId: string, customerId: string, { detector, episode, raisedAt }: Insight): string =>
  idFrom('insight', orgId, customerId, detector, `${episode}`, raisedAt.toISOString())

/** What was decided of a merged customer, as an insight about the one that it was merged into. */
export const takenOverAs = (
  row: InsightRow,
  { orgId, customerId, at }: { orgId: string; customerId: string; at: Date },
): InsightRow => ({
  ...row,
  customerId,
  insightId: idFrom('insight', orgId, customerId, row.insightId, at.toISOString()),
})

const moved = (orgId: string, { customerId, found, held }: Judged<'insights'>): InsightRow[] => {
  const before = new Set<Insight>(rowsOf(held))
  return found.newest.filter((insight) => !before.has(insight)).map(named(orgId, customerId))
}

/** What was open of somebody who is nobody any more, or of accounts that have been taken apart. */
const ended = (row: InsightRow, at: Date): InsightRow =>
  row.state === 'NEW' || row.state === 'ACCEPTED'
    ? { ...row, state: 'EXPIRED', version: row.version + 1, decidedAt: at, asOf: at }
    : row
