import { afterAll, beforeAll, expect, it } from 'vitest'
import { takeOwnNews } from '#subgraphs/customers/commands/take-own-news.ts'
import { ruleFor } from '#subgraphs/customers/domain/assignment.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { type AskedGraph, defineProperty } from '#test/customers/asked-graph.ts'
import { eventsOf } from '#test/customers/rows.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { askSubgraph, principal } from '#test/kit/subgraph.ts'
import { audited, logged, writingGraph, written } from './bed.ts'

const stack = new AsyncDisposableStack()
let graph: AskedGraph
let owners: { id: string; external_id: string }[]
const people: Record<string, string> = {}
beforeAll(async () => {
  graph = stack.use(
    await writingGraph({ companies: 4 }, async (bed) => {
      await defineProperty(bed, 'contacts', { name: 'country', label: 'Country' })
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
}, 60_000)
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
