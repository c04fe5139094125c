/**
 * `GET /api/v2/export/{kind}`: all records of a kind as lines of JSON, and from where `changes` goes on. It is a list of the catalogue read to
 * its end, so that it shows what its caller may see and nothing else. It is no operation, since its answer is as long as there are records.
 */
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isHubError, NotFound, Unavailable } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Manifest, Operation } from '#operations/manifest.ts'
import { CredentialOver, TooManyExports } from '../errors.ts'
import type { Executor } from '../execute.ts'
import { type Place, placeOf, resumeAt, written } from '../export/lines.ts'
import { Broken, begun, checkStanding, type Page, pagesFrom, type Wanted } from '../export/pages.ts'
import { type Caller, credentialOf, type Identity } from '../identity/index.ts'
import { type CredentialWatch, keyOf } from '../identity/watch.ts'
import { Tally } from '../limits/tally.ts'
import { keepPrivate } from '../rest/headers.ts'
import { weight } from '../rest/negotiation.ts'
import { type Problem, problemOf, sendProblem } from '../rest/problems.ts'
import { wantsPartial } from '../rest/variables.ts'
import { callerOf, contextOf } from './callers.ts'

export interface ExportOptions {
  executor: Executor
  identity: Identity
  manifest: Manifest
  watch: CredentialWatch
  log: Log
}

export const EXPORT_PATH = '/api/v2/export'
const LINES_TYPE = 'application/x-ndjson; charset=utf-8'
/** One that brings a copy up to date, and one that somebody tries out. */
const MOST_AT_ONCE = 2
/** Whoever takes nothing for so long is not there any more, whatever the network says. */
const GONE_MS = 60_000

/** Opens the door. Exports under way end before the gateway does, and say how they are gone on with. */
export const exportDoor = (app: FastifyInstance, options: ExportOptions): void => {
  const { operations } = options.manifest
  const changes = operations.find(({ name }) => name === 'Changes')
  if (!changes) return
  const kinds = Map.groupBy(
    operations.filter((operation) => operation.export),
    (operation) => operation.export!.kind,
  )
  const stopping = new AbortController()
  app.addHook('preClose', async () => stopping.abort(Unavailable.with({ what: 'This address' })))
  const held = new Tally()
  app.get<{ Params: { kind: string } }>(`${EXPORT_PATH}/:kind`, {
    exposeHeadRoute: false,
    onRequest: async (request, reply) => {
      keepPrivate(reply, { isRead: false })
      request.visitor = await callerOf(request, options.identity)
    },
    handler: async (request, reply) => {
      const kind = request.params.kind.toUpperCase().replaceAll('-', '_')
      const lists = kinds.get(kind)
      if (!lists) throw NotFound.with({ what: 'A kind of record that is exported' })
      const holder = keyOf(request.visitor as Caller)
      if (!held.take(holder, MOST_AT_ONCE)) throw TooManyExports.with({ most: MOST_AT_ONCE })
      reply.raw.once('close', () => held.give(holder))
      return send({ ...options, kind, lists, changes, request, reply, stopping: stopping.signal })
    },
  })
}

interface Sending extends ExportOptions {
  kind: string
  lists: readonly Operation[]
  changes: Operation
  request: FastifyRequest
  reply: FastifyReply
  stopping: AbortSignal
}

/** What is refused is refused before the first line, as by every route: the first page is there by then. */
const send = async (sending: Sending): Promise<FastifyReply> => {
  const { executor, kind, lists, changes, request, reply, watch, stopping } = sending
  const caller = request.visitor as Caller
  const over = new AbortController()
  const unwatch = watch.watch({
    ...{ caller, credential: credentialOf(request.headers) },
    over: () => over.abort(CredentialOver.with()),
  })
  reply.raw.once('close', () => {
    unwatch()
    over.abort()
  })
  const signal = AbortSignal.any([over.signal, stopping])
  const base = contextOf(request, reply, caller, executor, { isRead: true })
  const begin = () => ({
    ...base,
    signal: AbortSignal.any([signal, AbortSignal.timeout(executor.limits.deadlineMs)]),
    behind: new Set<string>(),
    standing: undefined,
  })
  const { after } = request.query as { after?: string }
  const isPartial = wantsPartial(request)
  const wanted: Wanted = { executor, kind, lists, changes, isPartial, begin, signal }
  try {
    const from = after === undefined ? await begun(wanted) : placeOf(kind, String(after))
    if (after !== undefined) await checkStanding(wanted, from)
    const pages = pagesFrom(wanted, from)
    const first = await pages.next()
    const body = Readable.from(chunks(sending, signal, from, first, pages), { highWaterMark: 1 })
    reply.type(LINES_TYPE).header('x-accel-buffering', 'no')
    const isPacked = weight(String(request.headers['accept-encoding'] ?? ''), 'gzip') > 0
    if (!isPacked) return reply.send(body)
    const packed = createGzip()
    // Whoever has gone is told nothing; what else ends it has written its last line by then.
    pipeline(body, packed, () => undefined)
    return reply.header('content-encoding', 'gzip').send(packed)
  } catch (error) {
    if (error instanceof Broken) return sendProblem(reply, error.problem)
    throw error
  }
}

/** The text of each page, the next of which is read when there is room for it. What breaks it off is its last line. */
async function* chunks(
  { kind, request, reply, log, stopping }: Sending,
  signal: AbortSignal,
  from: Place,
  first: IteratorResult<Page, void>,
  pages: AsyncGenerator<Page, void, void>,
): AsyncGenerator<string, void, void> {
  let place = from
  let gone: NodeJS.Timeout | undefined
  try {
    for (let turn = first; !turn.done; turn = await pages.next()) {
      gone = setTimeout(() => reply.raw.destroy(), GONE_MS)
      yield written(turn.value.lines)
      clearTimeout(gone)
      place = turn.value.next ?? place
      if (turn.value.next && signal.aborted) throw signal.reason
    }
  } catch (error) {
    // Nobody is there to be told.
    if (reply.raw.destroyed) return
    // Kept open for a next request, the connection would keep the gateway from ending.
    if (stopping.aborted) reply.raw.once('finish', () => request.raw.socket.destroySoon())
    yield written([
      { error: problemAt(signal.aborted ? signal.reason : error, log), resume: resumeAt(kind, place) },
    ])
  } finally {
    clearTimeout(gone)
  }
}

const problemAt = (error: unknown, log: Log): Problem => {
  if (error instanceof Broken) return error.problem
  if (!isHubError(error)) log.warn({ err: error }, 'an export broke off')
  return problemOf(isHubError(error) ? error : Unavailable.with({ what: 'This address' }))
}
