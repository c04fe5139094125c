import { type IncomingMessage, request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { sleep } from '#kernel/clock.ts'
import { Unavailable } from '#kernel/errors.ts'
import { PRINCIPAL_HEADER, type PrincipalSeal } from '#kernel/principal.ts'
import type { LoggedEvent } from './event.ts'
import { CursorExpired, ExpiredCursor } from './expired.ts'
import { linesOf, readLine } from './lines.ts'
import type { Place, Stretch } from './log-rows.ts'

/** Whose feed, and who reads it. */
export interface FeedSource {
  /** Base URL of the subgraph. */
  url: string
  /** Name of the subgraph, for messages. */
  source: string
  /** Name of the reader: it signs as `system:<reader>`. */
  reader: string
  seal: PrincipalSeal
  /** After how much silence the connection counts as dead. Default 15 s: three missed signs of life. */
  silenceMs?: number
}

/** From where on a log is read. */
export interface FeedReading {
  after: number
  /** The stamp of that position, where it is known. */
  stamp?: string | undefined
  /** Events wanted; none named: all. */
  names: readonly string[]
  signal: AbortSignal
}

/** A connection counts as dead after so many whole rests between two looks in which nothing was heard. */
const SILENT_LOOKS = 5

interface Query {
  [name: string]: string | number | undefined
}

/**
 * Follows a feed: what one read of the socket brought, with the position reached. Ends only with the signal.
 * Without `after` it follows from now on.
 * @throws CURSOR_EXPIRED (an ExpiredCursor); HUB_UNAVAILABLE when the source does not answer, refuses, or breaks off
 */
export async function* readFeed(
  feed: FeedSource,
  { after, stamp, names, signal }: Omit<FeedReading, 'after'> & { after: number | undefined },
): AsyncGenerator<Stretch> {
  let place: Place = { position: after ?? 0, stamp }
  const query = { after, stamp, names: names.join(',') || undefined }
  for await (const lines of open(feed, '/feed', query, signal)) {
    const events: LoggedEvent[] = []
    for (const line of lines) {
      if ('pos' in line) {
        events.push(line)
        place = { position: line.pos, stamp: line.stamp }
      } else if ('position' in line) place = line
    }
    yield { events, ...place }
  }
  if (!signal.aborted) throw Unavailable.with({ what: `The feed of ${feed.source}` })
}

/**
 * Where a log ends, told to who knows a place in it.
 * @throws CURSOR_EXPIRED when what follows the place is gone, or the log was put back to a day before it
 */
export const readEnd = async (
  feed: FeedSource,
  { position, stamp }: Place,
  signal: AbortSignal,
): Promise<Place> => {
  for await (const lines of open(feed, '/feed/end', { after: position, stamp }, signal))
    for (const line of lines) if ('position' in line) return line
  throw Unavailable.with({ what: `The feed of ${feed.source}` })
}

/** One organisation's events after a position and up to another, at most `limit`; `position` says how far they reach. */
export const readPage = async (
  feed: FeedSource,
  query: { after: number; until: number; org: string; names: readonly string[]; limit: number },
  signal: AbortSignal,
): Promise<Stretch> => {
  const page: Stretch = { events: [], position: query.after }
  const asked = { ...query, names: query.names.join(',') || undefined }
  for await (const lines of open(feed, '/feed/page', asked, signal))
    for (const line of lines) {
      if ('pos' in line) page.events.push(line)
      else if ('position' in line) page.position = line.position
    }
  return page
}

/**
 * Reads a snapshot: first its position (in a stretch without events), then the state, which carries that position.
 * @throws HUB_UNAVAILABLE when it breaks off before its last line
 */
export async function* readSnapshot(
  feed: FeedSource,
  names: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  let place: Place = { position: 0 }
  let ended = false
  for await (const lines of open(feed, '/feed/snapshot', { names: names.join(',') || undefined }, signal)) {
    const events: LoggedEvent[] = []
    for (const line of lines) {
      if ('pos' in line) events.push(line)
      else if ('position' in line) place = line
      else if ('end' in line) ended = true
    }
    yield { events, ...place }
  }
  if (!ended && !signal.aborted) throw Unavailable.with({ what: `The feed of ${feed.source}` })
}

/** The lines of one answer, as they come in. Errors of the network and of the other side become errors of the catalogue. */
async function* open(feed: FeedSource, path: string, query: Query, signal: AbortSignal) {
  const { url, source, reader, seal, silenceMs = 15_000 } = feed
  const silent = new AbortController()
  const watching = new AbortController()
  let looks = 0
  // Counts looks and not the time: a process that stood still itself has heard nothing for long and yet been told everything.
  const watch = async () => {
    for (; looks <= SILENT_LOOKS && !watching.signal.aborted; looks++)
      await sleep(silenceMs / SILENT_LOOKS, watching.signal)
    if (!watching.signal.aborted) silent.abort()
  }
  const address = new URL(`${url}${path}`)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) address.searchParams.set(name, String(value))
  try {
    const token = await seal.sign({ kind: 'system', id: `system:${reader}`, orgId: null, scopes: [] })
    void watch()
    const response = await get(address, token, AbortSignal.any([signal, silent.signal]))
    if (response.statusCode !== 200) throw await refusal(response, source)
    for await (const texts of linesOf(response)) {
      looks = 0
      const lines = texts.filter((text) => text !== '').map(readLine)
      const failed = lines.find((line) => 'error' in line)
      yield lines.filter((line) => !('error' in line))
      if (failed && 'error' in failed) throw toError(failed.error, source)
    }
  } catch (error) {
    if (signal.aborted) return
    throw CursorExpired.is(error) || Unavailable.is(error)
      ? error
      : Unavailable.with({ what: `The feed of ${source}` }, { cause: error })
  } finally {
    watching.abort()
  }
}

const toError = ({ code, oldest }: { code: string; oldest?: number | undefined }, source: string) =>
  code === CursorExpired.code && oldest !== undefined
    ? new ExpiredCursor(oldest)
    : Unavailable.with({ what: `The feed of ${source}` }, { cause: new Error(`it answered ${code}`) })

// A connection per answer, none kept: one that a pool opened ahead and never used keeps the other side from closing.
const get = (address: URL, token: string, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = address.protocol === 'https:' ? overHttps : overHttp
    request(address, { agent: false, headers: { [PRINCIPAL_HEADER]: token }, signal })
      .once('response', resolve)
      .on('error', reject)
      .end()
  })

const refusal = async (response: IncomingMessage, source: string) => {
  const answered = { cause: new Error(`status ${response.statusCode}`) }
  for await (const texts of linesOf(response, { withRest: true })) {
    const line = readRefusal(texts[0] ?? '')
    if (line && 'error' in line) return toError(line.error, source)
  }
  return Unavailable.with({ what: `The feed of ${source}` }, answered)
}

const readRefusal = (text: string) => {
  try {
    return readLine(text)
  } catch {
    // A proxy's page, or another server altogether: the status says enough.
    return undefined
  }
}
