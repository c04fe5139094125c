import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AskedGraph } from '#test/customers/asked-graph.ts'
import { ORG, type SimRecord } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { writingGraph, written } from '#test/writers/bed.ts'
import {
  account,
  beginHappening,
  companiesApart,
  eventsHere,
  later,
  number,
  take,
  trunk,
} from './happening.ts'

const stack = new AsyncDisposableStack()
let graph: AskedGraph
let companies: { id: string; domain: string }[]
beforeAll(async () => {
  beginHappening()
  graph = stack.use(await writingGraph({ companies: 40, keyed: true }))
  companies = companiesApart(await graph.records('companies'))
}, 60_000)
afterAll(() => stack.disposeAsync())

const notesOf = async (company: string): Promise<SimRecord[]> =>
  (await graph.records('notes', '&associations=companies')).filter((note) =>
    note.associations?.companies?.some(({ id }) => id === company),
  )
const ours = async (company: string) =>
  (await notesOf(company)).filter(({ properties }) => properties.hub_external_key)

it('writes one note where the portal has no timeline for us, however often it is told, and knows it when it comes back', async () => {
  const { id: company, domain } = companies[0]!
  const events = [account('NT-1', domain), trunk('NT-1', 'trunk_1', { name: 'Voice <1>' })]
  await take(graph, events)
  await take(graph, events)
  await until(async () => (await eventsHere(graph)).length === 2)
  await written(graph)
  await take(graph, events)
  await written(graph)
  const rows = await eventsHere(graph)
  expect(rows.map(({ kind, state }) => [kind, state])).toEqual([
    ['account_created', 'NOTED'],
    ['trunk_created', 'NOTED'],
  ])
  const notes = await ours(company)
  expect(notes.map(({ properties }) => properties.hub_external_key).sort()).toEqual(
    rows.map(({ id }) => id).sort(),
  )
  expect(notes.map(({ properties }) => properties.hs_note_body)).toContain(
    'Trunk Voice &lt;1&gt; was set up<br>Trunk: trunk_1<br>Trunk name: Voice &lt;1&gt;',
  )
  expect(notes.map(({ properties }) => new Date(properties.hs_timestamp ?? '').toISOString()).sort()).toEqual(
    [later(0), later(10)],
  )
  await graph.note(
    'notes',
    notes.map(({ id }) => id),
  )
  await until(async () => (await graph.waiting()).length === 0)
  expect(await graph.outgoing()).toEqual([])
  expect(await ours(company)).toHaveLength(2)
})

it('waits for a company that HubSpot does not have yet', async () => {
  const localId = '0190b3a0-0000-7000-8000-00000000c0de'
  await graph.sim('faults', { path: 'companies/batch/upsert', nth: 1, play: { do: 'status', status: 503 } })
  await graph.change('companies', {
    creates: [{ localId, values: { name: 'Yet To Come', domain: 'yet-to-come.example' } }],
  })
  await take(graph, [account('NT-2', 'yet-to-come.example')])
  expect((await eventsHere(graph)).filter((row) => row.company_id === localId)).toMatchObject([
    { kind: 'account_created', state: 'WAITING' },
  ])
  await until(async () => (await eventsHere(graph)).every(({ state }) => state === 'NOTED'))
  await written(graph)
  const made = (await graph.records('companies')).find(
    ({ properties }) => properties.hub_external_key === localId,
  )
  expect(await ours(made!.id)).toHaveLength(1)
})

it('tells nothing of what happened before the portal was connected, nor of accounts that no company has', async () => {
  const before = '2020-01-01T00:00:00.000Z'
  const count = (await eventsHere(graph)).length
  const { domain } = companies[1]!
  await take(graph, [
    account('NT-3', domain, { createdAt: before, observedAt: before }),
    trunk('NT-3', 'trunk_old', { createdAt: before, observedAt: later(1) }),
    number('NT-3', 'number_old', { createdAt: undefined, observedAt: later(1) }),
    account('NT-4', 'nobody-has-this.example'),
  ])
  expect(await eventsHere(graph)).toHaveLength(count)
})

const TIMELINE = `query ($first: Int!, $kinds: [String!]) { customers(first: $first) { nodes {
  timeline(first: 1, kinds: $kinds) { nodes { kind text at state integration { id } tokens { name value } } pageInfo { hasNextPage endCursor } } } } }`
it('shows a customer what was told, latest first, in as many statements for many as for one', async () => {
  const { customers } = await graph.ask(TIMELINE, { first: 50, kinds: null })
  const told = customers.nodes.find(
    (node: { timeline: { pageInfo: { hasNextPage: boolean } } }) => node.timeline.pageInfo.hasNextPage,
  )
  expect(told.timeline.nodes).toEqual([
    {
      ...{ kind: 'trunk_created', text: 'Trunk Voice <1> was set up', at: later(10), state: 'NOTED' },
      integration: { id: graph.integrationId },
      tokens: expect.arrayContaining([{ name: 'trunk_id', value: 'trunk_1' }]),
    },
  ])
  const few = await graph.counting(TIMELINE, { first: 2, kinds: ['account_created'] })
  expect(await graph.counting(TIMELINE, { first: 50, kinds: ['account_created'] })).toBe(few)
  const { timelineKinds } = await graph.ask('{ timelineKinds { name comesByItself } }')
  expect(timelineKinds).toEqual(
    expect.arrayContaining([
      { name: 'trunk_created', comesByItself: true },
      { name: 'invoice_generated', comesByItself: true },
      { name: 'chat_started', comesByItself: false },
    ]),
  )
  const others = await graph.database.read(ORG, (tx) =>
    tx.selectFrom('sync.dead_letters').select(['type', 'code', 'reason']).execute(),
  )
  expect(others).toEqual([])
})
