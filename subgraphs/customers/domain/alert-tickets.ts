/**
 * Alerts of telephony that become tickets: a measure that says that customers cannot call, not one that says how much they call.
 *
 * alert  a measure that has left its bounds, until it is back within them
 */
import type { EventPayload } from '#schema/events.ts'
import { type Judged, type Measured, placeOf } from './auto-tickets.ts'

type Told = EventPayload<'telephony.alert.opened'>

/** What is kept of an alert until its ticket says it. */
export type AlertState = Pick<
  Told,
  'ban' | 'trunkId' | 'severity' | 'value' | 'bound' | 'period' | 'openedAt' | 'dueAt' | 'closedAt'
>
export interface AlertSighting {
  subject: 'ALERT'
  id: string
  at: string
  state: AlertState
}

/** An alert as it is kept; undefined for one that becomes no ticket. Pure. */
export const sightingOfAlert = (told: Told): AlertSighting | undefined => {
  if (told.measure !== 'ANSWER_RATIO') return undefined
  const { ban, trunkId, severity, value, bound, period, openedAt, dueAt, closedAt, observedAt } = told
  const state = { ban, trunkId, severity, value, bound, period, openedAt, dueAt, closedAt }
  return { subject: 'ALERT', id: told.alertId, at: new Date(observedAt).toISOString(), state }
}

/** What its ticket says was measured: on a trunk, or on the account where it is about all of its trunks. Pure. */
export const measuredIn = ({ ban, trunkId, value, bound, period }: AlertState): Measured => ({
  ...{ trunkId: trunkId ?? ban, currentAsr: Number(value), threshold: Number(bound), period },
  ...(trunkId === null ? { account: ban } : {}),
})

/** Telephony has said how bad it is and until when somebody has to have dealt with it: the ticket says the same. Pure. */
export const judgedIn = ({ severity, dueAt }: AlertState): Judged => ({ severity, dueAt: new Date(dueAt) })

/** What the ticket is told once the measure is back within its bounds. Pure. */
export const overWords = (alert: AlertState): string =>
  `Of the calls over ${placeOf(measuredIn(alert))}, enough are answered again` +
  `${alert.closedAt === null ? '' : ` (since ${new Date(alert.closedAt).toISOString()})`}. Close the ticket when you have looked at it.`
