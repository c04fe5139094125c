import { describe, expect, it } from 'vitest'
import { tellState } from '#subgraphs/insights/commands/tell-state.ts'
import { DETECTOR_SETTINGS } from '#subgraphs/insights/domain/detector-settings.ts'
import type { Health } from '#subgraphs/insights/domain/health.ts'
import { HEALTH_SETTINGS } from '#subgraphs/insights/domain/health-settings.ts'
import { type AskedSettings, changeSettings, settingsOf } from '#subgraphs/insights/domain/settings.ts'
import { askSubgraph, DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { ago, fact, healthOf, NOW } from './facts.ts'
import { demoWorld, payers, start } from './running.ts'
import { says } from './world.ts'

const SET = /* GraphQL */ `
  mutation ($expectedVersion: Int!, $changes: InsightsSettingsInput!) {
    setInsightsSettings(expectedVersion: $expectedVersion, changes: $changes) {
      __typename
      ... on InsightsSettingsSet { settings { version changed } recompute { total done reason } }
      ... on Stale { currentVersion }
      ... on Invalid { field }
      ... on Refusal { code message }
    }
  }`
const READ = /* GraphQL */ `
  { insightsSettings { version changedAt changed health {
    weights { crm payment usage support } segments { name lifecycleStages weights { crm } }
    metrics { metric dimension unit weight knots { value score } } ceilings { oneSystem twoSystems moreSystems } } } }`
const even = { crm: '1', payment: '1', usage: '1', support: '1' }
const set = async (url: string, expectedVersion: number, changes: object, who = principal()) => {
  const { data, errors } = await askSubgraph(url, SET, { expectedVersion, changes }, who)
  expect(errors).toBeUndefined()
  return data.setInsightsSettings
}
const read = async (url: string, who = principal()) =>
  (await askSubgraph(url, READ, {}, who)).data.insightsSettings

/** The settings of an organisation that asked for these changes, one after the other. */
const changedBy = (...changes: AskedSettings[]) => {
  let document = {}
  for (const change of changes) {
    const next = changeSettings(document, change)
    expect(next).not.toHaveProperty('problem')
    document = next
  }
  return settingsOf(document).health
}

describe('how health is scored', () => {
  const lead = [
    fact('company', { label: 'lead', happenedAt: NOW }),
    fact('billing', { label: 'PAST_DUE', amount: 0, unit: 'USD' }),
  ]
  const weightsOf = ({ dimensions }: Health) => Object.fromEntries(dimensions.map((d) => [d.name, d.weight]))

  it('weighs the sides as the organisation says, and otherwise for customers of a segment', () => {
    const heavy = { crm: '3', payment: '1', usage: '0', support: '0' }
    const leads = { name: 'Leads', lifecycleStages: ['lead'], weights: { ...heavy, crm: '1' } }
    expect(weightsOf(healthOf(lead, NOW, changedBy({ health: { weights: heavy } })))).toMatchObject({
      CRM: 0.75,
      PAYMENT: 0.25,
    })
    const segmented = changedBy({ health: { weights: heavy, segments: [leads] } })
    expect(weightsOf(healthOf(lead, NOW, segmented))).toMatchObject({ CRM: 0.5, PAYMENT: 0.5 })
    const other = lead.map((s) => (s.kind === 'company' ? { ...s, label: 'customer' } : s))
    expect(weightsOf(healthOf(other, NOW, segmented))).toMatchObject({ CRM: 0.75 })
  })

  it('leaves out what counts for nothing, also from confidence, and knows no score where nothing counts', () => {
    const deaf = changedBy({
      health: {
        weights: { ...even, payment: '0', usage: '0' },
        metrics: ['daysSinceActivity', 'activeContacts'].map((metric) => ({ metric, weight: '0' })),
      },
    })
    const { contributions, score } = healthOf(lead, NOW, deaf)
    expect(contributions.map((c) => c.metric)).toEqual(['lifecycleStage'])
    expect(score).toBe(35)
    expect(healthOf(lead, NOW, deaf).coverage).toBe(0.5)
    expect(healthOf(lead.slice(1), NOW, deaf)).toMatchObject({
      score: null,
      confidence: 0,
      contributions: [],
    })
  })

  it('reads values by the organisation’s own points, and keeps to its ceilings', () => {
    const knots = [
      { value: '0', score: '0' },
      { value: '10', score: '100' },
    ]
    const strict = changedBy({
      health: {
        metrics: [{ metric: 'daysSinceActivity', knots }],
        ceilings: { oneSystem: '10', twoSystems: '20', moreSystems: '30' },
      },
    })
    const silent = [fact('company', { happenedAt: ago(5) })]
    expect(healthOf(silent, NOW, strict)).toMatchObject({ score: 50, confidence: 10 })
    // What was not changed is as the hub has it.
    expect(strict.metrics.openTickets).toEqual(HEALTH_SETTINGS.metrics.openTickets)
  })

  it('adds one change to another, and gives a part back to the hub', () => {
    const weights = { ...even, crm: '5' }
    const both = changedBy(
      { health: { weights } },
      { health: { metrics: [{ metric: 'openTickets', weight: '9' }] } },
      { health: { metrics: [{ metric: 'openTickets', knots: [{ value: '0', score: '7' }] }] } },
    )
    expect(both.weights.CRM).toBe(5)
    expect(both.metrics.openTickets).toEqual({ weight: 9, knots: [[0, 7]] })
    expect(changedBy({ health: { weights } }, { reset: ['HEALTH'] })).toEqual(HEALTH_SETTINGS)
  })

  it('keeps what was said before there were more metrics, and takes the hub’s own of those', () => {
    const before = { metrics: { openTickets: { weight: 9 } } }
    const { metrics } = settingsOf({ health: before }).health
    expect(metrics.openTickets).toEqual({ ...HEALTH_SETTINGS.metrics.openTickets, weight: 9 })
    expect(metrics.minutesGrowth).toEqual(HEALTH_SETTINGS.metrics.minutesGrowth)
    const changed = changeSettings(
      { health: before },
      { health: { metrics: [{ metric: 'answerRatio', weight: '0' }] } },
    )
    expect(changed).toEqual({ health: { metrics: { ...before.metrics, answerRatio: { weight: 0 } } } })
  })

  it.each([
    ['health.weights', { weights: { ...even, crm: '-1' } }],
    ['health.weights', { weights: { crm: '0', payment: '0', usage: '0', support: '0' } }],
    ['health.segments.0.name', { segments: [{ name: ' ', lifecycleStages: ['lead'], weights: even }] }],
    [
      'health.segments.1.name',
      { segments: [1, 2].map(() => ({ name: 'A', lifecycleStages: ['lead'], weights: even })) },
    ],
    ['health.segments.0.lifecycleStages', { segments: [{ name: 'A', lifecycleStages: [], weights: even }] }],
    ['health.metrics.0.metric', { metrics: [{ metric: 'constructor', weight: '1' }] }],
    ['health.metrics.0.weight', { metrics: [{ metric: 'openTickets', weight: '1001' }] }],
    ['health.metrics.0.knots', { metrics: [{ metric: 'openTickets', knots: [] }] }],
    [
      'health.metrics.0.knots',
      { metrics: [{ metric: 'openTickets', knots: [1, 1].map(() => ({ value: '1', score: '1' })) }] },
    ],
    [
      'health.metrics.0.knots',
      { metrics: [{ metric: 'openTickets', knots: [{ value: '1', score: '101' }] }] },
    ],
    ['health.ceilings', { ceilings: { oneSystem: '70', twoSystems: '80', moreSystems: '90' } }],
    ['health.ceilings', { ceilings: { oneSystem: '50', twoSystems: '40', moreSystems: '90' } }],
  ])('refuses a change whose %s cannot be', (field, health) => {
    expect(changeSettings({}, { health } as AskedSettings)).toMatchObject({ field })
  })
})

describe('what is noticed', () => {
  it('is changed detector by detector and bound by bound; the rest stays as the hub has it', () => {
    const first = changeSettings(
      {},
      { detectors: { detectors: [{ name: 'inactive', thresholds: [{ name: 'days', value: '45' }] }] } },
    )
    const both = changeSettings(first as object, {
      detectors: { detectors: [{ name: 'inactive', isOn: false }], restDays: 10 },
      insightRules: [{ impact: 'HIGH', minConfidence: 70 }],
    })
    const { detectors, rules } = settingsOf(both as object)
    expect(detectors.detectors.inactive).toEqual({ isOn: false, thresholds: { days: 45 } })
    expect(detectors.detectors.upsell).toEqual(DETECTOR_SETTINGS.detectors.upsell)
    expect(detectors).toMatchObject({ restDays: 10, forgetDays: 180 })
    expect(rules).toEqual([{ type: null, impact: 'HIGH', minConfidence: 70 }])
    const reset = changeSettings(both as object, { reset: ['DETECTORS', 'INSIGHT_RULES'] })
    expect(settingsOf(reset as object)).toEqual(settingsOf({}))
  })

  it.each([
    ['detectors.detectors.0.name', { detectors: { detectors: [{ name: 'constructor' }] } }],
    [
      'detectors.detectors.0.thresholds.0.name',
      { detectors: { detectors: [{ name: 'inactive', thresholds: [{ name: 'weeks', value: '1' }] }] } },
    ],
    [
      'detectors.detectors.0.thresholds.0.value',
      { detectors: { detectors: [{ name: 'inactive', thresholds: [{ name: 'days', value: '0' }] }] } },
    ],
    ['detectors.impact', { detectors: { impact: { medium: '2', high: '1', critical: '3' } } }],
    ['detectors.validDays', { detectors: { validDays: 0 } }],
    ['detectors.forgetDays', { detectors: { restDays: 200 } }],
    [
      'insightRules',
      { insightRules: Array.from({ length: 21 }, () => ({ impact: 'LOW', minConfidence: 50 })) },
    ],
    ['insightRules.0.minConfidence', { insightRules: [{ impact: 'LOW', minConfidence: 49 }] }],
  ])('refuses a change whose %s cannot be', (field, asked) => {
    expect(changeSettings({}, asked as AskedSettings)).toMatchObject({ field })
  })
})

describe('setInsightsSettings', () => {
  it('judges every customer anew by the new settings, with an audit row and an event, and does nothing twice', async () => {
    await using hub = await start()
    await hub.bed.take(payers(3).told, NOW)
    await hub.bed.scoreAll(NOW)
    const before = await hub.bed.scores(DEMO)
    expect(await read(hub.url)).toMatchObject({ version: 1, changedAt: null, changed: [] })

    const changes = { health: { metrics: [{ metric: 'paymentStatus', weight: '0' }] } }
    expect(await set(hub.url, 1, changes)).toMatchObject({
      __typename: 'InsightsSettingsSet',
      settings: { version: 2, changed: ['HEALTH'] },
      recompute: { total: 3, done: 0, reason: 'SETTINGS' },
    })
    const behind = await hub.bed.rows<{ n: number }>(
      'select count(*)::int as n from insights.customers where due_at <= $1',
      [NOW],
    )
    expect(behind[0]!.n).toBe(3)
    expect(await hub.bed.scoreAll(NOW)).toBe(3)
    const scores = await hub.bed.scores(DEMO)
    for (const [id, { contributions, score }] of scores) {
      expect(contributions.map((c) => c.metric)).not.toContain('paymentStatus')
      expect(score).not.toBe(before.get(id)!.score)
    }

    // Again, and with what is so already: neither changes anything.
    expect(await set(hub.url, 2, changes)).toMatchObject({ settings: { version: 2 }, recompute: null })
    expect(await hub.bed.scoreAll(NOW)).toBe(0)
    const events = await hub.bed.rows<{ payload: object }>(
      "select payload from events.recorded where name = 'insights.settings.changed'",
    )
    expect(events.map(({ payload }) => payload)).toEqual([
      { version: 2, changed: ['HEALTH'], changedAt: NOW.toISOString() },
    ])
    const audited = await hub.bed.rows<{ action: string; diff: object }>(
      'select action, diff from service.audit_log',
    )
    expect(audited).toEqual([
      {
        action: 'setInsightsSettings',
        diff: { health: [null, { metrics: { paymentStatus: { weight: 0 } } }] },
      },
    ])
  })

  it('tells a sibling that starts anew by what customers are judged, once somebody has changed that', async () => {
    await using hub = await start()
    const told = (orgId: string) =>
      hub.bed.database.transaction(orgId, async (tx) => {
        const settings: object[] = []
        for await (const { name, payload } of tellState(tx, orgId))
          if (name === 'insights.settings.changed') settings.push(payload as object)
        return settings
      })
    expect(await told(DEMO)).toEqual([])
    await set(hub.url, 1, { health: { weights: { ...even, crm: '3' } } })
    await set(hub.url, 2, { health: { weights: { ...even, crm: '4' } } })
    expect(await told(DEMO)).toEqual([{ version: 3, changed: ['HEALTH'], changedAt: NOW.toISOString() }])
    expect(await told(EMPTY)).toEqual([])
  })

  it('lets one of two who change at once win, and tells the other the version', async () => {
    await using hub = await start()
    const answers = await Promise.all(
      ['2', '3'].map((crm) => set(hub.url, 1, { health: { weights: { ...even, crm } } })),
    )
    expect(answers.map((answer) => answer.__typename).sort()).toEqual(['InsightsSettingsSet', 'Stale'])
    expect(answers.find((answer) => answer.__typename === 'Stale').currentVersion).toBe(2)
    expect((await read(hub.url)).version).toBe(2)
  })

  it('names the field that cannot be, and refuses whoever may only read', async () => {
    await using hub = await start()
    expect(
      await set(hub.url, 1, { health: { metrics: [{ metric: 'nothing', weight: '1' }] } }),
    ).toMatchObject({
      __typename: 'Invalid',
      field: 'health.metrics.0.metric',
    })
    const reader = principal(DEMO, 'insights:read')
    const { errors } = await askSubgraph(hub.url, SET, { expectedVersion: 1, changes: {} }, reader)
    expect(errors?.map((e) => e.extensions?.code)).toEqual(['FORBIDDEN'])
    expect((await read(hub.url, reader)).version).toBe(1)
  })

  it('leaves other organisations’ settings and customers alone', async () => {
    await using hub = await start()
    const world = demoWorld()
    world.tell('customers.identity.changed', says.identity('ours', 1, ['WARP:ban']))
    await hub.bed.take(world.told, NOW)
    await hub.bed.scoreAll(NOW)
    await set(hub.url, 1, { health: { weights: { ...even, crm: '9' } } }, principal(EMPTY))
    expect((await read(hub.url)).version).toBe(1)
    expect((await read(hub.url, principal(EMPTY))).health.weights.crm).toBe('9')
    expect(await hub.bed.scoreAll(NOW)).toBe(0)
  })
})
