/**
 * Raw requests that are no operations: their bytes go to the subgraph that can judge them. Of strangers it alone knows how they sign; a route
 * with a scope is for those who are signed in. Nothing is parsed here; what a route may cost is bounded.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '#kernel/clock.ts'
import { Forbidden, type HubError, isHubError, Unavailable } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import {
  holds,
  INTAKE,
  INTAKE_HEADERS,
  PRINCIPAL_HEADER,
  type Principal,
  type PrincipalSeal,
} from '#kernel/principal.ts'
import { EncodedBody, RequestTooLarge } from '../errors.ts'
import type { Identity } from '../identity/index.ts'
import { type Edge, forwarded, originOf } from '../identity/origin.ts'
import { callerOf } from './callers.ts'
import { openPipe, type Pipe } from './pipe.ts'

export interface IntakeRoute {
  method: 'GET' | 'POST'
  path: string
  /** The subgraph that answers, and the path of its own route, with `:name` for what the path has at that name. */
  part: string
  to: string
  /** Largest body. */
  maxBytes: number
  /** Headers of the request that it needs, beside the body's type and length. */
  takes: readonly string[]
  /** What whoever sends it must be allowed. Left out: strangers may, and the subgraph judges them. */
  scope?: string
  /** Whether the body may be packed: the subgraph bounds what comes out of it. */
  packed?: boolean
  /** How long its sender waits. Default: as long as vendors do. */
  deadlineMs?: number
  /** Why it is no operation of the catalogue. */
  reason: string
}

const MEGABYTE = 1 << 20

/** HubSpot signs every byte of a delivery and the address it was sent to. */
const hubSpotWebhook = (receiver: string): IntakeRoute => ({
  method: 'POST',
  path: `/api/v1/webhooks/hubspot${receiver}`,
  part: 'customers',
  to: `/webhooks/hubspot${receiver}`,
  // A hundred events with a long text each stay below it.
  maxBytes: 4 * MEGABYTE,
  takes: [
    'x-hubspot-signature',
    'x-hubspot-signature-version',
    'x-hubspot-signature-v3',
    'x-hubspot-request-timestamp',
  ],
  reason: 'The signature covers the raw bytes, so they must arrive as they were sent.',
})

/** Where HubSpot sends the browser of somebody who has let us into a portal, or not. */
const hubSpotCallback = (path: string): IntakeRoute => ({
  method: 'GET',
  path,
  part: 'customers',
  to: '/hubspot/callback',
  maxBytes: 0,
  takes: ['cookie'],
  reason: 'A browser comes from HubSpot, with a cookie instead of a credential, and wants a page.',
})

/** C3 signs every byte of a delivery; each of its accounts posts to the address of its connection. */
const C3_WEBHOOK: IntakeRoute = {
  method: 'POST',
  path: '/api/v1/webhooks/c3/:connectionId',
  part: 'inventory',
  to: '/webhooks/c3/:connectionId',
  // A hundred events with their ids stay far below it.
  maxBytes: MEGABYTE,
  takes: ['x-c3-timestamp', 'x-c3-signature'],
  reason: 'The signature covers the raw bytes, so they must arrive as they were sent.',
}

/** Calls and messages of the telephone platform, by the thousand. */
const USAGE_RECORDS: IntakeRoute = {
  method: 'POST',
  path: '/api/v1/usage/records',
  part: 'telephony',
  to: '/usage/records',
  maxBytes: 64 * MEGABYTE,
  takes: ['content-encoding'],
  scope: 'telephony:write',
  packed: true,
  deadlineMs: 120_000,
  reason: 'A stream of records, packed or not, is read as it comes and never held whole.',
}

/** Facts that other platforms tell of customers, by the thousand. */
const SIGNALS: IntakeRoute = {
  ...USAGE_RECORDS,
  path: '/api/v1/signals',
  part: 'insights',
  to: '/signals',
  scope: 'insights:write',
}

export const INTAKE_ROUTES: readonly IntakeRoute[] = [
  hubSpotCallback('/api/integrations/hubspot/callback'),
  hubSpotCallback('/api/auth/hubspot/callback'),
  hubSpotWebhook(''),
  hubSpotWebhook('/company'),
  hubSpotWebhook('/contact'),
  hubSpotWebhook('/deal'),
  C3_WEBHOOK,
  USAGE_RECORDS,
  SIGNALS,
]

