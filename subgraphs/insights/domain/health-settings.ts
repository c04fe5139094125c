import { type Flaw, isFlaw } from './flaw.ts'
import type { Knots } from './knots.ts'
import { type DimensionName, dimensionNames, metrics } from './metrics.ts'

export type HealthWeights = Record<DimensionName, number>

/** Customers whose sides count otherwise. */
export interface HealthSegment {
  name: string
  /** A customer is of it when a company of it is at one of these. */
  lifecycleStages: readonly string[]
  weights: HealthWeights
}

/** What a metric counts within its side, and what its values are worth. */
export interface MetricSettings {
  weight: number
  knots: Knots
}

/** How health is scored: everything that an organisation may say of it. */
export interface HealthSettings {
  weights: HealthWeights
  segments: readonly HealthSegment[]
  /** By the metric's name. */
  metrics: Readonly<Record<string, MetricSettings>>
  /** The most confidence when one system says so, two, and three or more. */
  ceilings: readonly [number, number, number]
  /** Points in 30 days: what goes up or down by less is steady. */
  steadyWithin: number
}

/** What an organisation says itself; the rest is as the hub has it. */
export interface OwnHealthSettings {
  weights?: HealthWeights
  segments?: readonly HealthSegment[]
  metrics?: Readonly<Record<string, Partial<MetricSettings>>>
  ceilings?: HealthSettings['ceilings']
  steadyWithin?: number
}

/**
 * As the hub has it. One system alone cannot be cross-checked, so that confidence ends at 69, however complete its facts. Less than three
 * points in 30 days are less than one more open ticket moves a score by.
 */
export const HEALTH_SETTINGS: HealthSettings = {
  weights: { CRM: 0.3, PAYMENT: 0.3, USAGE: 0.25, SUPPORT: 0.15 },
  segments: [],
  metrics: Object.fromEntries(metrics.map(({ name, weight, knots }) => [name, { weight, knots }])),
  ceilings: [69, 85, 100],
  steadyWithin: 3,
}

/** What holds for an organisation that says this itself. */
export const healthSettingsOf = (own: OwnHealthSettings): HealthSettings => ({
  ...HEALTH_SETTINGS,
  ...own,
  metrics: Object.fromEntries(
    Object.entries(HEALTH_SETTINGS.metrics).map(([name, hub]) => [name, { ...hub, ...own.metrics?.[name] }]),
  ),
})

/** How much the sides count for a customer whose companies are at these lifecycle stages. */
export const weightsFor = (settings: HealthSettings, stages: readonly (string | null)[]): HealthWeights =>
  settings.segments.find((segment) => segment.lifecycleStages.some((stage) => stages.includes(stage)))
    ?.weights ?? settings.weights

/** A change as somebody asks for it; what is null or left out stays. Numbers are decimals, as text. */
export interface AskedHealthSettings {
  weights?: AskedWeights | null | undefined
  segments?:
    | readonly { name: string; lifecycleStages: readonly string[]; weights: AskedWeights }[]
    | null
    | undefined
  metrics?: readonly AskedMetric[] | null | undefined
  ceilings?: { oneSystem: string; twoSystems: string; moreSystems: string } | null | undefined
  steadyWithin?: string | null | undefined
}
interface AskedWeights {
  crm: string
  payment: string
  usage: string
  support: string
}
interface AskedMetric {
  metric: string
  weight?: string | null | undefined
  knots?: readonly { value: string; score: string }[] | null | undefined
}

const MOST_WEIGHT = 1000
const MOST_SEGMENTS = 20
const MOST_STAGES = 50
const MOST_KNOTS = 20
const LONGEST_NAME = 100
const ONE_SYSTEM_MOST = 69
const MOST_STEADY = 50
// Beyond it a measured value is cut off.
const LARGEST_VALUE = 1e15

