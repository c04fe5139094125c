import { setTimeout as wait } from 'node:timers/promises'
import { decodeCursor } from '#kernel/cursor.ts'
import { type RunningHub, startHub } from '#test/kit/hub.ts'
import { startPairs } from '#test/kit/pairs.ts'
import type { Event, Followed } from '#test/kit/resuming.ts'
import { runAnew } from '#test/kit/runs.ts'
import { testServer } from '#test/kit/server.ts'
import { until } from '#test/kit/until.ts'
import type { Line, Settings } from './run.ts'

const REST = 'customers inventory telephony insights hub'
/** Sockets that the gateway grants one caller. */
const PER_CALLER = 50
const CHANGES = 20
const RESUMES_WITHIN_MS = 5_000
/** From the change to the kill, at most: about as long as it takes until everybody has it. */
const KILLS_WITHIN_MS = 2_500
const READ_WITHIN_MS = 120_000

/** Kills the gateway under many subscriptions while customers change, and compares what each of them got. */
export const killGateway = async (settings: Settings): Promise<Line[]> => {
  await using server = await testServer()
  const roles = ['gateway', REST, 'simulators']
  await using hub = await startHub({ databaseUrl: server.url, companies: settings.companies, roles })
  return await underKills({ hub, at: hub.url, settings }, async () => {
    await hub.kill('gateway')
    await hub.restart('gateway')
    return { since: performance.now() }
  })
}

/** The same with two gateways behind one port, of which one is killed in turn: nobody waits for it to be back. */
export const twoGateways = async (settings: Settings): Promise<Line[]> => {
  await using pairs = await startPairs({ companies: settings.companies })
  const { hub, url, gateways } = pairs
  return await underKills({ hub, at: url, settings }, async (round) => {
    const { role } = gateways[round % gateways.length]!
    const since = performance.now()
    await hub.kill(role)
    return { since, after: () => hub.restart(role) }
  })
}

/** @param kill ends a gateway; answers from when on the way back of those it had is counted, and what to do once all are back */
const underKills = async (
  { hub, at, settings }: { hub: RunningHub; at: string; settings: Settings },
  kill: (round: number) => Promise<{ since: number; after?(): Promise<void> }>,
): Promise<Line[]> => {
  const { times, companies, subscribers } = settings
  await hub.synced(120_000)
  await using stack = new AsyncDisposableStack()
  const followed: Followed[] = []
  for (let i = 0; i < subscribers; i++)
    followed.push(
      stack.use(
        hub.subscribe(
          'subscription ($after: Cursor) { customerChanged(after: $after) { id name } }',
          {},
          {
            at,
            subject: `demo:soak-${Math.floor(i / PER_CALLER)}`,
          },
        ),
      ),
    )
  await until(() => followed.every(({ open }) => open), { timeoutMs: 120_000 })
  const { results } = await hub.sim<{ results: { id: string }[] }>(
    'hubspot',
    `records/companies?limit=${companies}`,
  )
  let step = 0
  const change = async () => {
    step++
    for (const { id } of results.slice(0, CHANGES))
      await hub.sim('hubspot', 'records/companies', { id, properties: { name: `Soaked ${id} ${step}` } })
    const read = await runAnew(hub, { at, timeoutMs: READ_WITHIN_MS })
    if (read.state !== 'COMPLETED') throw new Error(`changes were not read: ${JSON.stringify(read)}`)
  }
  /** Whether it was told all that the last step changed. */
  const hasAll = ({ events }: Followed) => {
    const names = events.map(({ data }) => String(data?.customerChanged?.name))
    return new Set(names.filter((name) => name.endsWith(` ${step}`))).size === CHANGES
  }
  const all = () => until(() => followed.every(hasAll), { timeoutMs: 120_000, everyMs: 250 })
  // Everybody has a cursor before the first kill. Who is connected may follow a little later: what was told until then is not counted.
  await change()
  await all()
  const begun = followed.reduce((last, { events }) => Math.max(last, position(events.at(-1)!)), 0)
  const resumes: number[] = []
  const catches: number[] = []
  for (let round = 0; round < times; round++) {
    // While its changes are read, told and handed out: the kill may take any of it, the answer to who asked for it as well.
    const changing = change()
    changing.catch(() => undefined)
    await wait(Math.random() * KILLS_WITHIN_MS)
    const before = new Map(followed.map((one) => [one, one.resumed]))
    const killing = kill(round)
    // Some are back before others have noticed; nobody has before the connection broke.
    const back = new Map<Followed, number>()
    const caughtUp = new Map<Followed, number>()
    const look = () => {
      for (const [one, count] of before)
        if (one.resumed > count && one.open && !back.has(one)) back.set(one, performance.now())
      for (const one of back.keys())
        if (!caughtUp.has(one) && hasAll(one)) caughtUp.set(one, performance.now())
      return back.size
    }
    const looking = setInterval(look, 10)
    const { since, after } = await killing
    await until(() => look() > 0 && followed.every(({ open }) => open), { timeoutMs: 120_000 })
    await changing
    await all()
    look()
    clearInterval(looking)
    const sinceThen = (times: Map<Followed, number>) =>
      [...times.values()].map((when) => Math.max(0, when - since))
    resumes.push(...sinceThen(back))
    catches.push(...sinceThen(caughtUp))
    await after?.()
    await change()
    await all()
    process.stderr.write(`${round + 1} of ${times} kills\n`)
  }
  // A change is told with the name of now, so the last name may come before the last event.
  const [head] = await hub.rows<{ pos: number }>(
    'customers',
    "select max(pos)::int as pos from events.event_log where name = 'customers.customer.changed'",
  )
  await until(() => followed.every(({ events }) => events.some((event) => position(event) === head?.pos)), {
    timeoutMs: 60_000,
  }).catch(() => undefined)
  const last = followed
    .flatMap(({ events }) => events.filter(isOurs).map(position))
    .reduce((a, b) => Math.max(a, b))
  const cursors = followed.map(({ events }) =>
    events.map(position).filter((pos) => pos > begun && pos <= last),
  )
  const union = new Set(cursors.flat())
  const gaps = cursors.reduce((sum, own) => sum + union.size - new Set(own).size, 0)
  const twice = cursors.reduce((sum, own) => sum + own.length - new Set(own).size, 0)
  const failures = followed.reduce((sum, one) => sum + one.failures.length, 0)
  return [
    {
      what: 'subscriptions',
      measured: followed.length,
      demanded: String(subscribers),
      holds: followed.length === subscribers,
    },
    { what: 'kill -9 of a gateway', measured: times, demanded: String(times), holds: true },
    { what: 'events each', measured: union.size, demanded: '> 0', holds: union.size > 0 },
    { what: 'events missing', measured: gaps, demanded: '0', holds: gaps === 0 },
    { what: 'events double', measured: twice, demanded: '0', holds: twice === 0 },
    { what: 'errors instead of events', measured: failures, demanded: '0', holds: failures === 0 },
    within('p95 until open again, ms', p95(resumes)),
    within('p95 until caught up, ms', p95(catches)),
  ]
}

const p95 = (all: readonly number[]): number =>
  Math.round([...all].sort((a, b) => a - b)[Math.floor(all.length * 0.95)] ?? 0)

const within = (what: string, measured: number): Line => ({
  what,
  measured,
  demanded: `< ${RESUMES_WITHIN_MS}`,
  holds: measured < RESUMES_WITHIN_MS,
})

const position = ({ cursor }: Event): number => Number(decodeCursor(cursor ?? '', 1, 2)[0])

const isOurs = ({ data }: Event): boolean => String(data?.customerChanged?.name).startsWith('Soaked')
