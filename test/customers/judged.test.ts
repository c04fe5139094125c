import { expect, it } from 'vitest'
import type { LoggedEvent } from '#events/log.ts'
import { event, type ProfileFields } from '#schema/events.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { takeProfiles } from '#subgraphs/customers/commands/take-profiles.ts'
import {
  type CustomerFilter,
  type CustomerOrder,
  countCustomers,
  listCustomers,
  placeOf,
} from '#subgraphs/customers/store/customers.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { type CustomersBed, customersBed, ORG } from '#test/kit/customers.ts'

let pos = 0
const profile = (customerId: string, fields: ProfileFields): LoggedEvent => ({
  ...event('insights.profile.changed', customerId, { customerId, fields }),
  pos: ++pos,
  orgId: ORG,
  occurredAt: new Date('2026-11-20T00:00:00Z'),
})

const said = (value: string | null, asOf = '2026-11-20T10:00:00.000Z') => ({ value, confidence: '60', asOf })

const take = (bed: CustomersBed, events: LoggedEvent[]) =>
  bed.database.transaction(ORG, (tx) => takeProfiles(changeRecords, () => bed.clock.now())(tx, ORG, events))

/** Four customers, each with an account of its own. */
const arrive = (bed: CustomersBed) =>
  bed.database.transaction(ORG, (tx) =>
    takeAccounts(
      tx,
      ORG,
      ['Alder Foundry', 'Birch Bakery', 'Cedar Clinic', 'Dogwood Dyes'].map((name, n) => ({
        ...event('inventory.account.changed', `c3-${n}`, {
          ...{ accountId: `c3-${n}`, integrationId: 'c3', name, domain: null },
          ...{ observedAt: '2026-11-20T00:00:00.000Z', deleted: false },
        }),
        pos: ++pos,
        orgId: ORG,
        occurredAt: new Date('2026-11-20T00:00:00Z'),
      })),
      bed.clock.now(),
    ),
  )

const list = (bed: CustomersBed, filter: CustomerFilter = {}, order: CustomerOrder = 'NAME') =>
  bed.database.read(ORG, (tx) => listCustomers(tx, ORG, { filter, order, limit: 9, after: null }))

type Row = Awaited<ReturnType<typeof list>>[number]
type Four = [Row, Row, Row, Row]

const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name)

it('orders customers by how likely they leave and by how promising they are, highest first and those unknown last', async () => {
  await using bed = await customersBed()
  await arrive(bed)
  const [a, b, c, d] = (await list(bed)) as Four
  await take(bed, [
    profile(a.id, { churnRisk: said('12.5') }),
    profile(b.id, { churnRisk: said('80.01'), score: said('71') }),
    // Beyond its scale by rounding.
    profile(c.id, { churnRisk: said('100.004'), score: said('0') }),
    // Told late: what is known is newer.
    profile(a.id, { churnRisk: said('99', '2026-11-19T10:00:00.000Z') }),
  ])
  expect(names(await list(bed, {}, 'CHURN_RISK'))).toEqual(names([c, b, a, d]))
  expect(names(await list(bed, {}, 'LEAD_SCORE')).slice(0, 2)).toEqual(names([b, c]))
  const [first] = await list(bed, {}, 'CHURN_RISK')
  const behind = await bed.database.read(ORG, (tx) =>
    listCustomers(tx, ORG, {
      filter: {},
      order: 'CHURN_RISK',
      limit: 1,
      after: placeOf('CHURN_RISK', first!),
    }),
  )
  expect(names(behind)).toEqual(names([b]))
  // No longer known.
  await take(bed, [profile(c.id, { churnRisk: said(null, '2026-11-20T11:00:00.000Z') })])
  expect(names(await list(bed, {}, 'CHURN_RISK')).slice(0, 2)).toEqual(names([b, a]))
  expect(names(await list(bed, {}, 'LEAD_SCORE')).slice(0, 2)).toEqual(names([b, c]))
})

it('lists customers whose scores are in a range, which nobody without a score is', async () => {
  await using bed = await customersBed()
  await arrive(bed)
  const [a, b, c] = (await list(bed)) as unknown as Four
  await take(bed, [
    profile(a.id, { churnRisk: said('20') }),
    profile(b.id, { churnRisk: said('50'), score: said('69.99') }),
    profile(c.id, { churnRisk: said('80'), score: said('70') }),
  ])
  expect(names(await list(bed, { churnRisk: { atLeast: '50' } }))).toEqual(names([b, c]))
  expect(names(await list(bed, { churnRisk: { below: '50' } }))).toEqual(names([a]))
  expect(names(await list(bed, { churnRisk: { atLeast: '20', below: '80' } }))).toEqual(names([a, b]))
  expect(names(await list(bed, { churnRisk: {} }))).toEqual(names([a, b, c]))
  expect(names(await list(bed, { leadScore: { atLeast: '70' } }))).toEqual(names([c]))
  expect(await list(bed, { health: { atLeast: '0' } })).toEqual([])
  expect(await list(bed, { churnRisk: { atLeast: '1e9' } })).toEqual([])
  const count = await bed.database.read(ORG, (tx) =>
    countCustomers(tx, ORG, { leadScore: { below: '70' }, churnRisk: { atLeast: '50' } }),
  )
  expect(count).toBe(1)
})
