import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { exchange } from '#connectors/http.ts'
import { EventLog } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { openConfirmations } from '#gateway/confirmations.ts'
import { sleep, TestClock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { afterwards, Planning } from '#kernel/planning.ts'
import { PRINCIPAL_HEADER } from '#kernel/principal.ts'
import { openVault } from '#kernel/vault.ts'
import { audit } from '#service/audit.ts'
import type { BaseContext } from '#service/context.ts'
import type { Plan } from '#service/planning.ts'
import { silentLog } from '#test/kit/log.ts'
import { type TestDatabase, testDatabase } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { type Answer, ORG, seal, serve, user } from './graph.ts'

const typeDefs = /* GraphQL */ `
  type Query { count: Int! }
  type Mutation {
    write(name: String!): Int!
    fail: Int
    stealthily: String!
    laterOn: String!
    leave: String!
    twiceInside: Int!
    route: Int!
  }
`
const vault = openVault(['a'.repeat(64)])

/** A small subgraph whose mutations do what commands do, each in its own way. */
const start = async ({ database }: TestDatabase<unknown>) => {
  const told: string[] = []
  const count = (ctx: BaseContext) =>
    database.read(ctx.orgId, async (tx) => {
      const { rows } = await sql<{ n: number }>`select count(*)::integer as n from service.audit_log`.execute(
        tx,
      )
      return rows[0]!.n
    })
  const write = (ctx: BaseContext, name: string) =>
    database.transaction(ctx.orgId, async (tx) => {
      const [id, at] = [newId(ctx.clock), ctx.clock.now()]
      const after = { name, secret: vault.seal(name, 'here'), until: new Date(at.getTime() + 60_000) }
      const subject = { type: 'Thing', id }
      await audit(tx, { orgId: ORG, principal: ctx.principal, action: 'write', subject, after, at })
      await publish(tx, ORG, [{ name: 'thing.made', version: 1, key: id, payload: { at } }], at)
    })
  const askVendor = () =>
    exchange(
      'HubSpot',
      { method: 'GET', url: 'http://127.0.0.1:9', headers: {} },
      { deadlineMs: 1000, maxBytes: 1 },
    )
  const Mutation = {
    write: async (_: unknown, { name }: { name: string }, ctx: BaseContext) => {
      await write(ctx, name)
      return count(ctx)
    },
    fail: (_: unknown, __: unknown, ctx: BaseContext) =>
      database
        .transaction(ctx.orgId, async (tx) => {
          await publish(tx, ORG, [{ name: 'never', version: 1, key: 'k', payload: {} }], ctx.clock.now())
          throw new Error('a rule says no')
        })
        .catch(() => 0),
    stealthily: (_: unknown, __: unknown, ctx: BaseContext) =>
      askVendor().then(
        () => 'asked',
        () => write(ctx, 'fallback').then(() => 'swallowed'),
      ),
    laterOn: async (_: unknown, __: unknown, ctx: BaseContext) => {
      await write(ctx, 'first here')
      await afterwards('HubSpot', async () => {
        told.push(`asked, with ${await count(ctx)} rows committed`)
      })
      return 'done'
    },
    leave: async (_: unknown, __: unknown, ctx: BaseContext) => {
      void sleep(50)
        .then(() => write(ctx, 'straggler'))
        .then(
          () => told.push('written'),
          () => told.push('kept from writing'),
        )
      return 'left'
    },
    route: () =>
      database.relay(async (tx) => {
        const insert = sql`insert into events.cursors (consumer, source, epoch) values ('planned', 'hub', 1)`
        const { numAffectedRows } = await insert.execute(tx)
        return Number(numAffectedRows)
      }),
    twiceInside: (_: unknown, __: unknown, ctx: BaseContext) =>
      database.transaction(ctx.orgId, async () => {
        await write(ctx, 'inner')
        return count(ctx)
      }),
  }
  const eventLog = new EventLog({ database: database as never, log: silentLog })
  const resolvers = { Query: { count: (_: unknown, __: unknown, ctx: BaseContext) => count(ctx) }, Mutation }
  return { told, subgraph: await serve({ name: 'planned', typeDefs, resolvers, eventLog }) }
}

type Planned = Answer & { extensions?: { plan: Plan } }
const send = async (url: string, query: string, headers: Record<string, string> = {}): Promise<Planned> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [PRINCIPAL_HEADER]: await seal.sign(user('*')),
      ...headers,
    },
    body: JSON.stringify({ query }),
  })
  return (await response.json()) as Planned
}