/** @returns what an organisation then says itself, or what is wrong with the change */
export const changeHealth = (
  own: OwnHealthSettings,
  { weights, segments, metrics: asked, ceilings, steadyWithin }: AskedHealthSettings,
): OwnHealthSettings | Flaw => {
  const changed: OwnHealthSettings = { ...own }
  if (weights) {
    const read = readWeights(weights, 'health.weights')
    if (isFlaw(read)) return read
    changed.weights = read
  }
  if (segments) {
    const read = readSegments(segments)
    if (isFlaw(read)) return read
    changed.segments = read
  }
  for (const [place, metric] of (asked ?? []).entries()) {
    const read = readMetric(metric, `health.metrics.${place}`)
    if (isFlaw(read)) return read
    changed.metrics = {
      ...changed.metrics,
      [metric.metric]: { ...changed.metrics?.[metric.metric], ...read },
    }
  }
  if (ceilings) {
    const all = [ceilings.oneSystem, ceilings.twoSystems, ceilings.moreSystems].map(Number)
    const [one = 0, two = 0, more = 0] = all
    if (!all.every(between(0, 100)) || one > ONE_SYSTEM_MOST || one > two || two > more)
      return {
        field: 'health.ceilings',
        problem: `are numbers from 0 to 100, none less than the one before, and the first at most ${ONE_SYSTEM_MOST}`,
      }
    changed.ceilings = [one, two, more]
  }
  if (typeof steadyWithin === 'string') {
    const within = Number(steadyWithin)
    if (!(within > 0 && within <= MOST_STEADY))
      return { field: 'health.steadyWithin', problem: `is a number above 0 and at most ${MOST_STEADY}` }
    changed.steadyWithin = within
  }
  return changed
}

const between =
  (least: number, most: number) =>
  (value: number): boolean =>
    Number.isFinite(value) && value >= least && value <= most

const readWeights = (asked: AskedWeights, field: string): HealthWeights | Flaw => {
  const read = Object.fromEntries(
    dimensionNames.map((name) => [name, Number(asked[name.toLowerCase() as keyof AskedWeights])]),
  ) as HealthWeights
  const all = Object.values(read)
  return all.every(between(0, MOST_WEIGHT)) && all.some((weight) => weight > 0)
    ? read
    : { field, problem: `are numbers from 0 to ${MOST_WEIGHT}, and one of them is above 0` }
}

const readSegments = (asked: NonNullable<AskedHealthSettings['segments']>): HealthSegment[] | Flaw => {
  const field = 'health.segments'
  if (asked.length > MOST_SEGMENTS) return { field, problem: `are at most ${MOST_SEGMENTS}` }
  const segments: HealthSegment[] = []
  for (const [place, { name, lifecycleStages, weights }] of asked.entries()) {
    const here = `${field}.${place}`
    const called = name.trim()
    if (called.length === 0 || called.length > LONGEST_NAME)
      return { field: `${here}.name`, problem: `has 1 to ${LONGEST_NAME} characters` }
    if (segments.some((other) => other.name === called))
      return { field: `${here}.name`, problem: 'is the name of an earlier segment' }
    const stages = [...new Set(lifecycleStages.map((stage) => stage.trim()))]
    if (
      stages.length === 0 ||
      stages.length > MOST_STAGES ||
      stages.some((stage) => stage.length === 0 || stage.length > LONGEST_NAME)
    )
      return { field: `${here}.lifecycleStages`, problem: `are 1 to ${MOST_STAGES} stages by name` }
    const read = readWeights(weights, `${here}.weights`)
    if (isFlaw(read)) return read
    segments.push({ name: called, lifecycleStages: stages, weights: read })
  }
  return segments
}

const readMetric = (
  { metric, weight, knots }: AskedMetric,
  field: string,
): Partial<MetricSettings> | Flaw => {
  const names = Object.keys(HEALTH_SETTINGS.metrics)
  if (!names.includes(metric)) return { field: `${field}.metric`, problem: `is one of ${names.join(', ')}` }
  const read: Partial<MetricSettings> = {}
  if (typeof weight === 'string') {
    read.weight = Number(weight)
    if (!between(0, MOST_WEIGHT)(read.weight))
      return { field: `${field}.weight`, problem: `is a number from 0 to ${MOST_WEIGHT}` }
  }
  if (knots) {
    const points = knots.map(({ value, score }) => [Number(value), Number(score)] as const)
    const isRising = points.every(([value], i) => i === 0 || value > points[i - 1]![0])
    const isSound = points.every(
      ([value, score]) => between(-LARGEST_VALUE, LARGEST_VALUE)(value) && between(0, 100)(score),
    )
    if (points.length === 0 || points.length > MOST_KNOTS || !isRising || !isSound)
      return {
        field: `${field}.knots`,
        problem: `are 1 to ${MOST_KNOTS} points by rising value, each with a score from 0 to 100`,
      }
    read.knots = points
  }
  return read
}
