import { expect, it } from 'vitest'
import type { LoggedEvent } from '#events/log.ts'
import { event } from '#schema/events.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { takeRfqs } from '#subgraphs/customers/commands/take-rfqs.ts'
import { importedBed, matchAll, ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { principal } from '#test/kit/subgraph.ts'

const RFQ = '0197c8a4-3f00-8a11-9c00-00000000f001'
let pos = 0
const logged = (made: ReturnType<typeof event>): LoggedEvent => ({
  ...{ ...made, pos: ++pos, orgId: ORG },
  occurredAt: new Date('2026-11-20T00:00:00Z'),
})
const at = '2026-11-20T00:00:00.000Z'
const c3 = (accountId: string, name: string, domain: string) =>
  logged(
    event('inventory.account.changed', accountId, {
      ...{ accountId, name, domain, integrationId: 'c3', observedAt: at, deleted: false },
    }),
  )
const rfq = (accountId: string) =>
  logged(
    event('inventory.rfq.changed', RFQ, {
      ...{ rfqId: RFQ, accountId, number: 'R-100', c3RfqId: 'c3-100', status: 'OPEN', previousStatus: null },
      ...{ total: null, createdAt: at, observedAt: at, deleted: false },
    }),
  )

const CUSTOMERS = `{ customers(first: 100) { nodes { id name domain identities { accountId }
  contacts(first: 200) { nodes { id } } deals(first: 200) { nodes { id } } } } }`
const MAP = `query ($id: ID!, $depth: Int!, $first: Int!, $after: Cursor) {
  customerGraph(id: $id, depth: $depth, first: $first, after: $after) {
    nodes { kind confidence why from { kind id label } to { kind id label } } pageInfo { hasNextPage endCursor } } }`

interface Shown {
  kind: string
  confidence: number | null
  why: string | null
  from: { kind: string; id: string; label: string | null }
  to: { kind: string; id: string; label: string | null }
}
interface Node {
  id: string
  name: string
  domain: string | null
  identities: unknown[]
  contacts: { nodes: { id: string }[] }
  deals: { nodes: { id: string }[] }
}

it('shows what a customer is related to, how sure that is and why, page by page and from its neighbours on', async () => {
  await using bed = await importedBed({ companies: 20 })
  await using graph = await graphOf(bed.test)
  const nodes = (await graph.ask(CUSTOMERS)).customers.nodes as Node[]
  const one = nodes.find(
    ({ domain, contacts, deals }) =>
      domain &&
      contacts.nodes.length > 0 &&
      deals.nodes.length > 0 &&
      nodes.filter((other) => other.domain === domain).length === 1,
  )!
  // An account that is the customer's, and one of somebody else under the same web domain.
  await bed.database.transaction(ORG, (tx) =>
    takeAccounts(
      tx,
      ORG,
      [c3('same', one.name, one.domain!), c3('other', 'Quillfeather Bakery', one.domain!)],
      bed.clock.now(),
    ),
  )
  await matchAll(bed)
  await bed.database.transaction(ORG, (tx) =>
    takeRfqs(tx, () => Promise.resolve([]) as never, ORG, [rfq('same')], bed.clock.now()),
  )
  const read = async (depth: number, first: number): Promise<Shown[]> => {
    const found: Shown[] = []
    let after: string | null = null
    do {
      const page: { nodes: Shown[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = (
        await graph.ask(MAP, { id: one.id, depth, first, after })
      ).customerGraph
      found.push(...page.nodes)
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after)
    return found
  }
  const all = await read(1, 200)
  const of = (kind: string) => all.filter((relation) => relation.kind === kind)
  const ids = (kind: string) =>
    of(kind)
      .map(({ to }) => to.id)
      .sort()
  expect(of('ACCOUNT').map(({ why }) => why)).toEqual(['MATCHED', 'OWN'])
  const [matched, own] = of('ACCOUNT')
  expect(matched).toMatchObject({
    from: { kind: 'CUSTOMER', id: one.id, label: one.name },
    to: { kind: 'ACCOUNT', id: 'C3 same', label: one.name },
  })
  expect(matched!.confidence).toBeGreaterThanOrEqual(0.85)
  expect(own!.confidence).toBeNull()
  expect(ids('PERSON')).toEqual(one.contacts.nodes.map(({ id }) => id).sort())
  expect(ids('DEAL')).toEqual(one.deals.nodes.map(({ id }) => id).sort())
  expect(of('RFQ')).toMatchObject([{ to: { kind: 'RFQ', id: RFQ, label: 'R-100' } }])
  expect(of('SAME_DOMAIN')).toMatchObject([{ confidence: null, why: one.domain }])
  // However small the pages are.
  expect(await read(1, 2)).toEqual(all)
  // A step further: the neighbour's account too.
  const further = await read(2, 200)
  expect(further.map(({ to }) => to.id)).toEqual(
    expect.arrayContaining(['C3 other', ...all.map(({ to }) => to.id)]),
  )
  expect(all.map(({ to }) => to.id)).not.toContain('C3 other')
  // One statement for the map beside those for the customer, and nothing for another organisation.
  const from = graph.statements.length
  await read(2, 200)
  expect(graph.statements.slice(from).filter((text) => text.includes('relations as'))).toHaveLength(1)
  const foreign = await graph.ask(
    MAP,
    { id: one.id, depth: 2, first: 200 },
    principal(OTHER_ORG, 'customers:read', 'inventory:read'),
  )
  expect(foreign.customerGraph).toBeNull()
})
