import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoggedEvent } from '#events/log.ts'
import type { ProfileFields } from '#schema/events.ts'
import { takeOwnNews } from '#subgraphs/customers/commands/take-own-news.ts'
import { takeProfiles } from '#subgraphs/customers/commands/take-profiles.ts'
import { OWN_PROPERTIES } from '#subgraphs/customers/domain/own-properties.ts'
import { defaultRule } from '#subgraphs/customers/domain/policy.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import type { AskedGraph } from '#test/customers/asked-graph.ts'
import { ORG } from '#test/kit/customers.ts'
import { logged, sent, writingGraph, written } from './bed.ts'

const UPDATE = 'POST /crm/v3/objects/companies/batch/update'
const stack = new AsyncDisposableStack()
let graph: AskedGraph
/** A customer of each company, with the company's id in HubSpot. */
let customers: { id: string; company: string }[]
beforeAll(async () => {
  graph = stack.use(await writingGraph({ companies: 120 }))
  const companies = await graph.database.read(ORG, (tx) =>
    tx.selectFrom('customers.companies').select(['customer_id', 'external_id']).orderBy('id').execute(),
  )
  const byCustomer = new Map(companies.map((row) => [row.customer_id, row.external_id]))
  customers = [...byCustomer].map(([id, company]) => ({ id, company }))
  await sent(graph)
})
afterAll(() => stack.disposeAsync())

type Values = { [F in keyof ProfileFields]: NonNullable<ProfileFields[F]>['value'] }
const DAY = (n: number) => `2026-11-${String(n).padStart(2, '0')}T08:00:00.000Z`
const profile = (customerId: string, asOf: string, values: Values) =>
  logged('insights.profile.changed', customerId, {
    customerId,
    fields: Object.fromEntries(
      Object.entries(values).map(([field, value]) => [field, { value, confidence: '70.00', asOf }]),
    ),
  })
const take = (events: LoggedEvent[]) =>
  graph.database.transaction(ORG, (tx) =>
    takeProfiles(changeRecords, () => graph.clock.now())(tx, ORG, events),
  )
const company = async (n: number) =>
  (await graph.records('companies')).find(({ id }) => id === customers[n]!.company)!.properties

it('writes what is thought of a customer to its companies, once however often it was told, the newest word of each field', async () => {
  const all = customers.flatMap(({ id }, n) => [
    profile(id, DAY(18), { churnRisk: '12.00', summary: 'Before' }),
    profile(id, DAY(20), {
      churnRisk: `${n % 90}.50`,
      lifetimeValue: { amount: '182500.7500', currency: 'USD' },
      nextOrderOn: '2026-12-24',
      recommendedActions: [
        { recommendationId: 'r1', action: 'Offer a discount', priority: 'HIGH', dueAt: DAY(28) },
      ],
      summary: 'Orders every week.',
      score: '82.00',
      financialScore: '91.25',
      growthScore: '74.00',
      engagementScore: '66.10',
      fitScore: '50.00',
      signals: ['asks for prices', 'a second site, abroad'],
      nextActions: ['Call', 'Send an offer'],
      dealStage: 'proposal',
    }),
    // Came late: older than what is known of the one, and the first word of nothing else.
    profile(id, DAY(19), { churnRisk: '99.00' }),
  ])
  await take(all)
  await written(graph)
  expect((await sent(graph)).filter((each) => each === UPDATE)).toHaveLength(
    Math.ceil(customers.length / 100),
  )
  expect(await company(7)).toMatchObject({
    ai_risk_score: '7.50',
    predicted_ltv: '182500.7500',
    next_order_prediction: '2026-12-24',
    recommended_actions: `[{"recommendationId":"r1","action":"Offer a discount","priority":"HIGH","dueAt":"${DAY(28)}"}]`,
    oppspot_summary: 'Orders every week.',
    oppspot_score: '82.00',
    oppspot_signals: 'asks for prices,a second site abroad',
    oppspot_next_actions: 'Call\nSend an offer',
    oppspot_deal_stage: 'proposal',
    oppspot_score_financial: '91.25',
    oppspot_score_growth: '74.00',
    oppspot_score_engagement: '66.10',
    oppspot_score_fit: '50.00',
  })
  await take(all)
  await take([profile(customers[0]!.id, DAY(1), { dealStage: 'lost' })])
  expect(await graph.outgoing()).toEqual([])
})

it('takes away what is no longer known, and leaves the rest', async () => {
  await take([
    profile(customers[0]!.id, DAY(21), { dealStage: null, recommendedActions: [], lifetimeValue: null }),
  ])
  await written(graph)
  const now = await company(0)
  expect(
    [now.oppspot_deal_stage, now.recommended_actions, now.predicted_ltv].map((each) => each || null),
  ).toEqual([null, null, null])
  expect(now.oppspot_summary).toBe('Orders every week.')
})

