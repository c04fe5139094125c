import type { Database } from '#db/client.ts'
import { type NewEvent, publish } from '#events/outbox.ts'
import { backoff } from '#kernel/backoff.ts'
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { ALERT_AFTER, alertOfConnection, type RaiseAlerts } from './alerts.ts'
import { LeaseLost } from './errors.ts'
import { claimLane, type Lane, type LaneKind, releaseLane, renewLane } from './lanes.ts'
import { type LeasedWorker, startLeasedWork } from './leased-work.ts'

export interface LaneTuning {
  /** Lanes at work in this process at a time. Default 4. */
  maxLanes?: number
  /** How long a silent worker keeps its lane. Default 10 s; renewed every third of it. */
  leaseMs?: number
  /** How often to look for lanes when nobody wakes us. Default 2 s. */
  pollMs?: number
}

export interface LaneOptions extends LaneTuning {
  database: Database<never>
  clock: Clock
  log: Log
  kind: LaneKind
  /** What waits, for the log, such as `signals`. */
  what: string
  /** NOTIFY channel that wakes the worker. */
  channel: string
  /** One turn of a lane: one batch. @returns until when it rests; null when its next turn may come at once */
  serve(lane: Lane, signal: AbortSignal): Promise<Date | null>
  /** The source refused for good: the place to note it on the connection. `code` is that of the error. */
  refused?(tx: object, orgId: string, connectionId: string, code: string, at: Date): Promise<NewEvent[]>
  /** Tells whoever has to know of what failed three times; asked each time, whether or not it was told before. */
  raise?: RaiseAlerts
}

const LONGEST_REST_MS = 15 * 60_000

/**
 * Starts a worker that serves lanes in turns. Many may run, in many processes: a lane is one worker's until its lease ends.
 * Disposing stops it before its next batch.
 */
export const startLanes = (options: LaneOptions): LeasedWorker => {
  const { database, clock, log, kind, channel, what, maxLanes = 4, leaseMs = 10_000, pollMs = 2000 } = options

  /** What becomes of a lane whose turn failed: it rests, longer each time, and what waits in it stays. */
  const conclude = async (lane: Lane, error: unknown, stopping: AbortSignal) => {
    const about = { err: error, connectionId: lane.connectionId, type: lane.type }
    if (LeaseLost.is(error)) return log.warn(about, `another worker took over a lane of ${what}`)
    if (stopping.aborted) return await releaseLane(database, lane, { failures: lane.failures })
    const failures = lane.failures + 1
    const now = clock.now()
    const longest = now.getTime() + backoff(failures, Math.random(), 1000, LONGEST_REST_MS)
    const restUntil = (isHubError(error) ? error.after : undefined) ?? new Date(longest)
    log.warn(
      { ...about, failures, restUntil },
      `a lane of ${what} could not be served, and what waits is kept`,
    )
    await releaseLane(database, lane, { restUntil, failures })
    await tell(options, lane, error, failures)
  }

  return startLeasedWork<Lane>({
    ...{ database, clock, log, leaseMs, pollMs, channel, most: maxLanes, what },
    idsOf: ({ connectionId, type }) => ({ connectionId, type }),
    claim: () => claimLane(database, clock.now(), leaseMs, kind),
    renew: (lane, until) => renewLane(database, lane, until),
    work: async (lane, signal, stopping) => {
      try {
        await releaseLane(database, lane, { restUntil: await options.serve(lane, signal) })
      } catch (error) {
        await conclude(lane, error, stopping)
      }
    },
  })
}

/** Tells that a source refuses for good, and that a lane has failed three times in a row. */
const tell = async (options: LaneOptions, lane: Lane, error: unknown, failures: number): Promise<void> => {
  const { orgId, connectionId } = lane
  const isRefused = isHubError(error) && error.retry === 'never'
  if (!isRefused && failures < ALERT_AFTER) return
  const at = options.clock.now()
  await options.database.transaction(orgId, async (tx) => {
    const noted = isRefused ? ((await options.refused?.(tx, orgId, connectionId, error.code, at)) ?? []) : []
    const alerts = failures < ALERT_AFTER ? [] : [alertOfConnection(connectionId, error, failures)]
    const raised = (await options.raise?.(tx, orgId, alerts, at)) ?? []
    await publish(tx, orgId, [...noted, ...raised], at)
  })
}
