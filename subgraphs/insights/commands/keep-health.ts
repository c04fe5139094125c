import { event } from '#schema/events.ts'
import { dropHealth, lastScores, saveHealth } from '../store/health.ts'
import type { Judged, Keeper } from './keeper.ts'

/** Keeps scores, and their history where the score, a side of it, its confidence or its trend has moved. */
export const healthKeeper: Keeper<'health'> = {
  recall: lastScores,
  save: (tx, orgId, judged) =>
    saveHealth(
      tx,
      orgId,
      judged.map((one) => ({
        customerId: one.customerId,
        identityVersion: one.identityVersion,
        health: one.found,
        moved: hasScoreMoved(one) || hasConfidenceMoved(one) || hasTurned(one) || hasSideMoved(one),
        last: one.memory?.fingerprint ?? null,
      })),
    ),
  forget: async (tx, orgId, customerIds) => {
    await dropHealth(tx, orgId, customerIds)
    return []
  },
  tell: (one) => (hasScoreMoved(one) || hasTurned(one) ? [healthChanged(one)] : []),
}

const hasScoreMoved = ({ found, memory }: Judged<'health'>): boolean =>
  asNumber(memory?.score ?? null) !== found.score
const hasConfidenceMoved = ({ found, memory }: Judged<'health'>): boolean =>
  asNumber(memory?.confidence ?? '0') !== found.confidence
const hasTurned = ({ found, memory }: Judged<'health'>): boolean => (memory?.trend ?? null) !== found.trend
const hasSideMoved = ({ found, memory }: Judged<'health'>): boolean => {
  const was = new Map(memory?.dimensions.map(({ name, score }) => [name, score]))
  return found.dimensions.some(({ name, score }) => (was.get(name) ?? null) !== score)
}

const healthChanged = ({ customerId, found, memory }: Judged<'health'>) =>
  event('insights.health.changed', customerId, {
    customerId,
    score: found.score === null ? null : found.score.toFixed(2),
    previousScore: memory?.score ?? null,
    confidence: found.confidence.toFixed(2),
    trend: found.trend,
    asOf: found.asOf.toISOString(),
  })

const asNumber = (score: string | null): number | null => (score === null ? null : Number(score))
