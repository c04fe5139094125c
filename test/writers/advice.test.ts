import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { EventPayload } from '#schema/events.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { takeOwnNews } from '#subgraphs/customers/commands/take-own-news.ts'
import { takePartAdvice, takeRecommendations } from '#subgraphs/customers/commands/take-recommendations.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { type AskedGraph, askedGraph } from '#test/customers/asked-graph.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { logged, written } from './bed.ts'

const stack = new AsyncDisposableStack()
let graph: AskedGraph
const accountId = '0197c8a4-3f00-8a11-9c00-0000000d0001'
/** Somebody who buys, and of whom nobody has heard for long. */
let quiet: string
let customerId: string
const DAY_MS = 86_400_000
const daysAgo = (days: number) => new Date(graph.clock.now().getTime() - days * DAY_MS).toISOString()

beforeAll(async () => {
  graph = stack.use(
    await askedGraph({ companies: 6 }, async (bed) => {
      const all = await bed.records('companies')
      quiet = all[0]!.id
      const owner = all.find(({ properties }) => properties.hubspot_owner_id)!.properties.hubspot_owner_id!
      const properties = { name: 'Quiet & Co', lifecyclestage: 'customer', hubspot_owner_id: owner }
      await bed.sim('records/companies', { id: quiet, properties })
    }),
  )
  const made = await graph.ask(
    `mutation { provisionHubSpot(integrationId: "${graph.integrationId}") { ... on HubSpotProvisioned { problems { name } } } }`,
  )
  expect(made.provisionHubSpot.problems).toEqual([])
  await until(
    async () =>
      (
        await graph.database.read(ORG, (tx) =>
          tx
            .selectFrom('customers.portal_properties')
            .select('type')
            .where('name', '=', 'hub_external_key')
            .execute(),
        )
      ).length >= 6,
  )
  await until(
    async () =>
      (
        await graph.database.read(ORG, (tx) =>
          tx.selectFrom('sync.runs').select('id').where('state', 'in', ['QUEUED', 'RUNNING']).execute(),
        )
      ).length === 0,
  )
  // When somebody was last in touch is HubSpot's own to say.
  await graph.database.transaction(ORG, (tx) =>
    sql`update customers.companies set properties = properties - 'hs_last_sales_activity_timestamp' || jsonb_build_object(
      'notes_last_contacted', case when external_id = ${quiet} then ${daysAgo(45)} else ${daysAgo(2)} end)`.execute(
      tx,
    ),
  )
  customerId = (await companyRow()).customer_id
})
afterAll(() => stack.disposeAsync())

const companyRow = () =>
  graph.database.read(ORG, (tx) =>
    tx
      .selectFrom('customers.companies')
      .select(['id', 'customer_id'])
      .where('external_id', '=', quiet)
      .executeTakeFirstOrThrow(),
  )
const set = (values: object) =>
  graph.database.transaction(ORG, (tx) => tx.updateTable('customers.integrations').set(values).execute())
const health = (score: number) =>
  graph.database.transaction(ORG, (tx) =>
    tx
      .updateTable('customers.customers')
      .set({ health_score: String(score), health_as_of: graph.clock.now() })
      .where('id', '=', customerId)
      .execute(),
  )
/** What is told when a sync has ended. */
const ended = () => {
  const told = logged('customers.integration.changed', graph.integrationId, {
    ...{
      integrationId: graph.integrationId,
      name: 'HubSpot',
      system: 'HUBSPOT',
      status: 'ACTIVE',
      lastSyncAt: null,
    },
  })
  return graph.database.transaction(ORG, (tx) =>
    takeOwnNews(changeRecords, () => graph.clock.now())(tx, ORG, [told]),
  )
}
const ours = async (type: 'tasks' | 'notes') =>
  (await graph.records(type)).filter(({ properties }) => properties.hub_external_key)
const subjects = async () => (await ours('tasks')).map(({ properties }) => properties.hs_task_subject).sort()

