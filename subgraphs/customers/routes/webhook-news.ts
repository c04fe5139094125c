import type { Log } from '#kernel/log.ts'
import type { Taken } from '../commands/take-deliveries.ts'
import type { SignatureFault } from '../sync/webhook.ts'

/** How far a sender's clock may be off before somebody should know. */
const SKEW_MS = 30_000

/** What happens at the intake of webhooks, told to the log: one line each, with `event` and `count` to count by. */
export const webhookNews = (log: Log) => ({
  refused: (reason: SignatureFault | 'wrong network' | 'unreadable', receiver: string) =>
    log.warn({ event: 'webhook.refused', reason, receiver, count: 1 }, 'refused a webhook'),
  /** Signed, and stamped by a clock that differs from ours: beyond five minutes all of them would be refused. */
  stamped: (ageMs: number) => {
    if (ageMs < -SKEW_MS || ageMs > SKEW_MS)
      log.warn({ event: 'webhook.skewed', ageMs, count: 1 }, 'the clock of HubSpot or of the hub is off')
  },
  unreadable: (count: number) =>
    log.warn({ event: 'webhook.unreadable', count }, 'a webhook had entries that are no events'),
  taken: ({ fresh, duplicates, ignored, strays, ended }: Taken) => {
    log.debug({ event: 'webhook.taken', count: fresh, duplicates, ignored }, 'took webhooks')
    // Operators are told once an hour, by whoever tends what came: a storm of these must not be one in the log.
    for (const { portalId, events } of strays)
      log.warn({ event: 'webhook.unroutable', portalId, count: events }, 'nobody is connected to this portal')
    for (const integrationId of new Set(ended))
      log.warn(
        { event: 'webhook.unroutable', integrationId, count: 1 },
        'an ended connection still gets webhooks',
      )
  },
})
