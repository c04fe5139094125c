import Big from 'big.js'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StockRow, Transaction } from '#connectors/c3/index.ts'
import { type InventoryBed, startInventoryBed } from '../inventory/bed.ts'
import { askSubgraph, DEMO } from '../kit/subgraph.ts'

let hub: InventoryBed
beforeAll(async () => {
  hub = await startInventoryBed()
  await hub.synced()
})
afterAll(() => hub[Symbol.asyncDispose]())

const accounts = (n: number) =>
  hub.database.read(DEMO, async (tx) => {
    const { rows } = await sql<{ id: string; c3_customer_id: string }>`
      select a.id, a.c3_customer_id from inventory.c3_accounts a join inventory.transactions t on t.org_id = a.org_id and t.account_id = a.id
      group by a.id, a.c3_customer_id order by count(*) desc limit ${n}`.execute(tx)
    return rows
  })
const preferencesOf = async (of: readonly { id: string; c3CustomerIds: string[] }[], days = 730) => {
  const { data, errors } = await askSubgraph(
    hub.inventory.url,
    `query ($of: [_Any!]!, $days: Int!) { _entities(representations: $of) { ... on Customer {
      componentPreferences(days: $days) { category family volumeShare categoryShare spent { amount currency } } } } }`,
    { of: of.map((each) => ({ __typename: 'Customer', ...each })), days },
  )
  expect(errors).toBeUndefined()
  return data._entities.map((each: { componentPreferences: object[] }) => each.componentPreferences)
}

it('says which family of each kind of part a customer spends most on, with exact shares, over all its accounts', async () => {
  const own = await accounts(2)
  const [preferences] = await preferencesOf([{ id: 'one', c3CustomerIds: own.map(({ id }) => id) }], 3_660)
  const parts = new Map(
    (await hub.records<StockRow>('inventory')).map((row) => [`${row.partNumber} ${row.manufacturer}`, row]),
  )
  const ids = new Set(own.map(({ c3_customer_id }) => c3_customer_id))
  const spent = new Map<string, Map<string, Big>>()
  for (const each of await hub.records<Transaction>('transactions')) {
    const part = parts.get(`${each.partNumber} ${each.manufacturer}`)
    if (!ids.has(each.customerId ?? '') || each.kind === 'PURCHASE' || !part?.category) continue
    const amount = new Big(each.unitPrice).times(each.quantity).times(each.kind === 'RETURN' ? -1 : 1)
    const families = spent.get(part.category) ?? new Map<string, Big>()
    families.set(part.family ?? '', (families.get(part.family ?? '') ?? new Big(0)).plus(amount))
    spent.set(part.category, families)
  }
  const sum = (all: Iterable<Big>) => [...all].reduce((total, each) => total.plus(each), new Big(0))
  const whole = sum([...spent.values()].map((families) => sum(families.values())))
  const share = (part: Big, of: Big) => Number(part.times(100).div(of).toFixed(2))
  const expected = [...spent]
    .map(([category, families]) => {
      const [family, amount] = [...families].sort((a, b) => b[1].cmp(a[1]))[0]!
      const total = sum(families.values())
      return { category, family, amount, total }
    })
    .sort((a, b) => b.total.cmp(a.total))
  expect(expected.length).toBeGreaterThan(2)
  expect(
    preferences.map(
      (each: { category: string; family: string; volumeShare: string; categoryShare: string }) => [
        ...[each.category, each.family, Number(each.volumeShare), Number(each.categoryShare)],
      ],
    ),
  ).toEqual(
    expected.map(({ category, family, amount, total }) => [
      ...[category, family, share(amount, total), share(total, whole)],
    ]),
  )
  expect(new Big(preferences[0].spent.amount).eq(expected[0]!.amount)).toBe(true)
})

it('asks for all customers at once, and tells each only of its own', async () => {
  const own = await accounts(5)
  const of = [...own.map(({ id }) => ({ id, c3CustomerIds: [id] })), { id: 'nobody', c3CustomerIds: [] }]
  hub.statements.length = 0
  const all = await preferencesOf(of)
  expect(hub.statements.filter((text) => text.includes('of_category'))).toHaveLength(1)
  expect(all.at(-1)).toEqual([])
  for (const [n, each] of of.entries()) expect(all[n]).toEqual((await preferencesOf([each]))[0])
})
