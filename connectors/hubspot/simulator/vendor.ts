import {
  ControlRefusal,
  type LimitPolicy,
  readMishaps,
  type SimReply,
  type SimRequest,
  type SimulatedVendor,
} from '#connectors/simulator/index.ts'
import { RATE_HEADERS } from '../wire.ts'
import { type Behaviour, behave } from './behaviour.ts'
import { changeAll } from './changes.ts'
import { authorize } from './consent.ts'
import { controlCall } from './control.ts'
import type { Credentials, Token } from './credentials.ts'
import { BEYOND_PRIVATE_APPS, beyond } from './editions.ts'
import { errorReply, notFound, Refused } from './errors.ts'
import type { Source } from './happening.ts'
import { oauthControl } from './install-control.ts'
import { type OAuthGround, oauth } from './oauth.ts'
import type { Portal } from './portal.ts'
import { route } from './routes.ts'
import { requireScopes } from './scopes.ts'
import { TimelineTemplates } from './timeline-templates.ts'
import { webhookControl } from './webhook-control.ts'
import { webhookSettings } from './webhook-routes.ts'
import { Webhooks } from './webhooks.ts'

const POLICIES: readonly LimitPolicy[] = [
  { name: 'burst', max: 100, windowMs: 10_000 },
  { name: 'search', max: 5, windowMs: 1_000 },
  { name: 'daily', max: 250_000, windowMs: 'day' },
  // What an app that was installed by consent may do, in each portal; nothing is counted by the day.
  { name: 'oauth', max: 110, windowMs: 10_000 },
]

// HubSpot's servers refuse long targets before the API sees them, a little above what clients hold safe.
const LONGEST_TARGET = 16_200

const ROLLING = {
  policyName: 'TEN_SECONDLY_ROLLING',
  message: 'You have reached your ten_secondly_rolling limit.',
} as const
const REFUSALS: Readonly<
  Record<string, { policyName: 'TEN_SECONDLY_ROLLING' | 'SECONDLY' | 'DAILY'; message: string }>
> = {
  burst: ROLLING,
  oauth: ROLLING,
  search: { policyName: 'SECONDLY', message: 'You have reached your secondly limit.' },
  daily: { policyName: 'DAILY', message: 'You have reached your daily limit.' },
}

/** What a script can make happen to a portal. */
export const TRIGGERS = ['expire-token', 'uninstall', 'revoke', 'change-records'] as const

const TEMPLATES = /^\/integrators\/timeline\/v3\/(\d+)\/event-templates(.*)$/
const SEARCH = /^\/+crm\/v3\/objects\/[^/]+\/search\/?$/

/** HubSpot as a simulated vendor: several portals behind one address, told apart by their tokens. */
export class HubSpotVendor implements SimulatedVendor, Disposable {
  readonly name = 'hubspot'
  readonly policies = POLICIES
  readonly #portals: Map<string, Portal>
  readonly #credentials: Credentials
  readonly #behaviour: Behaviour
  readonly #oauth: OAuthGround
  readonly #webhooks: Webhooks
  readonly #templates: TimelineTemplates

  /** @param now the vendor's own time, epoch milliseconds */
  constructor(portals: readonly Portal[], credentials: Credentials, behaviour: Behaviour, now: () => number) {
    this.#portals = new Map(portals.map((portal) => [portal.id, portal]))
    this.#credentials = credentials
    this.#behaviour = behaviour
    this.#oauth = {
      credentials,
      behaviour,
      hasPortal: (portal) => this.#portals.has(portal),
      withheldFrom: (portal) => [
        ...behaviour.withheldScopes,
        ...beyond(this.#portals.get(portal)?.edition ?? 'enterprise'),
      ],
    }
    this.#webhooks = new Webhooks(credentials, () => this.#portals.values(), now)
    this.#templates = new TimelineTemplates(now)
  }

  [Symbol.dispose](): void {
    this.#webhooks[Symbol.dispose]()
  }

  portalOf(request: SimRequest): string {
    const token = this.#credentials.find(bearer(request))
    return token === undefined || this.#credentials.isExpired(token) ? '' : token.portal
  }

