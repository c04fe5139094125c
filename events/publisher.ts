import type { Log } from '#kernel/log.ts'
import { whileLeading } from './leadership.ts'
import type { EventLog, Place } from './log.ts'
import { CursorExpired } from './log.ts'
import type { Nats, NatsSession } from './nats.ts'
import { type Message, marker, pack, rangeOf } from './stream-messages.ts'

export interface PublisherOptions {
  nats: Nats
  eventLog: EventLog
  /** Whose log it is. */
  source: string
  /** For how long the stream keeps events. Default 7 days, as the log does. */
  retentionMs?: number
  log: Log
}

const DAY_MS = 86_400_000
const NANOSECONDS = 1_000_000
/** So long the server remembers which messages it has. */
const REMEMBERED_MS = 120_000

/**
 * Copies a log to its stream, in its order. Start one in every process that has the log: the one that leads copies. How far
 * it has come is what the stream itself ends with, so a copy and the knowledge of it are never apart; each message says
 * which one it comes after, so a leader that was deposed cannot write any more.
 */
export const startPublisher = (options: PublisherOptions): AsyncDisposable => {
  const closed = new AbortController()
  const { eventLog, source, log } = options
  const lead = {
    database: eventLog.database,
    name: `tributary publisher of ${source}`,
    log,
    signal: closed.signal,
  }
  const running = whileLeading(lead, (signal) => publish(options, signal))
  return {
    [Symbol.asyncDispose]: async () => {
      closed.abort()
      await running
    },
  }
}

/** Copies until the signal aborts or the connection is lost; then it is begun anew. */
const publish = async (options: PublisherOptions, leading: AbortSignal): Promise<void> => {
  const { nats, eventLog, source } = options
  const session = await nats.connected(leading)
  if (!session) return
  const signal = AbortSignal.any([leading, session.lost])
  const stream = nats.streamOf(source)
  await ensureStream(session, stream, options.retentionMs ?? 7 * DAY_MS)
  const to = { stream, source, vault: nats.vault, mostBytes: session.mostBytes }
  let { sequence, place } = await endOf(session, stream)
  if (!place || !(await isOurs(eventLog, place))) {
    // It tells of a log that is no more, or says nothing of where it stands: who follows takes what is between from the feed.
    await session.jsm.streams.purge(stream)
    place = await eventLog.place()
    sequence = await send(session, stream, sequence, [marker(place, to)])
  }
  const from = { after: place.position, stamp: place.stamp }
  for await (const { events, position, stamp } of eventLog.stretches({ ...from, signal })) {
    sequence = await send(session, stream, sequence, pack(events, place, to))
    place = { position, stamp }
  }
}

const ensureStream = async ({ jsm }: NatsSession, name: string, retentionMs: number): Promise<void> => {
  const { streams } = jsm
  // Replicas and limits of a stream that is there already are whatever its operators have made of them.
  if (await streams.info(name).catch(() => undefined)) return
  await streams.add({
    name,
    subjects: [`${name}.*`],
    max_age: retentionMs * NANOSECONDS,
    duplicate_window: Math.min(REMEMBERED_MS, retentionMs) * NANOSECONDS,
    allow_direct: true,
  })
}

/** Where a stream ends: its last sequence number, and the place in the log that its last message leads to. */
const endOf = async (
  { jsm }: NatsSession,
  name: string,
): Promise<{ sequence: number; place: Place | undefined }> => {
  const { state } = await jsm.streams.info(name)
  const last = state.messages > 0 ? await jsm.streams.getMessage(name, { seq: state.last_seq }) : null
  const range = rangeOf(last?.header)
  return {
    sequence: state.last_seq,
    place: range && { position: range.to, ...(range.stamp ? { stamp: range.stamp } : {}) },
  }
}

const isOurs = async (eventLog: EventLog, place: Place): Promise<boolean> => {
  try {
    await eventLog.confirm(place)
    return true
  } catch (error) {
    if (CursorExpired.is(error)) return false
    throw error
  }
}

/** Sends messages at once, each after the one before it, and waits until the server has kept them all. */
const send = async (
  { js }: NatsSession,
  streamName: string,
  after: number,
  messages: readonly Message[],
): Promise<number> => {
  const kept = await Promise.all(
    messages.map(({ subject, body, headers, id }, i) =>
      js.publish(subject, body, { headers, msgID: id, expect: { streamName, lastSequence: after + i } }),
    ),
  )
  if (kept.some(({ duplicate }) => duplicate))
    throw new Error('the stream had an event before it was its turn')
  return after + messages.length
}
