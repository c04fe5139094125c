import { afterAll, beforeAll, expect, it } from 'vitest'
import { assignOn } from '#subgraphs/customers/commands/assign-on.ts'
import { turnAssigning } from '#subgraphs/customers/commands/begin-assigning.ts'
import { takeOwnNews } from '#subgraphs/customers/commands/take-own-news.ts'
import { ruleFor } from '#subgraphs/customers/domain/assignment.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import type { AskedGraph } from '#test/customers/asked-graph.ts'
import { eventsOf } from '#test/customers/rows.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { defineProperty } from '#test/kit/portal.ts'
import { askSubgraph, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { audited, logged, writingGraph, written } from './bed.ts'

const stack = new AsyncDisposableStack()
let graph: AskedGraph
let owners: { id: string; external_id: string }[]
const people: Record<string, string> = {}
beforeAll(async () => {
  graph = stack.use(
    await writingGraph({ companies: 4 }, async (bed) => {
      await defineProperty(bed.portal, 'contacts', { name: 'country', label: 'Country' })
      for (const [name, country] of [
        ['berlin', 'Germany'],
        ['paris', 'France'],
        ['oslo', 'Norway'],
      ] as const) {
        const { results } = await bed.sim<{ results: { id: string }[] }>('records/contacts', {
          properties: { email: `${name}@example.org`, country },
        })
        people[name] = results[0]!.id
      }
    }),
  )
  owners = await graph.database.read(ORG, (tx) =>
    tx
      .selectFrom('customers.owners')
      .select(['id', 'external_id'])
      .where('is_active', '=', true)
      .orderBy('id')
      .execute(),
  )
  expect(owners.length).toBeGreaterThan(1)
})
afterAll(() => stack.disposeAsync())

const SET = `mutation ($id: ID!, $v: Int!, $rules: [AssignmentRuleInput!]!) { setAssignmentRules(integrationId: $id, expectedVersion: $v, rules: $rules) {
  __typename ... on AssignmentRulesSet { assigned integration { assignmentRules { version rules { territories industries owner { id } } } } }
  ... on Stale { currentVersion } ... on Invalid { field message } ... on Refusal { code } } }`
const PREVIEW = `query ($id: ID!, $rules: [AssignmentRuleInput!]) { previewAssignments(integrationId: $id, rules: $rules) { __typename
  ... on AssignmentPreview { contacts assigned byRule examples { contact { hubspotContactId } owner { id } } } ... on Invalid { field } ... on Refusal { code } } }`
const save = async (v: number, rules: object[]) =>
  (await graph.ask(SET, { id: graph.integrationId, v, rules })).setAssignmentRules
const german = () => ({ territories: ['germany'], ownerId: owners[0]!.id })
const rest = () => ({ territories: ['France', 'Norway'], ownerId: owners[1]!.id })
const ownersThere = async () => {
  const there = new Map((await graph.records('contacts')).map(({ id, properties }) => [id, properties]))
  return Object.fromEntries(
    Object.entries(people).map(([name, id]) => [name, there.get(id)?.hubspot_owner_id || null]),
  )
}

it('shows what rules would do, keeps them in versions, and gives nobody to anybody while that is switched off', async () => {
  const rules = [german(), rest()]
  const { previewAssignments } = await graph.ask(PREVIEW, { id: graph.integrationId, rules })
  expect(previewAssignments).toMatchObject({
    __typename: 'AssignmentPreview',
    byRule: [expect.any(Number), expect.any(Number)],
  })
  expect(previewAssignments.assigned).toBe(previewAssignments.byRule[0] + previewAssignments.byRule[1])
  expect(previewAssignments.examples).toContainEqual({
    contact: { hubspotContactId: people.berlin },
    owner: { id: owners[0]!.id },
  })
  const stranger = graph.integrationId
  expect(await save(1, [{ territories: [' '], ownerId: owners[0]!.id }])).toMatchObject({
    __typename: 'Invalid',
    field: 'rules',
  })
  expect(await save(1, [{ ownerId: stranger }])).toMatchObject({ __typename: 'Invalid', field: 'rules' })
  expect(await save(2, rules)).toMatchObject({ __typename: 'Stale', currentVersion: 1 })
  expect(await save(1, rules)).toMatchObject({
    __typename: 'AssignmentRulesSet',
    assigned: 0,
    integration: {
      assignmentRules: {
        version: 2,
        rules: [
          { territories: ['germany'], industries: [], owner: { id: owners[0]!.id } },
          { territories: ['France', 'Norway'], industries: [], owner: { id: owners[1]!.id } },
        ],
      },
    },
  })
  expect(await save(2, rules)).toMatchObject({ integration: { assignmentRules: { version: 2 } } })
  expect(await graph.outgoing()).toEqual([])
  expect(await audited(graph, 'setAssignmentRules')).toHaveLength(1)
})

it('gives people that nobody looks after to the colleague of their territory, when they come in and when rules change, and takes nobody away', async () => {
  await graph.database.transaction(ORG, (tx) =>
    tx.updateTable('customers.integrations').set({ auto_assign: true }).execute(),
  )
  const told = await eventsOf<Parameters<typeof logged<'customers.contact.changed'>>[2]>(
    graph,
    'customers.contact.changed',
  )
  const events = told.map((payload) => logged('customers.contact.changed', payload.contactId, payload))
  const news = () =>
    graph.database.transaction(ORG, (tx) =>
      takeOwnNews(changeRecords, () => graph.clock.now())(tx, ORG, events),
    )
  await news()
  await written(graph)
  const [first, second] = owners.map(({ external_id }) => external_id)
  expect(await ownersThere()).toEqual({ berlin: first, paris: second, oslo: second })
  await news()
  expect(await graph.outgoing()).toEqual([])
  // Who has somebody keeps them, whatever the rules say now.
  expect(await save(2, [{ territories: [], ownerId: owners[0]!.id }])).toMatchObject({
    __typename: 'AssignmentRulesSet',
  })
  await written(graph)
  expect(await ownersThere()).toEqual({ berlin: first, paris: second, oslo: second })
})

const setting = (auto_assign: boolean) =>
  graph.database.transaction(ORG, (tx) =>
    tx.updateTable('customers.integrations').set({ auto_assign }).execute(),
  )
/** People come in whom nobody looks after. */
const bring = async (...names: string[]) => {
  for (const name of names) {
    const properties = { email: `${name}@example.org`, country: 'Italy' }
    const { results } = await graph.sim<{ results: { id: string }[] }>('records/contacts', { properties })
    people[name] = results[0]!.id
  }
  await graph.sync('INCREMENTAL')
}
const progress = async () => {
  const of = [{ __typename: 'HubSpotIntegration', id: graph.integrationId }]
  const fields = 'assigning { contacts lookedAt assigned endedAt }'
  const asked = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on HubSpotIntegration { '
  return (await graph.ask(`${asked}${fields} } } }`, { of }))._entities[0].assigning
}

it('takes those too who were there before when it is switched on, and says how far it is', async () => {
  await setting(false)
  await bring('rome', 'milan')
  expect(await ownersThere()).toMatchObject({ rome: null, milan: null })
  const turn = async (autoAssign: boolean) => {
    const [row] = await graph.database.read(ORG, (tx) =>
      tx.selectFrom('customers.integrations').select('settings_version as v').execute(),
    )
    const { changeConnection } = await graph.ask(
      `mutation ($id: ID!, $v: Int!, $autoAssign: Boolean!) {
        changeConnection(integrationId: $id, expectedVersion: $v, input: { autoAssign: $autoAssign }) { __typename } }`,
      { id: graph.integrationId, v: row!.v, autoAssign },
    )
    expect(changeConnection.__typename).toBe('ConnectionChanged')
  }
  await turn(true)
  const first = owners[0]!.external_id
  await until(async () => (await ownersThere()).milan === first)
  await written(graph)
  expect(await ownersThere()).toMatchObject({ rome: first, milan: first })
  expect(await progress()).toMatchObject({
    contacts: 2,
    lookedAt: 2,
    assigned: 2,
    endedAt: expect.any(String),
  })
  await turn(false)
  await turn(true)
  await until(async () => (await progress()).contacts === 0)
  expect(await graph.outgoing()).toEqual([])
})

it('goes on behind the last when it is interrupted, a batch at a time', async () => {
  await setting(false)
  await bring('pisa', 'siena', 'lucca')
  await setting(true)
  const place = { orgId: ORG, integrationId: graph.integrationId, at: graph.clock.now() }
  const next = (fails = false) =>
    graph.database.transaction(ORG, async (tx) => {
      const isMore = await assignOn(tx, changeRecords, place, 2)
      if (fails) throw new Error('killed')
      return isMore
    })
  // Switched on by something else than the setting: it begins, once.
  await graph.database.transaction(ORG, (tx) =>
    tx.updateTable('customers.integrations').set({ assigns_since: null }).execute(),
  )
  const turn = turnAssigning({ jobs: { enqueue: async () => true }, clock: graph.clock })
  const turned = () => graph.database.transaction(ORG, (tx) => turn(tx, ORG))
  await turned()
  await expect(next(true)).rejects.toThrow('killed')
  expect(await progress()).toMatchObject({ contacts: 3, lookedAt: 0, assigned: 0, endedAt: null })
  expect(await next()).toBe(true)
  await turned()
  expect(await progress()).toMatchObject({ lookedAt: 2, assigned: 2, endedAt: null })
  expect([await next(), await next()]).toEqual([false, false])
  expect(await progress()).toMatchObject({ contacts: 3, lookedAt: 3, assigned: 3 })
})

it('is nobody else’s to see or to do', async () => {
  const id = graph.integrationId
  const preview = await askSubgraph(graph.url, PREVIEW, { id }, principal(OTHER_ORG))
  expect(preview.data.previewAssignments).toMatchObject({ code: 'NOT_FOUND' })
  const stranger = await askSubgraph(graph.url, SET, { id, v: 1, rules: [] }, principal(OTHER_ORG))
  expect(stranger.data.setAssignmentRules).toMatchObject({ code: 'NOT_FOUND' })
  const reader = await askSubgraph(graph.url, SET, { id, v: 1, rules: [] }, principal(ORG, 'sync:read'))
  expect(reader.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
})

it('lets the first rule that fits decide, by territory and industry, however they are written', () => {
  const rules = [
    { territories: ['Germany'], industries: ['Information technology'], ownerId: 'a' },
    { territories: ['GERMANY', 'austria'], industries: [], ownerId: 'b' },
    { territories: [], industries: ['Banking'], ownerId: 'c' },
  ]
  const of = (places: string[], industries: string[]) => ruleFor(rules, { id: 'x', places, industries })
  expect(of(['germany'], ['INFORMATION_TECHNOLOGY'])).toBe(0)
  expect(of(['Munich', 'Germany'], ['BANKING'])).toBe(1)
  expect(of(['Spain'], ['banking'])).toBe(2)
  expect(of(['Spain'], ['Retail'])).toBeUndefined()
  expect(of([], [])).toBeUndefined()
})
