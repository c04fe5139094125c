import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { SimulatorClock } from './clock.ts'
import { type Controls, control } from './control.ts'
import type { SimReply, SimRequest } from './exchange.ts'
import { type FaultAction, FaultScript } from './faults.ts'
import { Journal, type JournalEntry } from './journal.ts'
import { RateLimits } from './limits.ts'
import { errorPage, send, sendAndClose, sendCut, trickle } from './send.ts'
import type { SimulatedVendor } from './vendor.ts'

export interface SimulatorOptions {
  /** 0 takes a free port. */
  port: number
  /** Default 127.0.0.1. */
  host?: string
  /** The base clock: limits, bans and the journal run on it. */
  clock: Clock
  /** Makes the vendor over its own clock, which may be skewed. */
  vendor(clock: SimulatorClock): SimulatedVendor
  /** Where trouble of the simulator itself is told. */
  log?: Log
}

/** A simulator that is listening. Disposing closes it with every connection. */
export interface Simulator extends AsyncDisposable {
  url: string
  port: number
}

const BODY_LIMIT = 20_000_000

/**
 * Starts the HTTP server that every simulated system shares. A request goes: journal → ban → limits → faults → vendor.
 * Throws when the port is taken.
 */
export const startSimulator = async (options: SimulatorOptions): Promise<Simulator> => {
  const clock = new SimulatorClock(options.clock)
  const vendor = options.vendor(clock)
  const stopping = new AbortController()
  const parts: Controls = {
    vendor,
    clock,
    journal: new Journal(options.clock),
    faults: new FaultScript(options.clock),
    limits: new RateLimits(vendor.policies),
    bans: new Map(),
  }
  // Longer than any caller's pool keeps an idle connection, so that the caller closes first and no request is lost to a race.
  // Long targets are the vendor's to refuse, in its own way.
  const server = createServer(
    { keepAliveTimeout: 120_000, maxHeaderSize: 1_000_000 },
    (incoming, response) => {
      serve(parts, incoming, response, stopping.signal).catch((error) => {
        options.log?.error({ err: error, path: incoming.url }, 'the simulator failed on a request')
        if (!response.headersSent)
          send(response, { status: 500, body: { status: 'error', message: 'simulator failure' } })
      })
    },
  )
  await listen(server, options.port, options.host ?? '127.0.0.1')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${options.host ?? '127.0.0.1'}:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })

const serve = async (
  parts: Controls,
  incoming: IncomingMessage,
  response: ServerResponse,
  stopping: AbortSignal,
): Promise<void> => {
  const request = await read(incoming)
  if (request.path === '/_sim' || request.path.startsWith('/_sim/'))
    return send(response, control(parts, request))
  // The vendor's clock, wrong or right, is the one its answers are dated by.
  response.setHeader('date', parts.clock.now().toUTCString())
  const portal = parts.vendor.portalOf(request)
  const entry = parts.journal.open(request.method, request.target, portal)
  // A caller may go away at any byte of a fault that is played on it; without a listener that would end the process.
  response.on('error', () => response.destroy())
  response.once('close', () => {
    if (!response.writableFinished) parts.journal.finish(entry, 499)
  })
  await answer(parts, request, response, { portal, entry, stopping })
  // At once, not on `finish`: whoever has the answer may look for it in the journal.
  if (response.headersSent) parts.journal.finish(entry, response.statusCode)
}

const answer = async (
  parts: Controls,
  request: SimRequest,
  response: ServerResponse,
  { portal, entry, stopping }: { portal: string; entry: JournalEntry; stopping: AbortSignal },
): Promise<void> => {
  const refusal = refuse(parts, request, portal, entry)
  if (refusal !== undefined) return send(response, refusal)
  const fault = parts.faults.next(request, portal)
  const work = async (): Promise<SimReply> => {
    const reply = await parts.vendor.handle(request, portal, parts.limits.list())
    return { ...reply, headers: { ...reply.headers, ...rateHeaders(parts, request, portal, entry) } }
  }
  if (fault === undefined) return send(response, await work())
  entry.fault = fault.id
  await play(parts, fault.play, { portal, response, answer: work, stopping })
}

