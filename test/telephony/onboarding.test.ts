import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DB } from '#db/generated/telephony.ts'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { bansFor } from '#subgraphs/telephony/domain/first-order.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { startSiblingFeed } from '#test/insights/sibling-feed.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { askSubgraph, DEMO, NO_SIBLINGS, SHARED_SECRET, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { belong, type EstatesBed, estatesBed, waits } from './estates-bed.ts'

let bed: EstatesBed
beforeAll(async () => {
  bed = await estatesBed()
})
afterAll(() => bed[Symbol.asyncDispose]())

const opened = (customerId: string) =>
  bed.rows(
    `select ban, status, tier from telephony.billing_accounts where opened_for = '${customerId}' order by ban`,
  )
/** Whether a number's last digit is its check digit, by Luhn's formula. */
const isLuhn = (digits: string): boolean =>
  [...digits].reverse().reduce((sum, digit, place) => {
    const doubled = Number(digit) * (place % 2 === 1 ? 2 : 1)
    return sum + (doubled > 9 ? doubled - 9 : doubled)
  }, 0) %
    10 ===
  0

it('opens one account for a customer that waits for it, however often it is told, at once or after having been killed', async () => {
  const waiting = waits('on-1', 'one', 'BILLING_ACCOUNT')
  await bed.told()
  await expect(bed.take([waiting], { fails: true })).rejects.toThrow('killed')
  expect([await opened('one'), await bed.told()]).toEqual([[], []])
  await Promise.all(Array.from({ length: 4 }, () => bed.take([waiting, waiting])))
  await bed.take([waiting])
  const [ban = ''] = bansFor('on-1')
  expect(await opened('one')).toEqual([{ ban, status: 'ACTIVE', tier: 'STARTER' }])
  expect(isLuhn(ban)).toBe(true)
  const told = await bed.told()
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({
    name: 'telephony.account.changed',
    payload: { ban, openedFor: 'one', name: 'Harbor Dental', domain: 'harbor-dental.com' },
  })
  expect(await bed.audits(ban)).toMatchObject([
    { action: 'provideForOnboarding', who_id: 'system:customers' },
  ])
})

it('opens none for a customer who has one: by hand, known to be theirs, or by another onboarding', async () => {
  const { ban } = await bed.open({ ban: 'BY-HAND' })
  await bed.take([belong('two', 1, [ban])])
  await bed.told()
  await bed.take([waits('on-2', 'two', 'BILLING_ACCOUNT')])
  await bed.take([waits('on-3', 'three', 'BILLING_ACCOUNT'), waits('on-4', 'three', 'BILLING_ACCOUNT')])
  expect([await opened('two'), (await opened('three')).length, (await bed.told()).length]).toEqual([[], 1, 1])
  // One that was closed is none any more.
  await bed.move('close', ban)
  await bed.take([waits('on-5', 'two', 'BILLING_ACCOUNT')])
  expect(await opened('two')).toHaveLength(1)
})

it('takes the next number when somebody has the first, and none of theirs', async () => {
  const [first, second] = bansFor('on-6')
  await bed.open({ ban: first, name: 'Somebody else' })
  await bed.take([waits('on-6', 'six', 'BILLING_ACCOUNT')])
  expect(await opened('six')).toMatchObject([{ ban: second }])
  expect((await bed.account(first!)).name).toBe('Somebody else')
})

