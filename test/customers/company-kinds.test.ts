import { afterAll, beforeAll, expect, it } from 'vitest'
import { event } from '#schema/events.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { matchAll, ORG, type SimRecord } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { type AskedGraph, askedGraph } from './asked-graph.ts'

const COMPANIES = 40
const stack = new AsyncDisposableStack()
let graph: AskedGraph
let supplier: string

beforeAll(async () => {
  graph = stack.use(
    await askedGraph({ companies: COMPANIES }, async (bed) => {
      const { results } = await bed.sim<{ results: { id: string }[] }>('records/companies', {
        properties: { name: 'Zeta Parts', domain: 'zeta-parts.com', type: 'VENDOR', lifecyclestage: 'lead' },
      })
      supplier = results[0]!.id
    }),
  )
  const account = event('inventory.account.changed', 'c3-zeta', {
    accountId: 'c3-zeta',
    integrationId: 'c3',
    name: 'Zeta Parts Inc',
    domain: 'zeta-parts.com',
    observedAt: '2026-11-20T00:00:00.000Z',
    deleted: false,
  })
  const logged = { ...account, pos: 1, orgId: ORG, occurredAt: new Date('2026-11-20T00:00:00Z') }
  await graph.database.transaction(ORG, (tx) => takeAccounts(tx, ORG, [logged], graph.clock.now()))
  await matchAll(graph)
})
afterAll(() => stack.disposeAsync())

interface Shown {
  id: string
  name: string
  kind: string
  hubspotCompanyId: string | null
  identities: { system: string; accountId: string }[]
}
const LIST = `query ($f: CustomerFilter) { customers(filter: $f, first: 200) { totalCount
  nodes { id name kind hubspotCompanyId identities { system accountId linkedBy } } } }`
const list = async (f: object = {}): Promise<Shown[]> => {
  const { customers } = await graph.ask(LIST, { f })
  expect(customers.totalCount).toBe(customers.nodes.length)
  return customers.nodes
}

const meant = ({ properties: { type, lifecyclestage } }: SimRecord): string => {
  const sells = type === 'VENDOR'
  const buys = ['customer', 'evangelist'].includes(lifecyclestage ?? '') || type === 'RESELLER'
  if (buys || sells) return buys && sells ? 'BOTH' : buys ? 'CUSTOMER' : 'SUPPLIER'
  const mayBuy = ['lead', 'opportunity', 'subscriber', 'salesqualifiedlead', 'marketingqualifiedlead']
  return type === 'PROSPECT' || mayBuy.includes(lifecyclestage ?? '') ? 'PROSPECT' : 'OTHER'
}

it('tells customers, suppliers, both and prospects apart by the portal’s own words, and lists them by it', async () => {
  const there = new Map((await graph.records('companies')).map((record) => [record.id, record]))
  const all = await list()
  expect(all.filter(({ hubspotCompanyId }) => hubspotCompanyId)).toHaveLength(there.size)
  for (const { hubspotCompanyId, kind, name } of all)
    if (hubspotCompanyId) expect([name, kind]).toEqual([name, meant(there.get(hubspotCompanyId)!)])
  for (const kinds of [['SUPPLIER'], ['SUPPLIER', 'BOTH'], ['CUSTOMER'], ['PROSPECT'], []]) {
    const listed = await list({ kinds })
    expect(listed.map(({ id }) => id)).toEqual(
      all.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id),
    )
  }
})

it('keeps a supplier apart from the customer that C3 knows by the same web domain, and shows both', async () => {
  const all = await list({ text: 'zeta-parts' })
  expect(all.map(({ kind, identities }) => [kind, identities.map(({ system }) => system)]).sort()).toEqual([
    ['CUSTOMER', ['C3']],
    ['SUPPLIER', ['HUBSPOT']],
  ])
})

const RULES = `{ _entities(representations: [{ __typename: "HubSpotIntegration", id: "ID" }]) { ... on HubSpotIntegration {
  companyKinds { version rules { property value kind isDecided } } } } }`
