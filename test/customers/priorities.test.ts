import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { DB } from '#db/generated/customers.ts'
import { idFrom } from '#kernel/ids.ts'
import { buryRecords } from '#sync/dead-letters.ts'
import { claimLane, releaseLane, sweepLane } from '#sync/lanes.ts'
import { progressOf } from '#sync/progress.ts'
import { claimRun, releaseRun, startRun } from '#sync/queue.ts'
import type { RunPriority } from '#sync/run.ts'
import { startRunner } from '#sync/runner.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Target } from '#sync/target.ts'
import { waitingIn } from '#sync/waiting-signals.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { movable } from './poisoned.ts'

const MINUTE = 60_000
const LEASE = 10 * MINUTE

/** A database where runs are asked for and signals noted, and nobody does anything about them. */
const queues = async () => {
  const clock = movable('2027-03-10T12:00:00Z')
  const test = await testDatabase<DB>('customers')
  const { database } = test
  const rows = database as never
  const names = new Map<string, string>()
  const ask = async (orgId: string, name: string, priority?: RunPriority) => {
    clock.advance(1000)
    const connectionId = idFrom(orgId, name)
    const asked = { orgId, connectionId, mode: 'INCREMENTAL', clock } as const
    const { run } = await database.transaction(orgId, (tx) =>
      startRun(tx, priority ? { ...asked, priority } : asked),
    )
    names.set(run.id, name)
    return run
  }
  const take = async () => {
    const run = await claimRun(rows, clock, LEASE)
    return run && { ...run, name: names.get(run.id) }
  }
  const takeAll = async () => {
    const taken: (string | undefined)[] = []
    for (let run = await take(); run; run = await take()) taken.push(run.name)
    return taken
  }
  const note = (
    ids: readonly string[],
    connectionId: string,
    type: string,
    isUrgent = false,
    orgId = ORG,
  ) => {
    clock.advance(1)
    const signals = ids.map((externalId) => ({ orgId, connectionId, type, externalId, isUrgent }))
    return database.relay((tx) => noteSignals(tx, signals, clock.now()))
  }
  return {
    ...{ clock, database, rows, names, urls: test.urls, ask, take, takeAll, note },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}

it('takes what somebody asked for before what the hub does by itself, and each organisation in its turn', async () => {
  await using hub = await queues()
  for (const name of ['night 1', 'night 2', 'night 3']) await hub.ask(ORG, name, 'BACKGROUND')
  await hub.ask(OTHER_ORG, 'other night', 'BACKGROUND')
  await hub.ask(ORG, 'asked 1')
  await hub.ask(ORG, 'asked 2')
  await hub.ask(OTHER_ORG, 'other asked')
  expect(await hub.takeAll()).toEqual([
    ...['asked 1', 'other asked', 'asked 2'],
    // The organisation with fewer runs at work comes first; of one organisation the oldest.
    ...['other night', 'night 1', 'night 2', 'night 3'],
  ])
})

it('lets a run that waits go first once somebody asks for it, and lets none wait for more than an hour', async () => {
  await using hub = await queues()
  await hub.ask(ORG, 'first', 'BACKGROUND')
  await hub.ask(ORG, 'second', 'BACKGROUND')
  expect(await hub.ask(ORG, 'second')).toMatchObject({ priority: 'ASKED' })
  // What is done by itself does not put it back.
  expect(await hub.ask(ORG, 'second', 'BACKGROUND')).toMatchObject({ priority: 'ASKED' })
  const taken = await hub.take()
  expect(taken?.name).toBe('second')
  await releaseRun(hub.rows, taken!, null)
  hub.clock.advance(61 * MINUTE)
  expect(await hub.takeAll()).toEqual(['first', 'second'])
})

it('keeps one place of a worker for what somebody asks for', async () => {
  await using hub = await queues()
  for (const name of ['night 1', 'night 2', 'night 3']) await hub.ask(ORG, name, 'BACKGROUND')
  const begun: (string | undefined)[] = []
  await using runner = startRunner({
    ...{ database: hub.rows, clock: hub.clock, log: silentLog, maxRuns: 3, pollMs: 50 },
    target: {} as Target,
    // None of them ends by itself.
    open: (run, signal) => {
      begun.push(hub.names.get(run.id ?? ''))
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')))
      })
    },
  })
  await until(() => begun.length === 2)
  await hub.ask(ORG, 'asked')
  runner.wake()
  await until(() => begun.length === 3)
  expect(begun).toEqual(['night 1', 'night 2', 'asked'])
})

