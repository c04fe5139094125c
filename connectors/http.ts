import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { isHubError } from '#kernel/errors.ts'
import { Planning } from '#kernel/planning.ts'
import { ASKED_HEADERS, asked } from '#telemetry/asked.ts'
import { writeTraceParent } from '#telemetry/traceparent.ts'
import { isTraced } from '#telemetry/traces.ts'
import { VendorAnswer, VendorUnavailable } from './contract.ts'
import { agentOf, type Reach } from './reach.ts'

/** One request as it goes out. */
export interface HttpCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: string | undefined
}

export interface HttpLimits {
  /** Longest time from the first byte sent to the last byte read. */
  deadlineMs: number
  /** Largest body, decompressed, that is read before the answer is given up. */
  maxBytes: number
  /** Of a longer answer the beginning is enough. Left out: it is none. */
  isCut?: boolean
  signal?: AbortSignal | undefined
  /** Where it may lead. Left out: anywhere. */
  reach?: Reach | undefined
}

export interface HttpAnswer {
  status: number
  headers: Headers
  text: string
}

/** How the hub names itself to vendors, so that their support can find its calls. */
const USER_AGENT = 'tributary/0.1 (+sync)'

/** The largest answer worth reading: a full page with a thousand wide properties stays below a third of it. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024

const nothing = (vendor: string, message: string, cause?: unknown) =>
  VendorUnavailable.with({ vendor }, { cause: new VendorAnswer(message, { status: 0, cause }) })

/**
 * Sends one request and reads the whole answer, whatever its status. Connections are kept alive.
 * The deadline covers the body too: a server that trickles bytes for ever would otherwise hold the slot for ever.
 * @throws HUB_VENDOR_UNAVAILABLE when there is no whole answer in time; the signal's reason when it aborts; what `reach`
 *   refuses with; PLAN_NEEDS_VENDOR for a request that is only planned
 */
export const exchange = async (vendor: string, call: HttpCall, limits: HttpLimits): Promise<HttpAnswer> => {
  Planning.current()?.refuse(vendor)
  limits.signal?.throwIfAborted()
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), limits.deadlineMs)
  try {
    const signal = limits.signal ? AbortSignal.any([limits.signal, late.signal]) : late.signal
    const response = await send(call, signal, limits.reach)
    const text = await readBody(response, limits)
    if (text === undefined) throw nothing(vendor, `answer larger than ${limits.maxBytes} bytes`)
    return { status: response.statusCode ?? 0, headers: headersOf(response), text }
  } catch (error) {
    limits.signal?.throwIfAborted()
    if (isHubError(error)) throw error
    if (late.signal.aborted) throw nothing(vendor, `no whole answer within ${limits.deadlineMs} ms`, error)
    throw nothing(vendor, 'connection failed', error)
  } finally {
    clearTimeout(timer)
  }
}

// It follows no redirect: that would carry our credentials to a place nobody chose.
const send = (call: HttpCall, signal: AbortSignal, reach: Reach | undefined): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const url = new URL(call.url)
    const request = url.protocol === 'https:' ? secureRequest : plainRequest
    const headers = { 'user-agent': USER_AGENT, accept: 'application/json', 'accept-encoding': ENCODINGS }
    const options = { method: call.method, headers: { ...headers, ...traced(), ...call.headers }, signal }
    request(url, { ...options, agent: agentOf(url, reach) })
      .on('response', resolve)
      .on('error', reject)
      .end(call.body)
  })

/** Which trace it belongs to, for vendors that trace too; nothing while nobody wants traces here. */
const traced = (): Record<string, string> => {
  const { trace } = asked()
  return isTraced() && trace ? { [ASKED_HEADERS.trace]: writeTraceParent(trace) } : {}
}

const UNPACK: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}
const ENCODINGS = Object.keys(UNPACK).join(', ')

const headersOf = ({ rawHeaders }: IncomingMessage): Headers => {
  const headers = new Headers()
  for (let n = 0; n + 1 < rawHeaders.length; n += 2) headers.append(rawHeaders[n]!, rawHeaders[n + 1]!)
  return headers
}

/** @returns undefined when the body is larger than allowed; the connection is given up then, and when no more of it is wanted */
const readBody = async (
  response: IncomingMessage,
  { maxBytes, isCut = false }: Pick<HttpLimits, 'maxBytes' | 'isCut'>,
): Promise<string | undefined> => {
  const unpack = UNPACK[response.headers['content-encoding'] ?? '']
  const body: Readable = unpack ? pipeline(response, unpack(), () => undefined) : response
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBytes && !isCut) return undefined
    chunks.push(chunk)
    if (size > maxBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString()
}

/**
 * Reads a JSON answer through a check.
 * @param check turns the parsed body into what is promised, or throws
 * @param exactKey a key whose numbers are read as text, digit by digit: ids may not fit a JavaScript number
 * @throws HUB_VENDOR_UNAVAILABLE when it is HTML, cut off, or not of the promised shape: such an answer is no answer
 */
export const readJson = <T>(vendor: string, answer: HttpAnswer, check: Check<T>, exactKey?: string): T => {
  try {
    if (!/\bjson\b/i.test(answer.headers.get('content-type') ?? '')) throw new TypeError('not JSON')
    return check(exactKey ? parseExactly(answer.text, exactKey) : JSON.parse(answer.text))
  } catch (cause) {
    throw VendorUnavailable.with(
      { vendor },
      { cause: new VendorAnswer('unusable answer', { status: answer.status, category: 'UNUSABLE', cause }) },
    )
  }
}

// The third argument is in ECMAScript 2026 and in Node 24, not yet in the compiler's library.
type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown

const parseExactly = (text: string, exactKey: string): unknown => {
  const exact: Reviver = (key, value, context) =>
    key === exactKey && typeof value === 'number' ? context?.source : value
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown)
}

/** Turns a parsed body into what is promised, or throws. */
export type Check<T> = (body: unknown) => T

/** The body of an error answer, or undefined when it is not JSON. */
export const errorBody = (answer: HttpAnswer): unknown => {
  try {
    return JSON.parse(answer.text)
  } catch {
    // Proxies answer in HTML: the status then has to tell everything.
    return undefined
  }
}

const LONGEST_MS = 24 * 3600 * 1000

/**
 * Reads `Retry-After`: seconds, or a date, which is measured against the vendor's own `Date` so that our clock may differ from theirs.
 * @returns milliseconds to wait, at most a day; undefined when the header is absent or unreadable
 */
export const retryAfterMs = (headers: Headers, now: Date): number | undefined => {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(LONGEST_MS, Number(value) * 1000)
  const at = Date.parse(value)
  if (Number.isNaN(at)) return undefined
  const theirNow = Date.parse(headers.get('date') ?? '')
  return Math.min(LONGEST_MS, Math.max(0, at - (Number.isNaN(theirNow) ? now.getTime() : theirNow)))
}
