import { event } from '#schema/events.ts'
import { PERIODS, type TelephonyAlertRow } from './alerts.ts'

const told = (alert: TelephonyAlertRow, value: string, observedAt: Date) => ({
  alertId: alert.id,
  ban: alert.ban,
  trunkId: alert.trunkId,
  measure: alert.measure,
  severity: alert.severity,
  value,
  bound: alert.bound,
  limit: alert.limit,
  percent: alert.percent,
  currency: alert.currency,
  period: PERIODS[alert.measure].toLowerCase() as Lowercase<(typeof PERIODS)[keyof typeof PERIODS]>,
  openedAt: alert.openedAt.toISOString(),
  dueAt: alert.dueAt.toISOString(),
  closedAt: alert.closedAt?.toISOString() ?? null,
  observedAt: observedAt.toISOString(),
})

/** A measure has left its bounds. */
export const alertOpened = (alert: TelephonyAlertRow, observedAt: Date) =>
  event('telephony.alert.opened', alert.ban, told(alert, alert.value, observedAt))

/** A measure is back. Where there was nothing left to measure, what was measured at the beginning is told again. */
export const alertClosed = (alert: TelephonyAlertRow, observedAt: Date) =>
  event('telephony.alert.closed', alert.ban, told(alert, alert.closedValue ?? alert.value, observedAt))