it('makes a task to follow up after a sync, once for each reason while it stands, and another when it has come back', async () => {
  await ended()
  expect(await graph.outgoing()).toEqual([])
  await set({ auto_create_tasks: true })
  await ended()
  await ended()
  await written(graph)
  expect(await subjects()).toEqual(['Get in touch with Quiet & Co'])
  const [task] = await ours('tasks')
  expect(task!.properties).toMatchObject({
    hs_task_status: 'NOT_STARTED',
    hs_task_priority: 'MEDIUM',
    hs_task_body: expect.stringContaining('for 45 days'),
  })
  await health(31)
  await ended()
  await health(45)
  await ended()
  await health(39)
  await ended()
  await written(graph)
  expect(await subjects()).toEqual(['Get in touch with Quiet & Co', 'Look into how Quiet & Co is doing'])
  await health(55)
  await ended()
  await health(20)
  await ended()
  await written(graph)
  expect(await subjects()).toEqual([
    'Get in touch with Quiet & Co',
    ...['Look into how Quiet & Co is doing', 'Look into how Quiet & Co is doing'],
  ])
  // Done by somebody: nobody is asked again for the same reason.
  for (const [id] of await rowsOf(graph, 'tasks'))
    await graph.sim('records/tasks', { id, properties: { hs_task_status: 'COMPLETED' } })
  await ended()
  expect(await graph.outgoing()).toEqual([])
})

it('makes of a recommendation a task for whoever looks after the customer and a note, and a note of what came of it, each once', async () => {
  const told = (more: object = {}) =>
    logged('insights.recommendation.changed', customerId, {
      ...{
        recommendationId: 'rec-7',
        customerId,
        action: 'Offer the growth tier',
        reasoning: 'Minutes < usage & rising.',
      },
      ...{
        requiresHumanAction: true,
        priority: 'HIGH',
        dueAt: '2026-12-01T09:00:00.000Z',
        state: 'OPEN',
        outcome: null,
      },
      observedAt: '2026-11-20T08:00:00.000Z',
      ...more,
    })
  const take = (...events: ReturnType<typeof told>[]) =>
    graph.database.transaction(ORG, (tx) =>
      takeRecommendations(changeRecords, () => graph.clock.now())(tx, ORG, events),
    )
  const before = (await ours('tasks')).length
  await take(told(), told())
  await take(told())
  await take(told({ recommendationId: 'rec-8', requiresHumanAction: false }))
  await written(graph)
  const tasks = (await ours('tasks')).filter(
    ({ properties }) => properties.hs_task_subject === 'Offer the growth tier',
  )
  expect(tasks).toHaveLength(1)
  expect(await ours('tasks')).toHaveLength(before + 1)
  const owner = (await graph.records('companies')).find(({ id }) => id === quiet)?.properties.hubspot_owner_id
  expect(tasks[0]!.properties).toMatchObject({
    ...{
      hs_task_body: 'Minutes &lt; usage &amp; rising.',
      hs_task_priority: 'HIGH',
      hubspot_owner_id: owner,
    },
  })
  expect(new Date(tasks[0]!.properties.hs_timestamp!).toISOString()).toBe('2026-12-01T09:00:00.000Z')
  await take(told({ state: 'DONE', outcome: 'They moved to growth.' }))
  await take(told({ state: 'DONE', outcome: 'They moved to growth.' }))
  await written(graph)
  const notes = (await ours('notes')).map(({ properties }) => properties.hs_note_body)
  expect(notes.sort()).toEqual([
    'Done: Offer the growth tier<br>They moved to growth.',
    'Recommended: Offer the growth tier<br>Minutes &lt; usage &amp; rising.',
    'Recommended: Offer the growth tier<br>Minutes &lt; usage &amp; rising.',
  ])
  await set({ auto_create_tasks: false })
  await take(told({ recommendationId: 'rec-9' }))
  await written(graph)
  expect(await ours('tasks')).toHaveLength(before + 1)
})

const partTold = (more: Partial<EventPayload<'inventory.recommendation.changed'>> = {}) =>
  logged('inventory.recommendation.changed', 'part-1', {
    ...{
      recommendationId: 'part-1',
      kind: 'PRICING',
      state: 'PROPOSED',
      accountId,
      rfqId: 'r',
      componentId: 'c',
    },
    ...{ partNumber: 'STM32F429ZIT6', alternativePartNumber: null, c3SupplierId: null, severity: null },
    ...{ amount: { amount: '13.2500', currency: 'USD' }, confidence: 92, method: 'm', methodVersion: 1 },
    ...{ reasoning: 'Most is earned there.', outcome: null, observedAt: '2026-11-20T08:00:00.000Z', ...more },
  })
const takeParts = (...events: ReturnType<typeof partTold>[]) =>
  graph.database.transaction(ORG, (tx) => takePartAdvice(tx, changeRecords, ORG, events, graph.clock.now()))