interface Options extends Edge {
  identity: Identity
  subgraphs: Readonly<Record<string, string>>
  seal: PrincipalSeal
  clock: Clock
  log: Log
  routes?: readonly IntakeRoute[]
}

/** Requests under way at a time, so that a flood of large ones cannot fill the memory. */
const MOST_AT_ONCE = 256
/** Vendors give up after five seconds; whoever needs longer is not one. */
const DEADLINE_MS = 10_000

/** Opens the intake routes. Disposing lets go of the connections to the subgraphs. */
export const intakeDoor = (app: FastifyInstance, options: Options): Pipe => {
  const { routes = INTAKE_ROUTES, subgraphs, seal, log } = options
  const pipe = openPipe()
  let underWay = 0
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // The body stays in the socket until it is piped.
    scope.addContentTypeParser('*', (_request, _body, done) => done(null))
    for (const route of routes)
      scope.route({
        method: route.method,
        url: route.path,
        exposeHeadRoute: false,
        handler: async (request, reply) => {
          const refusal = refusalOf(request, route)
          if (refusal) throw letGo(request, refusal)
          if (underWay >= MOST_AT_ONCE) throw letGo(request, Unavailable.with({ what: 'This address' }))
          underWay++
          try {
            const sender = route.scope ? await allowed(request, route.scope, options.identity) : INTAKE
            const answer = await pipe.send({
              method: route.method,
              url: `${subgraphs[route.part]}${placeOf(request, route)}${queryOf(request)}`,
              headers: { ...headersOf(request, route, options), [PRINCIPAL_HEADER]: await seal.sign(sender) },
              body: request.raw,
              maxBytes: route.maxBytes,
              deadlineMs: route.deadlineMs ?? DEADLINE_MS,
            })
            if (answer.status >= 500) throw Unavailable.with({ what: 'This address' })
            // It may have answered before the body was at its end.
            request.raw.resume()
            return reply.code(answer.status).headers(answer.headers).send(answer.body)
          } catch (error) {
            if (!isHubError(error))
              log.warn({ err: error, path: route.path, part: route.part }, 'intake failed')
            // Trouble of ours is never the sender's mistake: it shall send again.
            throw letGo(
              request,
              isHubError(error) ? error : Unavailable.with({ what: 'This address' }, { cause: error }),
            )
          } finally {
            underWay--
          }
        },
      })
  })
  return pipe
}

/** @throws UNAUTHENTICATED, or FORBIDDEN without the scope */
const allowed = async (request: FastifyRequest, scope: string, identity: Identity): Promise<Principal> => {
  const { principal } = await callerOf(request, identity)
  if (!holds(principal, [scope])) throw Forbidden.with()
  return principal
}

const refusalOf = (
  { headers }: FastifyRequest,
  { maxBytes, packed = false }: IntakeRoute,
): HubError | undefined => {
  // A small body can unpack to any size; those who send webhooks do not pack them.
  const encoding = headers['content-encoding']
  if (!packed && encoding !== undefined && encoding !== 'identity') return EncodedBody.with()
  if (Number(headers['content-length'] ?? 0) > maxBytes) return RequestTooLarge.with()
}

/** What nobody reads would keep the sender from hearing the answer: it is thrown away as it comes. */
const letGo = (request: FastifyRequest, error: HubError): HubError => {
  request.raw.resume()
  const overdue = setTimeout(() => request.raw.destroy(), DEADLINE_MS)
  overdue.unref()
  request.raw.once('close', () => clearTimeout(overdue))
  return error
}

const placeOf = ({ params }: FastifyRequest, { to }: IntakeRoute): string =>
  to.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent((params as Record<string, string>)[name] ?? ''),
  )

const queryOf = ({ raw }: FastifyRequest): string => {
  const at = raw.url?.indexOf('?') ?? -1
  return at < 0 ? '' : (raw.url as string).slice(at)
}

const headersOf = (request: FastifyRequest, { takes }: IntakeRoute, edge: Edge): Record<string, string> => {
  const named = ['content-type', 'content-length', ...takes].flatMap((name) => {
    const value = request.headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return {
    ...Object.fromEntries(named),
    [INTAKE_HEADERS.url]: `${originOf(request.headers, edge)}${request.raw.url}`,
    [INTAKE_HEADERS.address]: forwarded(request.headers, 'for', edge) ?? request.socket.remoteAddress ?? '',
  }
}
