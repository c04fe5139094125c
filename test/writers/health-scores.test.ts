import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoggedEvent } from '#events/log.ts'
import { takeHealth } from '#subgraphs/customers/commands/take-health.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import type { AskedGraph } from '#test/customers/asked-graph.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { ORG } from '#test/kit/customers.ts'
import { audited, logged, sent, writingGraph, written } from './bed.ts'

const COMPANIES = 300
const UPDATE = 'POST /crm/v3/objects/companies/batch/update'
const stack = new AsyncDisposableStack()
let graph: AskedGraph
/** A customer of each company, with the company's id in HubSpot. */
let customers: { id: string; company: string }[]
beforeAll(async () => {
  graph = stack.use(await writingGraph({ companies: COMPANIES }))
  const companies = await graph.database.read(ORG, (tx) =>
    tx.selectFrom('customers.companies').select(['customer_id', 'external_id']).orderBy('id').execute(),
  )
  const byCustomer = new Map(companies.map((row) => [row.customer_id, row.external_id]))
  customers = [...byCustomer].map(([id, company]) => ({ id, company }))
  await sent(graph)
})
afterAll(() => stack.disposeAsync())

const health = (
  customerId: string,
  score: string | null,
  asOf: string,
  previousScore: string | null = null,
  trend: 'RISING' | 'STEADY' | 'FALLING' | null = null,
) =>
  logged('insights.health.changed', customerId, {
    customerId,
    score,
    previousScore,
    confidence: '80.00',
    trend,
    asOf,
  })
const take = (events: LoggedEvent[]) =>
  graph.database.transaction(ORG, (tx) => takeHealth(changeRecords, () => graph.clock.now())(tx, ORG, events))
const TRENDS = ['RISING', 'STEADY', 'FALLING'] as const
const there = async () =>
  new Map((await graph.records('companies')).map(({ id, properties }) => [id, properties]))
const DAY = (n: number) => `2026-11-${String(n).padStart(2, '0')}T08:00:00.000Z`

const PUSH = `mutation ($id: ID) { pushHealthScores(integrationId: $id) { __typename
  ... on HealthScoresPushed { companies changed problems integration { id healthScores { companies waiting } } }
  ... on Refusal { code message } } }`

it('writes score and trend to every company of a customer, once however often it moved, and nothing when told again', async () => {
  const moved = customers.flatMap(({ id }, n) => [
    health(id, `${40 + (n % 50)}.25`, DAY(18)),
    health(id, `${50 + (n % 3) * 7}.5`, DAY(19), `${40 + (n % 50)}.25`, TRENDS[n % 3]),
  ])
  await take(moved)
  await written(graph)
  expect((await sent(graph)).filter((each) => each === UPDATE)).toHaveLength(
    Math.ceil(customers.length / 100),
  )
  const now = await there()
  for (const [n, { company }] of customers.entries())
    expect(now.get(company)?.cscx_health_score).toBe(`${50 + (n % 3) * 7}.5`)
  expect(new Set(customers.map(({ company }) => now.get(company)?.cscx_health_trend))).toEqual(
    new Set(['growing', 'stable', 'declining']),
  )
  await take(moved)
  await take([health(customers[0]!.id, '1.00', DAY(1))])
  expect(await graph.outgoing()).toEqual([])
  // What HubSpot tells of it is what we said.
  await graph.note('companies', [customers[0]!.company])
  await graph.sync('INCREMENTAL')
  expect(await graph.outgoing()).toEqual([])
  expect((await rowsOf(graph, 'companies')).get(customers[0]!.company)?.properties).toMatchObject({
    cscx_health_score: '50.5',
  })
})

it('takes a score away when there is none any more', async () => {
  await take([health(customers[1]!.id, null, DAY(20))])
  await written(graph)
  const { cscx_health_score, cscx_health_trend } = (await there()).get(customers[1]!.company)!
  expect([cscx_health_score || null, cscx_health_trend || null]).toEqual([null, null])
  await sent(graph)
})

it('pushes all scores when asked: those that are not there, in one request per hundred companies, and tells how far it is', async () => {
  await graph.database.transaction(ORG, (tx) =>
    tx.updateTable('customers.customers').set({ health_score: '77', health_trend: 'RISING' }).execute(),
  )
  const pushed = (await graph.ask(PUSH, { id: graph.integrationId })).pushHealthScores
  expect(pushed).toMatchObject({
    __typename: 'HealthScoresPushed',
    companies: customers.length,
    problems: [],
  })
  expect(pushed.changed).toBe(customers.length)
  expect(pushed.integration.healthScores.companies).toBe(customers.length)
  await written(graph)
  expect((await sent(graph)).filter((each) => each === UPDATE)).toHaveLength(3)
  for (const [, properties] of await there())
    expect([properties.cscx_health_score, properties.cscx_health_trend]).toEqual(['77', 'growing'])
  const again = (await graph.ask(PUSH)).pushHealthScores
  expect(again).toMatchObject({ changed: 0, integration: { healthScores: { waiting: 0 } } })
  expect(await audited(graph, 'pushHealthScores')).toHaveLength(2)
  const other = graph.integrationId.replace(/.$/, 'f')
  expect((await graph.ask(PUSH, { id: other })).pushHealthScores).toMatchObject({ code: 'NOT_FOUND' })
})

it('writes nothing to a portal that only comes in, and leaves out what the portal has no property for', async () => {
  const set = (values: object) =>
    graph.database.transaction(ORG, (tx) => tx.updateTable('customers.integrations').set(values).execute())
  const one = customers[2]!
  await set({ direction: 'IN' })
  await take([health(one.id, '10', DAY(21))])
  expect(await graph.outgoing()).toEqual([])
  expect((await graph.ask(PUSH)).pushHealthScores).toMatchObject({ code: 'INVALID' })
  await set({ direction: 'BIDIRECTIONAL' })
  await graph.database.transaction(ORG, (tx) =>
    tx
      .updateTable('customers.portal_properties')
      .set({ archived_at: graph.clock.now() })
      .where('name', '=', 'cscx_health_trend')
      .execute(),
  )
  await take([health(one.id, '11', DAY(22), '10', 'RISING')])
  await written(graph)
  expect((await there()).get(one.company)).toMatchObject({
    cscx_health_score: '11',
    cscx_health_trend: 'growing',
  })
  expect((await graph.ask(PUSH)).pushHealthScores.problems).toEqual([
    'The portal has no property cscx_health_trend. Provision the portal.',
  ])
})
