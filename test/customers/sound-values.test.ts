import { sql } from 'kysely'
import { afterAll, expect, it } from 'vitest'
import { customersBed, ORG, worker } from '#test/kit/customers.ts'
import { rowsOf } from './rows.ts'

/** What stays in a property when somebody at the portal changes its type, or pastes whatever is at hand. */
const RUBBISH: readonly (readonly [
  type: 'deals' | 'tickets' | 'companies' | 'contacts',
  property: string,
  kind: string,
  values: readonly string[],
])[] = [
  ['deals', 'amount', 'number', ['many', '1e400', 'NaN', 'Infinity', '9'.repeat(60), '1,000']],
  [
    'deals',
    'closedate',
    'datetime',
    ['tomorrow', '9'.repeat(20), '+275760-09-13T00:00:00.001Z', '0000-00-00'],
  ],
  [
    'deals',
    'dealname',
    'string',
    [' ', `${'x'.repeat(70_000)}`, 'half \ud83d', 'nul \u0000 in it', '<script>'],
  ],
  ['tickets', 'warp_sla_breach', 'datetime', ['soon', '-'.repeat(300)]],
  ['tickets', 'warp_severity', 'enumeration', ['terrible', 'HIGH;LOW']],
  ['companies', 'annualrevenue', 'number', ['a lot', '-1e500']],
  ['companies', 'name', 'string', ['\u0000', 'y'.repeat(70_000)]],
  ['contacts', 'warp_api_key_count', 'number', ['-3', '1e300', 'three']],
  ['contacts', 'warp_2fa_enabled', 'bool', ['perhaps']],
]

it('takes in every record of a portal whose values are rubbish: what does not fit a field is no value, and the rest stands', async () => {
  await using bed = await customersBed({ companies: 20 })
  for (const [type, property, , values] of RUBBISH) {
    await bed.sim(`properties/${type}`, { name: property, type: 'string', fieldType: 'text', options: [] })
    const there = await bed.records(type)
    await bed.sim(`records/${type}`, {
      list: values.map((value, n) => ({
        id: there[n % there.length]!.id,
        properties: { [property]: value },
      })),
    })
  }
  for (const [type, property, kind] of RUBBISH)
    await bed.sim(`properties/${type}`, { name: property, type: kind })
  const deals = await bed.records('deals')
  for (const value of ['many', '1,000', 'tomorrow', 'nul \u0000 in it'])
    expect(deals.some(({ properties }) => Object.values(properties).includes(value))).toBe(true)
  await using _ = worker(bed)
  expect(await bed.sync('FULL')).toMatchObject({ state: 'COMPLETED', failed: 0 })
  for (const type of ['companies', 'contacts', 'deals', 'tickets'] as const)
    expect((await rowsOf(bed, type)).size).toBe((await bed.records(type)).length)
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{ wrong: number }>`
      select count(*) as wrong from customers.deals
      where amount is not null and amount::text = 'NaN' or close_date > '9999-12-31' or length(name) > 65536 or name = ''`.execute(
      tx,
    ),
  )
  expect(rows[0]!.wrong).toBe(0)
  // Whoever has a number keeps it.
  const held = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.deals').select(['external_id', 'amount']).execute(),
  )
  const amounts = new Map(held.map((row) => [row.external_id, row.amount]))
  for (const { id, properties } of deals)
    expect(amounts.get(id)).toBe(
      /^\d+(\.\d+)?$/.test(properties.amount ?? '') && properties.amount!.length < 40
        ? String(Number(properties.amount))
        : null,
    )
  // Read again, they are still the same: what was mended on the way in is no change.
  expect(await bed.sync('RECONCILE')).toMatchObject({ state: 'COMPLETED', created: 0, updated: 0, failed: 0 })
})

it.each([
  ['a deal that is open and won', `update customers.deals set is_open = true, is_won = true`],
  ['a closed deal that is neither won nor lost', `update customers.deals set is_open = false, is_won = null`],
  ['an amount that is no number', `update customers.deals set amount = 'NaN'`],
  ['a currency that is none', `update customers.deals set currency = 'dollars'`],
  ['a ticket of no known category', `update customers.tickets set category = 'GOSSIP'`],
  [
    'a subcategory of another category',
    `update customers.tickets set category = 'VOICE', subcategory = 'TAX_QUESTIONS'`,
  ],
  ['a severity that is none', `update customers.tickets set severity = 'TERRIBLE'`],
  ['a company that is nothing to us', `update customers.companies set kind = 'ENEMY'`],
  ['a record without its id at the portal', `update customers.notes set external_id = ''`],
  ['a note longer than HubSpot keeps', `update customers.notes set body = repeat('x', 65537)`],
  ['properties that are no object', `update customers.tasks set properties = '[]'`],
  ['a health score beyond its scale', `update customers.customers set health_score = 101`],
  ['fewer than no keys', `update customers.contacts set warp_api_key_count = -1`],
  ['a renewal stage that is none', `update customers.stages set renewal_stage = 'MAYBE'`],
  ['a probability beyond certainty', `update customers.stages set probability = 1.5`],
])('is refused by the database itself: %s', async (_, statement) => {
  const bed = await shared()
  await expect(bed.database.transaction(ORG, (tx) => sql.raw(statement).execute(tx))).rejects.toThrow(
    /check constraint/,
  )
})

let bed: Promise<Awaited<ReturnType<typeof imported>>> | undefined
const imported = async () => {
  const made = await customersBed({ companies: 10 })
  await using _ = worker(made)
  await made.sync('FULL')
  return made
}
const shared = () => (bed ??= imported())
afterAll(async () => (await bed)?.[Symbol.asyncDispose]())
