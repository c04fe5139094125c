import { BlockList, isIP, isIPv6 } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BadInput, define, Forbidden } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { inTime, intakeRoutes, SignatureRefused } from '#service/intake.ts'
import { gatherDeliveries } from '../commands/gather-deliveries.ts'
import type { Context } from '../context.ts'
import { isSignedBy, readClaim, readDelivery, type SignatureRules, toldBy } from '../sync/webhook.ts'
import { hubSpotNews } from './webhook-news.ts'

export interface WebhookOptions extends SignatureRules {
  /** Where webhooks may come from, as `address/bits`; empty: from anywhere, since the signature tells. */
  networks: readonly string[]
}

const NotReady = define('HUB_WEBHOOKS_NOT_READY', {
  status: 503,
  retry: 'later',
  says: 'The hub does not know the secret yet that webhooks are signed with. Set HUBSPOT_CLIENT_SECRET.',
})

const PATH = '/webhooks/hubspot'
const RECEIVERS = ['', 'company', 'contact', 'deal']

interface Around extends Pick<Context, 'clock' | 'log' | 'vault'> {
  database: Context['db']
  seal: PrincipalSeal
  webhooks: WebhookOptions
}

/**
 * `POST /webhooks/hubspot` and one address per kind: verifies, writes down and answers; the records are read later.
 * 401: not signed by HubSpot, or too long ago. 400: signed, but nothing that can be read. 503: our own trouble.
 */
export const webhookRoutes = (app: FastifyInstance, around: Around): void => {
  const { webhooks, seal, log, clock } = around
  const news = hubSpotNews(log)
  const gathered = gatherDeliveries(around, news.taken)
  const isAllowed = networksOf(webhooks.networks)
  const receiverOf = ({ routeOptions: { url = '' } }: FastifyRequest) => url.slice(PATH.length + 1)
  const claimOf = (request: FastifyRequest) => {
    const claim = readClaim(request.headers, webhooks, clock.now())
    if (typeof claim === 'object') return claim
    news.refused(claim, receiverOf(request))
    throw SignatureRefused.with()
  }
  intakeRoutes(app, seal, {
    urls: RECEIVERS.map((receiver) => (receiver ? `${PATH}/${receiver}` : PATH)),
    admit: (request, intake) => {
      if (webhooks.secrets.length === 0) throw NotReady.with()
      if (!isAllowed(intake.address)) {
        news.refused('wrong network', receiverOf(request))
        throw Forbidden.with()
      }
      claimOf(request)
      return intake
    },
    take: async (request, body, { url }) => {
      const claim = claimOf(request)
      const receiver = receiverOf(request)
      if (!isSignedBy(webhooks, claim, { method: request.method, url }, body)) {
        news.refused('wrong signature', receiver)
        throw SignatureRefused.with()
      }
      if (claim.version === 'v3') news.stamped(claim.ageMs)
      const read = readDelivery(body)
      if (!read) {
        news.refused('unreadable', receiver)
        throw BadInput.with({ field: 'body', reason: 'is no list of events' })
      }
      if (read.unreadable > 0) news.unreadable(read.unreadable)
      // A sender that does not name its portal may do so in the address, which it signs too.
      const named = new URL(url).searchParams.get('portalId') ?? undefined
      const told = read.events.map((event) =>
        toldBy({ ...event, portalId: event.portalId ?? named }, receiver),
      )
      await inTime(gathered.take({ receiver, receivedAt: clock.now(), told, body: body.toString() }))
      return { received: read.events.length }
    },
  })
}

/** Whether an address is in one of the networks; every one is, where none are named. */
const networksOf = (networks: readonly string[]): ((address: string) => boolean) => {
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), family(address))
  }
  return (given) => {
    const address = given.replace(/^::ffff:(?=\d+\.)/i, '')
    return networks.length === 0 || (isIP(address) > 0 && list.check(address, family(address)))
  }
}
