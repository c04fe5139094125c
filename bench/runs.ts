/** One import from outside: when it is over, what it asked for, and what it takes of the machine. */
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import type { Place, Running } from './hub.ts'
import { familyOf, openSampler } from './processes.ts'

/** What a simulator says it was asked. */
export interface Journal {
  counts: { refused: Record<string, number> }
  windows: { limit: string; max: number; windowMs: number; busiest: number }[]
  entries: { at: number; portal: string; status: number }[]
}

/** Waits for a run in a subgraph's database, the first one unless it is named. @throws when it fails, or when the hub has ended */
export const waitForRun = async (
  client: pg.Client,
  hub: Running,
  runId?: string,
): Promise<{ startedAt: number; finishedAt: number }> => {
  for (;;) {
    hub.demandAlive()
    const { rows } = await client.query<{
      state: string
      started_at: Date
      finished_at: Date
      error: string
    }>(
      `select state, started_at, finished_at, error from sync.runs
       where $1::uuid is null or id = $1 order by requested_at limit 1`,
      [runId],
    )
    const [run] = rows
    if (run?.state === 'COMPLETED')
      return { startedAt: run.started_at.getTime(), finishedAt: run.finished_at.getTime() }
    if (run?.state === 'FAILED') throw new Error(`The import failed: ${run.error}`)
    if (run?.state === 'HELD') throw new Error('The run holds: it would change too much of so little.')
    await setTimeout(100)
  }
}

/** Samplers of the hub, of its database server and of the systems beside it. The hub's own process only: PostgreSQL is its child. */
export const sampling = async (place: Place, hub: Running, simulators: Running) => {
  const [postmaster] = await place.postgres()
  return [
    openSampler(async () => [hub.pid]),
    // Its shared buffers are mapped by each of its processes, and dividing them is work: less often.
    openSampler(async () => (postmaster ? familyOf(postmaster) : []), { shared: true, everyMs: 2_000 }),
    openSampler(async () => [simulators.pid]),
  ]
}

/** The requests of an import, and how long they had to take. */
export interface Requested {
  requests: number
  refused: number
  limit: { max: number; windowMs: number }
  busiestWindow: number
  /** From the first request to the last. */
  wallSeconds: number
  /** What the limit allows at best: ⌈requests ÷ limit⌉ − 1 windows. */
  floorSeconds: number
}

/** @param which the limit that is kept to, and the end of the import */
export const requestsOf = (
  journal: Journal,
  { limit, until }: { limit: string; until: number },
): Requested => {
  const mine = journal.entries.filter(({ portal, at }) => portal !== '' && at <= until)
  const { max, windowMs, busiest } = journal.windows.find((window) => window.limit === limit)!
  return {
    requests: mine.length,
    refused: Object.values(journal.counts.refused).reduce((sum, count) => sum + count, 0),
    limit: { max, windowMs },
    busiestWindow: busiest,
    wallSeconds: (mine.at(-1)!.at - mine[0]!.at) / 1000,
    floorSeconds: ((Math.ceil(mine.length / max) - 1) * windowMs) / 1000,
  }
}
