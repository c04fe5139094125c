import type { FastifyReply, FastifyRequest } from 'fastify'
import { BadInput } from '#kernel/errors.ts'
import { PLAN_HEADERS } from '#kernel/planning.ts'
import { holds } from '#kernel/principal.ts'
import type { Asked } from '#telemetry/asked.ts'
import { newTraceParent, readTraceParent } from '#telemetry/traceparent.ts'
import { beginStep } from '#telemetry/traces.ts'
import type { Executor, RequestContext } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import type { Standing } from '../limits/rates.ts'
import { CONFIRM_HEADER, type PlanningWish } from '../planning.ts'

/** Asks for what answers do not tell otherwise: `cost`. */
const EXTENSIONS_HEADER = 'x-hub-extensions'

/** Who sends a request. @throws UNAUTHENTICATED, FORBIDDEN, HUB_UNAVAILABLE, or what a cookie from elsewhere is refused with */
export const callerOf = async (request: FastifyRequest, identity: Identity): Promise<Caller> => {
  const { method, url, headers } = request
  return identity.callerOf({ method, url, headers })
}

/**
 * What an operation takes along. It ends at the deadline, and for reads also when nobody waits any more: a write that
 * was begun is finished either way.
 */
export const contextOf = (
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
  executor: Executor,
  { isRead }: { isRead: boolean },
): RequestContext => {
  const planning = wishOf(request)
  const over = new AbortController()
  const deadline = setTimeout(() => over.abort(), executor.limits.deadlineMs)
  reply.raw.once('close', () => {
    clearTimeout(deadline)
    if (isRead && !reply.raw.writableEnded) over.abort()
  })
  const after = request.headers['x-hub-after']
  return {
    caller,
    signal: over.signal,
    ...(typeof after === 'string' && after.length < 500 ? { after } : {}),
    ...(planning ? { planning } : {}),
    ...(request.headers[EXTENSIONS_HEADER] === 'cost' ? { tellsCost: true } : {}),
    behind: new Set(),
    asked: askedOf(request, reply, caller),
    cookies: [],
    log: executor.log,
  }
}

const DOORS: Readonly<Record<string, string>> = { '/graphql': 'GRAPHQL', '/mcp': 'MCP', '/chat': 'CHAT' }

/** The door a request came in by. */
export const doorOf = ({ routeOptions }: FastifyRequest): string => DOORS[routeOptions.url ?? ''] ?? 'REST'
const LONGEST_KEY = 255

/**
 * From where a request comes: its door, its name for repeating it, and its trace. It begins here, except for who may read the audit:
 * whoever else could have traces kept, or mixed up with those of others, by what they send.
 */
const askedOf = (request: FastifyRequest, reply: FastifyReply, { principal }: Caller): Asked => {
  const { headers } = request
  const key = headers['idempotency-key']
  const door = doorOf(request)
  const parent = holds(principal, ['audit:read']) ? readTraceParent(headers.traceparent) : undefined
  const said = { 'http.request.method': request.method, 'http.route': request.routeOptions.url ?? '' }
  const step = beginStep(`${door} ${request.method}`, { parent, kind: 'server', said })
  reply.raw.once('close', () => step?.end(undefined, { 'http.response.status_code': reply.statusCode }))
  return {
    door,
    trace: step?.trace ?? parent ?? newTraceParent(),
    ...(typeof key === 'string' && key.length <= LONGEST_KEY ? { idempotencyKey: key } : {}),
  }
}

/** @throws BAD_INPUT when it cannot be told whether the change is to be made */
const wishOf = ({ headers }: FastifyRequest): PlanningWish | undefined => {
  const { [PLAN_HEADERS.plan]: plan, [CONFIRM_HEADER]: token } = headers
  if (plan !== undefined && plan !== 'true')
    throw BadInput.with({ field: PLAN_HEADERS.plan, reason: 'is true, or is not sent at all' })
  if (plan !== undefined && token !== undefined)
    throw BadInput.with({ field: CONFIRM_HEADER, reason: 'does not go together with x-hub-plan' })
  if (token !== undefined) return { kind: 'confirm', token: String(token) }
  return plan === undefined ? undefined : { kind: 'plan' }
}

/** Says which parts answered without the caller's last write and how much may still be asked, and sets the cookies that parts wanted set. */
export const tellBeside = (reply: FastifyReply, { behind, cookies, standing }: RequestContext): void => {
  if (behind.size > 0) reply.header('x-hub-behind', [...behind].sort().join(', '))
  if (cookies.length > 0) reply.header('set-cookie', cookies).header('cache-control', 'no-store')
  if (standing) tellStanding(reply, standing)
}

/** The headers of the IETF's draft on rate limits. A heavy operation counts as several of the requests they speak of. */
const tellStanding = (reply: FastifyReply, { limits, retryAfterSeconds }: Standing): void => {
  const policy = limits.map(({ name, quota, windowSeconds }) => `"${name}";q=${quota};w=${windowSeconds}`)
  const left = limits.map(({ name, remaining, windowSeconds }) => {
    const seconds = remaining === 0 ? (retryAfterSeconds ?? windowSeconds) : windowSeconds
    return `"${name}";r=${remaining};t=${seconds}`
  })
  reply.header('ratelimit-policy', policy.join(', ')).header('ratelimit', left.join(', '))
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
}
