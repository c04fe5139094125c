import { type Alarm, tellOperators } from '#service/alerts.ts'
import { untoldPortals } from '../store/strays.ts'
import type { Rows } from '../store/transaction.ts'

const AGAIN_AFTER_MS = 3_600_000

/** Tells operators of portals that send webhooks although nobody is connected to them: of each once an hour at most. */
export const tellStrays = async ({ database, ...alarm }: Alarm & { database: Rows }): Promise<void> => {
  const at = alarm.clock.now()
  await database.relay(async (tx) => {
    const portals = await untoldPortals(tx, at, new Date(at.getTime() - AGAIN_AFTER_MS))
    const troubles = portals.map((portal) => ({
      event: 'webhook.unroutable',
      subject: 'PORTAL',
      code: 'HUB_WEBHOOK_UNROUTABLE',
      reason: `HubSpot sends webhooks of the account ${portal.portal_id}, to which nobody is connected.`,
      guidance: 'Connect the account, or take the app out of it there. What it sends is kept for a week.',
      count: Number(portal.events),
    }))
    await tellOperators(tx, alarm, troubles)
  })
}
