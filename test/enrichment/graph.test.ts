import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { startInsights } from '#subgraphs/insights/index.ts'
import { askSubgraph, DEMO, EMPTY, principal, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type InsightsBed, insightsBed } from '../insights/bed.ts'
import { NOW } from '../insights/facts.ts'
import { demoWorld, seal } from '../insights/running.ts'
import { someCustomer } from './bed.ts'
import { type OutsideServer, outsideServer } from './outside-server.ts'

const ENRICH = /* GraphQL */ `
  mutation ($id: ID!, $priority: Int, $providers: [EnrichmentProvider!]) {
    enrichCustomer(customerId: $id, priority: $priority, providers: $providers) {
      __typename
      ... on EnrichmentWanted { customer { id } state receipt { position } }
      ... on Invalid { field message }
      ... on Refusal { code }
    }
  }`
const READ = /* GraphQL */ `
  query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { id enrichment {
    summary provider model method confidence band madeAt checkedAt isStale
    sentences { text claim evidence { system kind recordId } evidenceCount }
    researched { kind text source publishedOn } refused { provider code message againAt } } } } }`
const STATUS = /* GraphQL */ `
  { enrichmentStatus { waiting running failed failures { code count lastAt }
    providers { provider isAvailable isUsed model calls callsPerDay cost { amount currency } costPerDay { amount currency }
      againAt answered ungrounded failedCalls } } }`
const FAILURES = /* GraphQL */ `
  query ($first: Int!, $after: Cursor) { enrichmentFailures(first: $first, after: $after) {
    nodes { customer { id } code attempts failedAt } pageInfo { endCursor hasNextPage } } }`
const SET = /* GraphQL */ `
  mutation ($version: Int!, $enrichment: EnrichmentSettingsInput, $reset: [InsightsSettingsPart!]) {
    setInsightsSettings(expectedVersion: $version, changes: { enrichment: $enrichment, reset: $reset }) {
      __typename
      ... on InsightsSettingsSet { recompute { total } settings { version changed
        enrichment { automatic providers refreshDays mostPerMinute callsPerDay costPerDay } } }
      ... on Invalid { field }
    }
  }`

let bed: InsightsBed
let server: OutsideServer
let stack: AsyncDisposableStack
let url: string
const clock = new TestClock(NOW)
const statements: string[] = []

const ask = async (text: string, variables: object = {}, who = principal()) => {
  const { data, errors } = await askSubgraph(url, text, variables as Record<string, unknown>, who)
  expect(errors).toBeUndefined()
  return data
}
const read = async (ids: readonly string[], who = principal()) =>
  (await ask(READ, { of: ids.map((id) => ({ __typename: 'Customer', id, identityVersion: 1 })) }, who))
    ._entities
const enrich = async (id: string, more: object = {}) => (await ask(ENRICH, { id, ...more })).enrichCustomer
let version = 1
const set = async (enrichment: object | null, reset?: string[]) => {
  const { setInsightsSettings: answer } = await ask(SET, { version, enrichment, reset })
  if (answer.__typename === 'InsightsSettingsSet') version = answer.settings.version
  return answer
}

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  bed = stack.use(await insightsBed())
  server = stack.use(await outsideServer())
  const onStatement = (text: string) => statements.push(text)
  const insights = stack.use(
    await startInsights({ ...startWith(bed.test.urls, { clock, seal, onStatement }), ...server.config }),
  )
  url = insights.url!
  const world = demoWorld()
  for (let n = 0; n < 6; n++) someCustomer(world, `c${n}`, { domain: `acme${n}.example` })
  await bed.take(world.told, NOW)
  await until(async () => (await bed.unscored()) === 0)
})
afterAll(() => stack?.disposeAsync())

