import { expect, it } from 'vitest'
import { decodeCursor } from '#kernel/cursor.ts'
import type { BaseContext } from '#service/context.ts'
import { cursorAt, fromLog } from '#service/subscriptions.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'
import { MemoryLog, ORG, seal, serve, subscribe, user } from './graph.ts'

const typeDefs = /* GraphQL */ `
  scalar Cursor
  type Query {
    hello: String
  }
  type Thing {
    id: ID!
    loads: Int!
  }
  type Subscription {
    thingChanged(only: ID, after: Cursor): Thing!
  }
`
interface Args {
  only?: string
  after?: string
}
// How often each context was used: contexts that are made anew stand at one.
const loads = new WeakMap<object, number>()
const resolvers = {
  Thing: {
    loads: (_: unknown, _args: unknown, ctx: BaseContext) => {
      loads.set(ctx, (loads.get(ctx) ?? 0) + 1)
      return loads.get(ctx)
    },
  },
  Subscription: {
    thingChanged: {
      subscribe: (_: unknown, { only, after }: Args, ctx: BaseContext) =>
        fromLog(ctx, {
          names: ['thing.changed'],
          after,
          accept: (event) => !only || event.key === only,
          toValue: (event) => (event.key === 'gone' ? null : { id: event.key }),
        }),
    },
  },
}
const thing = (key: string) => ({ key, name: 'thing.changed', payload: {} })
const start = (eventLog: MemoryLog) => serve({ typeDefs, resolvers, eventLog })
const ids = (subscriber: { results: { data?: Record<string, never> | null }[] }) =>
  subscriber.results.map(({ data }) => (data?.it as unknown as { id: string } | undefined)?.id)

const query =
  'subscription ($only: ID, $after: Cursor) { it: thingChanged(only: $only, after: $after) { id loads } }'

it('delivers what happens from now on, each event with a cursor and a context of its own', async () => {
  const log = new MemoryLog()
  log.add(thing('before'))
  await using subgraph = await start(log)
  await using subscriber = subscribe(subgraph.url, await seal.sign(user()), query)
  await until(() => log.followers === 1)
  for (const key of ['a', 'gone', 'b']) log.add(thing(key))
  await until(() => subscriber.results.length === 2)
  expect(subscriber.results).toEqual([
    { data: { it: { id: 'a', loads: 1 } }, extensions: { cursor: cursorAt(2) } },
    { data: { it: { id: 'b', loads: 1 } }, extensions: { cursor: cursorAt(4) } },
  ])
})

it('goes on from a cursor without a gap and without a repetition', async () => {
  const log = new MemoryLog()
  await using subgraph = await start(log)
  const token = await seal.sign(user())
  let cursor: string | undefined
  {
    await using first = subscribe(subgraph.url, token, query)
    await until(() => log.followers === 1)
    log.add(thing('a'))
    log.add(thing('b'))
    await until(() => first.results.length === 2)
    cursor = first.results[0]?.extensions?.cursor
  }
  await until(() => log.followers === 0)
  log.add(thing('c'))
  await using second = subscribe(subgraph.url, token, query, { after: cursor })
  await until(() => second.results.length === 2)
  expect(ids(second)).toEqual(['b', 'c'])
})

it('asks the log for the events of the caller’s organisation only, and filters as the caller said', async () => {
  const log = new MemoryLog()
  const asked: unknown[] = []
  const follow = log.follow.bind(log)
  log.follow = (options) => {
    asked.push(options)
    return follow(options)
  }
  await using subgraph = await start(log)
  await using subscriber = subscribe(subgraph.url, await seal.sign(user()), query, { only: 'b' })
  await until(() => log.followers === 1)
  for (const key of ['a', 'b', 'c', 'b']) log.add(thing(key))
  await until(() => subscriber.results.length === 2)
  expect(ids(subscriber)).toEqual(['b', 'b'])
  expect(asked).toMatchObject([{ orgId: ORG, names: ['thing.changed'] }])
})

it('lets go of the log at once when the subscriber leaves while nothing happens', async () => {
  const log = new MemoryLog()
  await using subgraph = await start(log)
  await using subscriber = subscribe(subgraph.url, await seal.sign(user()), query)
  await until(() => log.followers === 1)
  subscriber.unsubscribe()
  using since = stopwatch()
  await until(() => log.followers === 0)
  expect(since.ms()).toBeLessThan(1000)
})

it('lets go of the log when the subscriber’s connection breaks, and when the subgraph stops', async () => {
  const log = new MemoryLog()
  const subgraph = await start(log)
  {
    await using _gone = subscribe(subgraph.url, await seal.sign(user()), query)
    await until(() => log.followers === 1)
  }
  await until(() => log.followers === 0)
  await using _left = subscribe(subgraph.url, await seal.sign(user()), query)
  await until(() => log.followers === 1)
  await subgraph[Symbol.asyncDispose]()
  await until(() => log.followers === 0)
})

it('says CURSOR_EXPIRED, and from where to go on, when the log no longer keeps what was missed', async () => {
  const log = new MemoryLog()
  for (let n = 0; n < 9; n++) log.add(thing(`${n}`))
  log.oldest = 6
  await using subgraph = await start(log)
  const token = await seal.sign(user())
  await using late = subscribe(subgraph.url, token, query, { after: cursorAt(4) })
  const [error] = await until(() => late.results[0]?.errors)
  expect(error?.extensions.code).toBe('CURSOR_EXPIRED')
  expect(decodeCursor(error?.extensions.oldest as string, 1)).toEqual([5])
  await using again = subscribe(subgraph.url, token, query, { after: error?.extensions.oldest as string })
  await until(() => again.results.length === 4)
  expect(ids(again)).toEqual(['5', '6', '7', '8'])
})

it('refuses a cursor of something else', async () => {
  await using subgraph = await start(new MemoryLog())
  await using subscriber = subscribe(subgraph.url, await seal.sign(user()), query, { after: 'bm9wZQ' })
  const [error] = await until(() => subscriber.results[0]?.errors)
  expect(error?.extensions.code).toBe('BAD_INPUT')
})

it('ends a stream that breaks with its reason as the last result', async () => {
  const log = new MemoryLog()
  log.follow = async function* () {
    yield { ...thing('a'), orgId: ORG, pos: 1, version: 1, occurredAt: new Date(0) }
    throw new Error('secret internals')
  }
  await using subgraph = await start(log)
  await using subscriber = subscribe(subgraph.url, await seal.sign(user()), query)
  await until(() => subscriber.ended.done)
  expect(subscriber.results.at(-1)?.errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }])
  expect(JSON.stringify(subscriber.results)).not.toContain('secret internals')
})

it('closes the socket of a caller without a valid principal, and serves no queries on it', async () => {
  const log = new MemoryLog()
  await using subgraph = await start(log)
  for (const token of [null, 'forged']) {
    await using stranger = subscribe(subgraph.url, token, query)
    expect(await until(() => stranger.ended.why)).toMatchObject({ code: 4401 })
  }
  await using asking = subscribe(subgraph.url, await seal.sign(user()), '{ hello }')
  expect(await until(() => asking.ended.why)).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
  expect(log.followers).toBe(0)
})
