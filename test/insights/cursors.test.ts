import { expect, it } from 'vitest'
import { encodeCursor } from '#kernel/cursor.ts'
import { askSubgraph } from '#test/kit/subgraph.ts'
import { start } from './running.ts'

const AT = '2026-11-22T10:00:00.000Z'

it('every list refuses the cursor of another one, instead of failing or showing nothing', async () => {
  await using hub = await start()
  const of = (list: string) =>
    `query ($after: Cursor) { _entities(representations: [{ __typename: "Customer", id: "one" }]) { ... on Customer { ${list} } } }`
  for (const [query, ...cursors] of [
    ['query ($after: Cursor) { portfolio(after: $after) { nodes { score } } }', [AT, 'one'], [1, 'o\0']],
    [
      'query ($after: Cursor) { insights(after: $after) { nodes { id } } }',
      ['2026', crypto.randomUUID()],
      [AT, 'one'],
    ],
    [
      'query ($after: Cursor) { insights(orderBy: VALUE, after: $after) { nodes { id } } }',
      [AT, crypto.randomUUID()],
      [2 ** 40, crypto.randomUUID()],
    ],
    [
      'query ($after: Cursor) { signals(customerId: "one", after: $after) { nodes { kind } } }',
      ['2026', 'a', 'b', 'c'],
      [AT, 'a', 1, 'c'],
    ],
    [
      'query ($after: Cursor) { enrichmentFailures(after: $after) { nodes { code } } }',
      ['2026', 'one'],
      [1, 'one'],
    ],
    ['query ($after: Cursor) { churnMonths(after: $after) { nodes { month } } }', [1], ['2026-13-01']],
    ['query ($after: Cursor) { churnModels(after: $after) { nodes { version } } }', ['1'], [2 ** 40]],
    [of('opportunities(after: $after) { nodes { category } }'), ['one'], [1.5]],
    [of(`healthHistory(from: "${AT}", to: "${AT}", after: $after) { nodes { score } }`), ['one'], ['2026']],
  ] as const)
    for (const cursor of cursors) {
      const { errors } = await askSubgraph(hub.url, query, { after: encodeCursor(cursor) })
      expect(errors?.[0]?.extensions?.code, `${query} ${cursor}`).toBe('BAD_INPUT')
    }
})
