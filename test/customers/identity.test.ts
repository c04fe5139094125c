import { expect, it } from 'vitest'
import type { LoggedEvent } from '#events/log.ts'
import { event } from '#schema/events.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { takeHealth } from '#subgraphs/customers/commands/take-health.ts'
import { customersById, listCustomers } from '#subgraphs/customers/store/customers.ts'
import { identitiesOf } from '#subgraphs/customers/store/identities.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { type CustomersBed, customersBed, matchAll, ORG, worker } from '#test/kit/customers.ts'
import { eventsOf } from './rows.ts'

let pos = 0
const logged = (made: ReturnType<typeof event>): LoggedEvent => ({
  ...made,
  pos: ++pos,
  orgId: ORG,
  occurredAt: new Date('2026-11-20T00:00:00Z'),
})

const c3 = (
  accountId: string,
  domain: string | null,
  more: { name?: string; deleted?: boolean; observedAt?: string } = {},
) =>
  logged(
    event('inventory.account.changed', accountId, {
      accountId,
      integrationId: 'c3',
      name: more.name ?? `C3 ${accountId}`,
      domain,
      observedAt: more.observedAt ?? '2026-11-20T00:00:00.000Z',
      deleted: more.deleted ?? false,
    }),
  )

const take = (bed: CustomersBed, events: LoggedEvent[]) =>
  bed.database.transaction(ORG, (tx) => takeAccounts(tx, ORG, events, bed.clock.now()))

const company = async (bed: CustomersBed, properties: Record<string, string>): Promise<string> => {
  const { results } = await bed.sim<{ results: { id: string }[] }>('records/companies', { properties })
  return results[0]!.id
}

/** Who is who: each live customer's accounts, as a sorted picture that does not show ids of ours. */
const picture = async (bed: CustomersBed): Promise<string[]> => {
  const customers = await bed.database.read(ORG, (tx) =>
    listCustomers(tx, ORG, { filter: {}, order: 'NAME', limit: 1000, after: null }),
  )
  const accounts = await bed.database.read(ORG, (tx) =>
    identitiesOf(
      tx,
      ORG,
      customers.map(({ id }) => id),
    ),
  )
  return customers
    .map(({ id, name }) => {
      const own = (accounts.get(id) ?? []).map(
        (a) => `${a.system} ${a.system === 'HUBSPOT' ? a.name : a.account_id} ${a.linked_by}`,
      )
      return `${name}: ${own.sort().join(', ')}`
    })
    .filter((line) => /Zeta|Omega|C3/.test(line))
    .sort()
}

const merged = async (bed: CustomersBed) =>
  await eventsOf<{
    customerId: string
    mergedInto: string | null
    accounts: unknown[]
    identityVersion: number
  }>(bed, 'customers.identity.changed')

it('links an account to the only company that it can be, whichever of the two comes first', async () => {
  const arrive = async (order: ('account' | 'company' | 'second')[]) => {
    await using bed = await customersBed({ companies: 3 })
    await using _ = worker(bed)
    await bed.sync('FULL')
    for (const what of order) {
      if (what === 'account')
        await take(bed, [
          c3('1', 'shop.zeta-works.co.uk', { name: 'Zeta Works Ltd' }),
          c3('2', 'gmail.com'),
          c3('3', null),
        ])
      else {
        await company(bed, {
          name: what === 'company' ? 'Zeta Works' : 'Zeta Holding',
          domain: 'www.zeta-works.co.uk',
        })
        await bed.sync('INCREMENTAL')
      }
      await matchAll(bed)
    }
    return await picture(bed)
  }
  const linked = ['C3 2: C3 2 OWN', 'C3 3: C3 3 OWN', 'Zeta Works: C3 1 MATCHED, HUBSPOT Zeta Works OWN']
  expect(await arrive(['account', 'company'])).toEqual(linked)
  expect(await arrive(['company', 'account'])).toEqual(linked)
  // A second company of the domain makes it say nothing: the account stands for itself again.
  const apart = [
    'C3 2: C3 2 OWN',
    'C3 3: C3 3 OWN',
    'Zeta Holding: HUBSPOT Zeta Holding OWN',
    'Zeta Works Ltd: C3 1 OWN',
    'Zeta Works: HUBSPOT Zeta Works OWN',
  ]
  expect(await arrive(['company', 'account', 'second'])).toEqual(apart)
  expect(await arrive(['company', 'second', 'account'])).toEqual(apart)
  expect(await arrive(['account', 'company', 'second'])).toEqual(apart)
})

