import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { inTime, intakeRoutes, SignatureRefused } from '#service/intake.ts'
import { webhookNews } from '#service/webhook-news.ts'
import { gatherDeliveries, routeOf, type Taken } from '../commands/take-deliveries.ts'
import type { RefusalWatch } from '../commands/watch-refusals.ts'
import type { Context } from '../context.ts'
import { isSignedBy, readClaim, readDelivery, type SignatureFault, toldBy } from '../sync/webhook.ts'

interface Around extends Pick<Context, 'clock' | 'log' | 'vault'> {
  database: Context['db']
  seal: PrincipalSeal
  watch: RefusalWatch
}

/**
 * `POST /webhooks/c3/{connection}`: verifies, writes down and answers; the records are read later.
 * 401: not signed by the connection's C3, or too long ago, or there is no such connection: all of them alike. 400: signed, but nothing
 * that can be read. 503: our own trouble.
 */
export const webhookRoutes = (app: FastifyInstance, around: Around): void => {
  const { seal, log, clock, watch } = around
  const news = webhookNews(log)
  const told = (taken: Taken) => {
    news.taken(taken)
    for (const integrationId of new Set(taken.foreign))
      log.warn(
        { event: 'webhook.unroutable', integrationId, count: 1 },
        'another account’s webhooks come for this connection',
      )
  }
  const gathered = gatherDeliveries(around, told)
  const refuse = (reason: SignatureFault | 'unknown connection', connection: string): never => {
    news.refused(reason, connection)
    // Whoever is refused does not wait until somebody is told of it.
    if (connection)
      watch[reason === 'unknown connection' ? 'unknown' : 'refused'](connection).catch((error) =>
        log.warn({ err: error }, 'could not tell of webhooks that were refused'),
      )
    throw SignatureRefused.with()
  }
  const connectionOf = ({ params }: FastifyRequest): string => {
    const { connectionId = '' } = params as { connectionId?: string }
    return isId(connectionId) ? connectionId : ''
  }
  intakeRoutes(app, seal, {
    urls: ['/webhooks/c3/:connectionId'],
    admit: async (request) => {
      const connection = connectionOf(request)
      const claim = readClaim(request.headers, clock.now())
      if (typeof claim === 'string') return refuse(claim, connection)
      const route = connection ? await routeOf(around, connection) : undefined
      return route ? { route, claim } : refuse('unknown connection', connection)
    },
    take: async (_, body, { route, claim }) => {
      if (!isSignedBy(route.secrets, claim, body)) return refuse('wrong signature', route.integrationId)
      news.stamped(claim.ageMs)
      watch.taken(route.integrationId)
      const read = readDelivery(body)
      if (!read) {
        news.refused('unreadable', route.integrationId)
        throw BadInput.with({ field: 'body', reason: 'is no delivery of C3’s' })
      }
      if (read.unreadable > 0) news.unreadable(read.unreadable)
      const { accountId, deliveryId } = read
      const delivery = { route, accountId, deliveryId, told: toldBy(read), receivedAt: clock.now() }
      await inTime(gathered.take({ ...delivery, body: body.toString() }))
      return { received: read.events.length }
    },
  })
}
