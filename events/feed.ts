import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BadInput, Forbidden, toPublic } from '#kernel/errors.ts'
import { PRINCIPAL_HEADER, type PrincipalSeal } from '#kernel/principal.ts'
import type { NewEvent } from './event.ts'
import { ExpiredCursor } from './expired.ts'
import { eventLine, otherLine } from './lines.ts'
import type { EventLog, Place } from './log.ts'
import { openOutflow } from './outflow.ts'
import { writeSnapshot } from './snapshot.ts'

/** A fact as it stands now, told as the event that last changed it would be. */
export type StateEvent = NewEvent & { occurredAt: Date }

/**
 * The present state of one organisation as events. Called for every organisation in turn, in one repeatable-read
 * transaction of the app role that is set to it. Read by keyset pages: the whole need not fit in memory.
 * `names`: what is wanted, everything without it; what is told beyond it is left out.
 */
export type Snapshot = (
  tx: object,
  orgId: string,
  names?: readonly string[] | undefined,
) => AsyncIterable<StateEvent>

export interface FeedOptions {
  log: EventLog
  seal: PrincipalSeal
  /** Absent: the events still kept are all there is to know. */
  snapshot?: Snapshot
  /** After how much silence a sign of life is sent. Default 5 s. */
  heartbeatMs?: number
}

const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const names = z
  .string()
  .transform((text) => text.split(',').filter(Boolean))
  .optional()
const stamp = z.string().max(100).optional()
const followQuery = z.object({ after: position.optional(), stamp, names })
const confirmQuery = z.object({ after: position, stamp })
const pageQuery = z.object({
  after: position,
  until: position,
  org: z.uuid(),
  names,
  limit: z.coerce.number().int().min(1).max(5000),
})
const snapshotQuery = z.object({ names })

/**
 * The log over HTTP, for the hub's own processes: `GET /feed?after=&stamp=&names=` (without end), `GET /feed/page` (one
 * organisation's, up to a position), `GET /feed/end?after=&stamp=` (where it ends, for who knows a place in it) and
 * `GET /feed/snapshot` (state at a position). All need a signed system principal.
 */
export const feedRoutes = (app: FastifyInstance, options: FeedOptions): void => {
  const { log, seal } = options
  const closing = new AbortController()
  app.register(async (scope) => {
    // A stream without end would keep the server from closing.
    scope.addHook('preClose', async () => closing.abort())
    scope.addHook('onRequest', async (request) => {
      const token = request.headers[PRINCIPAL_HEADER]
      const principal = await seal.verify(typeof token === 'string' ? token : undefined)
      if (principal.kind !== 'system' || !principal.id.startsWith('system:')) throw Forbidden.with()
    })
    scope.setErrorHandler((error, request, reply) => {
      const shown = toPublic(error)
      if (shown.status >= 500) request.log.error({ err: error }, 'the feed failed')
      return reply.status(shown.status).send(bodyOf(shown))
    })

    scope.get('/feed', async (request, reply) => {
      const { after, stamp, names } = check(followQuery, request)
      const place = after === undefined ? await log.place() : { position: after, stamp }
      await log.confirm(place)
      await followInto(reply, options, closing.signal, place, names)
    })

    scope.get('/feed/end', async (request, reply) => {
      const { after, stamp } = check(confirmQuery, request)
      await log.confirm({ position: after, stamp })
      return reply.type('application/x-ndjson').send(otherLine(await log.place()))
    })

    scope.get('/feed/page', async (request, reply) => {
      const { after, until, org, names, limit } = check(pageQuery, request)
      const stretch = await log.stretch({ after, limit, orgId: org, names })
      const events = stretch.events.filter((event) => event.pos <= until)
      const reached = Math.min(stretch.position, until)
      return reply
        .type('application/x-ndjson')
        .send(events.map(eventLine).join('') + otherLine({ position: reached }))
    })

    scope.get('/feed/snapshot', async (request, reply) => {
      const { names } = check(snapshotQuery, request)
      await writeSnapshot(reply, options, closing.signal, names)
    })
  })
}

const check = <T>(schema: z.ZodType<T>, request: FastifyRequest): T => {
  const result = schema.safeParse(request.query)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw BadInput.with({ field: path.join('.') || 'query', reason: message })
}

const bodyOf = (error: unknown) => {
  const shown = toPublic(error)
  const oldest = error instanceof ExpiredCursor ? { oldest: error.oldest } : {}
  return { error: { code: shown.code, message: shown.message, ...oldest } }
}

const CHARACTERS_PER_WRITE = 64_000

const followInto = async (
  reply: FastifyReply,
  { log, heartbeatMs = 5000 }: FeedOptions,
  closing: AbortSignal,
  after: Place,
  names: string[] | undefined,
): Promise<void> => {
  let told = after.position
  let looked = after
  const out = openOutflow(reply, closing, heartbeatMs, () => {
    // Who waits for a rare event must come forward too, or retention overtakes him.
    if (looked.position === told) return '\n'
    told = looked.position
    return otherLine(looked)
  })
  const from = { after: after.position, stamp: after.stamp }
  try {
    for await (const { events, position, stamp } of log.stretches({ ...from, names, signal: out.signal })) {
      let lines = ''
      for (const [i, event] of events.entries()) {
        lines += eventLine(event)
        if (lines.length < CHARACTERS_PER_WRITE && i < events.length - 1) continue
        await out.write(lines)
        lines = ''
        told = event.pos
      }
      looked = { position, stamp }
    }
  } catch (error) {
    reply.log.info({ err: error }, 'a feed ended early')
    await out.write(otherLine(bodyOf(error)))
  } finally {
    out.end()
  }
}
