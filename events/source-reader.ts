import { sleep } from '#kernel/clock.ts'
import { CursorExpired } from './expired.ts'
import { type FeedReading, type FeedSource, readEnd, readFeed } from './feed-client.ts'
import type { Place, Stretch } from './log-rows.ts'
import type { Nats } from './nats.ts'
import { findInStream, readStream } from './stream-reader.ts'

/** How a log comes to who follows it. */
export type Way = 'feed' | 'stream'

/** A log that is followed: by its feed, and where the hub has NATS by its stream as far as that goes. */
export interface Source extends FeedSource {
  nats?: Nats | undefined
  /** Told by which way it comes, whenever that changes. */
  by?: ((way: Way) => void) | undefined
  /** After how much silence of the stream the feed is asked whether there is more. Default 5 s. */
  quietMs?: number
}

/** How long a reader keeps to the feed until it looks whether the stream goes on from where it is: at first, and later. */
const LOOK_SOON_MS = 50
const LOOK_AGAIN_MS = 1000
const QUIET_MS = 5000

/**
 * Follows a log, whichever way it comes. The stream carries it; the feed, which reads the log itself, has whatever the
 * stream lacks: what it no longer keeps, what could not be sent, all of it while NATS is away.
 * Ends only with the signal.
 * @throws CURSOR_EXPIRED (an ExpiredCursor); HUB_UNAVAILABLE when the source is needed and does not answer
 */
export async function* readSource(source: Source, reading: FeedReading): AsyncGenerator<Stretch> {
  const { nats } = source
  if (!nats) {
    source.by?.('feed')
    return yield* readFeed(source, reading)
  }
  const { names, signal } = reading
  const wanted = (stretch: Stretch): Stretch =>
    names.length === 0
      ? stretch
      : { ...stretch, events: stretch.events.filter(({ name }) => names.includes(name)) }
  const following = { nats, source: source.source }
  let place: Place = { position: reading.after, stamp: reading.stamp }
  while (!signal.aborted) {
    const sequence = await findInStream(following, place).catch(() => undefined)
    if (sequence !== undefined) {
      const leg = leave(signal)
      source.by?.('stream')
      void whenMissing(source, () => place, leg)
      try {
        for await (const stretch of readStream(following, { place, sequence, signal: leg.signal })) {
          place = { position: stretch.position, stamp: stretch.stamp }
          yield wanted(stretch)
        }
      } finally {
        leg.abort()
      }
    }
    if (signal.aborted) return
    const leg = leave(signal)
    source.by?.('feed')
    void whenFound(following, () => place, leg)
    try {
      const from = { after: place.position, stamp: place.stamp, names, signal: leg.signal }
      for await (const stretch of readFeed(source, from)) {
        place = { position: stretch.position, stamp: stretch.stamp }
        yield stretch
      }
    } finally {
      leg.abort()
    }
  }
}

/** A part of the way that ends with the whole, or before. */
const leave = (signal: AbortSignal): { signal: AbortSignal; abort(): void } => {
  const own = new AbortController()
  return { signal: AbortSignal.any([signal, own.signal]), abort: () => own.abort() }
}

/** Ends the leg once the stream goes on from where the reader is. */
const whenFound = async (
  following: { nats: Nats; source: string },
  place: () => Place,
  leg: ReturnType<typeof leave>,
): Promise<void> => {
  for (let waitMs = LOOK_SOON_MS; !leg.signal.aborted; waitMs = Math.min(waitMs * 2, LOOK_AGAIN_MS)) {
    await sleep(waitMs, leg.signal)
    await following.nats.connected(leg.signal)
    if (leg.signal.aborted) return
    const sequence = await findInStream(following, place()).catch(() => undefined)
    if (sequence !== undefined) return leg.abort()
  }
}

/** Ends the leg when the source has had more than the stream for a while: who copies the log there may be gone. */
const whenMissing = async (
  source: Source,
  place: () => Place,
  leg: ReturnType<typeof leave>,
): Promise<void> => {
  while (!leg.signal.aborted) {
    const before = place()
    await sleep(source.quietMs ?? QUIET_MS, leg.signal)
    if (leg.signal.aborted || place().position !== before.position) continue
    try {
      const end = await readEnd(source, before, leg.signal)
      if (end.position > before.position && place().position === before.position) return leg.abort()
    } catch (error) {
      // Put back to an earlier day: the feed says so to whoever asks. One that does not answer has nothing better to offer.
      if (CursorExpired.is(error)) return leg.abort()
    }
  }
}
