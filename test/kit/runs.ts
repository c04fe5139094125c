import { systemClock } from '#kernel/clock.ts'
import type { RunningHub } from './hub.ts'
import { until } from './until.ts'

/** A run of a sync, as far as tests look at it. */
export interface Run {
  id: string
  state: string
  requestedAt: string
}

interface Which {
  /** The operation of the catalogue that begins it. Default: of what has changed. */
  operation?: string
  variables?: object
  /** Whom to ask. Default: the hub's own address. */
  at?: string
  timeoutMs?: number
}

const READS_CHANGES = { operation: 'StartHubSpotSync', variables: { mode: 'INCREMENTAL' } }

/**
 * Has HubSpot read by a run that was asked for after this was called, and waits for its end. Who asks while a run is under way
 * is answered with that one, which may have passed by what has changed since: then it is asked for again. So it is when nobody
 * answered, or the answer was lost.
 * @returns the run as it ended
 * @throws Error with the last answer when there was no such run within the time
 */
export const runAnew = (hub: RunningHub, which: Which = {}): Promise<Run> => {
  const { operation, variables, at, timeoutMs } = { ...READS_CHANGES, ...which }
  const since = systemClock.now()
  const as = at === undefined ? {} : { at }
  return until(
    async () => {
      const answer = await hub.ask(operation, variables, as)
      const asked = answer.data?.startHubSpotSync?.run as Run | undefined
      if (!asked) throw new Error(`it was not begun: ${JSON.stringify(answer)}`)
      const ended = await until(async () => await endOf(hub, asked.id, as), { everyMs: 50 })
      return new Date(asked.requestedAt) >= since && ended
    },
    { everyMs: 100, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
  )
}

const endOf = async (hub: RunningHub, id: string, as: object): Promise<Run | undefined> => {
  const answer = await hub.ask('SyncRuns', { first: 20 }, as)
  const runs = answer.data?.syncRuns.nodes as Run[] | undefined
  if (!runs) throw new Error(`runs were not shown: ${JSON.stringify(answer)}`)
  return runs.find((run) => run.id === id && run.state !== 'QUEUED' && run.state !== 'RUNNING')
}
