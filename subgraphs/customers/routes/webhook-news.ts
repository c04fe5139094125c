import type { Log } from '#kernel/log.ts'
import { webhookNews } from '#service/webhook-news.ts'
import type { Taken } from '../commands/take-deliveries.ts'

/** The same for HubSpot's, with what nobody is connected to. */
export const hubSpotNews = (log: Log) => {
  const news = webhookNews(log)
  return {
    ...news,
    taken: (taken: Taken) => {
      news.taken(taken)
      // Operators are told once an hour, by whoever tends what came: a storm of these must not be one in the log.
      for (const { portalId, events } of taken.strays)
        log.warn(
          { event: 'webhook.unroutable', portalId, count: events },
          'nobody is connected to this portal',
        )
      for (const integrationId of new Set(taken.ended))
        log.warn(
          { event: 'webhook.unroutable', integrationId, count: 1 },
          'an ended connection still gets webhooks',
        )
    },
  }
}
