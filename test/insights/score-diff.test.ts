import { describe, expect, it } from 'vitest'
import { askSubgraph, EMPTY, principal } from '#test/kit/subgraph.ts'
import { ago, chance, DAY, NOW, pick } from './facts.ts'
import { demoWorld, payers, start } from './running.ts'
import { says, type Told } from './world.ts'

const ASK = /* GraphQL */ `query ($customerId: ID!, $from: DateTime!, $to: DateTime!, $first: Int! = 50) {
  scoreDiff(customerId: $customerId, from: $from, to: $to) {
    customer { id } from to fromScore toScore points moves { dimension metric points } rest(first: $first)
    causes(first: $first) { kind at points system signal recordId was { amount label } is { amount label } moves { metric points } } } }`
interface Cause {
  kind: string
  points: string
  signal: string | null
  recordId: string | null
  moves: { points: string }[]
}
const total = (list: readonly { points: string }[]) =>
  list.reduce((sum, { points }) => sum + Number(points), 0)

type Hub = Awaited<ReturnType<typeof start>>
const diff = async (
  hub: Hub,
  customerId: string,
  from: Date,
  to: Date,
  more: object = {},
  who = principal(),
) => {
  const { data, errors } = await askSubgraph(hub.url, ASK, { customerId, from, to, ...more }, who)
  expect(errors).toBeUndefined()
  return data.scoreDiff
}
/** Whatever moved it, the parts sum to the difference to the last digit. */
const expectExact = (found: Awaited<ReturnType<typeof diff>>) => {
  const moved = Number(found.toScore ?? 0) - Number(found.fromScore ?? 0)
  expect(Number(found.points)).toBeCloseTo(moved, 9)
  expect(total(found.moves)).toBeCloseTo(moved, 9)
  expect(total(found.causes) + Number(found.rest)).toBeCloseTo(moved, 9)
  for (const cause of found.causes) expect(total(cause.moves)).toBeCloseTo(Number(cause.points), 9)
}

/** A customer with an account in each system, and what each kind of record says of it. */
const customerOfAll = () => {
  const world = demoWorld()
  world.tell(
    'customers.identity.changed',
    says.identity('one', 1, ['HUBSPOT:company', 'C3:account', 'WARP:ban']),
  )
  world.tell('customers.company.changed', says.company('company', { lastActivityAt: ago(20).toISOString() }))
  world.tell('telephony.account.changed', says.account('ban'))
  const withdrawals: [kind: string, recordId: string, () => Told, () => Told][] = [
    ...['ann', 'bob'].map(
      (id, n) =>
        [
          'contact',
          id,
          () => world.tell('customers.contact.changed', says.contact(id, 'company', 5 + n * 10)),
          () => world.tell('customers.contact.changed', says.contact(id, 'company', 5, true)),
        ] as [string, string, () => Told, () => Told],
    ),
    [
      'deal',
      'deal',
      () => world.tell('customers.deal.changed', says.deal('deal', 'company')),
      () => world.tell('customers.deal.changed', says.deal('deal', 'company', '5000', true)),
    ],
    ...['new', 'old'].map(
      (id) =>
        [
          'ticket',
          id,
          () => world.tell('customers.ticket.changed', says.ticket(id, 'company', id === 'new')),
          () => world.tell('customers.ticket.changed', says.ticket(id, 'company', false, true)),
        ] as [string, string, () => Told, () => Told],
    ),
    ...(['WON', 'LOST'] as const).map(
      (status) =>
        [
          'rfq',
          status,
          () => world.tell('inventory.rfq.changed', says.rfq(status, 'account', status)),
          () => world.tell('inventory.rfq.changed', says.rfq(status, 'account', status, true)),
        ] as [string, string, () => Told, () => Told],
    ),
    [
      'trunk',
      'trunk',
      () => world.tell('telephony.trunk.changed', says.trunk('trunk', 'ban')),
      () => world.tell('telephony.trunk.changed', says.trunk('trunk', 'ban', 'DELETED')),
    ],
  ]
  return { world, withdrawals }
}

