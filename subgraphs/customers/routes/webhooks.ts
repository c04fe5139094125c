import { BlockList, isIP, isIPv6 } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sleep } from '#kernel/clock.ts'
import { BadInput, define, Forbidden, Unavailable } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { type Intake, intakeOf } from '#service/intake.ts'
import { type Gathering, gatherDeliveries } from '../commands/gather-deliveries.ts'
import type { Context } from '../context.ts'
import { isSignedBy, readClaim, readDelivery, type SignatureRules, toldBy } from '../sync/webhook.ts'
import { webhookNews } from './webhook-news.ts'

export interface WebhookOptions extends SignatureRules {
  /** Where webhooks may come from, as `address/bits`; empty: from anywhere, since the signature tells. */
  networks: readonly string[]
}

const SignatureRefused = define('HUB_WEBHOOK_REFUSED', {
  status: 401,
  retry: 'never',
  says: 'The signature of this webhook is not right. Check the client secret, the address it was signed for, and the clock.',
})
const NotReady = define('HUB_WEBHOOKS_NOT_READY', {
  status: 503,
  retry: 'later',
  says: 'The hub does not know the secret yet that webhooks are signed with. Set HUBSPOT_CLIENT_SECRET.',
})

/** HubSpot waits five seconds. Whether or not the work is done then, it sends again, and that does no harm. */
const ANSWER_WITHIN_MS = 4_000
const MOST_BYTES = 4 << 20
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
  const news = webhookNews(log)
  const gathering = gatherDeliveries(around, news.taken)
  const isAllowed = networksOf(webhooks.networks)
  const intakes = new WeakMap<FastifyRequest, Intake>()
  const claimOf = (request: FastifyRequest, receiver: string) => {
    const claim = readClaim(request.headers, webhooks, clock.now())
    if (typeof claim === 'object') return claim
    news.refused(claim, receiver)
    throw SignatureRefused.with()
  }
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_, body, done) =>
      done(null, body),
    )
    for (const receiver of RECEIVERS)
      scope.route({
        method: 'POST',
        url: receiver ? `/webhooks/hubspot/${receiver}` : '/webhooks/hubspot',
        // Before the body is read: a stranger gets nothing of ours to hold.
        onRequest: async (request) => {
          const intake = await intakeOf(request, seal)
          intakes.set(request, intake)
          if (webhooks.secrets.length === 0) throw NotReady.with()
          if (!isAllowed(intake.address)) {
            news.refused('wrong network', receiver)
            throw Forbidden.with()
          }
          claimOf(request, receiver)
        },
        handler: async (request) => {
          const { url } = intakes.get(request) as Intake
          const claim = claimOf(request, receiver)
          const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
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
          await inTime(gathering.take({ receiver, receivedAt: clock.now(), told, body: body.toString() }))
          return { received: read.events.length }
        },
      })
  })
}

const inTime = async (taking: ReturnType<Gathering['take']>): Promise<void> => {
  const done = new AbortController()
  const late = sleep(ANSWER_WITHIN_MS, done.signal).then(() => {
    if (!done.signal.aborted) throw Unavailable.with({ what: 'The intake of webhooks' })
  })
  try {
    await Promise.race([taking, late])
  } finally {
    done.abort()
  }
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
