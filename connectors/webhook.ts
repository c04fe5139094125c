/** What every vendor's webhooks have in common for us: how old they may be, how signatures are compared, and what a parser is given. */
import { timingSafeEqual } from 'node:crypto'

/** Why the time that a delivery says it was sent at is not believed. */
export type TimeFault = 'too old' | 'from the future'

const WINDOW_MS = 5 * 60_000

/** @param ageMs by our clock: the sender's may be wrong */
export const timeFault = (ageMs: number): TimeFault | undefined => {
  if (ageMs > WINDOW_MS) return 'too old'
  return ageMs < -WINDOW_MS ? 'from the future' : undefined
}

/** Whether two signatures are the same, in a time that does not tell where they differ. */
export const isSameSignature = (expected: string, given: string): boolean => {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** What a body must keep to before it is parsed. */
const DEEPEST = 8
const MOST_PARTS = 60_000

/**
 * Parses a body that a stranger may have written. Whole numbers that JavaScript cannot hold are given as their digits.
 * @returns undefined when it is not UTF-8, not JSON, or too deep or too large for what a delivery can be
 */
export const parseBounded = (body: Uint8Array): unknown => {
  if (!isBounded(body)) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body), exact)
  } catch {
    // Whoever sent it is told that it cannot be read.
    return undefined
  }
}

// The third argument is in ECMAScript 2026 and in Node 24, not yet in the compiler's library.
const exact = ((_: string, value: unknown, { source }: { source?: string } = {}) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(source ?? '')
    ? source
    : value) as (key: string, value: unknown) => unknown

const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE, BEGIN, END] = Buffer.from('"\\,[]{}')

/** Counts what a parser would have to build, without building it. */
const isBounded = (body: Uint8Array): boolean => {
  let [depth, parts, isInside] = [0, 0, false]
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (isInside) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) isInside = false
    } else if (byte === QUOTE) isInside = true
    else if (byte === OPEN || byte === BEGIN) {
      if (++depth > DEEPEST) return false
    } else if (byte === CLOSE || byte === END) depth--
    else if (byte === COMMA && ++parts > MOST_PARTS) return false
  }
  return true
}