describe('scoreDiff', () => {
  it('names any one signal that is withdrawn, and the points by which the score then moves, exactly', async () => {
    await using hub = await start()
    const { world, withdrawals } = customerOfAll()
    for (const [, , comes] of withdrawals) comes()
    await hub.bed.take(world.told, ago(1))
    await hub.bed.scoreAll(ago(1))
    let at = ago(1)
    const step = async (told: Told) => {
      at = new Date(at.getTime() + 1000)
      await hub.bed.take([told], at)
      await hub.bed.scoreAll(at)
      return at
    }
    for (const [signal, recordId, comes, goes] of withdrawals) {
      const before = at
      const gone = await diff(hub, 'one', before, await step(goes()))
      expectExact(gone)
      expect(Number(gone.points)).not.toBe(0)
      expect(gone.causes).toEqual([
        expect.objectContaining({ kind: 'SIGNAL', signal, recordId, points: gone.points, is: null }),
      ])
      expect(gone.causes[0].was).not.toBeNull()
      const between = at
      const back = await diff(hub, 'one', between, await step(comes()))
      expect(back.causes).toEqual([expect.objectContaining({ kind: 'SIGNAL', recordId, was: null })])
      expect(Number(back.points)).toBe(-Number(gone.points))
      // There and back: two causes that outweigh each other.
      const both = await diff(hub, 'one', before, at)
      expectExact(both)
      expect([Number(both.points), both.causes.length]).toEqual([0, 2])
    }
  })

  it('tells what facts, accounts, settings and time did, from the first score to the last', async () => {
    await using hub = await start()
    const { world, withdrawals } = customerOfAll()
    await hub.bed.take(world.told, ago(60))
    await hub.bed.scoreAll(ago(60))
    for (const [n, [, , comes]] of withdrawals.entries()) await hub.bed.take([comes()], ago(50 - n))
    await hub.bed.scoreAll(ago(40))
    const without = says.identity('one', 2, ['HUBSPOT:company', 'WARP:ban'])
    await hub.bed.take([world.tell('customers.identity.changed', without)], ago(30))
    await hub.bed.scoreAll(ago(25))
    const { errors } = await askSubgraph(
      hub.url,
      'mutation { setInsightsSettings(expectedVersion: 1, changes: { health: { weights: { crm: "3", payment: "1", usage: "1", support: "1" } } }) { __typename } }',
    )
    expect(errors).toBeUndefined()
    const late = says.account('ban', 'PAST_DUE')
    const later = new Date(NOW.getTime() + DAY)
    await hub.bed.take([world.tell('telephony.account.changed', late)], later)
    await hub.bed.scoreAll(later)
    hub.statements.length = 0
    const found = await diff(hub, 'one', ago(60), later)
    expect(hub.statements.filter((text) => /\binsights\W+\w/.test(text)).length).toBeLessThanOrEqual(6)
    expectExact(found)
    const kinds = new Set(found.causes.map((cause: Cause) => cause.kind))
    expect(kinds).toEqual(new Set(['SIGNAL', 'ACCOUNT', 'SETTINGS', 'TIME']))
    expect(found.causes).toContainEqual(
      expect.objectContaining({
        signal: 'billing',
        was: { amount: '900', label: 'CURRENT' },
        is: { amount: '900', label: 'PAST_DUE' },
      }),
    )
    const sizes = found.causes.map((cause: Cause) => Math.abs(Number(cause.points)))
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    // A shorter list says what the rest of it sums to.
    const short = await diff(hub, 'one', ago(60), later, { first: 2 })
    expect(short.causes).toHaveLength(2)
    expectExact(short)
    // From before it was known: everything came.
    expectExact(await diff(hub, 'one', ago(61), later))
    expect((await diff(hub, 'one', ago(61), later)).fromScore).toBeNull()
  })

  it('sums exactly for every customer of a lively world, through links and splits', async () => {
    await using hub = await start()
    const random = chance(8)
    const world = demoWorld().live(random, 300)
    // Days of the past that are told now move a score without anything that happened now.
    const waiting = world.told.filter(({ event }) => event.name !== 'telephony.usage.summarised')
    let at = ago(3)
    while (waiting.length > 0) {
      at = new Date(at.getTime() + random() * 0.05 * DAY)
      await hub.bed.take(waiting.splice(0, 1 + Math.floor(random() * 20)), at)
      if (random() < 0.5) await hub.bed.scoreAll(at, pick(random, [3, 250]))
    }
    await hub.bed.scoreAll(NOW)
    let explained = 0
    // Of whom nothing was ever known there is no score to differ.
    const scored = [...(await hub.bed.scores(world.orgId))].filter(([, { score }]) => score !== null)
    for (const [customerId] of scored)
      for (const from of [ago(4), ago(2), ago(1)]) {
        const found = await diff(hub, customerId, from, NOW)
        expectExact(found)
        explained += found.causes.filter((cause: Cause) => cause.kind !== 'UNKNOWN').length
        expect(found.causes.filter((cause: Cause) => cause.kind === 'UNKNOWN')).toEqual([])
      }
    expect(explained).toBeGreaterThan(30)
  })

  it('says which of what is told day by day moved it, apart from time and facts', async () => {
    await using hub = await start()
    const world = demoWorld()
    world.tell('customers.identity.changed', says.identity('one', 1, ['HUBSPOT:company', 'WARP:ban']))
    world.tell(
      'customers.company.changed',
      says.company('company', { lastActivityAt: ago(100).toISOString() }),
    )
    world.tell('telephony.account.changed', says.account('ban'))
    await hub.bed.take(world.told, ago(90))
    // Each day is told once it is over; for the last four weeks less was talked, and fewer calls were answered.
    for (let day = 88; day > 0; day--) {
      const told = says.usage('ban', ago(day), day > 32 ? '90' : '30', day > 32 ? 0.9 : 0.4)
      await hub.bed.take([world.tell('telephony.usage.summarised', told)], ago(day - 1))
      if (day % 7 === 0) await hub.bed.scoreAll(ago(day - 1))
    }
    await hub.bed.scoreAll(NOW)
    const found = await diff(hub, 'one', ago(40), NOW)
    expectExact(found)
    const days = found.causes.filter((cause: Cause) => cause.kind === 'DAYS')
    const bySignal = new Map(days.map((cause: Cause) => [cause.signal, Number(cause.points)]))
    expect(bySignal.get('usage-minutes')).toBeLessThan(-2)
    expect(bySignal.get('answer-ratio')).toBeLessThan(-1)
    const rest = found.causes.filter((cause: Cause) => cause.kind !== 'DAYS')
    expect(rest.map((cause: Cause) => cause.kind)).toEqual(['TIME'])
    expect(rest[0].moves).toEqual([expect.objectContaining({ metric: 'daysSinceActivity' })])
    expect(Number(rest[0].points)).toBeLessThan(0)
  })

  it('tells another organisation nothing, and refuses moments that are out of order or too far apart', async () => {
    await using hub = await start()
    await hub.bed.take(payers(1).told, ago(1))
    await hub.bed.scoreAll(ago(1))
    expect(await diff(hub, 'customer-0', ago(2), NOW)).toMatchObject({ customer: { id: 'customer-0' } })
    expect(await diff(hub, 'customer-0', ago(2), NOW, {}, principal(EMPTY))).toBeNull()
    expect(await diff(hub, 'nobody', ago(2), NOW)).toBeNull()
    for (const [from, to] of [
      [NOW, ago(1)],
      [ago(401), NOW],
    ]) {
      const { errors } = await askSubgraph(hub.url, ASK, { customerId: 'customer-0', from, to })
      expect(errors?.map((e) => e.extensions?.code)).toEqual(['BAD_INPUT'])
    }
  })
})

it('forgets what was known of an erased person, also of the past', async () => {
  await using hub = await start()
  const world = demoWorld()
  world.tell('customers.identity.changed', says.identity('one', 1, ['HUBSPOT:company']))
  world.tell('customers.contact.changed', says.contact('ann', 'company', 5))
  world.tell('customers.contact.changed', says.contact('bob', 'company', 5))
  await hub.bed.take(world.told, ago(3))
  const again = ['ann', 'bob'].map((id) =>
    world.tell('customers.contact.changed', says.contact(id, 'company', 4)),
  )
  await hub.bed.take(again, ago(2))
  const former = () => hub.bed.rows<{ record_id: string }>('select record_id from insights.former_signals')
  expect((await former()).map((row) => row.record_id).sort()).toEqual(['ann', 'bob'])
  await hub.bed.take(
    [world.tell('customers.person.erased', { erasureId: 'erasure', contactIds: ['ann'] })],
    ago(1),
  )
  expect(await former()).toEqual([{ record_id: 'bob' }])
})
