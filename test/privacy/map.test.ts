import { expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { PERSONAL_MAP } from '#subgraphs/customers/domain/personal-map.ts'
import { PERSONAL_MAP as OF_C3, type TableMap } from '#subgraphs/inventory/domain/personal-map.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { wordColumns } from '#test/kit/searching.ts'

const declared = (table: string): string[] => {
  const { holds = [], mentions = [], free = [] } = PERSONAL_MAP[table] ?? {}
  return [...holds, ...mentions, ...free]
}

/** Columns in which words can stand and of which nobody has said whether they are of persons. */
const undeclared = async (adminUrl: string): Promise<string[]> =>
  (await wordColumns(adminUrl))
    .filter(([table]) => !table.startsWith('public.') && !table.startsWith('migrations.'))
    .filter(([table, column]) => !declared(table).includes(column))
    .map(([table, column]) => `${table}.${column}`)

it('knows of every column of the database whether it can hold data of a person', async () => {
  await using test = await testDatabase('customers')
  expect(await undeclared(test.adminUrl)).toEqual([])
})

it('notices a column that was added, and one that is gone', async () => {
  await using test = await testDatabase('customers')
  const before = await undeclared(test.adminUrl)
  await session(test.adminUrl, async (client) => {
    await client.query('alter table customers.deals add column remark text')
    await client.query(
      'create table customers.calls (org_id uuid not null, transcript jsonb, seconds integer, tags text[])',
    )
  })
  expect((await undeclared(test.adminUrl)).filter((column) => !before.includes(column))).toEqual([
    'customers.calls.tags',
    'customers.calls.transcript',
    'customers.deals.remark',
  ])
})

it('declares each column once, and none that is not there', async () => {
  await using test = await testDatabase('customers')
  const there = new Map(
    Object.entries(
      Object.groupBy(await wordColumns(test.adminUrl), ([table]) => table) as Record<
        string,
        [string, string][]
      >,
    ).map(([table, columns]) => [table, columns.map(([, column]) => column)]),
  )
  for (const table of Object.keys(PERSONAL_MAP)) {
    const columns = declared(table)
    expect(new Set(columns).size, table).toBe(columns.length)
    expect(
      columns.filter((column) => !there.get(table)?.includes(column)),
      table,
    ).toEqual([])
  }
})

it('reaches every table that holds data of a person, for handing over and for erasing', () => {
  // Looked for by other ways than by record: colleagues by their address.
  const otherwise = ['customers.owners']
  for (const [table, { holds = [], reach }] of Object.entries(PERSONAL_MAP))
    if (holds.length > 0 && !otherwise.includes(table)) expect(reach, table).toBeDefined()
})

it('knows of every column of the tables that keep what C3 says whether it can hold data of a person', async () => {
  await using test = await testDatabase('inventory')
  const namesOf = ({ holds = {}, former = [], free = [] }: TableMap) => [
    ...[...Object.keys(holds), ...former, ...free].sort(),
  ]
  const there = Map.groupBy(
    (await wordColumns(test.adminUrl)).filter(([table]) => table.startsWith('inventory.')),
    ([table]) => table,
  )
  const declaredOf = (table: string): string[] => namesOf(OF_C3[table] ?? {})
  for (const [table, columns] of there)
    expect([table, declaredOf(table)]).toEqual([table, columns.map(([, column]) => column).sort()])
  expect(Object.keys(OF_C3).filter((table) => !there.has(table))).toEqual([])
})