it('keeps scores on their scale, and says nothing that the portal would misread or has no room for', async () => {
  const action = { recommendationId: 'r', action: 'x'.repeat(1000), priority: 'LOW', dueAt: null } as const
  await take([
    profile(customers[1]!.id, DAY(22), {
      churnRisk: '100.01',
      fitScore: '-3',
      summary: 'y'.repeat(70_000),
      recommendedActions: Array.from({ length: 100 }, () => action),
      signals: Array.from({ length: 100 }, () => 'z'.repeat(1000)),
      // The portal counts in dollars.
      lifetimeValue: { amount: '1000', currency: 'EUR' },
    }),
    profile(customers[2]!.id, DAY(22), { lifetimeValue: { amount: '9'.repeat(30), currency: 'USD' } }),
  ])
  await written(graph)
  const now = await company(1)
  expect([now.ai_risk_score, now.oppspot_score_fit, now.predicted_ltv || null]).toEqual(['100', '0', null])
  expect(now.oppspot_summary).toHaveLength(65_536)
  const actions = JSON.parse(now.recommended_actions ?? '') as unknown[]
  expect(now.recommended_actions!.length).toBeLessThanOrEqual(65_536)
  expect(actions).toHaveLength(Math.floor(65_535 / (JSON.stringify(action).length + 1)))
  expect(now.oppspot_signals!.split(',').map(({ length }) => length)).toEqual(Array(65).fill(1000))
  expect((await company(2)).predicted_ltv).toBe('182500.7500')
})

it('writes nothing to a portal that only comes in', async () => {
  const set = (direction: 'IN' | 'BIDIRECTIONAL') =>
    graph.database.transaction(ORG, (tx) =>
      tx.updateTable('customers.integrations').set({ direction }).execute(),
    )
  await set('IN')
  await take([profile(customers[3]!.id, DAY(23), { churnRisk: '1' })])
  expect(await graph.outgoing()).toEqual([])
  await set('BIDIRECTIONAL')
})

it('has the last word on what it works out itself', () => {
  const worked = OWN_PROPERTIES.companies.filter(({ group }) => ['oppspot', 'cscx', 'ai'].includes(group))
  expect(worked).toHaveLength(15)
  const policies = worked.map(({ name }) => defaultRule('companies', name).word)
  expect(new Set(policies)).toEqual(new Set(['HUB']))
})

it('lets a company that came to another customer say what is thought of that one, and of nothing else', async () => {
  const [from, to] = [customers[3]!, customers[4]!]
  await take([
    profile(from.id, DAY(23), { churnRisk: '44.00', dealStage: 'proposal' }),
    profile(to.id, DAY(23), { churnRisk: '55.00', dealStage: null, summary: 'Pays late.' }),
  ])
  await written(graph)
  const account = async ({ company }: { company: string }) =>
    (
      await graph.database.read(ORG, (tx) =>
        tx
          .selectFrom('customers.companies')
          .select('id')
          .where('external_id', '=', company)
          .executeTakeFirstOrThrow(),
      )
    ).id
  const accounts = [await account(from), await account(to)]
  const hubspot = (ids: readonly string[]) =>
    ids.map((accountId) => ({ system: 'HUBSPOT' as const, accountId, integrationId: null }))
  const move = async (customerId: string, came: string[], was: string[]) => {
    const told = {
      customerId,
      identityVersion: 9,
      mergedInto: null,
      accounts: hubspot(came),
      was: hubspot(was),
    }
    const moved = logged('customers.identity.changed', customerId, told)
    await graph.database.transaction(ORG, async (tx) => {
      await tx
        .updateTable('customers.companies')
        .set({ customer_id: customerId })
        .where('id', 'in', came)
        .execute()
      await takeOwnNews(changeRecords, () => graph.clock.now())(tx, ORG, [moved])
    })
    await written(graph)
  }
  const said = async () => {
    const { ai_risk_score, oppspot_deal_stage, oppspot_summary } = await company(3)
    return [ai_risk_score, oppspot_deal_stage || null, oppspot_summary]
  }
  const before = await company(3)
  expect(await said()).toEqual(['44.00', 'proposal', 'Orders every week.'])
  await move(to.id, accounts, [accounts[1]!])
  expect(await said()).toEqual(['55.00', null, 'Pays late.'])
  await move(from.id, [accounts[0]!], [])
  const { hs_lastmodifieddate: _, ...again } = await company(3)
  expect(before).toMatchObject(again)
  // Who is met for the first time has nothing that somebody else said.
  await sent(graph)
  await graph.database.transaction(ORG, (tx) =>
    takeOwnNews(changeRecords, () => graph.clock.now())(tx, ORG, [
      logged('customers.identity.changed', from.id, {
        ...{ customerId: from.id, identityVersion: 1, mergedInto: null, accounts: hubspot([accounts[0]!]) },
      }),
    ]),
  )
  expect(await graph.outgoing()).toEqual([])
})
