import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DB } from '#db/generated/inventory.ts'
import { session } from '#db/session.ts'
import {
  type ComponentChoice,
  componentPage,
  componentPagesOf,
  countComponents,
  countOffered,
} from '#subgraphs/inventory/store/components.ts'
import { countStock, stockPage } from '#subgraphs/inventory/store/stock.ts'
import type { Transaction } from '#subgraphs/inventory/store/transaction.ts'
import { type TestDatabase, testDatabase } from '#test/kit/postgres.ts'
import { DEMO, EMPTY } from '#test/kit/subgraph.ts'

const MANY = 20_000
let test: TestDatabase<DB>
beforeAll(async () => {
  test = await testDatabase<DB>('inventory')
  // Two organisations with the same parts: one in fifty begins as it is looked for, one in a thousand holds the word.
  for (const orgId of [DEMO, EMPTY])
    await test.database.transaction(orgId, (tx) =>
      sql`insert into inventory.components
          (org_id, id, part_number, manufacturer, normal_number, base_number, search_text, sources)
        select ${orgId}::uuid, gen_random_uuid(), number, 'Acme', number, number,
          number || ' ACME ' || case when n % 1000 = 1 then 'GYROSCOPE' else 'RESISTOR' end,
          case when n % 2000 = 1 then '[{"supplierId": "S1"}]'::jsonb else '[]'::jsonb end
        from (
          select n, case when n % 50 = 0 then 'STM32F4' else 'GRM188R7' end || lpad(n::text, 6, '0') as number
          from generate_series(1, ${MANY}::int) as n
        ) as numbered`.execute(tx),
    )
  await session(test.adminUrl, async (client) => {
    // A row of each, of no connection.
    await client.query('set session_replication_role = replica')
    await client.query(`
      insert into inventory.inventory (org_id, id, connection_id, component_id, part_number, c3_stock_id, location,
        quantity_available, quantity_reserved, cost_per_unit, c3_cost_per_unit, currency, c3_last_sync,
        created_at, updated_at)
      select org_id, id, id, id, part_number, part_number, 'A', 1, 0, 1, 1, 'USD', now(), now(), now()
      from inventory.components`)
    await client.query('vacuum analyze inventory.components, inventory.inventory')
  })
})
afterAll(() => test[Symbol.asyncDispose]())

const NONE: ComponentChoice = {
  search: null,
  category: null,
  family: null,
  manufacturer: null,
  lifecycle: null,
  inStock: null,
  isLow: null,
}

/** What it answers, and how many rows of a table were looked at for it. */
const reading = async <T>(
  read: (tx: Transaction) => Promise<T>,
  table = 'components',
): Promise<[T, number]> =>
  test.database.read(DEMO, async (tx) => {
    const before = await looked(tx, table)
    const answer = await read(tx)
    return [answer, (await looked(tx, table)) - before]
  })

/** Also of what this connection did a moment ago, which the server has yet to gather. */
const looked = async (tx: Transaction, table: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_xact_user_tables
    where schemaname = 'inventory' and relname = ${table}`.execute(tx)
  return rows[0]!.n
}

it('finds parts among very many by an index, whether a number begins so or a word is anywhere', async () => {
  for (const [search, all] of [
    ['stm32-f4', MANY / 50],
    ['gyroscope', MANY / 1000],
    ['f4000', 19],
    ['nothing like it', 0],
  ] as const) {
    const choice = { ...NONE, search }
    const [found, seen] = await reading((tx) => componentPage(tx, DEMO, choice, { limit: 20, after: null }))
    expect([search, found.length]).toEqual([search, Math.min(20, all)])
    // Of both organisations, to find, to choose and to show them.
    expect(seen).toBeLessThanOrEqual(6 * all)
    const [count, counted] = await reading((tx) => countComponents(tx, DEMO, choice))
    expect([search, count]).toEqual([search, all])
    expect(counted).toBeLessThanOrEqual(6 * all)
  }
})

it('pages through what very many parts hold in order without looking at all of them, and counts to a thousand', async () => {
  const choice = { ...NONE, search: 'resistor' }
  const numbers: string[] = []
  let after: readonly [number, string, string] | null = null
  while (numbers.length < 60) {
    const page: Parameters<typeof componentPage>[3] = { limit: 20, after }
    const [rows, seen] = await reading((tx) => componentPage(tx, DEMO, choice, page))
    // Two thousand tell that it is such a word.
    expect(seen).toBeLessThan(2200)
    numbers.push(...rows.map(({ normalNumber }) => normalNumber))
    const last = rows.at(-1)!
    after = [last.rank, last.normalNumber, last.id]
  }
  const gyroscopes = (n: number) => n % 1000 === 1
  const expected = Array.from({ length: MANY }, (_, n) => n + 1)
    .filter((n) => n % 50 !== 0 && !gyroscopes(n))
    .slice(0, 60)
  expect(numbers).toEqual(expected.map((n) => `GRM188R7${String(n).padStart(6, '0')}`))
  const [count, seen] = await reading((tx) => countComponents(tx, DEMO, choice))
  expect(count).toBeNull()
  expect(seen).toBeLessThan(3200)
})

it('finds what a supplier offers by an index, and counts it', async () => {
  const page = { limit: 4, after: null }
  const [offered, seen] = await reading((tx) => componentPagesOf(tx, DEMO, ['S1', 'S2'], page))
  expect([offered.get('S1')!.length, offered.get('S2')]).toEqual([4, undefined])
  expect(seen).toBeLessThanOrEqual(40)
  expect((await reading((tx) => countOffered(tx, ['S1', 'S2'])))[0]).toEqual(
    new Map([
      ['S1', 10],
      ['S2', 0],
    ]),
  )
})

it('finds stock by the beginning of its part number by an index, and counts it', async () => {
  const all = { componentId: null, location: null, isOversold: null, inStock: null }
  const choice = { ...all, partNumber: 'STM32F40000' }
  const [found, seen] = await reading(
    (tx) => stockPage(tx, DEMO, choice, { limit: 20, after: null }),
    'inventory',
  )
  expect(found).toHaveLength(1)
  expect(seen).toBeLessThanOrEqual(1)
  const [count, counted] = await reading((tx) => countStock(tx, DEMO, choice), 'inventory')
  expect(count).toBe(1)
  expect(counted).toBeLessThanOrEqual(1)
})
