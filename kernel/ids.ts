import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'
import { Planning } from './planning.ts'

const format = (bytes: Buffer, version: number): string => {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The last id's time and number within it, by the clock it came from. */
const newest = new WeakMap<Clock, { ms: number; number: number }>()
const MOST_PER_MS = 4096

/**
 * A new id that sorts by time (RFC 9562, version 7 with the counter of section 6.2), so that indexes grow at their end. Ids of one
 * process only grow: a clock that stands still or is set back does not change their order.
 */
export const newId = (clock: Clock): string => {
  const last = newest.get(clock) ?? { ms: 0, number: 0 }
  const now = clock.now().getTime()
  const number = now > last.ms ? 0 : (last.number + 1) % MOST_PER_MS
  const ms = now > last.ms ? now : last.ms + (number === 0 ? 1 : 0)
  newest.set(clock, { ms, number })
  const bytes = randomBytes(16)
  bytes.writeUIntBE(ms, 0, 6)
  bytes.writeUInt16BE(number, 6)
  const id = format(bytes, 7)
  Planning.current()?.madeId(id)
  return id
}

/** The same id for the same parts, always (RFC 9562, version 8 over SHA-256): what makes a repeated import idempotent. */
export const idFrom = (...parts: string[]): string =>
  format(createHash('sha256').update(JSON.stringify(parts)).digest(), 8)

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Nothing's id (RFC 9562, nil), and smaller than every other: where going through ids begins. */
export const NO_ID = '00000000-0000-0000-0000-000000000000'

/** Whether a text is a UUID, so that a stranger's id never reaches SQL as a cast error. */
export const isId = (text: string): boolean => UUID.test(text)
