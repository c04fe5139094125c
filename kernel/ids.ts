import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

const format = (bytes: Buffer, version: number): string => {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** A new id that sorts by time (RFC 9562, version 7), so that indexes grow at their end. */
export const newId = (clock: Clock): string => {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(clock.now().getTime(), 0, 6)
  return format(bytes, 7)
}

/** The same id for the same parts, always (RFC 9562, version 8 over SHA-256): what makes a repeated import idempotent. */
export const idFrom = (...parts: string[]): string =>
  format(createHash('sha256').update(JSON.stringify(parts)).digest(), 8)

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text is a UUID, so that a stranger's id never reaches SQL as a cast error. */
export const isId = (text: string): boolean => UUID.test(text)