// What is left, by name, of each limit the request was counted against. Kept beside the entry to stay out of the journal's JSON.
const left = new WeakMap<JournalEntry, Readonly<Record<string, number>>>()

const rateHeaders = (parts: Controls, request: SimRequest, portal: string, entry: JournalEntry) =>
  portal === '' ? {} : parts.vendor.limitHeaders(request, left.get(entry) ?? {}, parts.limits.list())

const refuse = (
  parts: Controls,
  request: SimRequest,
  portal: string,
  entry: JournalEntry,
): SimReply | undefined => {
  if (portal === '') return undefined
  const ban = parts.bans.get(portal)
  if (ban !== undefined && entry.at < ban.until) {
    entry.refused = 'ban'
    return bannedReply(parts, portal, ban)
  }
  const admission = parts.limits.admit(portal, parts.vendor.policiesOf(request), entry.at)
  if (!admission.admitted) {
    entry.refused = admission.policy.name
    const { policy, freeInMs } = admission
    return parts.vendor.tooMany({ portal, policy: policy.name, freeInMs })
  }
  entry.counted = Object.keys(admission.remaining)
  left.set(entry, admission.remaining)
  return undefined
}

const bannedReply = (
  parts: Controls,
  portal: string,
  ban: { until: number; retryAfter?: boolean; policy?: string },
): SimReply => {
  const waitMs = ban.until - parts.clock.base.now().getTime()
  return parts.vendor.tooMany({
    portal,
    policy: ban.policy ?? parts.vendor.policies[0]?.name ?? 'ban',
    ...(ban.retryAfter === true ? { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) } : {}),
  })
}

interface Stage {
  portal: string
  response: ServerResponse
  /** Lets the vendor do the work. */
  answer(): Promise<SimReply>
  stopping: AbortSignal
}

const play = async (parts: Controls, action: FaultAction, stage: Stage): Promise<void> => {
  const { response, answer, portal } = stage
  const done = 'afterCommit' in action && action.afterCommit === true ? await answer() : undefined
  switch (action.do) {
    case 'status':
      return send(response, { status: action.status, headers: action.headers, body: action.body })
    case 'html':
      return send(response, errorPage(action.status ?? 502))
    case 'delay':
      await sleep(action.ms, stage.stopping)
      return send(response, await answer())
    case 'hold':
      await parts.faults.lifted()
      return send(response, done ?? (await answer()))
    case 'truncate':
      return sendCut(response, await answer(), action.bytes)
    case 'trickle':
      return trickle(response, await answer(), action.bytesPerSecond ?? 1)
    case 'hang':
      if (action.ms === undefined) return
      await sleep(action.ms, stage.stopping)
      response.socket?.destroy()
      return
    case 'close':
      if (action.bytes !== undefined) return sendAndClose(response, await answer(), action.bytes)
      response.socket?.destroy()
      return
    case 'ban': {
      const ban = { ...action, until: parts.clock.base.now().getTime() + action.ms }
      parts.bans.set(portal, ban)
      return send(response, bannedReply(parts, portal, ban))
    }
    case 'trigger':
      parts.vendor.trigger(action.name, action.detail ?? {}, portal)
      return send(response, await answer())
  }
}

const read = async (incoming: IncomingMessage): Promise<SimRequest> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT) throw new Error('the body is too large for a simulator')
    chunks.push(chunk)
  }
  const target = incoming.url ?? '/'
  const question = target.indexOf('?')
  return {
    method: incoming.method ?? 'GET',
    path: question < 0 ? target : target.slice(0, question),
    query: new URLSearchParams(question < 0 ? '' : target.slice(question + 1)),
    target,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}
