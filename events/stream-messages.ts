import { headers, type MsgHdrs } from '@nats-io/transport-node'
import type { Vault } from '#kernel/vault.ts'
import type { LoggedEvent } from './event.ts'
import { eventLine, readLine } from './lines.ts'
import type { Place, Stretch } from './log-rows.ts'

/**
 * What the messages of a stream are. Each holds events of one organisation that follow each other in the log: the feed's
 * lines, sealed. Its headers say which positions it holds, the stamp it leads to, and the stamp it comes after, so that a
 * reader knows without opening it whether it continues what the reader has.
 */
export interface Message {
  subject: string
  headers: MsgHdrs
  /** Known to the server for a while: it does not keep the same one twice. */
  id: string
  body: string
}

/** The positions that a message holds, `from` … `to`; none when `to` is before `from`: then it only says where the log stands. */
export interface Range {
  from: number
  to: number
  /** The stamp of the position before `from`. */
  follows: string
  /** The stamp of `to`. */
  stamp: string
}

const MOST_EVENTS = 200
/** Of a message's largest size, for events before they are sealed: sealing makes a third more of them, and headers come on top. */
const SHARE = 0.6

const NAMES = {
  from: 'Tributary-From',
  to: 'Tributary-To',
  follows: 'Tributary-Follows',
  stamp: 'Tributary-Stamp',
} as const

/** Packs events that follow each other without gaps into messages, one organisation each. */
export const pack = (
  events: readonly LoggedEvent[],
  after: Place,
  to: { stream: string; source: string; vault: Vault; mostBytes: number },
): Message[] => {
  const messages: Message[] = []
  let follows = after.stamp ?? ''
  for (let i = 0; i < events.length; ) {
    const { orgId, pos } = events[i]!
    const most = Math.floor(to.mostBytes * SHARE)
    let body = ''
    let bytes = 0
    let next = i
    for (; next < events.length && next - i < MOST_EVENTS && events[next]!.orgId === orgId; next++) {
      const line = eventLine(events[next]!)
      bytes += Buffer.byteLength(line)
      if (bytes > most && next > i) break
      body += line
    }
    // One that no message can hold is left out: its readers find it missing and take it from the feed.
    const isTooLarge = next === i + 1 && bytes > most
    const stamp = events[next - 1]!.stamp ?? ''
    const range = { from: pos, to: pos + next - i - 1, follows, stamp }
    messages.push(message({ ...to, subject: `${to.stream}.${orgId}`, range, body: isTooLarge ? '' : body }))
    follows = stamp
    i = next
  }
  return messages
}

/** Says where the log stands, in a stream that has nothing else to tell it by. */
export const marker = (
  { position, stamp = '' }: Place,
  to: { stream: string; source: string; vault: Vault },
): Message => {
  const range = { from: position + 1, to: position, follows: stamp, stamp }
  return message({ ...to, subject: `${to.stream}.none`, range, body: '' })
}

const message = (parts: {
  source: string
  vault: Vault
  subject: string
  range: Range
  body: string
}): Message => {
  const { source, vault, subject, range, body } = parts
  const header = headers()
  for (const [field, name] of Object.entries(NAMES)) header.set(name, String(range[field as keyof Range]))
  return {
    subject,
    headers: header,
    // The stamp, because a log that was put back gives its positions out once more.
    id: `${source}:${range.to}:${range.stamp}`,
    body: vault.seal(body, aadOf(subject, range)),
  }
}

const aadOf = (subject: string, { from, to, follows, stamp }: Range): string =>
  JSON.stringify([subject, from, to, follows, stamp])

/** What a message holds by its headers; undefined when it is none of ours. */
export const rangeOf = (header: MsgHdrs | undefined): Range | undefined => {
  const from = Number(header?.get(NAMES.from))
  const to = Number(header?.get(NAMES.to))
  if (!header?.has(NAMES.to) || !Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return undefined
  return { from, to, follows: header.get(NAMES.follows), stamp: header.get(NAMES.stamp) }
}

/** The events of a message, all of its range. Undefined when it was not sealed by us for this place, or its events were left out. */
export const unpack = (
  vault: Vault,
  { subject, body, range }: { subject: string; body: string; range: Range },
): Stretch | undefined => {
  try {
    const lines = vault.open(body, aadOf(subject, range)).split('\n').filter(Boolean).map(readLine)
    const events = lines.filter((line) => 'pos' in line)
    const isWhole = events.length === range.to - range.from + 1
    return isWhole ? { events, position: range.to, stamp: range.stamp } : undefined
  } catch {
    return undefined
  }
}
