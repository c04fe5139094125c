/** Cursors of clients, and logs that are put back to a backup and grow on. */
import { expect, it } from 'vitest'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import type { BaseContext } from '#service/context.ts'
import { fromLog } from '#service/subscriptions.ts'
import { until } from '#test/kit/until.ts'
import { ACME, asSuperuser, changed, startSource, tell } from '../events/source.ts'
import { seal, serve, subscribe, user } from './graph.ts'

const typeDefs = /* GraphQL */ `
  scalar Cursor
  type Query {
    hello: String
  }
  type Subscription {
    told(after: Cursor): Int!
  }
`
const resolvers = {
  Subscription: {
    told: {
      subscribe: (_: unknown, { after }: { after?: string }, ctx: BaseContext) =>
        fromLog(ctx, {
          names: ['test.thing.changed'],
          after,
          toValue: ({ payload }) => (payload as { n: number }).n,
        }),
    },
  },
}
const query = 'subscription ($after: Cursor) { n: told(after: $after) }'

const start = async () => {
  await using stack = new AsyncDisposableStack()
  const source = stack.use(await startSource())
  const { url } = stack.use(await serve({ typeDefs, resolvers, eventLog: source.log }))
  const token = await seal.sign({ ...user(), orgId: ACME })
  const all = stack.move()
  const publish = async (...numbers: number[]) => {
    for (const n of numbers) await tell(source.database, ACME, [changed('a', n)])
  }
  return {
    url,
    token,
    publish,
    follow: (after?: string) => subscribe(url, token, query, after ? { after } : {}),
    grown: (to: number) => until(async () => (await source.log.bounds()).head === to),
    /** Puts the log back to where it was after a position, as a restored backup does. */
    putBack: (position: number) =>
      asSuperuser(
        source,
        `delete from events.recorded where batch in (select id from events.batches where last_pos > ${position});
         delete from events.batches where last_pos > ${position}; update events.head set pos = ${position}`,
      ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
const numbers = ({ results }: ReturnType<typeof subscribe>) => results.map(({ data }) => data?.n as unknown)

it('fault 15: refuses a cursor of the log before a backup was restored, though the log has grown past it', async () => {
  await using log = await start()
  let cursor: string | undefined
  {
    await using client = log.follow(encodeCursor([0]))
    await log.publish(1, 2, 3)
    await until(() => client.results.length === 3)
    cursor = client.results.at(-1)?.extensions?.cursor
  }
  await log.putBack(1)
  await log.publish(12, 13, 14, 15)
  await log.grown(5)
  await using client = log.follow(cursor)
  const [error] = await until(() => client.results[0]?.errors)
  expect(error?.extensions.code).toBe('CURSOR_EXPIRED')
  // From where it says, everything that the log has now comes.
  await using anew = log.follow(error?.extensions.oldest as string)
  await until(() => anew.results.length === 5)
  expect(numbers(anew)).toEqual([1, 12, 13, 14, 15])
})

it('fault 15: tells those who are following when the log they follow is put back', async () => {
  await using log = await start()
  await using client = log.follow(encodeCursor([0]))
  await log.publish(1, 2, 3)
  await until(() => client.results.length === 3)
  await log.putBack(1)
  await log.publish(12, 13, 14, 15)
  const [error] = await until(() => client.results.at(-1)?.errors)
  expect(error?.extensions.code).toBe('CURSOR_EXPIRED')
  expect(numbers(client).slice(0, -1)).toEqual([1, 2, 3])
})

it('goes on behind a cursor that holds no stamp, as earlier versions gave them out, and behind one made before any event', async () => {
  await using log = await start()
  const response = await fetch(`${log.url}/position`, { headers: { 'x-hub-principal': log.token } })
  const { position } = (await response.json()) as { position: string }
  await log.publish(1, 2)
  await log.grown(2)
  await using old = log.follow(encodeCursor([1]))
  await using now = log.follow(position)
  await until(() => old.results.length === 1 && now.results.length === 2)
  expect(numbers(old)).toEqual([2])
  expect(numbers(now)).toEqual([1, 2])
  // Both lead to the same cursor, so that clients that meet there can go on together.
  const [one, other] = [old.results[0]?.extensions?.cursor, now.results[1]?.extensions?.cursor]
  expect(one).toBe(other)
  expect(decodeCursor(one!, 2)).toEqual([2, expect.any(String)])
})
