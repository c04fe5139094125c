/**
 * measure  a number that a process shows of itself, for Prometheus. Its labels have few values, which are ours: never an organisation,
 *          a person, a record, an address, or a text that somebody has sent
 * reading  the values of a gauge, read when they are asked for
 *
 * All measures of a process are in one list, whichever roles it has. docs/observability.md says what each one means.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const registry = new Registry()
const registers = [registry]
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
  new Counter({ name, help, labelNames, registers })
const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
  new Histogram({ name, help, labelNames, buckets: SECONDS, registers })

/** What is counted where it happens. */
export const operations = histogram(
  'hub_operation_seconds',
  'Operations that were run, and how long they took. Operations that are not of the catalogue are called free.',
  ['operation', 'door', 'code'],
)
export const requests = counter('hub_requests_total', 'Requests that the gateway has answered.', [
  'door',
  'status',
])
export const fetches = histogram(
  'hub_fetch_seconds',
  'Questions of the gateway to the parts of the graph, and how long they took.',
  ['part', 'outcome'],
)
export const vendorCalls = histogram(
  'hub_vendor_call_seconds',
  'Calls to other systems, and how long each try took.',
  ['vendor', 'outcome'],
)
export const jobs = histogram('hub_job_seconds', 'Jobs that were done, and how long they took.', [
  'job',
  'outcome',
])
export const deadLetters = counter(
  'hub_dead_letters_total',
  'Records that were given up after their tries.',
  ['code'],
)
export const outwardTries = counter(
  'hub_partner_tries_total',
  'Events that were sent to partners’ webhooks, and what came of each try.',
  ['outcome'],
)
export const keptAnswers = counter(
  'hub_kept_total',
  'Answers and entities that were looked for among what is kept, and whether they were there; stale: what was there was proved wrong.',
  ['what', 'outcome'],
)
export const slowConsumers = counter(
  'hub_slow_consumers_total',
  'Subscriptions that were ended because their client did not take what it had asked for.',
  [],
)
export const limiterWaits = histogram(
  'hub_vendor_wait_seconds',
  'How long calls to other systems waited for a place in the budget.',
  ['vendor'],
)

/** What is read when it is asked for, with what its labels mean. */
const gauges = {
  hub_log_position: ['The newest position of a part’s event log.', ['part']],
  hub_log_waiting: ['Batches of events that have no position yet.', ['part']],
  hub_consumer_position: ['Up to where a part has taken the events of another one.', ['part', 'source']],
  hub_parked_events: ['Events that failed and are set aside, with those behind them.', ['part', 'source']],
  hub_jobs_waiting: ['Jobs whose time has come and that nobody does yet.', ['part', 'job']],
  hub_jobs_oldest_seconds: ['How long the oldest of them has waited.', ['part', 'job']],
  hub_sync_lag_seconds: [
    'How long ago the last reading began that brought a connection up to date: of the connection that is the farthest behind.',
    ['part'],
  ],
  hub_sync_waiting: [
    'Records that wait to be read from, or written to, another system.',
    ['part', 'direction'],
  ],
  hub_sync_oldest_seconds: ['How long the oldest of them is overdue.', ['part', 'direction']],
  hub_vendor_budget_left: [
    'Of the calls that another system allows at a time, how many are left: the least of all accounts.',
    ['part', 'bucket'],
  ],
  hub_pool_connections: ['Connections to a part’s database.', ['part', 'role', 'state']],
  hub_pool_waiting: ['Who waits for a connection to a part’s database.', ['part', 'role']],
  hub_statements: ['SQL statements sent since the process began.', ['part']],
  hub_partner_webhooks: ['Partners’ webhooks by state.', ['state']],
  hub_partner_overdue_seconds: [
    'How long the partner’s webhook that waits longest for its turn has been due.',
    [],
  ],
  hub_part_open: [
    'Whether the gateway spares a part that does not answer: 1 while it does, 0.5 while it tries again, 0 else.',
    ['part'],
  ],
  hub_subscriptions: ['Subscriptions of clients that are open.', []],
  hub_sockets: ['WebSockets that are open.', []],
  hub_kept_bytes: ['Memory that kept answers take, more or less.', []],
  hub_upstreams: ['Subscriptions of the gateway to parts of the graph.', []],
} as const satisfies Record<string, readonly [string, readonly string[]]>

export type GaugeName = keyof typeof gauges
export interface Reading {
  name: GaugeName
  labels: Readonly<Record<string, string>>
  value: number
}

const made = new Map(
  Object.entries(gauges).map(([name, [help, labelNames]]) => [
    name,
    new Gauge({ name, help, labelNames: labelNames as readonly string[], registers }),
  ]),
)
collectDefaultMetrics({ register: registry })

type Read = () => Promise<readonly Reading[]> | readonly Reading[]
const reads = new Set<Read>()

/** Has readings taken whenever measures are asked for, until it is disposed. A reading that fails is left out. */
export const reading = (read: Read): AsyncDisposable => {
  reads.add(read)
  return {
    [Symbol.asyncDispose]: async () => {
      reads.delete(read)
    },
  }
}

/** Every measure of this process as Prometheus reads them. Readings are taken one after the other: looking must not become load. */
export const measuresText = async (): Promise<{ type: string; text: string }> => {
  for (const gauge of made.values()) gauge.reset()
  for (const read of reads)
    for (const { name, labels, value } of await Promise.resolve()
      .then(read)
      .catch(() => []))
      made.get(name)?.set({ ...labels }, value)
  return { type: registry.contentType, text: await registry.metrics() }
}

/** Notes how long something took, and what came of it. */
export const timed = async <T>(
  work: () => Promise<T>,
  note: (seconds: number, error?: unknown) => void,
): Promise<T> => {
  const began = performance.now()
  try {
    const value = await work()
    note((performance.now() - began) / 1000)
    return value
  } catch (error) {
    note((performance.now() - began) / 1000, error)
    throw error
  }
}
