import { describe, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import type { Jobs } from '#service/jobs.ts'
import { holdModels } from '#subgraphs/insights/commands/hold-models.ts'
import { keepChurn } from '#subgraphs/insights/commands/keep-churn.ts'
import { learnWhoLeft } from '#subgraphs/insights/commands/learn-churn.ts'
import type { Churn } from '#subgraphs/insights/domain/churn.ts'
import { keepWhoMayLeave } from '#subgraphs/insights/jobs/keep-churn.ts'
import { learnWhoLeaves } from '#subgraphs/insights/jobs/learn-churn.ts'
import { tendChurn } from '#subgraphs/insights/jobs/tend-churn.ts'
import { snapshotsOf } from '#subgraphs/insights/store/churn-months.ts'
import { modelsBefore } from '#subgraphs/insights/store/models.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { askSubgraph, DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type InsightsBed, insightsBed } from './bed.ts'
import { ago, chance, NOW } from './facts.ts'
import { demoWorld, payers, start } from './running.ts'
import { says, World } from './world.ts'

/**
 * Customers with a billing account each since three years ago. Every hundredth day some of them have lost deals, and of those most close
 * their account within the next weeks; of the others hardly any does.
 */
const leaving = (world: World, count: number, seed = 4): World => {
  const random = chance(seed)
  const at = (days: number) => ago(days).toISOString()
  for (let n = 0; n < count; n++) {
    const [id, ban, company] = [`${n}`.padStart(4, '0'), `ban-${n}`, `company-${n}`]
    world.tell('customers.identity.changed', says.identity(id, 1, [`WARP:${ban}`, `HUBSPOT:${company}`]))
    const trouble = random() < 0.5
    const leavesAfter = random() < (trouble ? 0.8 : 0.05) ? 20 + 60 * random() : null
    // Troubles begin evenly over two years.
    const began = 25 + 700 * random()
    if (trouble)
      for (const deal of [1, 2, 3])
        world.tell('customers.deal.changed', {
          ...says.deal(`${n}-${deal}`, company),
          ...{ isWon: false, createdAt: at(began + 60), closeDate: at(began) },
        })
    const left = leavesAfter !== null && began > leavesAfter ? began - leavesAfter : null
    world.tell('telephony.account.changed', {
      ...says.account(ban),
      ...{ createdAt: at(1000), observedAt: at(left ?? 1) },
      ...{ status: left === null ? 'ACTIVE' : 'CHURNED' },
    })
  }
  return world
}

const modelsOf = (bed: InsightsBed) =>
  bed.rows<{ org_id: string; version: number; is_held: boolean; report: Record<string, number> }>(
    'select org_id, version, is_held, report from insights.models order by org_id, version',
  )
const clock = new TestClock(NOW)

describe('learning who leaves', () => {
  it('learns from an organisation’s own customers alone, judges them by it, and leaves others’ to their rules', async () => {
    await using bed = await insightsBed()
    const [many, few] = [leaving(new World(), 700), leaving(new World(), 60, 5)]
    for (const world of [many, few]) await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    expect(await learnWhoLeft(bed.database, { orgId: few.orgId, clock })).toBeNull()
    expect(await learnWhoLeft(bed.database, { orgId: many.orgId, clock })).toEqual({
      version: 1,
      isHeld: true,
    })
    // That there was too little to learn from is kept, so that nobody looks again before a month has passed; it is shown to nobody.
    const tried = await modelsOf(bed)
    expect(new Map(tried.map((row) => [row.org_id, [row.version, row.is_held]]))).toEqual(
      new Map([
        [few.orgId, [1, false]],
        [many.orgId, [1, true]],
      ]),
    )
    const shown = (orgId: string) =>
      bed.database.read(orgId, (tx) =>
        modelsBefore(asTransaction(tx), orgId, 'churn', { before: null, limit: 9 }),
      )
    expect([(await shown(few.orgId)).length, (await shown(many.orgId)).length]).toEqual([0, 1])
    expect(await bed.scoreAll(NOW)).toBe(700)
    const methods = await bed.rows<{ org_id: string; method: string; n: number }>(
      `select org_id, found -> 'churn' ->> 'method' as method, count(*)::int as n from insights.findings
       where found -> 'churn' ->> 'percentage' is not null group by 1, 2`,
    )
    expect(new Map(methods.map((row) => [row.org_id, row.method]))).toEqual(
      new Map([
        [many.orgId, 'LEARNED'],
        [few.orgId, 'RULES'],
      ]),
    )

    // Again: it does as well, and is the next version. Who does better than it stays.
    expect(await learnWhoLeft(bed.database, { orgId: many.orgId, clock })).toEqual({
      version: 2,
      isHeld: true,
    })
    const { report } = (await modelsOf(bed)).find(({ version }) => version === 2)!
    expect(report.auc).toBeGreaterThan(0.7)
    expect(report.leavers).toBeGreaterThanOrEqual(20)
  })

  it('keeps a version beside that does worse than what is held, and judges nobody by it', async () => {
    await using bed = await insightsBed()
    const world = leaving(new World(), 700)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    const { orgId } = world
    await learnedBest(bed, orgId)
    await bed.scoreAll(NOW)
    // Of the newest cases everything is as before; what could be learned from is gone astray.
    await bed.rows(`update insights.signals set happened_at = happened_at - interval '95 days', ended_at = ended_at - interval '95 days'
      where kind = 'deal' and ended_at < '${ago(200).toISOString()}'`)
    const learned = await learnWhoLeft(bed.database, { orgId, clock })
    expect(learned).toEqual({ version: 2, isHeld: false })
    expect((await modelsOf(bed)).map(({ version, is_held }) => [version, is_held])).toEqual([
      [1, true],
      [2, false],
    ])
    expect(await bed.scoreAll(NOW)).toBe(0)
  })
})

/** Holds what customers of this world really do, as the first version. */
const learnedBest = (bed: InsightsBed, orgId: string): Promise<boolean> => {
  const learned = {
    ...{ factors: ['LOST_DEALS' as const], intercept: -2.5, weights: [3.2] },
    calibration: { name: 'PLATT' as const, slope: 1, offset: 0 },
  }
  const model = { name: 'churn' as const, learned, report: {}, isHeld: true }
  return bed.database.transaction(orgId, (tx) => holdModels(asTransaction(tx), orgId, [model], {}, ago(1)))
}

describe('months of churn', () => {
  it('are kept at their beginning, once, and count who leaves until ninety days are over', async () => {
    await using bed = await insightsBed()
    const world = payers(3, new World())
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    const night = (at: string) =>
      bed.database.transaction(world.orgId, (tx) =>
        keepChurn(asTransaction(tx), {
          ...{ orgId: world.orgId, clock: new TestClock(new Date(at)), jobs: { enqueue: async () => true } },
        }),
      )
    const months = () =>
      bed.rows<Record<string, unknown>>(
        'select month::text, customers, left_count, is_over, expected::float8 as expected from insights.churn_months order by month',
      )
    await night('2026-11-30T03:10:00Z')
    expect(await months()).toEqual([])
    await night('2026-12-01T03:10:00Z')
    const found = await bed.rows<{ churn: Churn }>("select found -> 'churn' as churn from insights.findings")
    const expected = found.reduce((sum, { churn }) => sum + churn.percentage! / 100, 0)
    const december = { month: '2026-12-01', customers: 3, left_count: 0, is_over: false }
    expect(await months()).toEqual([{ ...december, expected: expect.closeTo(expected, 6) }])
    const gone = { ...says.account('ban-1'), status: 'CHURNED' as const, observedAt: '2026-12-20T00:00:00Z' }
    const later = new Date('2027-02-28T00:00:00Z')
    await bed.take([world.tell('telephony.account.changed', gone)], later)
    await bed.scoreAll(later)
    // Twice in a night counts nobody twice.
    for (const at of ['2027-02-28T03:10:00Z', '2027-02-28T03:20:00Z']) await night(at)
    expect(await months()).toMatchObject([{ ...december, left_count: 1 }])
    const told = async (more: object, at: string) => {
      await bed.take([world.tell('telephony.account.changed', { ...gone, ...more })], new Date(at))
      await bed.scoreAll(new Date(at))
    }
    // Who turns out to have stayed has not left; and when it was closed is what the account says, whatever else of it changes.
    await told({ status: 'ACTIVE', observedAt: '2027-02-28T01:00:00Z' }, '2027-02-28T04:00:00Z')
    await night('2027-02-28T05:00:00Z')
    expect(await months()).toMatchObject([{ ...december, left_count: 0 }])
    const closed = { closedAt: '2026-12-20T00:00:00Z', observedAt: '2027-02-28T06:00:00Z' }
    await told(closed, '2027-02-28T07:00:00Z')
    await night('2027-03-02T03:10:00Z')
    const over = { ...december, left_count: 1, is_over: true }
    expect(await months()).toMatchObject([over, { month: '2027-03-01', customers: 2, left_count: 0 }])
    // A later word neither moves what was counted nor what is learned of that month.
    await told({ ...closed, name: 'Renamed', observedAt: '2027-04-09T00:00:00Z' }, '2027-04-10T00:00:00Z')
    const left = await bed.rows<{ churn: Churn }>(
      "select found -> 'churn' as churn from insights.findings where left_on is not null",
    )
    expect(left.map(({ churn }) => churn.leftOn)).toEqual(['2026-12-20'])
    await told({ status: 'ACTIVE', observedAt: '2027-04-11T00:00:00Z' }, '2027-04-12T00:00:00Z')
    await night('2027-04-13T03:10:00Z')
    expect((await months())[0]).toMatchObject(over)
    const learned = await bed.database.read(world.orgId, (tx) =>
      snapshotsOf(asTransaction(tx), world.orgId, '2026-12-01', 1),
    )
    expect(learned.filter((row) => row.left)).toHaveLength(1)
  })

  it('are kept by a job of each organisation, which has it learned anew once a month, also where there is too little to learn from', async () => {
    await using bed = await insightsBed()
    const worlds = [payers(2, new World()), payers(2, new World())]
    const ids = worlds.map(({ orgId }) => orgId).sort()
    for (const world of worlds) await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    const night = async (at: string) => {
      const enqueued: [string, unknown][] = []
      const enqueue = async (_: object, { name }: { name: string }, { orgId }: { orgId: string }) => {
        enqueued.push([name, orgId])
        return true
      }
      const clock = new TestClock(new Date(at))
      const jobs = { enqueue, enqueueAll: async () => {} } as unknown as Jobs
      const around = { database: bed.database, clock, jobs, published: () => {} }
      const attempt = { id: 'night', number: 1, signal: new AbortController().signal }
      await tendChurn.run({}, around, attempt)
      expect(enqueued.splice(0).sort()).toEqual(ids.map((orgId) => ['keep-churn', orgId]))
      for (const orgId of ids) await keepWhoMayLeave.run({ orgId }, around, attempt)
      const learning = enqueued.splice(0)
      for (const [, orgId] of learning) await learnWhoLeaves.run({ orgId }, around, attempt)
      return learning
    }
    expect(await night('2026-12-01T03:10:00Z')).toEqual(ids.map((orgId) => ['learn-churn', orgId]))
    expect(await bed.rows('select from insights.churn_months')).toHaveLength(2)
    expect(await night('2026-12-02T03:10:00Z')).toEqual([])
    expect(await night('2026-12-29T03:10:00Z')).toHaveLength(2)
    expect((await modelsOf(bed)).map(({ version, is_held }) => [version, is_held])).toEqual(
      [1, 2, 1, 2].map((version) => [version, false]),
    )
  })
})

const SHOW = /* GraphQL */ `query ($id: ID!) {
  _entities(representations: [{ __typename: "Customer", id: $id, identityVersion: 1 }]) { ... on Customer {
    churnRisk { percentage horizonDays leftOn confidence band method modelVersion factors { name strength points value unit sources } }
    riskAssessment { paymentRisk volumeStability relationshipStrength confidence band }
    riskFactors { type probability impact }
    lead { score confidence band state dealStage parts { name score weight } reasons { part metric value unit points } }
    buyingSignals { type strength seenAt action withinHours value unit sources } } } }`
const MODELS = `{ churnModels { nodes { version isHeld examples leavers auc brier calibrationError brierBefore calibration weights { factor weight } }
  pageInfo { hasNextPage } } churnMonths { nodes { month customers meanRisk expected left isOver } } }`

describe('in the graph', () => {
  it('shows how likely a customer leaves, what is risky, and how promising it is, each with what it rests on', async () => {
    await using hub = await start()
    const world = payers(2)
    world.tell(
      'customers.identity.changed',
      says.identity('customer-1', 2, ['WARP:ban-1', 'C3:c3-1', 'HUBSPOT:company']),
    )
    world.tell('telephony.account.changed', says.account('ban-1', 'PAST_DUE'))
    world.tell('inventory.rfq.changed', {
      ...says.rfq('fresh', 'c3-1', 'OPEN'),
      createdAt: ago(1).toISOString(),
    })
    world.tell(
      'customers.company.changed',
      says.company('company', { industry: 'SOFTWARE', country: 'France', employees: 120 }),
    )
    await hub.bed.take(world.told, NOW)
    await hub.bed.scoreAll(NOW)
    const { data, errors } = await askSubgraph(hub.url, SHOW, { id: 'customer-1' }, principal())
    expect(errors).toBeUndefined()
    const [found] = data._entities
    expect(found.churnRisk).toMatchObject({
      ...{ percentage: '14.3', horizonDays: 90, leftOn: null, method: 'RULES', modelVersion: null },
      factors: [
        {
          name: 'PAYMENT_OVERDUE',
          strength: '0.5',
          points: '12.3',
          unit: 'worst account',
          sources: ['WARP'],
        },
      ],
    })
    expect(found.riskFactors).toEqual([{ type: 'PAYMENT_OVERDUE', probability: '0.143', impact: 'HIGH' }])
    expect(found.riskAssessment).toMatchObject({ paymentRisk: '5', volumeStability: '0' })
    expect(found.buyingSignals).toMatchObject([
      {
        type: 'FRESH_REQUEST',
        strength: 100,
        withinHours: 48,
        seenAt: ago(1).toISOString(),
        sources: ['C3'],
      },
    ])
    const { lead } = found
    expect(lead).toMatchObject({ dealStage: 'presentationscheduled' })
    const points = lead.reasons.reduce(
      (sum: number, { points }: { points: string }) => sum + Number(points),
      0,
    )
    expect(points).toBeCloseTo(Number(lead.score), 6)
    expect(lead.parts.find(({ name }: { name: string }) => name === 'FIT')).toEqual({
      ...{ name: 'FIT', score: null, weight: '0' },
    })
    const strangers = await askSubgraph(hub.url, SHOW, { id: 'customer-1' }, principal(EMPTY))
    expect(strangers.data._entities[0]).toEqual({
      ...{ churnRisk: null, riskAssessment: null, riskFactors: [], lead: null, buyingSignals: [] },
    })
  })

  it('learns by a job when somebody asks, with an audit row, and shows what was learned to its organisation alone', async () => {
    await using hub = await start({ worker: true })
    await hub.bed.take(leaving(demoWorld(), 700).told, NOW)
    await hub.bed.scoreAll(NOW)
    const ask = 'mutation { trainChurnModel { requestedAt receipt { position } } }'
    const { data, errors } = await askSubgraph(hub.url, ask, {}, principal())
    expect(errors).toBeUndefined()
    expect(data.trainChurnModel).toMatchObject({ requestedAt: NOW.toISOString() })
    await until(async () => (await modelsOf(hub.bed)).length === 1)
    const shown = await askSubgraph(hub.url, MODELS, {}, principal())
    expect(shown.errors).toBeUndefined()
    expect(shown.data.churnModels.nodes).toMatchObject([{ version: 1, isHeld: true }])
    expect(shown.data.churnMonths.nodes).toEqual([])
    const others = await askSubgraph(hub.url, MODELS, {}, principal(EMPTY))
    expect(others.data.churnModels.nodes).toEqual([])
    const audited = await hub.bed.rows<{ action: string }>('select action from service.audit_log')
    expect(audited).toEqual([{ action: 'trainChurnModel' }])
    const reader = await askSubgraph(hub.url, ask, {}, principal(DEMO, 'insights:read'))
    expect(reader.errors?.map((e) => e.extensions?.code)).toEqual(['FORBIDDEN'])
  })
})