const SET = `mutation ($id: ID!, $v: Int!, $rules: [CompanyKindInput!]!) { setCompanyKinds(integrationId: $id, expectedVersion: $v, rules: $rules) {
  __typename ... on CompanyKindsSet { integration { companyKinds { version } } } ... on Stale { currentVersion } ... on Refusal { code message } } }`

it('lets people decide what a word makes a company: checked, counted, written down, and followed by companies that are here', async () => {
  const rules = async () =>
    (await graph.ask(RULES.replace('"ID"', `"${graph.integrationId}"`)))._entities[0].companyKinds
  const set = async (v: number, some: object[], id = graph.integrationId) =>
    (await graph.ask(SET, { id, v, rules: some })).setCompanyKinds
  const before = await rules()
  expect(before.version).toBe(1)
  expect(before.rules).toContainEqual({
    property: 'TYPE',
    value: 'vendor',
    kind: 'SUPPLIER',
    isDecided: false,
  })
  const vendor = { property: 'TYPE', value: ' Vendor ', kind: 'CUSTOMER' }
  expect(await set(1, [])).toMatchObject({ code: 'INVALID' })
  expect(await set(1, [{ ...vendor, value: ' ' }])).toMatchObject({ code: 'INVALID' })
  expect(await set(1, [vendor, { ...vendor, value: 'VENDOR' }])).toMatchObject({ code: 'INVALID' })
  expect(await set(1, [vendor], graph.integrationId.replace(/.$/, 'f'))).toMatchObject({ code: 'NOT_FOUND' })
  expect(await set(2, [vendor])).toMatchObject({ __typename: 'Stale', currentVersion: 1 })

  expect(await set(1, [vendor])).toMatchObject({
    __typename: 'CompanyKindsSet',
    integration: { companyKinds: { version: 2 } },
  })
  expect((await rules()).rules).toContainEqual({
    property: 'TYPE',
    value: 'vendor',
    kind: 'CUSTOMER',
    isDecided: true,
  })
  // The company follows, and with it the account that its domain speaks for.
  const [one] = await until(async () => {
    const found = await list({ text: 'zeta-parts' })
    return found.length === 1 ? found : undefined
  })
  expect(one).toMatchObject({ kind: 'CUSTOMER', hubspotCompanyId: supplier })
  expect(one!.identities.map(({ system }) => system).sort()).toEqual(['C3', 'HUBSPOT'])
  expect((await list({ kinds: ['SUPPLIER', 'BOTH'] })).length).toBe(0)

  await set(2, [{ property: 'TYPE', value: 'VENDOR', kind: 'CUSTOMER' }])
  expect((await rules()).version).toBe(2)
  await set(2, [{ property: 'TYPE', value: 'vendor' }])
  expect(await rules()).toEqual({ ...before, version: 3 })
  await until(async () => (await list({ text: 'zeta-parts' })).length === 2)
  expect((await list({ kinds: ['SUPPLIER'] })).map(({ hubspotCompanyId }) => hubspotCompanyId)).toContain(
    supplier,
  )
  const audits = await graph.database.read(ORG, (tx) =>
    tx
      .selectFrom('service.audit_log' as never)
      .selectAll()
      .where('action' as never, '=', 'setCompanyKinds' as never)
      .execute(),
  )
  expect(audits).toHaveLength(2)
})

it('follows a company whose words change from supplier to customer and back', async () => {
  const zeta = async () =>
    (await list({ text: 'zeta-parts' }))
      .map(({ kind, identities }) => `${kind} ${identities.map(({ system }) => system).sort()}`)
      .sort()
  // Who is who follows a moment after the sync.
  const comesTo = (kinds: readonly string[]) =>
    until(async () => {
      expect(await zeta()).toEqual(kinds)
      return true
    })
  await graph.sim('records/companies', { id: supplier, properties: { lifecyclestage: 'customer' } })
  await graph.sync('INCREMENTAL')
  await comesTo(['BOTH C3,HUBSPOT'])
  await graph.sim('records/companies', { id: supplier, properties: { lifecyclestage: 'lead' } })
  await graph.sync('INCREMENTAL')
  await comesTo(['CUSTOMER C3', 'SUPPLIER HUBSPOT'])
})
