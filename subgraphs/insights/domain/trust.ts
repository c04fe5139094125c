/**
 * trust  how often a detector was right, by what people decided on what it noticed: accepted or done is right; dismissed as wrong, or
 *        done and found to be wrong, is not
 *
 * Confidence by facts says how good the facts are. Held against what came true, it becomes how often such an insight is right: the mean
 * of both, where facts count as much as twenty decisions do (a beta distribution around what facts say, brought up to date by what was
 * seen). What people decided is a source of its own once there is enough of it.
 */
import { ceilingOf } from './confidence.ts'
import { type DetectorName, detectorNames, detectors } from './detectors.ts'
import type { HealthSettings } from './health-settings.ts'

/** Judged insights of a version of a detector. */
export interface JudgedOf {
  detector: string
  methodVersion: number
  judged: number
  right: number
}

/** How far one version of a detector has come true. */
export interface DetectorTrust {
  methodVersion: number
  judged: number
  /** The share that was right, 0 to 1, with two decimals. */
  share: number
}

/** Of each detector that anybody has judged. */
export interface TrustModel {
  detectors: Readonly<Partial<Record<DetectorName, DetectorTrust>>>
}

/** As many decisions as what facts say is worth. */
const FACTS_COUNT_AS = 20
/** From so many on, what people decided is one more source. */
const IS_SOURCE_FROM = 50

/** What decisions say of each detector, as it is now: those on an earlier version of it say nothing of this one. */
export const learnTrust = (decided: readonly JudgedOf[]): TrustModel => ({
  detectors: Object.fromEntries(
    detectorNames.flatMap((name) => {
      const methodVersion = detectors[name].version
      const own = decided.find((one) => one.detector === name && one.methodVersion === methodVersion)
      if (!own || own.judged === 0) return []
      const share = Math.round((100 * own.right) / own.judged) / 100
      return [[name, { methodVersion, judged: own.judged, share } satisfies DetectorTrust]]
    }),
  ),
})

/**
 * How sure an insight is: what facts say, brought in line with how often its detector was right.
 * @param byFacts 0 to 100
 * @param systems how many systems say so
 * @returns 0 to 100
 */
export const trusted = (
  byFacts: number,
  trust: DetectorTrust | undefined,
  systems: number,
  ceilings: HealthSettings['ceilings'],
): number => {
  if (!trust) return byFacts
  const weight = trust.judged / (trust.judged + FACTS_COUNT_AS)
  const people = trust.judged >= IS_SOURCE_FROM ? 1 : 0
  return Math.min(byFacts * (1 - weight) + 100 * trust.share * weight, ceilingOf(systems + people, ceilings))
}

const FACTS_SAY = 60
const NOTICEABLE = 1

/** Whether an insight would be more or less sure by a point: what moves less is not worth judging everybody anew. */
export const isTrustMoved = (before: TrustModel | undefined, after: TrustModel): boolean =>
  detectorNames.some((name) => {
    const [was, is] = [before, after].map((model) =>
      trusted(FACTS_SAY, model?.detectors[name], 3, [100, 100, 100]),
    )
    const isSource = (model: TrustModel | undefined) =>
      (model?.detectors[name]?.judged ?? 0) >= IS_SOURCE_FROM
    return Math.abs(is! - was!) >= NOTICEABLE || isSource(before) !== isSource(after)
  })
