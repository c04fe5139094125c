import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import type { Jobs } from '#service/jobs.ts'
import { newAlerts, type RaiseAlerts } from '#sync/alerts.ts'
import { alertRaised } from '../domain/telling.ts'
import { sendAlert } from '../jobs/definitions.ts'

/**
 * Tells operators of what failed three times: by an event, a line in the log, and a message to their own system when one is
 * named. Of one trouble once an hour.
 */
export const raiseAlerts =
  (options: { jobs: Jobs; clock: Clock; log: Log; sends: boolean }): RaiseAlerts =>
  async (tx, orgId, alerts, at) => {
    const { jobs, clock, log, sends } = options
    const told = (await newAlerts(tx, orgId, alerts, at)).map((alert) => ({
      alertId: newId(clock),
      integrationId: alert.connectionId,
      subject: alert.subject,
      type: alert.type ?? null,
      code: alert.code,
      reason: alert.reason,
      guidance: alert.guidance,
      count: alert.count,
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
    return told.map(alertRaised)
  }
