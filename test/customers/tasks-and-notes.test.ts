import { afterAll, beforeAll, expect, it } from 'vitest'
import { ORG, OTHER_ORG, type SimRecord } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { type AskedGraph, askedGraph } from './asked-graph.ts'

const COMPANIES = 60
const stack = new AsyncDisposableStack()
let graph: AskedGraph
/** Its text has markup, a script, and is longer than anything HubSpot keeps. */
const LONG = `<p>Call <b>before ten</b> &amp; bring the offer.</p><script>alert(1)</script><ul><li>First</li><li>Second</li></ul>${'x'.repeat(70_000)}`

beforeAll(async () => {
  graph = stack.use(
    await askedGraph({ companies: COMPANIES }, async (bed) => {
      const [note] = await bed.records('notes')
      await bed.sim('records/notes', { id: note!.id, properties: { hs_note_body: LONG } })
    }),
  )
})
afterAll(() => stack.disposeAsync())

interface Shown {
  hubspotId: string
  customer: { hubspotCompanyId: string } | null
  contact: { hubspotContactId: string } | null
  deal: { hubspotDealId: string } | null
  ticket: { hubspotTicketId: string } | null
}

const ABOUT = `customer { hubspotCompanyId } contact { hubspotContactId } deal { hubspotDealId } ticket { hubspotTicketId }
  owner { hubspotOwnerId }`
const EVERYTHING = /* GraphQL */ `
  query ($first: Int!) {
    customers(first: $first) {
      nodes {
        tasks(first: 100) { totalCount nodes { hubspotId: hubspotTaskId subject body status isOpen isOverdue priority type dueAt ${ABOUT} } }
        open: tasks(filter: { open: true }, first: 100) { nodes { hubspotId: hubspotTaskId } }
        notes(first: 100) { totalCount nodes { hubspotId: hubspotNoteId body notedAt ${ABOUT} } }
        contacts(first: 20) { nodes { hubspotContactId tasks(first: 50) { nodes { hubspotId: hubspotTaskId } } notes(first: 50) { nodes { hubspotId: hubspotNoteId } } } }
        deals(first: 20) { nodes { hubspotDealId tasks(first: 50) { nodes { hubspotId: hubspotTaskId } } notes(first: 50) { nodes { hubspotId: hubspotNoteId } } } }
        tickets(first: 20) { nodes { hubspotTicketId tasks(first: 50) { nodes { hubspotId: hubspotTaskId } } notes(first: 50) { nodes { hubspotId: hubspotNoteId } } } }
      }
    }
  }
`
const ASSOCIATED = '&associations=companies,contacts,deals,tickets'
const linked = (record: SimRecord, to: string): string[] => [
  ...new Set(record.associations?.[to]?.map(({ id }) => id) ?? []),
]

it.each([
  ['tasks', 'hs_task_body'],
  ['notes', 'hs_note_body'],
] as const)(
  'shows every one of the portal’s %s with whom and what it is about, from both sides',
  async (type, body) => {
    const { customers } = await graph.ask(EVERYTHING, { first: COMPANIES })
    const there = new Map((await graph.records(type, ASSOCIATED)).map((record) => [record.id, record]))
    const shown: (Shown & Record<string, unknown>)[] = customers.nodes.flatMap(
      // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
      (customer: any) => customer[type].nodes,
    )
    expect(new Set(shown.map(({ hubspotId }) => hubspotId))).toEqual(new Set(there.keys()))
    for (const each of shown) {
      const record = there.get(each.hubspotId)!
      const ends = [
        ['companies', each.customer?.hubspotCompanyId],
        ['contacts', each.contact?.hubspotContactId],
        ['deals', each.deal?.hubspotDealId],
        ['tickets', each.ticket?.hubspotTicketId],
      ] as const
      for (const [to, id] of ends) {
        if (linked(record, to).length === 0) expect(id).toBeUndefined()
        else expect(linked(record, to)).toContain(id)
      }
      if (record.properties[body] !== LONG) expect(each.body).not.toMatch(/<\w/)
    }
    // The same pairs from the other side.
    const PARENTS = [
      ['contacts', 'hubspotContactId'],
      ['deals', 'hubspotDealId'],
      ['tickets', 'hubspotTicketId'],
    ] as const
    let pairs = 0
    for (const customer of customers.nodes)
      for (const [parents, key] of PARENTS)
        for (const parent of customer[parents].nodes) {
          const expected = [...there.values()].filter((record) =>
            linked(record, parents).includes(parent[key]),
          )
          expect(parent[type].nodes.map(({ hubspotId }: Shown) => hubspotId).sort()).toEqual(
            expected.map(({ id }) => id).sort(),
          )
          pairs += expected.length
        }
    expect(pairs).toBeGreaterThan(20)
  },
)

