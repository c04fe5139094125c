import Big from 'big.js'
import type { Severity } from '#schema/events.ts'
import type { Flaw } from './asset.ts'

/**
 * measure    what is watched
 * threshold  from where on it is out of its bounds, and how far it has to be back before that is over
 * bound      in percent of the limit; of an answer ratio the share itself
 * slack      the stretch between the bound and where an alert closes, so that a measure that trembles at its bound is told once
 */
export const MEASURES = ['MINUTES', 'SPEND', 'CREDIT', 'CONCURRENCY', 'ANSWER_RATIO'] as const
export type Measure = (typeof MEASURES)[number]

export interface Threshold {
  measure: Measure
  severity: Severity
  bound: string
  slack: string
  /** Answer ratios of fewer calls say nothing. Null for other measures. */
  minCalls: number | null
  isOn: boolean
}

/** A threshold that counts for an account, and who set it. */
export interface TelephonyThresholdRow extends Threshold {
  origin: 'ACCOUNT' | 'ORGANISATION' | 'HUB'
}

const shareOfLimit = (measure: Measure): Threshold[] => [
  { measure, severity: 'HIGH', bound: '100', slack: '5', minCalls: null, isOn: true },
  { measure, severity: 'MEDIUM', bound: '80', slack: '5', minCalls: null, isOn: true },
]

/** What is watched where nobody has said otherwise. */
export const HUB_THRESHOLDS: readonly Threshold[] = [
  ...(['MINUTES', 'SPEND', 'CREDIT', 'CONCURRENCY'] as const).flatMap(shareOfLimit),
  { measure: 'ANSWER_RATIO', severity: 'HIGH', bound: '0.5', slack: '0.05', minCalls: 20, isOn: true },
]

const placeOf = ({ measure, severity }: Pick<Threshold, 'measure' | 'severity'>) => `${measure} ${severity}`

/** The thresholds that count for an account: its own, then the organisation's, then the hub's, one for each measure and severity. */
export const effective = (
  own: readonly Threshold[],
  organisation: readonly Threshold[],
): TelephonyThresholdRow[] => {
  const found = new Map<string, TelephonyThresholdRow>()
  for (const [origin, thresholds] of [
    ['HUB', HUB_THRESHOLDS],
    ['ORGANISATION', organisation],
    ['ACCOUNT', own],
  ] as const)
    for (const threshold of thresholds) found.set(placeOf(threshold), { ...threshold, origin })
  return [...found.values()].sort(
    (a, b) =>
      MEASURES.indexOf(a.measure) - MEASURES.indexOf(b.measure) ||
      (new Big(a.bound).lt(b.bound) ? -1 : new Big(a.bound).gt(b.bound) ? 1 : 0),
  )
}

/** A threshold as somebody asks for it. */
export interface AskedThreshold extends Pick<Threshold, 'measure' | 'severity' | 'bound' | 'isOn'> {
  slack: string | null
  minCalls: number | null
}

const MOST_PERCENT = 1000
const MOST_CALLS = 100_000
const MOST_DECIMALS = 4

const numberIn = (text: string): Big | null => {
  try {
    return new Big(text)
  } catch {
    return null
  }
}

const NOT_DECIMAL = 'must be a decimal number'

/** Reads a threshold that somebody asks for: complete, or what is wrong with it. */
export const readThreshold = (asked: AskedThreshold): Threshold | Flaw => {
  const { measure, severity, isOn } = asked
  const isRatio = measure === 'ANSWER_RATIO'
  const bound = numberIn(asked.bound)
  if (!bound) return { field: 'bound', problem: NOT_DECIMAL }
  const slack = numberIn(asked.slack ?? (isRatio ? '0.05' : '5'))
  if (!slack) return { field: 'slack', problem: NOT_DECIMAL }
  const minCalls = isRatio ? (asked.minCalls ?? 20) : asked.minCalls
  return (
    (isRatio ? flawInRatio(bound, slack) : flawInPercent(bound, slack)) ??
    flawInCalls(minCalls, isRatio) ?? {
      ...{ measure, severity, minCalls, isOn },
      ...{ bound: bound.toFixed(), slack: slack.toFixed() },
    }
  )
}

const isRounded = (value: Big, decimals: number): boolean => value.round(decimals, Big.roundDown).eq(value)

const flawInPercent = (bound: Big, slack: Big): Flaw | null => {
  if (bound.lt(1) || bound.gt(MOST_PERCENT) || !isRounded(bound, 0))
    return { field: 'bound', problem: `must be a whole number from 1 to ${MOST_PERCENT}` }
  if (slack.lt(0) || slack.gte(bound) || !isRounded(slack, MOST_DECIMALS))
    return {
      field: 'slack',
      problem: `must be from 0 to less than the bound, with at most ${MOST_DECIMALS} decimals`,
    }
  return null
}

const flawInRatio = (bound: Big, slack: Big): Flaw | null => {
  if (bound.lte(0) || bound.gt(1) || !isRounded(bound, MOST_DECIMALS))
    return {
      field: 'bound',
      problem: `must be a share above 0 and at most 1, with at most ${MOST_DECIMALS} decimals`,
    }
  if (slack.lt(0) || bound.plus(slack).gt(1) || !isRounded(slack, MOST_DECIMALS))
    return {
      field: 'slack',
      problem: `must be 0 or more, and at most 1 together with the bound, with at most ${MOST_DECIMALS} decimals`,
    }
  return null
}

const flawInCalls = (minCalls: number | null, isRatio: boolean): Flaw | null => {
  if (minCalls === null) return null
  if (!isRatio) return { field: 'minCalls', problem: 'is for answer ratios alone: leave it out' }
  return minCalls >= 1 && minCalls <= MOST_CALLS
    ? null
    : { field: 'minCalls', problem: `must be a whole number from 1 to ${MOST_CALLS}` }
}
