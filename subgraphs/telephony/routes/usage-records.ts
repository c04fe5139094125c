import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LineTooLong, linesOf } from '#events/lines.ts'
import { BadInput, Forbidden } from '#kernel/errors.ts'
import { holds, type PrincipalSeal } from '#kernel/principal.ts'
import { writing } from '#service/context.ts'
import { callerOf } from '#service/requests.ts'
import { ingestUsage } from '../commands/ingest-usage.ts'
import type { SentUsage, TakenUsage } from '../commands/take-usage.ts'
import type { Context } from '../context.ts'

interface Around extends Pick<Context, 'clock'> {
  database: Context['db']
  seal: PrincipalSeal
  published(): void
}

/** Records that are written by one transaction. */
const BATCH = 20_000
const LONGEST_LINE = 10_000
const MOST_RECORDS = 250_000
/** Refusals that are listed; all are counted. */
const MOST_LISTED = 5_000

/**
 * `POST /usage/records`: calls and messages as NDJSON, one per line, plain or gzipped. What is sound is taken, of the rest each line is named
 * with its reason. Written in batches as it comes: whoever breaks off has it sent again, and each record counts once.
 */
export const usageRoutes = (app: FastifyInstance, { database, clock, seal, published }: Around): void => {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // Read as it comes, never whole.
    scope.addContentTypeParser('*', (_, body, done) => done(null, body))
    scope.post('/usage/records', async (request) => {
      try {
        const principal = await callerOf(request, seal)
        const { orgId } = principal
        if (orgId === null || !holds(principal, ['telephony:write'])) throw Forbidden.with()
        const sum = {
          accepted: 0,
          known: 0,
          refused: [] as { line: number; message: string }[],
          refusedCount: 0,
        }
        const add = ({ accepted, known, refused }: TakenUsage) => {
          sum.accepted += accepted
          sum.known += known
          sum.refusedCount += refused.length
          for (const { index, message } of refused)
            if (sum.refused.length < MOST_LISTED) sum.refused.push({ line: index, message })
        }
        const caller = { orgId, principal, clock, write: writing(database, orgId, published) }
        const take = (batch: readonly SentUsage[]) => ingestUsage(caller, batch)
        // One batch is written while the next is read.
        let underWay: Promise<TakenUsage> | undefined
        for await (const batch of batchesOf(request)) {
          if (underWay) add(await underWay)
          underWay = take(batch)
          underWay.catch(() => undefined)
        }
        if (underWay) add(await underWay)
        return sum
      } finally {
        letGo(request)
      }
    })
  })
}

async function* batchesOf(request: FastifyRequest): AsyncGenerator<SentUsage[]> {
  let batch: SentUsage[] = []
  let line = 0
  let count = 0
  try {
    for await (const texts of linesOf(bodyOf(request), { withRest: true, longest: LONGEST_LINE })) {
      for (const text of texts) {
        line++
        if (text.trim() === '') continue
        if (++count > MOST_RECORDS)
          throw BadInput.with({
            field: 'body',
            reason: `has more than ${MOST_RECORDS} records; send it in parts`,
          })
        batch.push({ index: line, told: read(text) })
        if (batch.length < BATCH) continue
        yield batch
        batch = []
      }
    }
  } catch (error) {
    if (error instanceof LineTooLong)
      throw BadInput.with({
        field: 'body',
        reason: `has a line of more than ${LONGEST_LINE} characters, after line ${line}`,
      })
    if (isUnzipError(error))
      throw BadInput.with({ field: 'body', reason: 'cannot be unpacked' }, { cause: error })
    throw error
  }
  if (batch.length > 0) yield batch
}

/** What nobody reads keeps the connection from the sender's next request: it is thrown away as it comes. */
const letGo = ({ body }: FastifyRequest): void => {
  ;(body as IncomingMessage | undefined)?.resume()
}

const bodyOf = ({ body, headers }: FastifyRequest): AsyncIterable<Uint8Array> => {
  const raw = body as IncomingMessage | undefined
  if (!raw) return (async function* () {})()
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return raw.iterator({ destroyOnReturn: false })
  if (encoding !== 'gzip')
    throw BadInput.with({ field: 'content-encoding', reason: 'must be gzip, or left out' })
  const unpacked = createGunzip()
  raw.on('error', (error) => unpacked.destroy(error))
  return raw.pipe(unpacked)
}

const read = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isUnzipError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
