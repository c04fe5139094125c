import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { Unavailable } from '#kernel/errors.ts'
import { silentLog } from '#test/kit/log.ts'
import { testServer } from '#test/kit/postgres.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'
import { tcpProxy } from './proxy.ts'
import { note, notesOf, ORG_A, type TrialTables, trial } from './trial.ts'

it('fault 4: pools survive restarts and crashes of PostgreSQL, and lose nothing they had promised', async () => {
  await using server = await testServer(['fsync=on', 'full_page_writes=on'])
  await using t = await trial({ server: server.url, max: 4 })
  const promised: string[] = []
  const strangers: unknown[] = []
  let going = true
  const write = async () => {
    while (going) {
      const text = randomUUID()
      try {
        await note(t.database, ORG_A, text)
        promised.push(text)
      } catch (error) {
        if (!Unavailable.is(error)) strangers.push(error)
        await setTimeout(20)
      }
    }
  }
  const writers = Array.from({ length: 4 }, write)
  const recoveries: number[] = []
  for (const mode of ['fast', 'immediate', 'fast'] as const) {
    await until(() => promised.length > 5)
    await server.restart(mode)
    using since = stopwatch()
    const before = promised.length
    await until(() => promised.length > before + 5)
    recoveries.push(since.ms())
  }
  going = false
  await Promise.all(writers)
  expect(strangers).toEqual([])
  expect(Math.max(...recoveries)).toBeLessThan(10_000)
  const stored = await notesOf(t.database, ORG_A)
  expect(promised.filter((text) => !stored.includes(text))).toEqual([])
  expect(new Set(stored).size).toBe(stored.length)
}, 60_000)

it('answers 503 while PostgreSQL is down, and by itself again afterwards', async () => {
  await using server = await testServer()
  await using t = await trial({ server: server.url })
  await note(t.database, ORG_A, 'before')
  await server.stop()
  await expect(notesOf(t.database, ORG_A)).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE', status: 503 })
  await server.start()
  expect(await notesOf(t.database, ORG_A)).toEqual(['before'])
})

it('fault 6: an exhausted pool answers 503 and recovers unaided', async () => {
  await using t = await trial({ max: 2, waitMs: 1_000 })
  let free = () => {}
  const held = new Promise<void>((resolve) => {
    free = resolve
  })
  const holders = [1, 2].map(() => t.database.transaction(ORG_A, () => held))
  const late = notesOf(t.database, ORG_A)
  await expect(late).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE', status: 503 })
  free()
  await Promise.all(holders)
  expect(await notesOf(t.database, ORG_A)).toEqual([])
})

it('fault 6: a statement that takes too long answers 503 and leaves no part of its transaction', async () => {
  await using t = await trial({ max: 1, statementTimeoutMs: 200 })
  const slow = t.database.transaction(ORG_A, async (tx) => {
    await tx.insertInto('customers.notes').values({ org_id: ORG_A, text: 'half' }).execute()
    await sql`select pg_sleep(10)`.execute(tx)
  })
  await expect(slow).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE', status: 503 })
  // A busy machine may take longer than these limits for anything.
  expect(await until(() => notesOf(t.database, ORG_A))).toEqual([])
})

it('a pooled connection that went silent is given up, and the request goes on with another', async () => {
  await using t = await trial()
  await using proxy = await tcpProxy(t.urls.app)
  await using database = openDatabase<TrialTables>(
    { ...t.urls, app: proxy.through(t.urls.app) },
    { log: silentLog, max: 1, waitMs: 1_000 },
  )
  await note(database, ORG_A, 'before')
  proxy.freeze()
  using since = stopwatch()
  expect(await notesOf(database, ORG_A)).toEqual(['before'])
  expect(since.ms()).toBeLessThan(2000)
})

it('a connection that goes silent in the middle answers 503, and nothing of it is kept', async () => {
  await using t = await trial()
  await using proxy = await tcpProxy(t.urls.app)
  await using database = openDatabase<TrialTables>(
    { ...t.urls, app: proxy.through(t.urls.app) },
    { log: silentLog, max: 1, waitMs: 300, statementTimeoutMs: 100 },
  )
  const cut = database.transaction(ORG_A, async (tx) => {
    await tx.insertInto('customers.notes').values({ org_id: ORG_A, text: 'half' }).execute()
    proxy.freeze()
    await tx.insertInto('customers.notes').values({ org_id: ORG_A, text: 'other half' }).execute()
  })
  await expect(cut).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' })
  // A busy machine may take longer than these limits for anything.
  expect(await until(() => notesOf(database, ORG_A))).toEqual([])
})