describe('what is written about a customer', () => {
  it('is nothing before somebody asks, and then sentences with their evidence, at once', async () => {
    expect(await read(['c0'])).toEqual([{ id: 'c0', enrichment: null }])
    expect(await enrich('c0')).toMatchObject({
      __typename: 'EnrichmentWanted',
      customer: { id: 'c0' },
      state: 'WAITING',
      receipt: { position: expect.any(String) },
    })
    const written = await until(async () => (await read(['c0']))[0].enrichment)
    expect(written).toMatchObject({
      ...{ provider: 'RULES', model: null, method: 'rules 1', researched: [], refused: [], isStale: false },
      ...{ madeAt: NOW.toISOString(), checkedAt: NOW.toISOString() },
    })
    const { confidence, band } = written
    expect([confidence, band]).toEqual(['85', 'HIGH'])
    expect(written.summary).toBe(written.sentences.map((one: { text: string }) => one.text).join(' '))
    expect(written.sentences).toContainEqual({
      text: '1 ticket is open, the oldest since 2026-11-11.',
      claim: 'tickets.open',
      evidence: [{ system: 'HUBSPOT', kind: 'ticket', recordId: 'ticket-c0' }],
      evidenceCount: 1,
    })
    expect(server.asked).toEqual([])
  })

  it('is audited as asked for, and refused for nobody’s customer, other organisations’ and odd wishes', async () => {
    const audited = await bed.rows(
      "select who_id, subject_id, diff from service.audit_log where action = 'enrichCustomer'",
    )
    expect(audited).toMatchObject([{ who_id: 'user:test', subject_id: 'c0', diff: expect.anything() }])
    expect(await enrich('nobody')).toEqual({ __typename: 'Missing', code: 'NOT_FOUND' })
    expect((await ask(ENRICH, { id: 'c0' }, principal(EMPTY))).enrichCustomer.__typename).toBe('Missing')
    expect(await enrich('c0', { priority: 11 })).toMatchObject({ __typename: 'Invalid', field: 'priority' })
    expect(await enrich('c0', { providers: ['MODEL'] })).toMatchObject({
      __typename: 'Invalid',
      field: 'providers',
      message: expect.stringContaining('MODEL'),
    })
    const reader = principal(DEMO, 'insights:read')
    const { errors } = await askSubgraph(url, ENRICH, { id: 'c0' }, reader)
    expect(errors?.map((e) => e.extensions?.code)).toEqual(['FORBIDDEN'])
    expect(await read(['c0'], principal(EMPTY))).toEqual([{ id: 'c0', enrichment: null }])
  })

  it('is read for six customers in as many statements as for one', async () => {
    const count = async (ids: string[]) => {
      const from = statements.length
      await read(ids)
      return statements.slice(from).filter((text) => /insights.*enrichments/.test(text)).length
    }
    expect(await count(['c0'])).toBe(1)
    expect(await count(['c0', 'c1', 'c2', 'c3', 'c4', 'c5'])).toBe(1)
  })
})

describe('the settings', () => {
  it('let nobody be asked and nothing be written by itself before somebody says so', async () => {
    const { insightsSettings } = await ask(
      '{ insightsSettings { changed enrichment { automatic providers refreshDays mostPerMinute callsPerDay costPerDay } } }',
    )
    expect(insightsSettings).toEqual({
      changed: [],
      enrichment: {
        automatic: false,
        providers: [],
        refreshDays: 30,
        mostPerMinute: 600,
        callsPerDay: 1000,
        costPerDay: '10',
      },
    })
  })

  it.each([
    ['refreshDays', 0],
    ['mostPerMinute', 10_001],
    ['callsPerDay', -1],
    ['costPerDay', '-1'],
    ['costPerDay', '1000000.5'],
    ['costPerDay', '0.0000001'],
  ])('refuse %s of %s', async (field, value) => {
    expect(await set({ [field]: value })).toEqual({ __typename: 'Invalid', field: `enrichment.${field}` })
  })

  it('have everybody written about once it is to be done by itself, judge nobody anew, and stop it again', async () => {
    const answer = await set({ automatic: true, providers: ['MODEL', 'RULES', 'RESEARCH', 'MODEL'] })
    expect(answer).toMatchObject({
      recompute: null,
      settings: {
        changed: ['ENRICHMENT'],
        enrichment: { automatic: true, providers: ['RESEARCH', 'MODEL'] },
      },
    })
    await until(async () => (await read(['c1', 'c5'])).every((one: { enrichment: object }) => one.enrichment))
    await until(async () => (await ask(STATUS)).enrichmentStatus.waiting === 0)
    expect((await set(null, ['ENRICHMENT'])).settings).toMatchObject({
      changed: [],
      enrichment: { automatic: false },
    })
    const due = await bed.rows('select 1 from insights.enrichment_queue where due_at is not null')
    expect(due).toEqual([])
  })
})

