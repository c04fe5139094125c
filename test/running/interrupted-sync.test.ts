import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RunningHub, startHub } from '#test/kit/hub.ts'
import { adminUrl } from '#test/kit/postgres.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'

const HUB = 'gateway customers inventory telephony insights hub'
const COMPANIES = 200

const stack = new AsyncDisposableStack()
let hub: RunningHub

beforeAll(async () => {
  hub = stack.use(
    await startHub({
      databaseUrl: adminUrl(),
      companies: COMPANIES,
      roles: ['simulators', HUB],
      // It stays in the middle until it is told to stop.
      faults: [{ path: 'objects/contacts\\?', skip: 5, play: { do: 'hold' } }],
    }),
  )
})
afterAll(() => stack.disposeAsync())

interface Run {
  id: string
  system: string
  state: string
  done: number
  failed: number
}

const importRun = async (): Promise<Run | undefined> => {
  const { data } = await hub.ask('SyncRuns', { first: 20 })
  return (data.syncRuns.nodes as Run[]).findLast(({ system }) => system === 'HUBSPOT')
}

/** Requests for pages of records, by type. */
const pages = async () => {
  const { entries } = await hub.sim<{ entries: { method: string; path: string; status: number }[] }>(
    'hubspot',
    'journal',
  )
  const read = entries.flatMap(
    ({ path, status }) =>
      /\/objects\/(\w+)\?|\/objects\/(\w+)$/
        .exec(path)
        ?.slice(1)
        .find((type) => type && status === 200) ?? [],
  )
  return Object.fromEntries([...Map.groupBy(read, (type) => type)].map(([type, all]) => [type, all.length]))
}

it('fault 13: SIGTERM during a sync stops within ten seconds with 0, and the next start goes on where it was', async () => {
  const before = await until(async () => {
    const run = await importRun()
    return run && run.done >= 300 && run.state === 'RUNNING' && run
  })
  using since = stopwatch()
  expect(await hub.stop('SIGTERM', { role: HUB })).toBe(0)
  expect(since.ms()).toBeLessThan(10_000)
  expect(before.done).toBeLessThan(COMPANIES * 5)
  // What it had taken it has given back: nobody has to wait until a lease runs out.
  for (const name of ['customers', 'inventory'] as const)
    expect(
      await hub.rows(
        name,
        `select 'run' as held from sync.runs where lease_until is not null
         union all select 'lane' from sync.signal_lanes where lease_until is not null
         union all select 'lane' from sync.outgoing_lanes where lease_until is not null`,
      ),
    ).toEqual([])
  const readBefore = await pages()
  await hub.sim('hubspot', 'faults', undefined, 'DELETE')
  await hub.restart(HUB)
  await hub.synced()
  const after = await importRun()
  expect(after).toMatchObject({ id: before.id, state: 'COMPLETED', failed: 0 })
  const read = await pages()
  const counts = { companies: 1, contacts: 3, deals: 0.8, tickets: 0.4 }
  for (const [type, times] of Object.entries(counts)) {
    const needed = Math.ceil((COMPANIES * times) / 100)
    expect(read[type], `${type}: ${JSON.stringify({ readBefore, read })}`).toBeGreaterThanOrEqual(needed)
    expect(read[type], `${type}: ${JSON.stringify({ readBefore, read })}`).toBeLessThanOrEqual(needed + 1)
  }
})
