import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { EventLog } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { startSequencer } from '#events/sequencer.ts'
import { systemClock } from '#kernel/clock.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { PRINCIPAL_HEADER } from '#kernel/principal.ts'
import type { BaseContext } from '#service/context.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { silentLog } from '#test/kit/log.ts'
import { type TestDatabase, testDatabase } from '#test/kit/postgres.ts'
import { ask, ORG, seal, serve, user } from './graph.ts'

const typeDefs = /* GraphQL */ `
  scalar Cursor
  type Accepted {
    position: Cursor!
  }
  type Query {
    hello: String
  }
  type Mutation {
    write(count: Int!): Accepted!
  }
`
const named = (
  name: string,
  { database }: TestDatabase<unknown>,
  more: Pick<Parameters<typeof serve>[0], 'appliedWithinMs'> = {},
) => {
  const eventLog = new EventLog({ database, log: silentLog })
  const write = (_: unknown, { count }: { count: number }, ctx: BaseContext): Promise<Receipt> =>
    database.transaction(ctx.orgId, async (tx) => {
      const events = Array.from({ length: count }, (_, i) => ({
        name: 'n',
        version: 1,
        key: `${i}`,
        payload: {},
      }))
      await publish(tx, ctx.orgId, events, ctx.clock.now())
      return receiptOf(tx)
    })
  return serve({
    name,
    typeDefs,
    resolvers: { Query: { hello: () => 'hello' }, Mutation: { write } },
    eventLog,
    ...more,
  })
}
const placeOf = async (url: string, count: number) => {
  const { data } = await ask(url, user(), `mutation { write(count: ${count}) { position } }`)
  return decodeCursor((data as unknown as { write: { position: string } }).write.position, 2)
}

it('answers a write with the place in the log behind its last event', async () => {
  await using hub = await testDatabase('hub')
  await using _sequencer = startSequencer({ database: hub.database, log: silentLog, clock: systemClock })
  await using subgraph = await named('customers', hub)
  expect(await placeOf(subgraph.url, 3)).toEqual(['customers', 3])
  expect(await placeOf(subgraph.url, 2)).toEqual(['customers', 5])
  expect(await placeOf(subgraph.url, 0)).toEqual(['customers', 5])
})

it('answers a write that nobody moves yet with the place where it will be', async () => {
  await using hub = await testDatabase('hub')
  await using subgraph = await named('customers', hub)
  expect(await placeOf(subgraph.url, 3)).toEqual(['customers', 3])
})

it('lets a reader wait until a sibling’s write has taken effect, or say that it is behind', async () => {
  await using hub = await testDatabase('hub')
  await using subgraph = await named('insights', hub)
  // This one waits for as long as the sibling may take.
  await using patient = await named('insights', hub, { appliedWithinMs: 20_000 })
  const mark = (pos: number) =>
    hub.database.transaction(ORG, (tx) =>
      sql`insert into events.marks (consumer, source, org_id, pos) values ('insights', 'customers', ${ORG}, ${pos})
        on conflict (consumer, source, org_id) do update set pos = excluded.pos`.execute(tx),
    )
  const read = async (after: string, { url } = subgraph) => {
    const started = performance.now()
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [PRINCIPAL_HEADER]: await seal.sign(user()),
        'x-hub-after': after,
      },
      body: '{"query":"{ hello }"}',
    })
    expect(await response.json()).toEqual({ data: { hello: 'hello' } })
    return { behind: response.headers.get('x-hub-behind'), ms: performance.now() - started }
  }
  const receipt = encodeCursor(['customers', 7])
  await mark(6)
  const late = await read(receipt)
  expect(late.behind).toBe('customers')
  expect(late.ms).toBeGreaterThan(240)
  const waiting = read(receipt, patient)
  await mark(7)
  expect((await waiting).behind).toBeNull()
  // Its own writes are there, and what is no receipt asks for nothing.
  for (const after of [encodeCursor(['insights', 9]), 'nonsense', encodeCursor([1])])
    expect((await read(after)).behind).toBeNull()
})
