import type { NewEvent } from '#events/outbox.ts'
import { newId } from '#kernel/ids.ts'
import { type Alarm, sendAlert } from '#service/alerts.ts'
import { type Alert, newAlerts, type RaiseAlerts } from '#sync/alerts.ts'

/** An alert as an event tells of it. */
export interface ToldAlert extends Omit<Alert, 'connectionId' | 'type'> {
  alertId: string
  integrationId: string
  type: string | null
  raisedAt: string
}

/**
 * Tells operators of what failed three times: by an event, a line in the log, and a message to their own system when one is
 * named. Of one trouble once an hour.
 * @param toEvent the event that tells of it
 */
export const raisingAlerts =
  (toEvent: (alert: ToldAlert) => NewEvent) =>
  ({ jobs, clock, log, sends }: Alarm): RaiseAlerts =>
  async (tx, orgId, alerts, at) => {
    const told = (await newAlerts(tx, orgId, alerts, at)).map(({ connectionId, type, ...alert }) => ({
      ...alert,
      alertId: newId(clock),
      integrationId: connectionId,
      type: type ?? null,
      raisedAt: at.toISOString(),
    }))
    for (const { alertId, integrationId, subject, type, code, count } of told)
      log.error({ alertId, orgId, integrationId, subject, type, code, count }, 'alert raised')
    if (sends)
      await jobs.enqueueAll(
        tx,
        sendAlert,
        told.map((alert) => ({ ...alert, orgId })),
      )
    return told.map(toEvent)
  }
