import { setTimeout as wait } from 'node:timers/promises'
import { type RunningHub, startHub } from '#test/kit/hub.ts'
import { testServer } from '#test/kit/server.ts'
import { until } from '#test/kit/until.ts'
import type { Line, Settings } from './run.ts'

const RECOVERS_WITHIN_MS = 10_000

/** Restarts PostgreSQL under a hub that is asked, written to and kept in step all the while, by turns gently and as a crash. */
export const postgresRestarts = async ({ minutes, companies }: Settings): Promise<Line[]> => {
  await using server = await testServer()
  await using hub = await startHub({ databaseUrl: server.url, companies })
  await hub.synced(120_000)
  const [company] = (await hub.sim<{ results: { id: string }[] }>('hubspot', 'records/companies?limit=1'))
    .results
  await using follower = hub.subscribe(
    'subscription ($after: Cursor) { customerChanged(after: $after) { name } }',
  )
  await until(() => follower.open)

  const over = new AbortController()
  const asked = { well: 0, refused: 0 }
  const asking = askUntil(hub, over.signal, asked)
  const ends = performance.now() + minutes * 60_000
  const recoveries: number[] = []
  let round = 0
  while (performance.now() < ends) {
    await wait(5_000 + Math.random() * 5_000)
    await server.restart(round % 2 === 0 ? 'fast' : 'immediate')
    const since = performance.now()
    const name = `Restarted ${++round}`
    await hub.sim('hubspot', 'records/companies', { id: company?.id, properties: { name } })
    await until(() => changed(hub, name), { timeoutMs: 60_000, everyMs: 100 })
    recoveries.push(performance.now() - since)
    process.stderr.write(`${round} restarts, the last one over after ${Math.round(recoveries.at(-1)!)} ms\n`)
  }
  over.abort()
  await asking
  const heard = await until(() =>
    follower.events.map(({ data }) => data?.customerChanged?.name).includes(`Restarted ${round}`),
  ).catch(() => false)
  const names = follower.events
    .map(({ data }) => String(data?.customerChanged?.name))
    .filter((name) => name.startsWith('Restarted'))
  const alive = Object.values(hub.pids()).filter((pid) => pid && isAlive(pid)).length
  const slowest = Math.round(Math.max(...recoveries))
  return [
    { what: 'restarts', measured: round, demanded: 'every 5–10 s', holds: round > 0 },
    { what: 'processes that ended', measured: 1 - alive, demanded: '0', holds: alive === 1 },
    {
      what: 'slowest from the server’s start to a change seen, ms',
      measured: slowest,
      demanded: `< ${RECOVERS_WITHIN_MS}`,
      holds: slowest < RECOVERS_WITHIN_MS,
    },
    {
      what: 'changes a subscriber missed',
      measured: round - new Set(names).size,
      demanded: '0',
      holds: heard === true && new Set(names).size === round,
    },
    {
      what: 'changes a subscriber got twice',
      measured: names.length - new Set(names).size,
      demanded: '0',
      holds: names.length === new Set(names).size,
    },
    { what: 'queries answered', measured: asked.well, demanded: '> 0', holds: asked.well > 0 },
    {
      what: 'queries refused while the server was away',
      measured: asked.refused,
      demanded: 'reported',
      holds: true,
    },
  ]
}

/** Asks for the change to be fetched until it is in the graph. */
const changed = async (hub: RunningHub, name: string): Promise<boolean> => {
  await hub.ask('StartHubSpotSync', { mode: 'INCREMENTAL' })
  const { data } = await hub.ask(
    'query ($text: String!) { customers(filter: { text: $text }, first: 5) { nodes { name } } }',
    { text: name },
  )
  return (
    (data?.customers?.nodes as { name: string }[] | undefined)?.some((node) => node.name === name) ?? false
  )
}

const askUntil = async (
  hub: RunningHub,
  signal: AbortSignal,
  asked: { well: number; refused: number },
): Promise<void> => {
  while (!signal.aborted) {
    const answer = await hub.ask('UnifiedCustomers', { first: 10 }).catch(() => undefined)
    if (answer && !answer.errors) asked.well++
    else asked.refused++
    await wait(50)
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false // The signal finds nobody.
  }
}
