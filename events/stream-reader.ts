import { DeliverPolicy } from '@nats-io/jetstream'
import type { Place, Stretch } from './log-rows.ts'
import type { Nats, NatsSession } from './nats.ts'
import { type Range, rangeOf, unpack } from './stream-messages.ts'

const READ_AHEAD = 100
/** A reader that is gone without a word is forgotten by the server after this. */
const FORGOTTEN_AFTER_NS = 60_000 * 1_000_000

/** Whether a message continues what is known up to a place. */
const continues = ({ from, to, follows }: Range, { position, stamp }: Place): boolean =>
  from <= position + 1 && to >= position && (from <= position || !stamp || !follows || follows === stamp)

/**
 * Where in a stream a reader of the log goes on.
 * @returns the sequence number of the next message; undefined when the stream does not have what comes next, or is not there
 */
export const findInStream = async (
  { nats, source }: { nats: Nats; source: string },
  place: Place,
): Promise<number | undefined> => {
  const { session } = nats
  if (!session) return undefined
  const name = nats.streamOf(source)
  const { state } = await session.jsm.streams.info(name)
  if (state.messages === 0) return undefined
  const at = async (seq: number) => {
    const message = await session.jsm.streams.getMessage(name, { seq })
    return rangeOf(message?.header)
  }
  const last = await at(state.last_seq)
  if (!last || last.to < place.position) return undefined
  if (last.to === place.position)
    return !place.stamp || !last.stamp || place.stamp === last.stamp ? state.last_seq + 1 : undefined
  let low = state.first_seq
  let high = state.last_seq
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const range = await at(middle)
    if (!range) return undefined
    if (range.to > place.position) high = middle
    else low = middle + 1
  }
  const found = await at(low)
  return found && continues(found, place) ? low : undefined
}

/**
 * The log from a place on, as the stream has it, for as long as each message continues the one before. Ends when one does
 * not, when the connection is lost, and with the signal: what comes next is then to be had from the feed.
 */
export async function* readStream(
  { nats, source }: { nats: Nats; source: string },
  { place, sequence, signal }: { place: Place; sequence: number; signal: AbortSignal },
): AsyncGenerator<Stretch> {
  const session = nats.session
  if (!session || signal.aborted) return
  const over = AbortSignal.any([signal, session.lost])
  const messages = await consume(session, nats.streamOf(source), sequence)
  const stop = () => void messages.close()
  over.addEventListener('abort', stop, { once: true })
  let known = place
  try {
    if (over.aborted) return
    for await (const message of messages) {
      const range = rangeOf(message.headers)
      if (!range || !continues(range, known)) return
      const { subject } = message
      const stretch = unpack(nats.vault, { subject, body: message.string(), range })
      if (!stretch) return
      // A message that was begun elsewhere holds the last known event too: then it has to be the same one.
      const same = stretch.events.find(({ pos }) => pos === known.position)
      if (same?.stamp && known.stamp && same.stamp !== known.stamp) return
      const { position } = known
      known = { position: stretch.position, stamp: stretch.stamp }
      yield { ...known, events: stretch.events.filter(({ pos }) => pos > position) }
    }
  } finally {
    over.removeEventListener('abort', stop)
    // Not waited for: it leaves at once, and one that nobody has begun to read never says that it has.
    stop()
  }
}

const consume = async ({ js }: NatsSession, name: string, sequence: number) => {
  const consumer = await js.consumers.get(name, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: sequence,
    inactive_threshold: FORGOTTEN_AFTER_NS,
  })
  return consumer.consume({ max_messages: READ_AHEAD })
}
