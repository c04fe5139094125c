import {
  ControlRefusal,
  type LimitPolicy,
  type SimReply,
  type SimRequest,
  type SimulatedVendor,
} from '#connectors/simulator/index.ts'
import { RATE_HEADERS } from '../wire.ts'
import { changeAll, controlCall } from './control.ts'
import { errorReply, Refused } from './errors.ts'
import type { Behaviour, Portal } from './portal.ts'
import { route } from './routes.ts'

/** A credential and whose it is. */
interface Token {
  portal: string
  /** Refused from this instant on, base-clock milliseconds; Infinity while it is good. */
  expiresAt: number
  /** Good again from this instant on. */
  goodFrom: number
}

const lasting = (portal: string): Token => ({
  portal,
  expiresAt: Number.POSITIVE_INFINITY,
  goodFrom: Number.POSITIVE_INFINITY,
})

const isExpired = (token: Token, now: number): boolean => now >= token.expiresAt && now < token.goodFrom

const POLICIES: readonly LimitPolicy[] = [
  { name: 'burst', max: 100, windowMs: 10_000 },
  { name: 'search', max: 5, windowMs: 1_000 },
  { name: 'daily', max: 250_000, windowMs: 'day' },
]

// HubSpot's servers refuse long targets before the API sees them, a little above what clients hold safe.
const LONGEST_TARGET = 16_200

const REFUSALS: Readonly<
  Record<string, { policyName: 'TEN_SECONDLY_ROLLING' | 'SECONDLY' | 'DAILY'; message: string }>
> = {
  burst: { policyName: 'TEN_SECONDLY_ROLLING', message: 'You have reached your ten_secondly_rolling limit.' },
  search: { policyName: 'SECONDLY', message: 'You have reached your secondly limit.' },
  daily: { policyName: 'DAILY', message: 'You have reached your daily limit.' },
}

const SEARCH = /^\/+crm\/v3\/objects\/[^/]+\/search\/?$/

/** HubSpot as a simulated vendor: several portals behind one address, told apart by their tokens. */
export class HubSpotVendor implements SimulatedVendor {
  readonly name = 'hubspot'
  readonly policies = POLICIES
  readonly #portals: ReadonlyMap<string, Portal>
  readonly #tokens: Map<string, Token>
  readonly #behaviour: Behaviour
  readonly #baseNow: () => number

  constructor(
    portals: readonly Portal[],
    tokens: ReadonlyMap<string, string>,
    behaviour: Behaviour,
    baseNow: () => number,
  ) {
    this.#portals = new Map(portals.map((portal) => [portal.id, portal]))
    this.#tokens = new Map([...tokens].map(([token, portal]) => [token, lasting(portal)]))
    this.#behaviour = behaviour
    this.#baseNow = baseNow
  }

  portalOf(request: SimRequest): string {
    const token = this.#tokens.get(bearer(request))
    return token === undefined || isExpired(token, this.#baseNow()) ? '' : token.portal
  }

  policiesOf(request: SimRequest): readonly string[] {
    return [SEARCH.test(request.path) ? 'search' : 'burst', 'daily']
  }

  handle(request: SimRequest, portalId: string): SimReply {
    if (request.target.length > LONGEST_TARGET)
      return { status: 414, headers: { 'content-type': 'text/html' }, body: '<h1>414 URI Too Long</h1>' }
    const token = this.#tokens.get(bearer(request))
    // The token may have expired between the door and here: a script can make it so.
    const portal =
      token !== undefined && isExpired(token, this.#baseNow()) ? undefined : this.#portals.get(portalId)
    if (portal === undefined) return unauthenticated(token, this.#baseNow())
    try {
      return route(portal, request)
    } catch (error) {
      if (error instanceof Refused) return error.reply
      throw error
    }
  }

  tooMany(refusal: { portal: string; policy: string; retryAfterSeconds?: number }): SimReply {
    const { policyName, message } = REFUSALS[refusal.policy] ?? REFUSALS.burst!
    const reply = errorReply(429, {
      message,
      errorType: 'RATE_LIMIT',
      policyName,
      groupName: `privateapp:${refusal.portal}`,
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
      if (policy.name === 'burst') {
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

  /** `expire-token` `{ forMs? }`: the portal's tokens are refused from now on, or for a while · `change-records` `{ type, changes: […] }`. */
  trigger(name: string, detail: Readonly<Record<string, unknown>>, portalId: string): void {
    if (name === 'expire-token') this.#expire(portalId, detail.forMs)
    else if (name === 'change-records') changeAll(this.#portal(portalId), String(detail.type), detail.changes)
    else throw new ControlRefusal(`there is no trigger ${name}; there are expire-token, change-records`)
  }

  #expire(portalId: string, forMs: unknown): void {
    const now = this.#baseNow()
    const goodFrom = typeof forMs === 'number' ? now + forMs : Number.POSITIVE_INFINITY
    for (const token of this.#tokens.values())
      if (token.portal === portalId) Object.assign(token, { expiresAt: now, goodFrom })
  }
  #renew(portalId: string): void {
    for (const [name, token] of this.#tokens)
      if (token.portal === portalId) this.#tokens.set(name, lasting(portalId))
  }

  /** `indexLagMs`, `mergedRecordId` (`new` or `primary`), `inlineAssociationCap`, `expireToken` and `renewToken` (a portal id), `tokens` `{ token: portal }` to add. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(settings)) {
      if (name === 'indexLagMs' || name === 'inlineAssociationCap') this.#behaviour[name] = Number(value)
      else if (name === 'mergedRecordId' && (value === 'new' || value === 'primary'))
        this.#behaviour.mergedRecordId = value
      else if (name === 'expireToken') this.#expire(this.#portal(String(value)).id, undefined)
      else if (name === 'renewToken') this.#renew(this.#portal(String(value)).id)
      else if (name === 'tokens' && typeof value === 'object' && value !== null)
        for (const [token, portal] of Object.entries(value))
          this.#tokens.set(token, lasting(this.#portal(String(portal)).id))
      else throw new ControlRefusal(`there is no setting ${name} that takes ${JSON.stringify(value)}`)
    }
  }

  settings(): Record<string, unknown> {
    return { ...this.#behaviour, portals: [...this.#portals.keys()] }
  }

  control(request: SimRequest, path: string): SimReply | undefined {
    return controlCall(this.#portal(request.query.get('portal') ?? ''), request, path)
  }

  // The first portal when none is named.
  #portal(id: string): Portal {
    const portal = id === '' ? [...this.#portals.values()][0] : this.#portals.get(id)
    if (portal === undefined) throw new ControlRefusal(`there is no portal ${id}`)
    return portal
  }
}

const bearer = (request: SimRequest): string => {
  const header = request.headers.authorization
  return typeof header === 'string' && header.startsWith('Bearer ') ? header.slice(7) : ''
}

const unauthenticated = (token: Token | undefined, now: number): SimReply => {
  if (token === undefined)
    return errorReply(401, {
      category: 'INVALID_AUTHENTICATION',
      message:
        'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    })
  const seconds = Math.max(0, Math.round((now - token.expiresAt) / 1000))
  return errorReply(401, {
    category: 'EXPIRED_AUTHENTICATION',
    message: `The OAuth token used to make this call expired ${seconds} second(s) ago.`,
    context: { 'expire time': [new Date(token.expiresAt).toISOString()] },
  })
}
