import { isDeepStrictEqual } from 'node:util'
import type { LoggedEvent } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { idFrom } from '#kernel/ids.ts'
import { type EventPayload, readEvent } from '#schema/events.ts'
import type { InsightState } from '../domain/insights.ts'
import { tellInsight } from '../domain/telling.ts'
import { type InsightRow, insightsById, saveInsights } from '../store/insights.ts'
import type { Transaction } from '../store/transaction.ts'

export const PART_ADVICE = 'inventory.recommendation.changed'
export const SUPPLY_RISK = 'supply-risk'

type Advice = EventPayload<typeof PART_ADVICE>

const STATES: Readonly<Record<Advice['state'], InsightState>> = {
  PROPOSED: 'NEW',
  ACCEPTED: 'ACCEPTED',
  REJECTED: 'DISMISSED',
  SUPERSEDED: 'EXPIRED',
  EXPIRED: 'EXPIRED',
}

/**
 * Takes warnings about the supply of parts and about suppliers as insights of no customer: they stand where the recommendations stand that
 * they repeat, and what is decided on those is decided. What was said earlier than what is held changes nothing. Three statements a batch.
 */
export const takeSupplyRisks = async (
  tx: Transaction,
  orgId: string,
  events: readonly LoggedEvent[],
  now: Date,
): Promise<void> => {
  const told = events
    .map((each) => readEvent(PART_ADVICE, each.version, each.payload))
    .filter(({ kind }) => kind === 'SUPPLY_RISK')
  // In the order in which it was told: the last word about each stays.
  const last = new Map(told.map((advice) => [idFrom('insight', orgId, advice.recommendationId), advice]))
  if (last.size === 0) return
  const held = await insightsById(tx, orgId, [...last.keys()])
  const moved = [...last].flatMap(([id, advice]) => {
    const before = held.get(id)
    const after = insightOf(id, advice, before)
    return before && (after.asOf < before.asOf || isSame(before, after)) ? [] : [{ before, after }]
  })
  await saveInsights(
    tx,
    orgId,
    moved.map(({ after }) => after),
  )
  await publish(
    tx,
    orgId,
    moved.map(({ before, after }) => tellInsight(after, before !== undefined)),
    now,
  )
}

const insightOf = (insightId: string, advice: Advice, before: InsightRow | undefined): InsightRow => {
  const state = STATES[advice.state]
  const at = new Date(advice.observedAt)
  const isMoved = before !== undefined && before.state !== state
  return {
    ...{ insightId, customerId: null, recommendationId: advice.recommendationId, takenFrom: null },
    ...{ detector: SUPPLY_RISK, type: 'SUPPLY_CHAIN', methodVersion: advice.methodVersion, episode: 1 },
    ...{ state, version: (before?.version ?? 1) + (isMoved ? 1 : 0), confidence: advice.confidence },
    ...{ impact: advice.severity ?? 'MEDIUM', valueAtStake: null, sentence: sentenceOf(advice) },
    measures: [],
    evidence: [
      {
        ...{ system: 'C3', kind: 'recommendation', recordId: advice.recommendationId },
        ...{ value: advice.severity, unit: null, at: null },
      },
    ],
    ...{ isRecommended: false, needsPerson: false, dismissals: 0, dismissedAt: null },
    // Nobody tells us why.
    dismissedFor: state === 'DISMISSED' ? 'NOT_RELEVANT' : null,
    ...{ outcome: null, raisedAt: before?.raisedAt ?? at, validUntil: null, asOf: at },
    decidedAt: state === 'NEW' ? null : isMoved || !before ? at : before.decidedAt,
  }
}

const sentenceOf = ({ reasoning, partNumber, c3SupplierId }: Advice): string =>
  reasoning ??
  (partNumber
    ? `The supply of ${partNumber} is threatened.`
    : `Supplier ${c3SupplierId} is not to be relied on.`)

const isSame = (a: InsightRow, b: InsightRow): boolean =>
  isDeepStrictEqual({ ...a, asOf: null }, { ...b, asOf: null })
