import type { SimulatorClock } from './clock.ts'
import { ControlRefusal, controlBody, type SimReply, type SimRequest } from './exchange.ts'
import type { FaultScript } from './faults.ts'
import { busiest, type Journal } from './journal.ts'
import type { RateLimits } from './limits.ts'
import type { SimulatedVendor } from './vendor.ts'

/** The parts of a simulator that its control plane reads and turns. */
export interface Controls {
  vendor: SimulatedVendor
  clock: SimulatorClock
  journal: Journal
  faults: FaultScript
  limits: RateLimits
  bans: Map<string, { until: number }>
}

/**
 * Answers `/_sim/…`. Control calls are not in the journal and count against nothing.
 * - `GET journal?portal=&path=&method=&since=&entries=` counts, busiest window per limit, entries (`entries=0` leaves them out) · `DELETE journal`
 * - `GET faults` · `POST faults` rules (an array, one rule, or `{ rules, …settings of the vendor }`) · `DELETE faults`
 * - `GET limits` · `POST limits` · `GET clock` · `POST clock` `{ skewMs }` or `{ now }`
 * - everything else is the vendor's: `records/{type}`, `seed`
 */
export const control = (parts: Controls, request: SimRequest): SimReply => {
  const path = request.path.replace(/^\/_sim\/?/, '').replace(/\/$/, '')
  try {
    return shared(parts, request, path) ?? parts.vendor.control(request, path) ?? unknownCall(path)
  } catch (error) {
    if (error instanceof ControlRefusal) return { status: 400, body: { message: error.message } }
    throw error
  }
}

const unknownCall = (path: string): SimReply => ({
  status: 404,
  body: { message: `/_sim/${path} is not a control call` },
})

const shared = (parts: Controls, request: SimRequest, path: string): SimReply | undefined => {
  if (path === '') return { status: 200, body: { vendor: parts.vendor.name, ...state(parts) } }
  if (path === 'journal') return journal(parts, request)
  if (path === 'faults') return faults(parts, request)
  if (path === 'limits') {
    if (request.method === 'POST') parts.limits.configure(controlBody(request))
    return { status: 200, body: { limits: parts.limits.list() } }
  }
  if (path === 'clock') {
    if (request.method === 'POST') turn(parts.clock, controlBody(request))
    return { status: 200, body: { now: parts.clock.now().toISOString(), skewMs: parts.clock.skewMs } }
  }
  return undefined
}

const state = (parts: Controls) => ({
  now: parts.clock.now().toISOString(),
  skewMs: parts.clock.skewMs,
  limits: parts.limits.list(),
  settings: parts.vendor.settings(),
})

const journal = ({ journal, limits }: Controls, request: SimRequest): SimReply => {
  if (request.method === 'DELETE') {
    journal.clear()
    return { status: 204 }
  }
  const query = (name: string) => request.query.get(name) ?? undefined
  const since = query('since')
  const path = query('path')
  const entries = journal.entries({
    portal: query('portal'),
    method: query('method'),
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(path === undefined ? {} : { path: new RegExp(path) }),
  })
  // Per limit and portal: a portal's window says nothing about another's.
  const windows = limits.list().map((policy) => {
    const windowMs = policy.windowMs === 'day' ? 86_400_000 : policy.windowMs
    const byPortal = Map.groupBy(
      entries.filter((e) => e.counted.includes(policy.name)),
      (e) => e.portal,
    )
    const most = [...byPortal.values()].map((own) =>
      busiest(
        own.map((e) => e.at),
        windowMs,
      ),
    )
    return { limit: policy.name, max: policy.max, windowMs, busiest: Math.max(0, ...most) }
  })
  const kept = query('entries')
  return {
    status: 200,
    body: {
      counts: journal.counts(entries),
      windows,
      entries:
        kept === undefined ? entries : entries.slice(Number(kept) === 0 ? entries.length : -Number(kept)),
    },
  }
}

const faults = ({ faults, vendor, bans }: Controls, request: SimRequest): SimReply => {
  if (request.method === 'DELETE') {
    faults.clear()
    bans.clear()
    return { status: 204 }
  }
  if (request.method === 'POST') {
    const { list, rules, play, ...rest } = controlBody(request)
    if (Array.isArray(list)) faults.install(list)
    else if (play !== undefined) faults.install([{ ...rest, play }])
    else {
      vendor.configure(rest)
      if (Array.isArray(rules)) faults.install(rules)
    }
  }
  return { status: 200, body: { rules: faults.list(), settings: vendor.settings() } }
}

const turn = (clock: SimulatorClock, body: Record<string, unknown>): void => {
  if (typeof body.skewMs === 'number') clock.skew(body.skewMs)
  else if (typeof body.now === 'string' && !Number.isNaN(Date.parse(body.now)))
    clock.skew(Date.parse(body.now) - clock.base.now().getTime())
  else throw new ControlRefusal('the clock takes { skewMs } or { now }')
}
