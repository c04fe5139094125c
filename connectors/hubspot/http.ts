import { withoutSecrets } from '#kernel/mask.ts'
import { openCaller } from '../caller.ts'
import { openCircuit } from '../circuit.ts'
import { AppRejected, CredentialRejected, ScopeMissing, vendorAnswer } from '../contract.ts'
import { type Check, exchange, type HttpAnswer, type HttpCall, MAX_ANSWER_BYTES } from '../http.ts'
import type { HubSpotOptions, RequestCounts } from './portal.ts'
import { EXPIRED, judge, VENDOR } from './verdict.ts'
import { LIMITS, RATE_HEADERS } from './wire.ts'

/** One request to HubSpot. Paths are HubSpot's legacy ones (/v3, /v4); this file is the only place that sends them. */
export interface Request<T> {
  counts: Exclude<keyof RequestCounts, 'total' | 'retries'>
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, as they go out. */
  target: string
  body?: unknown
  /** Changes something in the portal: never repeated blindly. */
  write?: boolean
  check: Check<T>
  /** What an answer without a body (204) means; left out, it is no answer. */
  empty?: T
  /** Opened by the app's developer key instead of the portal's token: the app's own settings, the same for all portals. */
  byDeveloper?: boolean
  /** A key whose numbers are ids and must not be rounded. */
  exactKey?: string
}

/** What the parts of the connector send their requests with. */
export interface Wire {
  send<T>(request: Request<T>): Promise<T>
  readonly requests: RequestCounts
  /** Of the app whose developer key is given. */
  readonly appId: string | undefined
  /** IANA name; UTC until the account is read. */
  timeZone: string
}

/** What every kind of app may count on, until the answers' headers tell the portal's own limit: the `limits` of a limiter. */
export const HUBSPOT_LIMITS = {
  burst: { max: 100, intervalMs: 10_000 },
  search: { max: LIMITS.searchesPerSecond, intervalMs: 1000 },
} as const

/** What each portal grants an app that it installed, whatever its account is. */
export const OAUTH_LIMITS = { ...HUBSPOT_LIMITS, burst: { max: 110, intervalMs: 10_000 } } as const

/** How old the limiter's knowledge of the daily limit may become while calls are made. */
const DAILY_NEWS_MS = 20_000

const BUCKETS = ['burst', 'search', 'daily']

/** Names of records and rows, which may be as long as a card's number. */
const IDS = ['id', 'objectId', 'objectWriteTraceId']

/** Cards, keys and tokens never go to HubSpot, whoever wrote them into a text of ours. @returns what JSON.stringify replaces them with */
const withoutSecret = () => {
  const values = new Set<unknown>()
  return function (this: unknown, key: string, value: unknown): unknown {
    // A property may be called like an id: what it holds is a text like any other.
    if (key === 'properties' || key === 'tokens') values.add(value)
    if (typeof value !== 'string' || (IDS.includes(key) && !values.has(this))) return value
    return withoutSecrets(value)
  }
}

/**
 * Opens the one way to a portal: token, limits, deadline, tries and verdicts in one place.
 * Our own calls instead of HubSpot’s client: docs/decisions/0007 says why.
 */