/** Meets an account of C3's that has no domain. */
const meet = (met: string) => {
  const account = logged('inventory.account.changed', met, {
    ...{ accountId: met, integrationId: 'c3', name: 'Quiet in C3', domain: null },
    ...{ observedAt: '2026-11-20T08:00:00.000Z', deleted: false },
  })
  return graph.database.transaction(ORG, (tx) => takeAccounts(tx, ORG, [account], graph.clock.now()))
}
/** Lets an account be the customer's who is in HubSpot. */
const belongs = (met: string) =>
  graph.database.transaction(ORG, (tx) =>
    tx
      .updateTable('customers.identities')
      .set({ customer_id: customerId, linked_by: 'MANUAL' })
      .where('account_id', '=', met)
      .execute(),
  )
const partNotes = async (about: RegExp) =>
  (await ours('notes'))
    .map(({ properties }) => properties.hs_note_body!)
    .filter((body) => about.test(body))
    .sort()

it('logs what was decided on for the requests of a customer, and what came of it, each once', async () => {
  await meet(accountId)
  await belongs(accountId)
  await takeParts(partTold(), partTold({ state: 'SUPERSEDED' }))
  await takeParts(partTold({ state: 'ACCEPTED', accountId: 'nobody knows', recommendationId: 'part-0' }))
  await written(graph)
  expect(await partNotes(/STM32|LM317/)).toEqual([])
  const price = { amount: '13.1000', currency: 'USD' }
  await takeParts(
    partTold({ state: 'ACCEPTED' }),
    partTold({ state: 'ACCEPTED', outcome: { result: 'QUOTED', price, quantity: 5 } }),
  )
  await written(graph)
  expect(await partNotes(/STM32|LM317/)).toEqual([
    'Recommended: Ask 13.25 USD for STM32F429ZIT6<br>Most is earned there.',
  ])
  const won = partTold({ state: 'ACCEPTED', outcome: { result: 'WON', price, quantity: 5 } })
  await takeParts(won, won)
  await takeParts(
    partTold({
      ...{ recommendationId: 'part-2', state: 'REJECTED', kind: 'ALTERNATIVE', reasoning: null },
      ...{ alternativePartNumber: 'LM317T', amount: { amount: '2', currency: 'USD' } },
    }),
  )
  await written(graph)
  expect(await partNotes(/STM32|LM317/)).toEqual([
    'Dismissed: Offer LM317T for STM32F429ZIT6, which saves 2 USD each',
    'Done: Ask 13.25 USD for STM32F429ZIT6<br>The customer bought at 13.1 USD.',
    'Recommended: Ask 13.25 USD for STM32F429ZIT6<br>Most is earned there.',
    'Recommended: Offer LM317T for STM32F429ZIT6, which saves 2 USD each',
  ])
})

it('logs what was decided for the requests of an account that nobody had met, once it is known whose it is, and once', async () => {
  const late = '0197c8a4-3f00-8a11-9c00-0000000d0002'
  const news = () => {
    const changed = logged('customers.identity.changed', customerId, {
      ...{ customerId, identityVersion: 1, mergedInto: null, accounts: [] },
    })
    return graph.database.transaction(ORG, (tx) =>
      takeOwnNews(changeRecords, () => graph.clock.now())(tx, ORG, [changed]),
    )
  }
  const about = {
    accountId: late,
    recommendationId: 'part-9',
    partNumber: 'NE555P',
    state: 'ACCEPTED' as const,
  }
  await takeParts(partTold(about))
  const price = { amount: '13.1000', currency: 'USD' }
  const won = {
    outcome: { result: 'WON' as const, price, quantity: 5 },
    observedAt: '2026-11-20T09:00:00.000Z',
  }
  await takeParts(
    partTold({ ...about, ...won }),
    partTold({ ...about, recommendationId: 'part-10', state: 'REJECTED' }),
  )
  // Told again, as it was before.
  await takeParts(partTold(about))
  await news()
  // It is met, and is a customer of its own that HubSpot does not know.
  await meet(late)
  await news()
  await written(graph)
  expect(await partNotes(/NE555P/)).toEqual([])
  await belongs(late)
  await news()
  await news()
  await written(graph)
  const title = 'Ask 13.25 USD for NE555P'
  expect(await partNotes(/NE555P/)).toEqual([
    `Dismissed: ${title}`,
    `Done: ${title}<br>The customer bought at 13.1 USD.`,
    `Recommended: ${title}<br>Most is earned there.`,
    `Recommended: ${title}<br>Most is earned there.`,
  ])
  const waiting = await graph.database.read(ORG, (tx) =>
    tx.selectFrom('customers.waiting_advice').select('account_id').where('account_id', '=', late).execute(),
  )
  expect(waiting).toEqual([])
})