it('sets up one first trunk, which waits for its addresses, however often it is told; none beside one that is there', async () => {
  await bed.take([waits('on-7', 'seven', 'BILLING_ACCOUNT')])
  const [{ ban } = { ban: '' }] = await opened('seven')
  await bed.told()
  await expect(bed.take([waits('on-7', 'seven', 'FIRST_TRUNK', ban)], { fails: true })).rejects.toThrow(
    'killed',
  )
  await Promise.all(Array.from({ length: 4 }, () => bed.take([waits('on-7', 'seven', 'FIRST_TRUNK', ban)])))
  const { trunks } = await bed.account(ban)
  expect(trunks.nodes).toMatchObject([{ name: 'Main', status: 'PENDING', allowedCalls: 10 }])
  expect((await bed.told()).map(({ name }) => name)).toEqual(['telephony.trunk.changed'])
  // What it was given once it is not given again, though it is gone.
  await bed.moveTrunk('delete', trunks.nodes[0].id)
  await bed.take([waits('on-7', 'seven', 'FIRST_TRUNK', ban)])
  expect((await bed.account(ban)).trunks.nodes).toEqual([])

  const larger = await bed.open({ ban: 'GROWN', tier: 'GROWTH', creditLimit: '300' })
  await bed.take([waits('on-8', 'eight', 'FIRST_TRUNK', larger.ban)])
  const [main] = (await bed.account(larger.ban)).trunks.nodes
  expect(await bed.trunk(main.id)).toMatchObject({
    concurrentCalls: 40,
    allowedCalls: 30,
    monthlyMinutes: 80_000,
  })
  const furnished = await bed.open({ ban: 'FURNISHED' }, [5])
  await bed.take([waits('on-9', 'nine', 'FIRST_TRUNK', furnished.ban)])
  expect((await bed.account(furnished.ban)).trunks.nodes).toHaveLength(1)
})

it('sets nothing up while the account stands still, and does so when it is told again', async () => {
  const { ban } = await bed.open({ ban: 'STILL' })
  await bed.move('suspend', ban, ', reason: ON_REQUEST')
  await bed.take([
    waits('on-10', 'ten', 'FIRST_TRUNK', ban),
    waits('on-11', 'eleven', 'FIRST_TRUNK', 'NOBODY'),
  ])
  expect((await bed.account(ban)).trunks.nodes).toEqual([])
  await bed.move('reactivate', ban)
  await bed.take([waits('on-10', 'ten', 'FIRST_TRUNK', ban)])
  expect((await bed.account(ban)).trunks.nodes).toHaveLength(1)
})

it('provides for fifty customers in as many statements as for one', async () => {
  const news = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => from + n).flatMap((n) => [
      waits(`many-${n}`, `customer-${n}`, 'BILLING_ACCOUNT'),
      waits(`many-${n}`, `customer-${n}`, 'FIRST_TRUNK'),
    ])
  const statements = async (from: number, count: number) => {
    bed.statements.length = 0
    await bed.take(news(from, count))
    return bed.statements.filter((text) => text.includes('telephony.')).length
  }
  expect(await statements(100, 50)).toBe(await statements(0, 1))
  const found = await bed.rows(
    `select count(*)::int as trunks from telephony.trunks t join telephony.billing_accounts b using (org_id, ban) where b.opened_for like 'customer-%'`,
  )
  expect(found).toEqual([{ trunks: 51 }])
})

it('hears it from customers over the feed, and goes on after a restart with nothing double', async () => {
  const seal = principalSeal(SHARED_SECRET, systemClock)
  await using customers = await startSiblingFeed('customers', seal)
  await using test = await testDatabase<DB>('telephony')
  const start = () =>
    startTelephony(startWith(test.urls, { siblings: { ...NO_SIBLINGS, customers: customers.url } }))
  const trunks = async (url: string | null) => {
    const answer = await askSubgraph(url, '{ trunks(first: 5) { nodes { name account { openedFor } } } }')
    return answer.data.trunks.nodes
  }
  {
    await using telephony = await start()
    await customers.tell(DEMO, [waits('on-1', 'one', 'BILLING_ACCOUNT')])
    await until(async () => {
      const { data } = await askSubgraph(telephony.url, '{ billingAccounts(first: 5) { totalCount } }')
      return data.billingAccounts.totalCount === 1
    })
  }
  await customers.tell(DEMO, [waits('on-1', 'one', 'BILLING_ACCOUNT'), waits('on-1', 'one', 'FIRST_TRUNK')])
  await using telephony = await start()
  const found = await until(async () => {
    const nodes = await trunks(telephony.url)
    return nodes.length > 0 && nodes
  })
  expect(found).toEqual([{ name: 'Main', account: { openedFor: 'one' } }])
})