export const openWire = (options: HubSpotOptions): Wire => {
  const { clock, log, random, limiter, deadlineMs = 30_000, patienceMs = 120_000, signal, pause } = options
  const { interactive = false, reach } = options
  const circuit = options.circuit ?? openCircuit({ clock, random, ...(pause ? { pause } : {}) })
  const call = openCaller({
    vendor: VENDOR,
    limiter,
    clock,
    log,
    random,
    buckets: BUCKETS,
    circuit,
    patienceMs,
    interactive,
    signal,
    ...(pause ? { pause } : {}),
  })
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const renewals = new Map<string, Promise<void>>()
  const requests: RequestCounts = {
    total: 0,
    list: 0,
    search: 0,
    read: 0,
    associations: 0,
    setup: 0,
    write: 0,
    retries: 0,
  }

  /** Renews a token once, however many requests found it expired. */
  const renew = async (token: string): Promise<boolean> => {
    if (!options.expired) return false
    // Somebody else may have brought a new one while this request was under way.
    if ((await options.token()) !== token) return true
    const running = renewals.get(token) ?? options.expired(token)
    renewals.set(token, running)
    try {
      await running
    } finally {
      renewals.delete(token)
    }
    return true
  }

  /** Passes on what the headers tell of the limits, when it is news: a limiter in the database pays for each telling. */
  let told = ''
  let toldDayAt = 0
  const note = async ({ headers }: HttpAnswer): Promise<void> => {
    const numbers = (names: readonly string[]) => names.map((name) => Number(headers.get(name) ?? Number.NaN))
    const { max, remaining, intervalMs, daily, dailyRemaining } = RATE_HEADERS
    const [burst, left, interval] = numbers([max, remaining, intervalMs]) as [number, number, number]
    if (burst > 0 && interval > 0 && (told !== `${burst}/${interval}` || left <= burst / 10)) {
      told = `${burst}/${interval}`
      await limiter.observe('burst', {
        max: burst,
        intervalMs: interval,
        ...(left >= 0 ? { remaining: left } : {}),
      })
    }
    const [day, dayLeft] = numbers([daily, dailyRemaining]) as [number, number]
    const now = clock.now().getTime()
    if (day > 0 && dayLeft >= 0 && (now - toldDayAt > DAILY_NEWS_MS || dayLeft <= day / 10)) {
      toldDayAt = now
      await limiter.observe('daily', { max: day, remaining: dayLeft })
    }
  }

  const withKey = (target: string): string => {
    if (!options.developer) throw AppRejected.with({ vendor: VENDOR, reason: 'no developer key is given' })
    return `${target}${target.includes('?') ? '&' : '?'}hapikey=${encodeURIComponent(options.developer.apiKey)}`
  }

  const wire: Wire = {
    requests,
    appId: options.developer?.appId,
    timeZone: options.timeZone ?? 'UTC',
    send: async (request) => {
      let token = ''
      const headers: Record<string, string> = {}
      const url = baseUrl + (request.byDeveloper ? withKey(request.target) : request.target)
      const out: HttpCall = { method: request.method, url, headers }
      if (request.body !== undefined) {
        headers['content-type'] = 'application/json'
        out.body = JSON.stringify(request.body, request.write ? withoutSecret() : undefined)
      }
      const answer = call({
        bucket: request.counts === 'search' ? 'search' : 'burst',
        write: request.write ?? false,
        onTry: (number) => {
          requests.total += 1
          requests[request.counts] += 1
          if (number > 1) requests.retries += 1
        },
        renew: async (error) => {
          const answer = vendorAnswer(error)
          if (request.byDeveloper || !CredentialRejected.is(error) || answer?.status !== 401) return false
          if (answer.category === EXPIRED) return await renew(token)
          return (await options.rejected?.(token)) ?? false
        },
        send: async () => {
          if (!request.byDeveloper) {
            token = await options.token()
            headers.authorization = `Bearer ${token}`
          }
          const limits = { deadlineMs, maxBytes: MAX_ANSWER_BYTES, signal, reach }
          const answer = await exchange(VENDOR, out, limits)
          await note(answer)
          if (answer.status === 204 && 'empty' in request)
            return request.empty as NonNullable<typeof request.empty>
          return judge(answer, request.check, clock.now(), wire.timeZone, request.exactKey)
        },
      })
      return await answer.catch(async (error: unknown) => {
        // The portal's own credentials are as good as before.
        if (request.byDeveloper && (CredentialRejected.is(error) || ScopeMissing.is(error)))
          throw AppRejected.with({ vendor: VENDOR, reason: 'its developer key' }, { cause: error.cause })
        if (!ScopeMissing.is(error) || !options.lacks) throw error
        throw await options.lacks(vendorAnswer(error)?.scopes ?? [], error)
      })
    },
  }
  return wire
}
