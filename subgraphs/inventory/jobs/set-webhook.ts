import type { Alarm } from '#service/alerts.ts'
import { task } from '#service/job-definition.ts'
import { connectionsThatRan } from '#sync/schedules.ts'
import { type KeepAround, keepWebhook } from '../commands/keep-webhook.ts'
import { raiseAlerts } from '../commands/raise-alerts.ts'
import { tellTroubledDeliveries } from '../commands/tell-troubled-deliveries.ts'
import type { Rows } from '../store/transaction.ts'
import { setWebhook, tendWebhooks } from './definitions.ts'

type Around = Omit<Alarm, 'sends'> & { database: Rows }
type More = Pick<KeepAround, 'vault'> & {
  c3sOf(database: object): KeepAround['c3s']
  publicUrl: string | undefined
}

/** Tells a C3 where to post what has changed, when it does not know. Safe to repeat. */
export const setWebhookWith = ({ vault, c3sOf, publicUrl }: More) =>
  task<{ orgId: string; integrationId: string }, Around>(setWebhook, async (place, ctx) => {
    if (publicUrl) await keepWebhook({ ...ctx, vault, c3s: c3sOf(ctx.database), publicUrl }, place)
  })

/**
 * The same for every connection: those of the configuration, those that could not be told, and all of them when the hub has moved.
 * Tells of webhooks that operators should know of.
 */
export const tendWebhooksWith = ({ vault, c3sOf, publicUrl, sends }: More & Pick<Alarm, 'sends'>) =>
  task<Record<string, never>, Around>(tendWebhooks, async (_, ctx, { signal }) => {
    await tellTroubledDeliveries({ ...ctx, raise: raiseAlerts({ ...ctx, sends }) })
    if (!publicUrl) return
    for (const { orgId, connectionId } of await ctx.database.relay((tx) => connectionsThatRan(tx))) {
      if (signal.aborted) return
      await keepWebhook(
        { ...ctx, vault, c3s: c3sOf(ctx.database), publicUrl },
        { orgId, integrationId: connectionId },
      )
    }
  })
