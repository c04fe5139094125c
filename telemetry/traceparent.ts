/**
 * traceparent  how a request says which trace it belongs to, and which step of it has asked (W3C Trace Context, level 1)
 */
import { randomBytes } from 'node:crypto'

export interface TraceParent {
  /** 32 hexadecimal digits. */
  traceId: string
  /** Whoever asks: 16 hexadecimal digits. */
  spanId: string
  /** Whether whoever asks keeps the trace. */
  isSampled: boolean
}

const SHAPE = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** Reads the header; undefined when it is absent or not as the standard wants it. */
export const readTraceParent = (header: unknown): TraceParent | undefined => {
  const [, traceId, spanId, flags] = (typeof header === 'string' && SHAPE.exec(header)) || []
  if (!traceId || !spanId || !flags) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** As the header is written. */
export const writeTraceParent = ({ traceId, spanId, isSampled }: TraceParent): string =>
  `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`

// Asking the system for a few bytes takes as long as asking it for many.
const OF_ONE = 24
const OF_MANY = 128 * OF_ONE
let many = Buffer.alloc(0)

const someBytes = (): Buffer => {
  if (many.length === 0) many = randomBytes(OF_MANY)
  const some = many.subarray(0, OF_ONE)
  many = many.subarray(OF_ONE)
  return some
}

/** A trace that begins here. Nobody keeps it unless somebody decides to. */
export const newTraceParent = (): TraceParent => {
  const bytes = someBytes().toString('hex')
  return { traceId: bytes.slice(0, 32), spanId: bytes.slice(32), isSampled: false }
}
