import { type Bounds, IMPACTS, type Impact, INSIGHT_TYPES, type InsightType } from './detecting.ts'
import { type DetectorName, detectorNames, detectors, isDetector } from './detectors.ts'
import type { Flaw } from './flaw.ts'

/** Whether a detector is switched on, and its bounds by name. */
export interface DetectorRule {
  isOn: boolean
  thresholds: Bounds
}

/** What is noticed: everything that an organisation may say of it. */
export interface DetectorSettings {
  detectors: Readonly<Record<DetectorName, DetectorRule>>
  /** From what yearly revenue on, in US dollars, impact is medium, high and critical. */
  impact: readonly [number, number, number]
  restDays: number
  forgetDays: number
  validDays: number
}

/** What an organisation says itself; the rest is as the hub has it. */
export interface OwnDetectorSettings {
  detectors?: Readonly<Partial<Record<DetectorName, { isOn?: boolean; thresholds?: Bounds }>>>
  impact?: DetectorSettings['impact']
  restDays?: number
  forgetDays?: number
  validDays?: number
}

/** Insights that become something to do without anybody asking. */
export interface InsightRule {
  /** Null: of any. */
  type: InsightType | null
  impact: Impact
  minConfidence: number
}

const boundsOf = (name: DetectorName): Bounds =>
  Object.fromEntries(Object.entries(detectors[name].thresholds).map(([bound, { value }]) => [bound, value]))

export const DETECTOR_SETTINGS: DetectorSettings = {
  detectors: Object.fromEntries(
    detectorNames.map((name) => [name, { isOn: true, thresholds: boundsOf(name) }]),
  ) as Record<DetectorName, DetectorRule>,
  impact: [10_000, 50_000, 250_000],
  restDays: 30,
  forgetDays: 180,
  validDays: 90,
}

/** Bounds as an organisation says them; those that a detector no longer has are left out. */
const ownBounds = (name: DetectorName, said: Bounds = {}): Bounds =>
  Object.fromEntries(
    Object.entries(said).filter(([bound]) => Object.hasOwn(detectors[name].thresholds, bound)),
  )

/** What holds for an organisation that says this itself. */
export const detectorSettingsOf = (own: OwnDetectorSettings): DetectorSettings => ({
  ...DETECTOR_SETTINGS,
  ...own,
  detectors: Object.fromEntries(
    detectorNames.map((name) => {
      const [hub, said] = [DETECTOR_SETTINGS.detectors[name], own.detectors?.[name]]
      const thresholds = { ...hub.thresholds, ...ownBounds(name, said?.thresholds) }
      return [name, { isOn: said?.isOn ?? hub.isOn, thresholds }]
    }),
  ) as Record<DetectorName, DetectorRule>,
})

/** A change as somebody asks for it; what is null or left out stays. Bounds are decimals, as text. */
export interface AskedDetectorSettings {
  detectors?:
    | readonly {
        name: string
        isOn?: boolean | null | undefined
        thresholds?: readonly { name: string; value: string }[] | null | undefined
      }[]
    | null
    | undefined
  impact?: { medium: string; high: string; critical: string } | null | undefined
  restDays?: number | null | undefined
  forgetDays?: number | null | undefined
  validDays?: number | null | undefined
}

const LARGEST = 1e12
const DAYS = { restDays: [0, 365], forgetDays: [0, 1000], validDays: [1, 365] } as const
type Days = keyof typeof DAYS

/** @returns what an organisation then says itself, or what is wrong with the change */
export const changeDetectors = (
  own: OwnDetectorSettings,
  asked: AskedDetectorSettings,
): OwnDetectorSettings | Flaw => {
  const changed: OwnDetectorSettings = { ...own }
  for (const [place, { name, isOn, thresholds }] of (asked.detectors ?? []).entries()) {
    const field = `detectors.detectors.${place}`
    if (!isDetector(name)) return { field: `${field}.name`, problem: `is one of ${detectorNames.join(', ')}` }
    const known = Object.keys(detectors[name].thresholds)
    const bounds: Record<string, number> = {}
    for (const [at, bound] of (thresholds ?? []).entries()) {
      const value = Number(bound.value)
      if (!known.includes(bound.name))
        return { field: `${field}.thresholds.${at}.name`, problem: `is one of ${known.join(', ')}` }
      if (!(value > 0 && value <= LARGEST))
        return { field: `${field}.thresholds.${at}.value`, problem: 'is a number above 0' }
      bounds[bound.name] = value
    }
    const before = changed.detectors?.[name]
    changed.detectors = {
      ...changed.detectors,
      [name]: {
        ...before,
        ...(typeof isOn === 'boolean' ? { isOn } : {}),
        ...(thresholds ? { thresholds: { ...before?.thresholds, ...bounds } } : {}),
      },
    }
  }
  if (asked.impact) {
    const [medium = 0, high = 0, critical = 0] = [
      asked.impact.medium,
      asked.impact.high,
      asked.impact.critical,
    ].map(Number)
    if (!(medium > 0 && high > medium && critical > high && critical <= LARGEST))
      return { field: 'detectors.impact', problem: 'are numbers above 0, each above the one before' }
    changed.impact = [medium, high, critical]
  }
  for (const days of Object.keys(DAYS) as Days[]) {
    const value = asked[days]
    if (value === null || value === undefined) continue
    const [least, most] = DAYS[days]
    if (value < least || value > most)
      return { field: `detectors.${days}`, problem: `is a number from ${least} to ${most}` }
    changed[days] = value
  }
  const { restDays, forgetDays } = detectorSettingsOf(changed)
  if (forgetDays < restDays)
    return { field: 'detectors.forgetDays', problem: `is no less than the ${restDays} days of rest` }
  return changed
}

const MOST_RULES = 20
const LEAST_SURE = 50

/** @returns the rules there are then, or what is wrong with them */
export const readRules = (
  asked: readonly { type?: string | null | undefined; impact: string; minConfidence: number }[],
): InsightRule[] | Flaw => {
  if (asked.length > MOST_RULES) return { field: 'insightRules', problem: `are at most ${MOST_RULES}` }
  const place = asked.findIndex(({ minConfidence }) => minConfidence < LEAST_SURE || minConfidence > 100)
  if (place >= 0)
    return {
      field: `insightRules.${place}.minConfidence`,
      problem: `is a number from ${LEAST_SURE} to 100: what is less sure has to be looked at first`,
    }
  return asked.map(({ type, impact, minConfidence }) => ({
    // The graph lets nothing else through.
    type: INSIGHT_TYPES.find((each) => each === type) ?? null,
    impact: IMPACTS.find((each) => each === impact) ?? 'CRITICAL',
    minConfidence,
  }))
}
