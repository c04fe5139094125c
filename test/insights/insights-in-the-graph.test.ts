import { describe, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { scoreOrganisation } from '#subgraphs/insights/commands/score-customers.ts'
import { takeSupplyRisks } from '#subgraphs/insights/commands/take-supply-risks.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { askSubgraph, DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { DAY, NOW } from './facts.ts'
import { advice, debtor, eventsIn, insightsIn, type Row } from './insight-facts.ts'
import { demoWorld, payers, start } from './running.ts'
import { says } from './world.ts'

const ROWS = /* GraphQL */ `
  query ($filter: InsightFilter, $orderBy: InsightOrder! = NEWEST, $first: Int! = 50, $after: Cursor) {
    insights(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      totalCount
      nodes { id version type detector title sentence confidence band needsReview impact valueAtStake { amount currency } state measures { name value unit bound } evidence { system kind recordId value unit at } actions validUntil customer { id } }
      pageInfo { endCursor hasNextPage }
    }
  }`
const OF = /* GraphQL */ `
  query ($of: [_Any!]!, $minConfidence: Int, $impact: InsightImpact, $type: InsightType) {
    _entities(representations: $of) { ... on Customer {
      id
      insights(minConfidence: $minConfidence, impact: $impact, type: $type, first: 5) { totalCount nodes { detector confidence } }
      recommendations(first: 3) { action reason priority dueAt expectedOutcome expectedValue { amount currency } insight { detector } }
    } }
  }`
const decision = (verb: 'accept' | 'dismiss' | 'complete' | 'reopen', args = '') => /* GraphQL */ `
  mutation ($id: ID!, $version: Int!) {
    decided: ${verb}Insight(id: $id, expectedVersion: $version${args}) {
      __typename
      ... on InsightDecided { insight { id version state decidedAt dismissedFor outcome } receipt { position } }
      ... on Stale { currentVersion }
      ... on Invalid { field }
      ... on Refusal { code message }
    }
  }`
const DECISIONS = {
  accept: decision('accept'),
  wrong: decision('dismiss', ', reason: WRONG'),
  helped: decision('complete', ', outcome: POSITIVE'),
  reopen: decision('reopen'),
}
const ask = async (
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  who = principal(),
) => {
  const { data, errors } = await askSubgraph(url, query, variables, who)
  expect(errors).toBeUndefined()
  return data
}
const hubWith = async (count: number) => {
  const hub = await start()
  const world = demoWorld()
  for (let n = 0; n < count; n++) debtor(world, n, String(1000 * n))
  await hub.bed.take(world.told, NOW)
  await hub.bed.scoreAll(NOW)
  return { hub, world }
}
const reference = (id: string) => ({ __typename: 'Customer', id, identityVersion: 1 })

describe('insights in the graph', () => {
  it('say what was noticed, how sure, on what it rests and what to do, of a hundred customers in as many statements as of one', async () => {
    const { hub: running } = await hubWith(100)
    await using hub = running
    const cost = async (count: number) => {
      hub.statements.length = 0
      const of = Array.from({ length: count }, (_, n) => reference(`debtor-${n}`))
      const { _entities } = await ask(hub.url, OF, { of })
      expect(_entities).toHaveLength(count)
      for (const { insights, recommendations } of _entities) {
        expect(insights.totalCount).toBe(insights.nodes.length)
        expect(recommendations[0].expectedOutcome).toMatch(/\w/)
      }
      return hub.statements.filter((text) => /\binsights\W+\w/.test(text)).length
    }
    expect(await cost(1)).toBe(3)
    expect(await cost(100)).toBe(3)
    const { insights } = await ask(hub.url, ROWS, {
      orderBy: 'VALUE',
      first: 1,
      filter: { types: ['PAYMENT'] },
    })
    expect(insights.nodes[0]).toMatchObject({
      ...{
        detector: 'payment-overdue',
        title: 'Payment is overdue',
        band: 'LOW',
        impact: 'CRITICAL',
        state: 'NEW',
      },
      ...{ confidence: 69, needsReview: false, valueAtStake: { amount: '1188000', currency: 'USD' } },
      sentence: '1 of 1 billing accounts past due or suspended.',
      measures: [{ name: 'overdueAccounts', value: '1', unit: 'accounts', bound: '1' }],
      evidence: [
        {
          system: 'WARP',
          kind: 'billing',
          recordId: 'debtor-99',
          value: 'PAST_DUE',
          unit: null,
          at: expect.any(String),
        },
      ],
      customer: { id: 'debtor-99' },
    })
  })

  it.each(['NEWEST', 'CONFIDENCE', 'VALUE'])(
    'are listed by %s page by page, each once, and narrowed',
    async (orderBy) => {
      const { hub: running } = await hubWith(23)
      await using hub = running
      const whole = (await ask(hub.url, ROWS, { orderBy, first: 200 })).insights
      const seen: string[] = []
      for (let after: string | null = null; ; ) {
        const { insights } = await ask(hub.url, ROWS, { orderBy, first: 7, after })
        seen.push(...insights.nodes.map(({ id }: { id: string }) => id))
        if (!insights.pageInfo.hasNextPage) break
        after = insights.pageInfo.endCursor
      }
      expect(seen).toEqual(whole.nodes.map(({ id }: { id: string }) => id))
      expect(seen).toHaveLength(whole.totalCount)
      const values = whole.nodes.map(
        (node: { confidence: number; valueAtStake: { amount: string } | null }) =>
          orderBy === 'VALUE'
            ? Number(node.valueAtStake?.amount ?? -1) * node.confidence
            : orderBy === 'CONFIDENCE'
              ? node.confidence
              : 0,
      )
      expect(values).toEqual([...values].sort((a: number, b: number) => b - a))
      for (const [filter, keeps] of [
        [{ minConfidence: 69 }, ({ confidence }: { confidence: number }) => confidence >= 69],
        [{ band: 'LOW' }, ({ confidence }: { confidence: number }) => confidence >= 50 && confidence < 70],
        [{ band: 'REVIEW' }, ({ confidence }: { confidence: number }) => confidence < 50],
        [{ impacts: ['CRITICAL'] }, ({ impact }: { impact: string }) => impact === 'CRITICAL'],
        [
          { types: ['PAYMENT'], detectors: ['payment-overdue'] },
          ({ type }: { type: string }) => type === 'PAYMENT',
        ],
      ] as const) {
        const { insights } = await ask(hub.url, ROWS, { orderBy, first: 200, filter })
        expect(insights.nodes).toEqual(whole.nodes.filter(keeps))
      }
    },
  )

  it('walk an index for every list, also under row level security', async () => {
    await using hub = await start()
    await hub.bed.take(payers(2).told, NOW)
    await hub.bed.scoreAll(NOW)
    await hub.bed.multiply(DEMO, 4_000)
    for (const [index, variables] of [
      ['insights_open_newest', {}],
      ['insights_open_surest', { orderBy: 'CONFIDENCE', filter: { band: 'REVIEW' } }],
      ['insights_open_worth', { orderBy: 'VALUE' }],
      ['insights_newest', { filter: { states: ['NEW', 'DISMISSED'] } }],
      ['insights_of_customer|insights_episodes', null],
    ] as const) {
      hub.statements.length = 0
      if (variables) await ask(hub.url, ROWS.replace('totalCount', ''), { ...variables, first: 5 })
      else await ask(hub.url, OF, { of: [reference('customer-1')] })
      for (const { text, plan } of await hub.bed.plans(
        'app',
        DEMO,
        hub.statements.filter((text) => text.includes('insights.insights')),
      )) {
        expect(plan, text).toMatch(new RegExp(index))
        expect(plan, text).not.toMatch(/Seq Scan on insights/)
      }
    }
  })

  it('are another organisation’s alone, to see and to decide', async () => {
    const { hub: running } = await hubWith(2)
    await using hub = running
    const [{ insight_id: id }] = (await insightsIn(hub.bed)) as [Row]
    const other = principal(EMPTY)
    expect((await ask(hub.url, ROWS, {}, other)).insights).toMatchObject({ totalCount: 0, nodes: [] })
    expect((await ask(hub.url, OF, { of: [reference('debtor-1')] }, other))._entities[0]).toMatchObject({
      insights: { totalCount: 0 },
      recommendations: [],
    })
    for (const mutation of Object.values(DECISIONS))
      expect((await ask(hub.url, mutation, { id, version: 1 }, other)).decided).toMatchObject({
        code: 'NOT_FOUND',
      })
    expect(
      (await askSubgraph(hub.url, ROWS, {}, principal(DEMO, 'customers:read'))).errors?.map(
        (e) => e.extensions?.code,
      ),
    ).toEqual(['FORBIDDEN'])
    expect((await insightsIn(hub.bed)).every(({ state }) => state === 'NEW')).toBe(true)
  })
})

describe('decisions', () => {
  it('are kept with an audit row, told once, and make a recommendation of what was accepted', async () => {
    const { hub: running } = await hubWith(1)
    await using hub = running
    const [{ insight_id: id }] = (await insightsIn(hub.bed)) as [Row]
    // Later than what it decides on, also where the clock stands still.
    const decidedAt = new Date(NOW.getTime() + 1).toISOString()
    expect((await ask(hub.url, DECISIONS.accept, { id, version: 1 })).decided).toMatchObject({
      __typename: 'InsightDecided',
      insight: { id, version: 2, state: 'ACCEPTED', decidedAt },
    })
    expect((await ask(hub.url, DECISIONS.accept, { id, version: 1 })).decided).toMatchObject({
      code: 'STALE',
      currentVersion: 2,
    })
    expect((await ask(hub.url, DECISIONS.accept, { id, version: 2 })).decided).toMatchObject({
      code: 'INVALID',
      field: 'id',
    })
    expect((await ask(hub.url, DECISIONS.helped, { id, version: 2 })).decided).toMatchObject({
      insight: { state: 'DONE', outcome: 'POSITIVE' },
    })
    const told = await eventsIn(hub.bed, 'insights.recommendation.changed')
    expect(told.map(({ payload }) => payload)).toMatchObject([
      {
        recommendationId: id,
        customerId: 'debtor-0',
        state: 'OPEN',
        outcome: null,
        action: 'Ask the customer when it pays',
        requiresHumanAction: false,
      },
      { recommendationId: id, state: 'DONE', outcome: 'It helped.' },
    ])
    const audit = await hub.bed.rows<{ action: string; diff: object }>(
      'select action, diff from service.audit_log order by id',
    )
    expect(audit).toEqual([
      { action: 'acceptInsight', diff: { state: ['NEW', 'ACCEPTED'] } },
      { action: 'completeInsight', diff: { state: ['ACCEPTED', 'DONE'], outcome: [null, 'POSITIVE'] } },
    ])
    const { insightCalibration } = await ask(
      hub.url,
      '{ insightCalibration { band judged right promised observed low high } }',
    )
    expect(insightCalibration.find(({ band }: { band: string }) => band === 'LOW')).toEqual({
      ...{
        band: 'LOW',
        judged: 1,
        right: 1,
        promised: '69',
        observed: '100',
        low: '20.7',
        high: '100',
      },
    })
    const { insightCounts } = await ask(hub.url, '{ insightCounts { type detector impact state count } }')
    expect(insightCounts).toEqual([
      { type: 'PAYMENT', detector: 'payment-overdue', impact: 'LOW', state: 'DONE', count: 1 },
    ])
  })

  it('fault 52 (insights): a dismissal and an update of the same insight at once leave it dismissed, and it can be taken back', async () => {
    const { hub: running, world } = await hubWith(1)
    await using hub = running
    const [{ insight_id: id }] = (await insightsIn(hub.bed)) as [Row]
    await hub.bed.take(
      [world.tell('telephony.account.changed', says.account('debtor-0', 'SUSPENDED', '90000'))],
      NOW,
    )
    // Whoever judges the customer holds it: the dismissal waits, and is decided on what is there then.
    let dismissed: Promise<Record<string, never>> | undefined
    await hub.bed.database.transaction(DEMO, async (tx) => {
      await scoreOrganisation(tx, DEMO, NOW, 10)
      dismissed = ask(hub.url, DECISIONS.wrong, { id, version: 1 })
      await until(async () => (await hub.bed.waiting()) > 0)
    })
    expect((await dismissed)!.decided).toMatchObject({
      insight: { state: 'DISMISSED', dismissedFor: 'WRONG' },
    })
    expect(await hub.bed.scoreAll(NOW)).toBe(1)
    const [held] = (await insightsIn(hub.bed)) as [Row]
    expect(held).toMatchObject({ state: 'DISMISSED', version: 2, impact: 'CRITICAL', dismissals: 1 })
    await hub.bed.rows('update insights.insights set valid_until = $2 where insight_id = $1', [id, NOW])
    expect((await ask(hub.url, DECISIONS.reopen, { id, version: 2 })).decided).toMatchObject({
      insight: { state: 'NEW', dismissedFor: null },
    })
    // Valid for as long as a new one: else it would expire when it is looked at next.
    const validUntil = () =>
      hub.bed.rows<{ at: Date }>('select valid_until as at from insights.insights where insight_id = $1', [
        id,
      ])
    const days = ((await validUntil())[0]!.at.getTime() - NOW.getTime()) / DAY
    // The clock stands still, and each decision is later than the one before by a millisecond.
    expect(days).toBeCloseTo(90, 6)
  })

  it('of two at once are one, and the other is told that somebody was quicker', async () => {
    const { hub: running } = await hubWith(1)
    await using hub = running
    const [{ insight_id: id }] = (await insightsIn(hub.bed)) as [Row]
    const both = await Promise.all(
      [DECISIONS.accept, DECISIONS.wrong].map((mutation) => ask(hub.url, mutation, { id, version: 1 })),
    )
    expect(both.map(({ decided }) => decided.__typename).sort()).toEqual(['InsightDecided', 'Stale'])
    expect(await eventsIn(hub.bed, 'insights.insight.changed')).toHaveLength(1)
  })

  it('on a warning about supply are made on its recommendation', async () => {
    await using hub = await start()
    await hub.bed.database.transaction(DEMO, (tx) =>
      takeSupplyRisks(asTransaction(tx), DEMO, [advice('r-1')] as never, NOW),
    )
    const [{ insight_id: id }] = (await insightsIn(hub.bed)) as [Row]
    expect((await ask(hub.url, DECISIONS.accept, { id, version: 1 })).decided).toMatchObject({
      code: 'DECIDED_ELSEWHERE',
    })
    expect(
      (await ask(hub.url, DECISIONS.accept, { id: newId(systemClock), version: 1 })).decided,
    ).toMatchObject({ code: 'NOT_FOUND' })
    expect((await ask(hub.url, DECISIONS.accept, { id: 'nonsense', version: 1 })).decided).toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})
