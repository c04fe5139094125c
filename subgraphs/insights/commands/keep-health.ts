import { event } from '#schema/events.ts'
import { dropHealth, lastScores, saveHealth } from '../store/health.ts'
import type { Gone, Judged, Keeper } from './keeper.ts'

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
        last: one.held?.fingerprint ?? null,
      })),
    ),
  forget: async (tx, orgId, gone) => {
    await dropHealth(
      tx,
      orgId,
      gone.map(({ customerId }) => customerId),
    )
    return gone.flatMap((one) => (one.held?.score ? [healthGone(one, one.held.score)] : []))
  },
  tell: (one) => (hasScoreMoved(one) || hasTurned(one) ? [healthChanged(one)] : []),
}

const hasScoreMoved = ({ found, held }: Judged<'health'>): boolean =>
  asNumber(held?.score ?? null) !== found.score
const hasConfidenceMoved = ({ found, held }: Judged<'health'>): boolean =>
  asNumber(held?.confidence ?? '0') !== found.confidence
const hasTurned = ({ found, held }: Judged<'health'>): boolean => (held?.trend ?? null) !== found.trend
const hasSideMoved = ({ found, held }: Judged<'health'>): boolean => {
  const was = new Map(held?.dimensions.map(({ name, score }) => [name, score]))
  return found.dimensions.some(({ name, score }) => (was.get(name) ?? null) !== score)
}

const healthChanged = ({ customerId, found, held }: Judged<'health'>) =>
  event('insights.health.changed', customerId, {
    customerId,
    score: found.score === null ? null : found.score.toFixed(2),
    previousScore: held?.score ?? null,
    confidence: found.confidence.toFixed(2),
    trend: found.trend,
    asOf: found.asOf.toISOString(),
  })

/** Who is nobody any more has no health. */
const healthGone = ({ customerId, at }: Gone<'health'>, previousScore: string) =>
  event('insights.health.changed', customerId, {
    ...{ customerId, score: null, previousScore, confidence: '0.00', trend: null },
    asOf: at.toISOString(),
  })

const asNumber = (score: string | null): number | null => (score === null ? null : Number(score))
