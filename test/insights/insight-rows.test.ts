import { describe, expect, it } from 'vitest'
import type { EventPayload } from '#schema/events.ts'
import { SUPPLY_RISK, takeSupplyRisks } from '#subgraphs/insights/commands/take-supply-risks.ts'
import { tellState } from '#subgraphs/insights/commands/tell-state.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { insightsBed } from './bed.ts'
import { chance, NOW } from './facts.ts'
import { advice, debtor, eventsIn, insightsIn, later } from './insight-facts.ts'
import { says, World } from './world.ts'

describe('insights as rows', () => {
  it('are raised once, told once, and nothing of what has not moved is written or told again', async () => {
    await using bed = await insightsBed()
    const world = new World()
    debtor(world, 1)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    const held = await insightsIn(bed)
    expect(held.map(({ detector, state, episode }) => [detector, state, episode])).toEqual([
      ['payment-overdue', 'NEW', 1],
    ])
    await bed.take(world.told, later(0.001))
    await bed.rows("update insights.customers set dirty_since = '2026-11-20'")
    expect(await bed.scoreAll(later(0.002))).toBe(1)
    expect(await insightsIn(bed)).toEqual(held)
    expect((await eventsIn(bed, 'insights.insight.raised')).map(({ key }) => key)).toEqual([
      held[0]!.insight_id,
    ])
    expect(await eventsIn(bed, 'insights.insight.changed')).toEqual([])
    // What is to be done is told beside, and not as a recommendation: nobody has accepted it, and no rule asks for it.
    expect(
      (await bed.profiles(world.orgId)).filter(({ payload }) => payload.fields.nextActions),
    ).toHaveLength(1)
    expect(await eventsIn(bed, 'insights.recommendation.changed')).toEqual([])
  })

  it('end when their condition ends, and begin anew as another episode with an id of its own', async () => {
    await using bed = await insightsBed()
    const world = new World()
    debtor(world, 1)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    for (const [n, status] of (['CURRENT', 'PAST_DUE'] as const).entries()) {
      await bed.take(
        [world.tell('telephony.account.changed', says.account('debtor-1', status, '5000'))],
        later(n + 1),
      )
      await bed.scoreAll(later(n + 1))
    }
    const held = await insightsIn(bed)
    expect(held.map(({ episode, state, version }) => [episode, state, version])).toEqual([
      [1, 'EXPIRED', 2],
      [2, 'NEW', 1],
    ])
    expect(new Set(held.map(({ insight_id }) => insight_id)).size).toBe(2)
    const profiles = await bed.profiles(world.orgId)
    expect(
      profiles.flatMap(
        ({ payload: { fields } }) => fields.nextActions?.value ?? (fields.nextActions ? [null] : []),
      ),
    ).toEqual(['Ask the customer when it pays', null, 'Ask the customer when it pays'])
  })

  it('of a customer that is merged away end, and those of who it is now begin', async () => {
    await using bed = await insightsBed()
    const world = new World()
    debtor(world, 1)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    await bed.take(
      [
        world.tell('customers.identity.changed', says.identity('debtor-1', 2, [], 'survivor')),
        world.tell(
          'customers.identity.changed',
          says.identity('survivor', 1, ['HUBSPOT:debtor-1', 'WARP:debtor-1']),
        ),
      ],
      later(1),
    )
    await bed.scoreAll(later(1))
    expect((await insightsIn(bed)).map(({ customer_id, state }) => [customer_id, state])).toEqual([
      ['debtor-1', 'EXPIRED'],
      ['survivor', 'NEW'],
    ])
    expect(await eventsIn(bed, 'insights.insight.changed')).toHaveLength(1)
  })

  it('are told whole to a sibling that starts anew: what is to be done, and what was recommended', async () => {
    await using bed = await insightsBed()
    const world = new World()
    for (let n = 0; n < 3; n++) debtor(world, n)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    await bed.rows("update insights.insights set is_recommended = true where customer_id = 'debtor-1'")
    const told = await bed.database.read(world.orgId, (tx) => Array.fromAsync(tellState(tx, world.orgId)))
    const actions = told.filter(
      ({ name, payload }) =>
        name === 'insights.profile.changed' &&
        'nextActions' in (payload as EventPayload<'insights.profile.changed'>).fields,
    )
    expect(actions.map(({ key }) => key)).toEqual(['debtor-0', 'debtor-1', 'debtor-2'])
    expect(
      told.filter(({ name }) => name === 'insights.recommendation.changed').map(({ payload }) => payload),
    ).toEqual([
      expect.objectContaining({
        customerId: 'debtor-1',
        state: 'OPEN',
        requiresHumanAction: false,
        priority: 'HIGH',
      }),
    ])
  })

  it('full recompute finds what was found step by step', async () => {
    await using bed = await insightsBed()
    const world = new World().live(chance(3), 300)
    for (let n = 0; n < 20; n++) debtor(world, n, String(n * 900))
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    const before = await insightsIn(bed)
    expect(before.length).toBeGreaterThanOrEqual(20)
    const told = await eventsIn(bed, 'insights.insight.raised')
    await bed.rows('update insights.customers set due_at = $1', [NOW])
    expect(await bed.scoreAll(NOW)).toBeGreaterThanOrEqual(20)
    expect(await insightsIn(bed)).toEqual(before)
    expect(await eventsIn(bed, 'insights.insight.raised')).toEqual(told)
  })
})

describe('warnings about supply', () => {
  it('are insights of no customer that follow their recommendation, however often and in whatever order it is told', async () => {
    await using bed = await insightsBed()
    const take = (...list: object[]) =>
      bed.database.transaction(DEMO, (tx) => takeSupplyRisks(asTransaction(tx), DEMO, list as never, NOW))
    await take(
      advice('r-1'),
      advice('r-2', { kind: 'PRICING' }),
      advice('r-3', { reasoning: null, severity: null }),
    )
    await take(advice('r-1'))
    const held = (await insightsIn(bed)).map((row) => [
      row.detector,
      row.customer_id,
      row.state,
      row.sentence,
    ])
    expect(held.sort()).toEqual([
      [SUPPLY_RISK, null, 'NEW', 'Only one supplier offers it.'],
      [SUPPLY_RISK, null, 'NEW', 'The supply of STM32F429ZIT6 is threatened.'],
    ])
    await take(advice('r-1', { state: 'EXPIRED', observedAt: later(1).toISOString() }))
    // Told late: what was so before.
    await take(advice('r-1', { observedAt: later(0.5).toISOString() }))
    expect(
      (await insightsIn(bed, "recommendation_id = 'r-1'")).map(({ state, version }) => [state, version]),
    ).toEqual([['EXPIRED', 2]])
    expect(await eventsIn(bed, 'insights.insight.raised')).toHaveLength(2)
    expect(await eventsIn(bed, 'insights.insight.changed')).toHaveLength(1)
  })

  it('of a batch take as many statements as one', async () => {
    await using bed = await insightsBed()
    const cost = async (count: number, from: number) => {
      const before = bed.database.statements
      const list = Array.from({ length: count }, (_, i) => advice(`r-${from + i}`))
      await bed.database.transaction(DEMO, (tx) =>
        takeSupplyRisks(asTransaction(tx), DEMO, list as never, NOW),
      )
      return bed.database.statements - before
    }
    expect(await cost(300, 10)).toBe(await cost(1, 1000))
  })
})