  policiesOf(request: SimRequest): readonly string[] {
    const search = SEARCH.test(request.path)
    if (this.#credentials.find(bearer(request))?.kind === 'oauth') return [search ? 'search' : 'oauth']
    return [search ? 'search' : 'burst', 'daily']
  }

  handle(request: SimRequest, portalId: string): SimReply {
    if (request.target.length > LONGEST_TARGET)
      return { status: 414, headers: { 'content-type': 'text/html' }, body: '<h1>414 URI Too Long</h1>' }
    try {
      return this.#appCall(request) ?? this.#portalCall(request, portalId)
    } catch (error) {
      if (error instanceof Refused) return error.reply
      throw error
    }
  }

  // Calls that no portal's token opens.
  #appCall(request: SimRequest): SimReply | undefined {
    const path = request.path.replace(/^\/+/, '/')
    if (path === '/oauth/authorize') return authorize(this.#oauth, request, this.#accounts())
    if (path.startsWith('/oauth/')) return oauth(this.#oauth, request)
    if (path.startsWith('/webhooks/v3/')) {
      this.#requireDeveloper(request)
      return webhookSettings(this.#webhooks, request)
    }
    const [, appId, rest] = TEMPLATES.exec(path) ?? []
    if (rest === undefined) return undefined
    this.#requireDeveloper(request)
    if (appId !== String(this.#credentials.app.appId)) return notFound(`there is no app ${appId}`)
    return this.#templates.answer(request, rest.split('/').filter(Boolean).map(decodeURIComponent))
  }

  // An app's own settings are opened by its developer's key alone, in the query.
  #requireDeveloper(request: SimRequest): void {
    if (request.query.get('hapikey') === this.#credentials.app.developerApiKey) return
    throw new Refused(
      errorReply(401, {
        category: 'INVALID_AUTHENTICATION',
        message: "This hapikey doesn't exist or is not a developer API key.",
      }),
    )
  }

  #accounts = () => [...this.#portals.values()].map(({ id, name }) => ({ id, name }))

  #portalCall(request: SimRequest, portalId: string): SimReply {
    const token = this.#credentials.find(bearer(request))
    const portal = this.#portals.get(portalId)
    // The token may have expired between the door and here: a script can make it so.
    if (portal === undefined || token === undefined || this.#credentials.isExpired(token))
      return unauthenticated(token, portal?.clock.base.now() ?? this.#first().clock.base.now())
    requireScopes(request, token.scopes, [
      ...beyond(portal.edition),
      ...(token.kind === 'private-app' ? BEYOND_PRIVATE_APPS : []),
    ])
    if (/^\/+appinstalls\/v3\/external-install\/?$/.test(request.path))
      return this.#uninstalled(request, token)
    count(portal)
    return portal.as(this.#sourceOf(token), () => route(portal, this.#templates, request))
  }

  #sourceOf(token: Token): Source {
    const changeSource = token.kind === 'oauth' ? 'INTEGRATION' : this.#behaviour.apiChangeSource
    return { changeSource, sourceId: String(this.#credentials.app.appId) }
  }

  #uninstalled(request: SimRequest, token: Token): SimReply {
    if (request.method !== 'DELETE') return errorReply(405, { message: 'HTTP 405 Method Not Allowed' })
    if (token.kind !== 'oauth')
      return errorReply(403, {
        message: 'This endpoint can only be called with the token of an installed app.',
      })
    this.#credentials.uninstall(token.portal)
    return { status: 204 }
  }

  tooMany(refusal: { portal: string; policy: string; retryAfterSeconds?: number }): SimReply {
    const { policyName, message } = REFUSALS[refusal.policy] ?? REFUSALS.burst!
    const reply = errorReply(429, {
      message,
      errorType: 'RATE_LIMIT',
      policyName,
      groupName: `${refusal.policy === 'oauth' ? 'publicapi' : 'privateapp'}:${refusal.portal}`,
    })
    return refusal.retryAfterSeconds === undefined
      ? reply
      : { ...reply, headers: { 'retry-after': String(refusal.retryAfterSeconds) } }
  }

  limitHeaders(
    request: SimRequest,
    left: Readonly<Record<string, number>>,
    policies: readonly LimitPolicy[],
  ): Record<string, string> {
    if (SEARCH.test(request.path)) return {}
    const headers: Record<string, string> = {}
    for (const policy of policies) {
      const remaining = left[policy.name]
      if (remaining === undefined) continue
      if (policy.name === 'burst' || policy.name === 'oauth') {
        headers[RATE_HEADERS.max] = String(policy.max)
        headers[RATE_HEADERS.remaining] = String(remaining)
        headers[RATE_HEADERS.intervalMs] = String(policy.windowMs)
      } else if (policy.name === 'daily') {
        headers[RATE_HEADERS.daily] = String(policy.max)
        headers[RATE_HEADERS.dailyRemaining] = String(remaining)
      }
    }
    return headers
  }

  /**
   * `expire-token` `{ forMs? }`: the portal's tokens are refused from now on, or for a while · `uninstall` and `revoke`: the portal
   * takes the app out, or its consent back · `change-records` `{ type, changes: […] }`.
   */
  trigger(name: string, detail: Readonly<Record<string, unknown>>, portalId: string): void {
    const { forMs } = detail
    if (name === 'expire-token')
      this.#credentials.expire(portalId, typeof forMs === 'number' ? forMs : undefined)
    else if (name === 'uninstall') this.#credentials.uninstall(portalId)
    else if (name === 'revoke') this.#credentials.revokeAll(portalId)
    else if (name === 'change-records') changeAll(this.#portal(portalId), String(detail.type), detail.changes)
    else throw new ControlRefusal(`there is no trigger ${name}; there are ${TRIGGERS.join(', ')}`)
  }

  /** The settings of `Behaviour`, `webhooks` (see `Mishaps`), `expireToken` and `renewToken` (a portal id), `tokens` `{ token: portal }` to add. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(settings)) {
      if (behave(this.#behaviour, name, value)) continue
      if (name === 'webhooks')
        this.#webhooks.delivery.mishaps = readMishaps(value, this.#webhooks.delivery.mishaps)
      else if (name === 'expireToken') this.#credentials.expire(this.#portal(String(value)).id)
      else if (name === 'renewToken') this.#credentials.renew(this.#portal(String(value)).id)
      else if (name === 'tokens' && typeof value === 'object' && value !== null)
        for (const [token, portal] of Object.entries(value))
          this.#credentials.addPrivate(token, this.#portal(String(portal)).id)
      else throw new ControlRefusal(`there is no setting ${name} that takes ${JSON.stringify(value)}`)
    }
  }

  settings(): Record<string, unknown> {
    return {
      ...this.#behaviour,
      webhooks: this.#webhooks.delivery.mishaps,
      portals: [...this.#portals.keys()],
    }
  }

  control(request: SimRequest, path: string): SimReply | undefined {
    if (path === 'oauth') return oauthControl(this.#oauth, request)
    if (path.startsWith('webhooks')) return webhookControl(this.#webhooks, request, path)
    return controlCall(this.#portal(request.query.get('portal') ?? ''), request, path)
  }

  #first = (): Portal => [...this.#portals.values()][0]!

  // The first portal when none is named.
  #portal(id: string): Portal {
    const portal = id === '' ? this.#first() : this.#portals.get(id)
    if (portal === undefined) throw new ControlRefusal(`there is no portal ${id}`)
    return portal
  }
}

// Private apps have a day's ration, and HubSpot tells how much of it is gone.
const count = ({ calls, now }: Portal): void => {
  const day = Math.floor(now() / 86_400_000)
  Object.assign(calls, day === calls.day ? { count: calls.count + 1 } : { day, count: 1 })
}

const bearer = (request: SimRequest): string => {
  const header = request.headers.authorization
  return typeof header === 'string' && header.startsWith('Bearer ') ? header.slice(7) : ''
}

const unauthenticated = (token: Token | undefined, now: Date): SimReply => {
  if (token === undefined)
    return errorReply(401, {
      category: 'INVALID_AUTHENTICATION',
      message:
        'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    })
  const seconds = Math.max(0, Math.round((now.getTime() - token.expiresAt) / 1000))
  return errorReply(401, {
    category: 'EXPIRED_AUTHENTICATION',
    message: `The OAuth token used to make this call expired ${seconds} second(s) ago.`,
    context: { 'expire time': [new Date(token.expiresAt).toISOString()] },
  })
}
