import Big from 'big.js'
import { dueBy, type Severity } from '#schema/events.ts'
import type { Measure, Threshold } from './thresholds.ts'

/**
 * measured  what a measure of an account or a trunk is at a moment, in whole numbers or exact decimals
 * standing  where that is, seen from a threshold
 * move      an alert that opens, or one that closes
 */
export interface Measured {
  ban: string
  /** Null when it is about the whole account. */
  trunkId: string | null
  measure: Measure
  /** Seconds talked, money, calls, or calls answered. */
  value: string
  /** The full limit in the same unit; of an answer ratio the calls tried. */
  whole: string
  /** Of money. */
  currency: string | null
}

/** An alert as it is kept. */
export interface TelephonyAlertRow {
  id: string
  ban: string
  trunkId: string | null
  measure: Measure
  severity: Severity
  value: string
  bound: string
  limit: string | null
  percent: number | null
  currency: string | null
  openedAt: Date
  dueAt: Date
  closedAt: Date | null
  closedValue: string | null
  acknowledgedAt: Date | null
  acknowledgedBy: string | null
}

export type OpenAlert = Pick<TelephonyAlertRow, 'id' | 'ban' | 'trunkId' | 'measure' | 'severity'>
export type NewAlert = Omit<
  TelephonyAlertRow,
  'id' | 'closedAt' | 'closedValue' | 'acknowledgedAt' | 'acknowledgedBy'
>
/** An alert that is over. `value` is null where there was nothing left to measure. */
export interface ClosedAlert {
  id: string
  value: string | null
}

export const PERIODS = {
  MINUTES: 'MONTH_TO_DATE',
  SPEND: 'MONTH_TO_DATE',
  CREDIT: 'NOW',
  CONCURRENCY: 'NOW',
  ANSWER_RATIO: 'LAST_HOUR',
} as const satisfies Record<Measure, string>

/** Minutes are measured in seconds, which are whole. */
const PER_UNIT: Readonly<Record<Measure, number>> = {
  MINUTES: 60,
  SPEND: 1,
  CREDIT: 1,
  CONCURRENCY: 1,
  ANSWER_RATIO: 1,
}
const DECIMALS = 4

/**
 * Where a measure is, seen from a threshold.
 * OUT: out of its bounds · BACK: as far within as closes an alert · BETWEEN: neither, or too few calls to say · NOTHING: there is
 * nothing to measure, since there is no limit or no call.
 */
export const standingOf = (
  { bound, slack, minCalls }: Pick<Threshold, 'bound' | 'slack' | 'minCalls'>,
  { measure, value, whole }: Pick<Measured, 'measure' | 'value' | 'whole'>,
): 'OUT' | 'BACK' | 'BETWEEN' | 'NOTHING' => {
  const all = new Big(whole)
  if (all.lte(0)) return 'NOTHING'
  // Multiplied out rather than divided: nothing is rounded before it is compared.
  if (measure === 'ANSWER_RATIO') {
    if (all.lt(minCalls ?? 1)) return 'BETWEEN'
    if (all.times(bound).gt(value)) return 'OUT'
    return all.times(new Big(bound).plus(slack)).lte(value) ? 'BACK' : 'BETWEEN'
  }
  const hundredfold = new Big(value).times(100)
  if (hundredfold.gte(all.times(bound))) return 'OUT'
  return hundredfold.lte(all.times(new Big(bound).minus(slack))) ? 'BACK' : 'BETWEEN'
}

const inUnit = (value: Big, measure: Measure): string =>
  value.div(PER_UNIT[measure]).round(DECIMALS, Big.roundHalfUp).toFixed()

const shown = ({ measure, value, whole }: Measured): string =>
  measure === 'ANSWER_RATIO'
    ? new Big(value).div(whole).round(DECIMALS, Big.roundHalfUp).toFixed()
    : inUnit(new Big(value), measure)

const opened = (measured: Measured, { severity, bound }: Threshold, at: Date): NewAlert => {
  const { ban, trunkId, measure, whole, currency } = measured
  const isRatio = measure === 'ANSWER_RATIO'
  return {
    ...{ ban, trunkId, measure, severity, currency },
    value: shown(measured),
    bound: isRatio ? bound : inUnit(new Big(whole).times(bound).div(100), measure),
    limit: isRatio ? null : inUnit(new Big(whole), measure),
    percent: isRatio ? null : Number(bound),
    openedAt: at,
    dueAt: dueBy(severity, at),
  }
}

const placeOf = (alert: Omit<OpenAlert, 'id'>) =>
  `${alert.ban} ${alert.trunkId} ${alert.measure} ${alert.severity}`

/**
 * What opens and what closes, by what was measured.
 * @param thresholdsOf those of an account
 * @param measured of these accounts everything there is to measure: an open alert whose measure is not among it closes
 * @param standing the alerts of these accounts that are open
 */
export const movesOf = (
  thresholdsOf: (ban: string) => readonly Threshold[],
  measured: readonly Measured[],
  standing: readonly OpenAlert[],
  at: Date,
): { opening: NewAlert[]; closing: ClosedAlert[] } => {
  const open = new Map(standing.map((alert) => [placeOf(alert), alert]))
  const opening: NewAlert[] = []
  const closing: ClosedAlert[] = []
  for (const each of measured)
    for (const threshold of thresholdsOf(each.ban)) {
      if (threshold.measure !== each.measure || !threshold.isOn) continue
      const place = placeOf({ ...each, severity: threshold.severity })
      const standing = standingOf(threshold, each)
      if (standing === 'NOTHING') continue
      const alert = open.get(place)
      open.delete(place)
      if (alert && standing === 'BACK') closing.push({ id: alert.id, value: shown(each) })
      if (!alert && standing === 'OUT') opening.push(opened(each, threshold, at))
    }
  // What is left was not measured, or is watched no more.
  for (const { id } of open.values()) closing.push({ id, value: null })
  return { opening, closing }
}
