import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LineTooLong, linesOf } from '#events/lines.ts'
import { BadInput, Forbidden } from '#kernel/errors.ts'
import { holds, type Principal, type PrincipalSeal } from '#kernel/principal.ts'
import { callerOf } from './requests.ts'

/** A record as it was sent, at a place of whatever it was sent in. */
export interface SentRecord {
  index: number
  /** Whatever its line says; undefined where that is no JSON. */
  told: unknown
}

/** What became of records that were sent. */
export interface TakenRecords {
  accepted: number
  /** Known already. */
  known: number
  refused: readonly { index: number; message: string; code?: string }[]
}

/** A caller who may send, of one organisation. */
export type Sender = Principal & { orgId: string }

export interface NdjsonRoute {
  path: string
  seal: PrincipalSeal
  /** What whoever sends must be allowed. */
  scope: string
  /** How many records one request may have, and how many are taken at once. */
  most: number
  batch: number
  /** Takes a batch over, in a transaction of its own. */
  take(sender: Sender, batch: readonly SentRecord[]): Promise<TakenRecords>
}

const LONGEST_LINE = 10_000
/** Refusals that are listed; all are counted. */
const MOST_LISTED = 5_000

/**
 * A route for records as NDJSON, one per line, plain or gzipped. What is sound is taken, of the rest each line is named with its reason.
 * Written in batches as it comes: whoever breaks off has all of it sent again, so taking must be safe to repeat.
 */
export const ndjsonRoute = (app: FastifyInstance, route: NdjsonRoute): void => {
  const { path, seal, scope: needed, take } = route
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // Read as it comes, never whole.
    scope.addContentTypeParser('*', (_, body, done) => done(null, body))
    scope.post(path, async (request) => {
      try {
        const principal = await callerOf(request, seal)
        const { orgId } = principal
        if (orgId === null || !holds(principal, [needed])) throw Forbidden.with()
        const sum = {
          accepted: 0,
          known: 0,
          refused: [] as { line: number; message: string; code?: string }[],
          refusedCount: 0,
        }
        const add = ({ accepted, known, refused }: TakenRecords) => {
          sum.accepted += accepted
          sum.known += known
          sum.refusedCount += refused.length
          for (const { index, ...why } of refused)
            if (sum.refused.length < MOST_LISTED) sum.refused.push({ line: index, ...why })
        }
        // One batch is written while the next is read.
        let underWay: Promise<TakenRecords> | undefined
        for await (const batch of batchesOf(request, route)) {
          if (underWay) add(await underWay)
          underWay = take({ ...principal, orgId }, batch)
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

async function* batchesOf(
  request: FastifyRequest,
  { most, batch: size }: Pick<NdjsonRoute, 'most' | 'batch'>,
): AsyncGenerator<SentRecord[]> {
  let batch: SentRecord[] = []
  let line = 0
  let count = 0
  try {
    for await (const texts of linesOf(bodyOf(request), { withRest: true, longest: LONGEST_LINE })) {
      for (const text of texts) {
        line++
        if (text.trim() === '') continue
        if (++count > most)
          throw BadInput.with({ field: 'body', reason: `has more than ${most} records; send it in parts` })
        batch.push({ index: line, told: read(text) })
        if (batch.length < size) continue
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
