import { setTimeout as wait } from 'node:timers/promises'
import { type RunningHub, startHub } from '#test/kit/hub.ts'
import { testServer } from '#test/kit/server.ts'
import { until } from '#test/kit/until.ts'
import type { Line, Settings } from './run.ts'

const REST = 'gateway inventory telephony insights hub'
const TYPES = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes'] as const
const EVENTS = {
  companies: 'company',
  contacts: 'contact',
  deals: 'deal',
  tickets: 'ticket',
  tasks: 'task',
  notes: 'note',
}
const PAGE = 100

interface Run {
  id: string
  system: string
  state: string
  done: number
  failed: number
  error: string | null
}

interface Tally {
  kills: number
  imports: number
  reread: number
  lost: number
  duplicate: number
  slowestMs: number
}

/** Kills the process of customers at random moments of full imports, as often as asked, and checks the books after each import. */
export const killImport = async ({ times, companies }: Settings): Promise<Line[]> => {
  const tally: Tally = { kills: 0, imports: 0, reread: 0, lost: 0, duplicate: 0, slowestMs: 0 }
  await using server = await testServer()
  while (tally.kills < times) {
    await using hub = await startHub({
      databaseUrl: server.url,
      companies,
      roles: ['simulators', REST, 'customers'],
      // Slow enough that a kill meets pages under way.
      faults: [{ path: 'objects/', play: { do: 'delay', ms: 300 } }],
    })
    const killed = await killUntilComplete(hub, times - tally.kills, tally)
    tally.kills += killed
    tally.imports++
    await checkBooks(hub, killed, tally)
    process.stderr.write(`${tally.kills} of ${times} kills, ${tally.imports} imports\n`)
  }
  const zero = (what: string, measured: number): Line => ({
    what,
    measured,
    demanded: '0',
    holds: measured === 0,
  })
  return [
    { what: 'kill -9 of an import under way', measured: tally.kills, demanded: String(times), holds: true },
    { what: 'imports', measured: tally.imports, demanded: 'all complete', holds: true },
    zero('pages read again beyond one per type and kill', tally.reread),
    zero('records lost', tally.lost),
    zero('records or events double', tally.duplicate),
    {
      what: 'slowest to go on after a start, ms',
      measured: Math.round(tally.slowestMs),
      demanded: '≤ 30000',
      holds: tally.slowestMs <= 30_000,
    },
  ]
}

const importRun = async (hub: RunningHub): Promise<Run | undefined> => {
  const { data } = await hub.ask('SyncRuns', { first: 50 })
  return (data?.syncRuns.nodes as Run[] | undefined)?.findLast(({ system }) => system === 'HUBSPOT')
}

/** @returns how often it was killed while the import ran */
const killUntilComplete = async (hub: RunningHub, most: number, tally: Tally): Promise<number> => {
  let killed = 0
  for (;;) {
    await wait(Math.random() * 1_500)
    const before = await importRun(hub)
    if (before?.state === 'COMPLETED' || killed >= most) break
    if (before?.state === 'FAILED') throw new Error(`the import failed: ${before.error}`)
    await hub.kill('customers')
    killed++
    const since = performance.now()
    await hub.restart('customers')
    await until(
      async () => {
        const run = await importRun(hub)
        return run && (run.state === 'COMPLETED' || run.done > (before?.done ?? 0))
      },
      { timeoutMs: 60_000, everyMs: 50 },
    )
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - since)
  }
  await until(async () => (await importRun(hub))?.state === 'COMPLETED', { timeoutMs: 600_000, everyMs: 200 })
  return killed
}

const checkBooks = async (hub: RunningHub, killed: number, tally: Tally): Promise<void> => {
  const { entries } = await hub.sim<{ entries: { path: string; status: number }[] }>('hubspot', 'journal')
  for (const type of TYPES) {
    const { results } = await hub.sim<{ results: { id: string }[] }>(
      'hubspot',
      `records/${type}?limit=1000000`,
    )
    const there = new Set(results.map(({ id }) => id))
    const rows = await hub.rows<{ id: string }>(
      'customers',
      `select external_id as id from customers.${type}`,
    )
    const here = new Set(rows.map(({ id }) => id))
    tally.lost += [...there].filter((id) => !here.has(id)).length
    tally.duplicate += rows.length - here.size + [...here].filter((id) => !there.has(id)).length
    const [told] = await hub.rows<{ all: number; of: number }>(
      'customers',
      `select count(*)::int as all, count(distinct payload->>'${EVENTS[type]}Id')::int as of
       from events.event_log where name = 'customers.${EVENTS[type]}.changed'`,
    )
    tally.duplicate += (told?.all ?? 0) - (told?.of ?? 0)
    const pages = entries.filter(({ path }) => path.includes(`objects/${type}?`)).length
    tally.reread += Math.max(0, pages - Math.ceil(there.size / PAGE) - killed)
  }
}