it('takes the same number of SQL statements for twenty-five customers’ tasks and notes as for sixty', async () => {
  const few = await graph.counting(EVERYTHING, { first: 25 })
  expect(await graph.counting(EVERYTHING, { first: COMPANIES })).toBe(few)
  expect(few).toBeLessThanOrEqual(25)
})

it('shows what somebody wrote as text: no markup, no script, and not longer than HubSpot keeps', async () => {
  const { customers } = await graph.ask(EVERYTHING, { first: COMPANIES })
  const bodies: string[] = customers.nodes.flatMap(
    // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
    (customer: any) => customer.notes.nodes.map((note: any) => note.body),
  )
  const long = bodies.find((body) => body?.startsWith('Call before ten'))!
  expect(long).toMatch(/^Call before ten & bring the offer\.\n• First\n• Second\nx/)
  expect(long).not.toContain('alert')
  expect(long.length).toBeLessThanOrEqual(65_536)
  const rows = await graph.database.read(ORG, (tx) =>
    tx.selectFrom('customers.notes').select('properties').execute(),
  )
  for (const { properties } of rows)
    expect(String((properties as Record<string, unknown>).hs_note_body ?? '').length).toBeLessThanOrEqual(
      65_536,
    )
})

it('lists all tasks, soonest first, by whether they are open, by owner, importance, kind and due date', async () => {
  const query = `query ($f: TaskFilter, $first: Int!, $after: Cursor) { tasks(filter: $f, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { hubspotTaskId isOpen isOverdue status priority type dueAt owner { id hubspotOwnerId } } } }`
  const there = await graph.records('tasks')
  const all: {
    hubspotTaskId: string
    dueAt: string
    owner: { id: string; hubspotOwnerId: string } | null
  }[] = []
  for (let after: string | null = null; ; ) {
    const { tasks } = await graph.ask(query, { first: 17, after })
    all.push(...tasks.nodes)
    if (!tasks.pageInfo.hasNextPage) break
    after = tasks.pageInfo.endCursor
  }
  expect(all.map(({ hubspotTaskId }) => hubspotTaskId).sort()).toEqual(there.map(({ id }) => id).sort())
  expect(all.map(({ dueAt }) => dueAt)).toEqual(all.map(({ dueAt }) => dueAt).sort())
  const owner = all.find((task) => task.owner)!.owner!
  const middle = all[Math.floor(all.length / 2)]!.dueAt
  const idsOf = async (f: object) => {
    const { tasks } = await graph.ask(query, { f, first: 200 })
    expect(tasks.totalCount).toBe(tasks.nodes.length)
    return tasks.nodes.map((task: { hubspotTaskId: string }) => task.hubspotTaskId).sort()
  }
  const expected = (keep: (properties: SimRecord['properties']) => boolean) =>
    there
      .filter(({ properties }) => keep(properties))
      .map(({ id }) => id)
      .sort()
  const isOpen = (p: SimRecord['properties']) => !['COMPLETED', 'DEFERRED'].includes(p.hs_task_status!)
  expect(await idsOf({ open: true })).toEqual(expected(isOpen))
  expect(await idsOf({ open: false })).toEqual(expected((p) => !isOpen(p)))
  expect(await idsOf({ ownerId: owner.id })).toEqual(
    expected((p) => p.hubspot_owner_id === owner.hubspotOwnerId),
  )
  expect(await idsOf({ ownerId: 'nobody' })).toEqual([])
  expect(await idsOf({ priority: 'high' })).toEqual(expected((p) => p.hs_task_priority === 'HIGH'))
  expect(await idsOf({ type: 'CALL', status: 'COMPLETED' })).toEqual(
    expected((p) => p.hs_task_type === 'CALL' && p.hs_task_status === 'COMPLETED'),
  )
  const isLate = (p: SimRecord['properties']) => new Date(p.hs_timestamp!) >= new Date(middle)
  expect(await idsOf({ dueFrom: middle })).toEqual(expected(isLate))
  expect(await idsOf({ dueBefore: middle, open: true })).toEqual(expected((p) => !isLate(p) && isOpen(p)))
  // Other organisations have none of them.
  const one = await graph.ask('{ tasks(first: 1) { nodes { id } } }')
  const other = await graph.ask(
    'query ($id: ID!) { task(id: $id) { id } tasks { totalCount nodes { id } } }',
    { id: one.tasks.nodes[0].id },
    principal(OTHER_ORG),
  )
  expect(other).toEqual({ task: null, tasks: { totalCount: 0, nodes: [] } })
})