it('plans a request as one transaction that is undone: later parts see earlier ones, failed ones do not count', async () => {
  await using hub = await testDatabase<unknown>('hub')
  const { told, subgraph } = await start(hub)
  await using _ = subgraph
  const plan = (query: string) => send(subgraph.url, query, { 'x-hub-plan': 'true' })
  const hashOf = async (query: string) => (await plan(query)).extensions?.plan.hash

  const four = 'mutation { a: write(name: "Ann") fail b: write(name: "Bob") inner: twiceInside }'
  const both = await plan(four)
  expect(both.data).toEqual({ a: 1, fail: 0, b: 2, inner: 3 })
  expect(both.extensions?.plan).toMatchObject({
    rows: [{ table: 'service.audit_log', operation: 'insert', count: 3 }],
    events: [{ name: 'thing.made', count: 3, keys: [] }],
    calls: 0,
  })
  expect(JSON.stringify(both.extensions)).not.toMatch(/Ann|Bob/)

  // A connection's counters go on from one transaction to the next; a plan is only of its own.
  expect((await plan(four)).extensions).toEqual(both.extensions)
  // Nor is the request that it came in by a part of it: it is confirmed in another one.
  const traced = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
  expect((await send(subgraph.url, four, { 'x-hub-plan': 'true', ...traced })).extensions).toEqual(
    both.extensions,
  )
  // The relay's own doings are undone as well: the same row can be written again.
  for (const _ of ['once', 'again']) expect((await plan('mutation { route }')).data).toEqual({ route: 1 })

  // Ids, sealed texts and the time differ from run to run; what is written by the caller's wish does not.
  const ann = await hashOf('mutation { write(name: "Ann") }')
  expect(await hashOf('mutation { write(name: "Ann") }')).toBe(ann)
  expect(await hashOf('mutation { write(name: "Bob") }')).not.toBe(ann)

  // A refusal that a command swallows is a refusal all the same: it did something else than it would have.
  const swallowed = await plan('mutation { stealthily }')
  expect([
    swallowed.data,
    swallowed.errors?.map(({ extensions }) => extensions.code),
    swallowed.extensions,
  ]).toEqual([null, ['PLAN_NEEDS_VENDOR'], undefined])
  const later = await plan('mutation { laterOn }')
  expect([later.extensions?.plan.calls, told]).toEqual([1, []])

  await plan('mutation { leave }')
  await until(() => told.length > 0)
  expect(told.splice(0)).toEqual(['kept from writing'])
  expect((await send(subgraph.url, '{ count }')).data).toEqual({ count: 0 })

  const moved = await send(subgraph.url, 'mutation { laterOn }', { 'x-hub-expects': ann as string })
  expect([moved.data, moved.errors?.[0]?.extensions]).toEqual([
    null,
    { code: 'PLAN_MOVED', plan: later.extensions?.plan },
  ])
  expect(told).toEqual([])
  const done = await send(subgraph.url, 'mutation { laterOn }', {
    'x-hub-expects': later.extensions?.plan.hash ?? '',
  })
  expect([done.data, told]).toEqual([{ laterOn: 'done' }, ['asked, with 1 rows committed']])
})

it('does not take a time that is kept for one worked out from now because both have the same milliseconds', () => {
  const digestAt = (now: string, what: (now: Date) => Date) => {
    const planning = new Planning(new TestClock(now))
    planning.wrote(what(planning.clock.now()))
    return planning.digests
  }
  const [first, second] = ['2026-11-21T10:00:12.412Z', '2026-11-21T10:00:12.447Z'] as const
  const kept = () => new Date('2026-11-21T10:00:00.412Z')
  expect(digestAt(second, kept)).toEqual(digestAt(first, kept))
  const inAMinute = (now: Date) => new Date(now.getTime() + 60_000)
  expect(digestAt(second, inAMinute)).toEqual(digestAt(first, inAMinute))
  expect(digestAt(second, (now) => now)).not.toEqual(digestAt(first, inAMinute))
})

it('takes a confirmation for ten minutes', async () => {
  const clock = new TestClock('2026-11-21T10:00:00.000Z')
  const confirmations = openConfirmations({ secret: 's', hubUrl: 'http://127.0.0.1:9', seal, clock })
  const asked = { query: 'mutation { a }', variables: { b: 1, c: [2] }, principal: user() }
  const { token, expiresAt } = await confirmations.issue(asked, [['hub', 'h']])
  expect(expiresAt).toBe('2026-11-21T10:10:00.000Z')
  clock.advance(599_000)
  const same = { ...asked, variables: { c: [2], b: 1 } }
  expect((await confirmations.read(token, same)).parts).toEqual([['hub', 'h']])
  await expect(
    confirmations.read(token, { ...asked, principal: { ...user(), id: 'x' } }),
  ).rejects.toMatchObject({ code: 'CONFIRM_REFUSED' })
  // Hub cannot tell whether it was used: then it does not count.
  await expect(confirmations.spend(await confirmations.read(token, asked))).rejects.toMatchObject({
    code: 'HUB_UNAVAILABLE',
  })
  clock.advance(2_000)
  await expect(confirmations.read(token, asked)).rejects.toMatchObject({ code: 'CONFIRM_REFUSED' })
  await expect(seal.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  await expect(confirmations.read(await seal.sign(user()), asked)).rejects.toMatchObject({
    code: 'CONFIRM_REFUSED',
  })
})
