import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import type { Jobs } from '#service/jobs.ts'
import { sendAlert } from '../jobs/definitions.ts'
import { untoldPortals } from '../store/strays.ts'
import type { Rows } from '../store/transaction.ts'

const AGAIN_AFTER_MS = 3_600_000

/** Tells operators of portals that send webhooks although nobody is connected to them: of each once an hour at most. */
export const tellStrays = async (options: {
  database: Rows
  clock: Clock
  log: Log
  jobs: Jobs
  sends: boolean
}): Promise<void> => {
  const { database, clock, log, jobs, sends } = options
  const at = clock.now()
  await database.relay(async (tx) => {
    const portals = await untoldPortals(tx, at, new Date(at.getTime() - AGAIN_AFTER_MS))
    const alerts = portals.map((portal) => ({
      alertId: newId(clock),
      orgId: null,
      integrationId: null,
      subject: 'PORTAL' as const,
      type: null,
      code: 'HUB_WEBHOOK_UNROUTABLE',
      reason: `HubSpot sends webhooks of the account ${portal.portal_id}, to which nobody is connected.`,
      guidance: 'Connect the account, or take the app out of it there. What it sends is kept for a week.',
      count: Number(portal.events),
      raisedAt: at.toISOString(),
    }))
    for (const { alertId, code, reason, count } of alerts)
      log.error({ event: 'webhook.unroutable', alertId, code, reason, count }, 'alert raised')
    if (sends) await jobs.enqueueAll(tx, sendAlert, alerts)
  })
}