it('reads what somebody asked for before a storm, also while a run reads the storm, and without passing other organisations', async () => {
  await using hub = await queues()
  const [stormy, quiet] = [idFrom(ORG, 'stormy'), idFrom(ORG, 'quiet')]
  const storm = Array.from({ length: 250 }, (_, n) => `storm ${n}`)
  await hub.note(storm, stormy, 'companies')
  await hub.note(['in the storm, too'], stormy, 'contacts')
  await hub.note(['asked for'], quiet, 'deals', true)
  await hub.note(['asked for', 'storm 249'], stormy, 'companies', true)
  await hub.note(['other'], idFrom(OTHER_ORG, 'other'), 'companies', false, OTHER_ORG)
  const turns: string[] = []
  for (let turn = 0; turn < 6; turn++) {
    hub.clock.advance(1)
    const lane = await claimLane(hub.rows, hub.clock.now(), LEASE)
    turns.push(lane!.orgId === ORG ? lane!.type : 'other')
    await releaseLane(hub.rows, lane!)
  }
  expect(turns.filter((turn) => turn === 'other')).toHaveLength(3)
  expect(turns).not.toContain('contacts')
  const read = { now: hub.clock.now(), limit: 100, countTo: 200 }
  const lane = await until(async () => {
    const found = (await claimLane(hub.rows, hub.clock.now(), LEASE))!
    return found.connectionId === stormy ? found : undefined
  })
  const { signals, waiting } = await hub.database.transaction(ORG, (tx) => waitingIn(tx, lane, read))
  expect(signals).toHaveLength(100)
  expect(signals.slice(0, 2).map(({ key }) => key)).toEqual(['storm 249', 'asked for'])
  expect(waiting).toBeGreaterThan(200)
  // A run reads the storm: it is left to it, but for what somebody asked for.
  const { id } = await hub.ask(ORG, 'stormy', 'BACKGROUND')
  await hub.database.transaction(ORG, (tx) => sweepLane(tx, lane, id, hub.clock.now()))
  await releaseLane(hub.rows, lane)
  await hub.database.transaction(ORG, (tx) =>
    sql`delete from sync.signals where connection_id <> ${stormy}`.execute(tx),
  )
  const swept = await until(() => claimLane(hub.rows, hub.clock.now(), LEASE))
  expect(swept.connectionId).toBe(stormy)
  const left = await hub.database.transaction(ORG, (tx) => waitingIn(tx, swept, read))
  expect(left.signals.map(({ key }) => key)).toEqual(['storm 249', 'asked for'])
  expect(left.waiting).toBe(2)
})

it('notes records that a person replays as asked for, and counts how often a run was begun', async () => {
  await using hub = await queues()
  await using customers = await graphOf(hub)
  const connectionId = idFrom(ORG, 'portal')
  const place = { orgId: ORG, connectionId, type: 'companies' }
  const buried = { externalId: '1', attempts: 5, code: 'HUB_X', reason: 'r', guidance: 'g' }
  await hub.database.transaction(ORG, (tx) => buryRecords(tx, place, [buried], hub.clock))
  const replay =
    'mutation { replayDeadLetters(filter: {}) { __typename ... on DeadLettersReplayed { count } } }'
  const data = await customers.ask(replay)
  expect(data.replayDeadLetters).toMatchObject({ count: 1 })
  const noted = await hub.database.read(ORG, (tx) =>
    tx.selectFrom('sync.signals').select(['external_id', 'urgent']).execute(),
  )
  expect(noted).toEqual([{ external_id: '1', urgent: true }])
  const { id } = await hub.ask(ORG, 'portal', 'BACKGROUND')
  await releaseRun(hub.rows, (await hub.take())!, null)
  await hub.take()
  const run = await hub.database.read(ORG, (tx) => progressOf(tx, id, hub.clock))
  expect(run).toMatchObject({ priority: 'BACKGROUND', attempts: 2 })
})
