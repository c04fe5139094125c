import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { Principal } from '#kernel/principal.ts'
import { event } from '#schema/events.ts'
import { forgetOldOutward } from '#subgraphs/hub/commands/forget-outward.ts'
import { admin, DEMO, EMPTY } from '#test/hub/hub.ts'
import { until } from '#test/kit/until.ts'
import { startBed, trunk } from '#test/partners/bed.ts'
import { ask } from '#test/service/graph.ts'

const CHANGES = `query ($after: Cursor, $types: [ChangedType!], $first: Int) { changes(after: $after, types: $types, first: $first) {
  nodes { type id operation version } cursor pageInfo { hasNextPage } } }`

const task = (taskId: string, deleted = false) =>
  event('customers.task.changed', taskId, {
    ...{ taskId, customerId: null, companyId: null, status: 'OPEN', isOpen: true, priority: null, deleted },
    ...{
      dueAt: '2026-03-01T09:00:00.000Z',
      createdAt: '2026-03-01T08:00:00.000Z',
      observedAt: '2026-03-01T08:00:00.000Z',
    },
  })

it('tells of each record once, at its newest change, and of those that are gone, from wherever somebody was', async () => {
  await using bed = await startBed()
  const read = async (variables: object = {}) => (await bed.query(CHANGES, { ...variables })).changes
  await bed.sibling.tell([task('a'), task('b'), task('a'), task('c', true)])
  const first = await until(async () => {
    const page = await read()
    return page.nodes.length === 3 && page
  })
  expect(first.nodes).toMatchObject([
    { type: 'TASK', id: 'b', operation: 'CHANGED' },
    { type: 'TASK', id: 'a', operation: 'CHANGED' },
    { type: 'TASK', id: 'c', operation: 'DELETED' },
  ])
  expect((await read({ after: first.cursor })).nodes).toEqual([])
  await bed.sibling.tell([task('b', true), trunk('t')])
  const next = await until(async () => {
    const page = await read({ after: first.cursor })
    return page.nodes.length === 2 && page
  })
  expect(next.nodes).toMatchObject(
    [
      { id: 'b', operation: 'DELETED' },
      { type: 'TRUNK', id: 't' },
    ].toSorted(
      (a, b) =>
        next.nodes.findIndex(({ id }: { id: string }) => id === a.id) -
        next.nodes.findIndex(({ id }: { id: string }) => id === b.id),
    ),
  )
  expect((await read({ types: ['TRUNK'] })).nodes).toMatchObject([{ id: 't' }])
})

it('pages by cursor without losing or doubling anything, also while things change', async () => {
  await using bed = await startBed()
  await bed.sibling.tell(Array.from({ length: 25 }, (_, n) => task(`t-${n}`)))
  await until(async () => (await bed.query(CHANGES, { first: 100 })).changes.nodes.length === 25)
  const seen = new Map<string, string>()
  let after: string | undefined
  for (let page = 0, isMore = true; isMore; page++) {
    const { changes } = await bed.query(CHANGES, { first: 10, after })
    for (const { id, version } of changes.nodes) seen.set(id, version)
    after = changes.cursor
    isMore = changes.pageInfo.hasNextPage
    if (page === 0) {
      // One that was read already, and one that was not.
      await bed.sibling.tell([task('t-0'), task('t-24')])
      await until(async () => {
        const { nodes } = (await bed.query(CHANGES, { first: 100 })).changes
        return nodes.at(-1).id === 't-24' && nodes.at(-2).id === 't-0'
      })
    }
  }
  expect(seen.size).toBe(25)
  const { nodes } = (await bed.query(CHANGES, { first: 100 })).changes
  for (const { id, version } of nodes) expect([id, seen.get(id)]).toEqual([id, version])
})

it('fault 59: tells nobody of another organisation’s records, nor of kinds that they may not read', async () => {
  await using bed = await startBed()
  await bed.sibling.tell([task('ours'), trunk('ours')])
  await until(async () => (await bed.query(CHANGES)).changes.nodes.length === 2)
  expect((await bed.query(CHANGES, {}, admin(EMPTY))).changes.nodes).toEqual([])
  const partner: Principal = { kind: 'key', id: 'k', orgId: DEMO, scopes: ['telephony:read'] }
  expect((await bed.query(CHANGES, {}, partner)).changes.nodes).toMatchObject([{ type: 'TRUNK' }])
  const { errors } = await ask(bed.hub.url, partner, CHANGES, { types: ['TASK'] })
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
})

it('expired cursor: says RESYNC by CURSOR_EXPIRED once changes behind it are forgotten, and of a place that was never given out', async () => {
  await using bed = await startBed()
  const code = async (after: string) =>
    (await ask(bed.hub.url, admin(), CHANGES, { after })).errors?.[0]?.extensions.code
  const start = (await bed.query(CHANGES)).changes.cursor
  await bed.sibling.tell([task('a')])
  const { cursor } = await until(async () => {
    const { changes } = await bed.query(CHANGES)
    return changes.nodes.length === 1 && changes
  })
  expect(await code(start)).toBeUndefined()
  bed.clock.advance(30 * 86_400_000 + 1)
  await forgetOldOutward({ database: bed.hub.db.database, clock: bed.clock }, DEMO)
  expect(await code(start)).toBe('CURSOR_EXPIRED')
  expect(await code(cursor)).toBeUndefined()
  const future = Buffer.from(JSON.stringify([1_000_000])).toString('base64url')
  expect(await code(future)).toBe('CURSOR_EXPIRED')
  expect(await code('nonsense')).toBe('BAD_INPUT')
})

it('has those begin anew who had read up to where a sibling’s events were lost', async () => {
  await using bed = await startBed()
  await bed.sibling.tell([task('a')])
  const { cursor } = await until(async () => {
    const { changes } = await bed.query(CHANGES)
    return changes.nodes.length === 1 && changes
  })
  // As after a gap: the sibling tells how things stand now.
  const { followOutward } = await import('#subgraphs/hub/commands/follow-outward.ts')
  const { asTransaction } = await import('#subgraphs/hub/store/transaction.ts')
  const told = task('b')
  await bed.hub.db.database.transaction(DEMO, (tx) =>
    followOutward(
      asTransaction(tx),
      { orgId: DEMO, source: 'customers', clock: bed.clock },
      [{ ...told, pos: 99, orgId: DEMO, occurredAt: bed.clock.now() }],
      true,
    ),
  )
  expect((await bed.query(CHANGES, { after: cursor })).changes.nodes).toMatchObject([{ id: 'b' }])
  const rows = await bed.hub.db.database.read(DEMO, (tx) =>
    sql`select forgotten from hub.outward_heads`.execute(tx),
  )
  expect(rows.rows).toEqual([{ forgotten: 1 }])
})