it('merges the customer an account was into the company that arrives later, and the old id answers the new', async () => {
  await using bed = await customersBed({ companies: 3 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  await take(bed, [c3('1', 'zeta-works.com', { name: 'Zeta Works Inc' })])
  await matchAll(bed)
  const minted = (await merged(bed)).at(-1)!
  expect(minted).toMatchObject({ mergedInto: null, accounts: [{ system: 'C3', accountId: '1' }] })
  await company(bed, { name: 'Zeta Works', domain: 'zeta-works.com' })
  await bed.sync('INCREMENTAL')
  await matchAll(bed)
  const told = (await merged(bed)).slice(-2)
  const old = told.find((each) => each.customerId === minted.customerId)!
  const survivor = told.find((each) => each.customerId !== minted.customerId)!
  expect(old).toMatchObject({ mergedInto: survivor.customerId, accounts: [] })
  expect(old.identityVersion).toBeGreaterThan(minted.identityVersion)
  expect(survivor.accounts).toHaveLength(2)
  const found = await bed.database.read(ORG, (tx) => customersById(tx, ORG, [minted.customerId]))
  expect(found.get(minted.customerId)).toMatchObject({
    id: survivor.customerId,
    name: 'Zeta Works',
    merged_into: survivor.customerId,
  })
  // The company goes: the account is a customer of its own again, under its old id.
  const record = (await bed.records('companies')).find(({ properties }) => properties.name === 'Zeta Works')!
  await bed.sim('records/companies', { id: record.id, archive: true })
  await bed.sync('INCREMENTAL')
  await matchAll(bed)
  expect(await picture(bed)).toEqual(['Zeta Works Inc: C3 1 OWN'])
  const back = await bed.database.read(ORG, (tx) =>
    customersById(tx, ORG, [minted.customerId, survivor.customerId]),
  )
  expect(back.get(minted.customerId)).toMatchObject({ id: minted.customerId, merged_into: null })
  expect(back.get(survivor.customerId)).toMatchObject({ id: minted.customerId })
})

it('merges the customers of companies that HubSpot merges, with their accounts', async () => {
  await using bed = await customersBed({ companies: 3 })
  await using _ = worker(bed)
  const keep = await company(bed, { name: 'Zeta Works', domain: 'zeta-works.com' })
  const go = await company(bed, { name: 'Omega Parts', domain: 'omega-parts.com' })
  await bed.sync('FULL')
  await take(bed, [c3('1', 'omega-parts.com', { name: 'Omega Parts Inc' })])
  await matchAll(bed)
  const before = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.companies').select(['external_id', 'customer_id']).execute(),
  )
  const customerOf = (id: string) => before.find((row) => row.external_id === id)!.customer_id
  await bed.sim('records/companies', { id: keep, merge: go })
  await bed.sync('INCREMENTAL')
  expect((await picture(bed)).join()).toContain('C3 1 MATCHED')
  const found = await bed.database.read(ORG, (tx) =>
    customersById(tx, ORG, [customerOf(keep), customerOf(go)]),
  )
  expect(found.get(customerOf(keep))?.id).toBe(customerOf(keep))
  expect(found.get(customerOf(go))?.id).toBe(customerOf(keep))
  expect((await picture(bed)).join()).toContain('C3 1')
  expect((await picture(bed)).filter((line) => line.includes('HUBSPOT'))).toHaveLength(1)
})

it('takes a batch of accounts in as many statements as one, and an older message without effect', async () => {
  await using bed = await customersBed({ companies: 3 })
  const counted = async (events: LoggedEvent[]) => {
    const from = bed.database.statements
    await take(bed, events)
    return bed.database.statements - from
  }
  const one = await counted([c3('a', 'a-one.com')])
  const many = await counted(Array.from({ length: 200 }, (_, n) => c3(`b${n}`, `b${n}.com`)))
  expect(many).toBe(one)
  await take(bed, [c3('a', 'a-one.com', { name: 'C3 newest', observedAt: '2026-11-21T00:00:00.000Z' })])
  await take(bed, [c3('a', 'a-one.com', { name: 'C3 old', observedAt: '2026-11-19T00:00:00.000Z' })])
  expect(await picture(bed)).toContain('C3 newest: C3 a OWN')
  await take(bed, [c3('a', 'a-one.com', { deleted: true, observedAt: '2026-11-22T00:00:00.000Z' })])
  expect((await picture(bed)).join()).not.toContain('C3 newest')
})

it('orders customers by the health that insights tells, worst first and those without a score last', async () => {
  await using bed = await customersBed({ companies: 3 })
  await take(bed, [c3('1', null), c3('2', null), c3('3', null)])
  const all = await bed.database.read(ORG, (tx) =>
    listCustomers(tx, ORG, { filter: {}, order: 'NAME', limit: 9, after: null }),
  )
  const health = (id: string, score: string | null, asOf: string) =>
    logged(
      event('insights.health.changed', id, {
        customerId: id,
        score,
        previousScore: null,
        confidence: '1',
        asOf,
      }),
    )
  await bed.database.transaction(ORG, (tx) =>
    takeHealth(changeRecords, () => bed.clock.now())(tx, ORG, [
      health(all[0]!.id, '71.25', '2026-11-20T10:00:00.000Z'),
      health(all[2]!.id, '12.5', '2026-11-20T10:00:00.000Z'),
    ]),
  )
  const ordered = await bed.database.read(ORG, (tx) =>
    listCustomers(tx, ORG, { filter: {}, order: 'HEALTH', limit: 9, after: null }),
  )
  expect(ordered.map(({ name }) => name)).toEqual([all[2]!.name, all[0]!.name, all[1]!.name])
  const below = await bed.database.read(ORG, (tx) =>
    listCustomers(tx, ORG, { filter: { healthBelow: 50 }, order: 'NAME', limit: 9, after: null }),
  )
  expect(below.map(({ name }) => name)).toEqual([all[2]!.name])
})