describe('how it is going', () => {
  it('shows what each has cost today, of how much, and what came of it', async () => {
    await set({ providers: ['RESEARCH'], callsPerDay: 100, costPerDay: '0.5' })
    const { enrichmentStatus } = await ask(STATUS)
    const [rules, research, model] = enrichmentStatus.providers
    expect(rules).toMatchObject({ provider: 'RULES', isAvailable: true, isUsed: true, calls: 0, cost: null })
    expect(research).toMatchObject({
      ...{ provider: 'RESEARCH', isAvailable: true, isUsed: true, model: null, calls: 6, callsPerDay: 100 },
      ...{
        cost: { amount: expect.stringMatching(/^0\.060*$/), currency: 'USD' },
        answered: 6,
        failedCalls: 0,
      },
      ...{ costPerDay: { amount: '0.5', currency: 'USD' }, againAt: null },
    })
    expect(model).toMatchObject({ provider: 'MODEL', isUsed: false, model: 'small-model', ungrounded: 0 })
    await set({ costPerDay: '0.06' })
    const spent = (await ask(STATUS)).enrichmentStatus.providers[1]
    expect(spent.againAt).toBe('2026-11-21T00:00:00.000Z')
    expect((await ask(STATUS, {}, principal(EMPTY))).enrichmentStatus.providers[1]).toMatchObject({
      calls: 0,
    })
  })

  it('lists those that failed, the last first, page by page, and counts them by what went wrong', async () => {
    await set({ providers: ['RESEARCH'], callsPerDay: 1000, costPerDay: '100', refreshDays: 1 })
    clock.advance(2 * 86_400_000)
    server.script.research = () => ({ status: 403 })
    for (const id of ['c0', 'c1', 'c2']) {
      clock.advance(1000)
      await enrich(id, { providers: ['RESEARCH'] })
      await until(async () => (await ask(STATUS)).enrichmentStatus.waiting === 0)
      await until(async () => (await ask(STATUS)).enrichmentStatus.running === 0)
    }
    const status = (await ask(STATUS)).enrichmentStatus
    expect(status).toMatchObject({
      failed: 3,
      failures: [{ code: 'HUB_VENDOR_CREDENTIAL_REJECTED', count: 3, lastAt: clock.now().toISOString() }],
    })
    const page = (await ask(FAILURES, { first: 2 })).enrichmentFailures
    const next = (await ask(FAILURES, { first: 2, after: page.pageInfo.endCursor })).enrichmentFailures
    expect([...page.nodes, ...next.nodes].map((one) => one.customer.id)).toEqual(['c2', 'c1', 'c0'])
    expect(page.nodes[0]).toMatchObject({ code: 'HUB_VENDOR_CREDENTIAL_REJECTED', attempts: 1 })
    expect(next.pageInfo.hasNextPage).toBe(false)
    expect((await ask(FAILURES, { first: 2 }, principal(EMPTY))).enrichmentFailures.nodes).toEqual([])
    expect((await read(['c0']))[0].enrichment.refused).toEqual([
      {
        ...{ provider: 'RESEARCH', code: 'HUB_VENDOR_CREDENTIAL_REJECTED', againAt: null },
        message: expect.stringContaining('has to give it another'),
      },
    ])
  })
})
