import Big from 'big.js'
import { type Difference, differences, type Parameter } from './compatibility.ts'
import { LIFECYCLES, type Lifecycle } from './lifecycle.ts'

/** A component with what there is of it, as far as advice goes. */
export interface Candidate {
  id: string
  partNumber: string
  manufacturer: string
  category: string | null
  family: string | null
  lifecycle: Lifecycle | null
  parameters: readonly Parameter[]
  /** Pieces that can be promised, over all places. */
  free: number
  /** What one costs us, decimal; null when there is none to be had. */
  unitCost: string | null
}

/** A part that can stand in for the one that was asked for. */
export interface Alternative {
  candidate: Candidate
  /** In what it differs; all of it allowed. */
  differences: Difference[]
  /** Less that one costs; below nought where it costs more. Decimal. */
  saving: string | null
  /** Whether there are as many as are asked for. */
  isAvailable: boolean
  /** 0–100: how well it does in its place. */
  fit: number
}

const lifeLeft = (lifecycle: Lifecycle | null): number =>
  lifecycle === null ? 0 : LIFECYCLES.length - LIFECYCLES.indexOf(lifecycle)

/** Whether a part can stand in for another: same family and category, every hard parameter kept, and its life no shorter. */
export const canStandIn = (asked: Candidate, other: Candidate): Difference[] | null => {
  if (other.id === asked.id || other.family === null || other.family !== asked.family) return null
  if (other.category !== asked.category || other.lifecycle === 'OBSOLETE') return null
  if (lifeLeft(other.lifecycle) < lifeLeft(asked.lifecycle)) return null
  const found = differences(asked.category, asked.parameters, other.parameters)
  return found.every(({ isAllowed }) => isAllowed) ? found : null
}

/**
 * The parts that can stand in for one, best first: those that are there before those that are not, then by what they save and how much
 * they differ.
 * @param quantity how many are asked for
 */
export const alternativesFor = (
  asked: Candidate,
  others: readonly Candidate[],
  quantity: number,
): Alternative[] =>
  others
    .flatMap((candidate): Alternative[] => {
      const found = canStandIn(asked, candidate)
      if (!found) return []
      const saving =
        asked.unitCost === null || candidate.unitCost === null
          ? null
          : new Big(asked.unitCost).minus(candidate.unitCost).toFixed(4)
      const isAvailable = candidate.free >= quantity
      return [{ candidate, differences: found, saving, isAvailable, fit: fitOf(candidate, found, quantity) }]
    })
    .sort(
      (a, b) =>
        Number(b.isAvailable) - Number(a.isAvailable) ||
        b.fit - a.fit ||
        new Big(b.saving ?? 0).cmp(a.saving ?? 0) ||
        (a.candidate.partNumber < b.candidate.partNumber ? -1 : 1),
    )

/** Whole for a part that differs in nothing that is seen; ten less for each difference but the packing, and for pieces that are lacking. */
const fitOf = ({ free }: Candidate, found: readonly Difference[], quantity: number): number => {
  const felt = found.filter(({ name }) => name !== 'packing' && name !== 'reel').length
  const lacking = 30 * (1 - Math.min(1, free / Math.max(1, quantity)))
  return Math.max(0, Math.round(100 - 10 * felt - lacking))
}
