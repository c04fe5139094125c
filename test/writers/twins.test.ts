import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeSomeTwins } from '#subgraphs/customers/commands/make-twins.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { customerOfAccount } from '#subgraphs/customers/domain/links.ts'
import { NO_TWINS, reasonAgainst, type TwinFacts } from '#subgraphs/customers/domain/twins.ts'
import { integrationsOf } from '#subgraphs/customers/store/integrations.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import type { AskedGraph } from '#test/customers/asked-graph.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { audited, logged, writingGraph, written } from './bed.ts'

const AT = '2026-11-20T00:00:00.000Z'
const c3 = (accountId: string, name: string, domain: string | null) =>
  logged('inventory.account.changed', accountId, {
    ...{ accountId, name, domain, integrationId: 'c3', deleted: false, observedAt: AT },
  })
const NOTHING = { amount: '0', currency: 'USD' }
const warp = (ban: string, name: string, domain: string | null) =>
  logged('telephony.account.changed', ban, {
    ...{ ban, name, domain, status: 'ACTIVE', tier: 'STARTER', mrr: NOTHING, creditLimit: NOTHING },
    ...{ paymentStatus: 'CURRENT', contractEnd: null, createdAt: AT, observedAt: AT },
  })

const PREVIEW = `query ($id: ID!, $conditions: [TwinCondition!]) { previewTwins(integrationId: $id, conditions: $conditions) { __typename
  ... on TwinPreview { isOn total customers { id } others { reason customers } } ... on Refusal { code } } }`
const SET = `mutation ($id: ID!, $version: Int!, $isOn: Boolean!, $systems: [System!]! = [C3, WARP]) {
  setTwinPolicy(integrationId: $id, expectedVersion: $version, isOn: $isOn, systems: $systems) { __typename
    ... on TwinPolicySet { integration { twins { version isOn systems conditions } } } ... on Refusal { code message } } }`
const MAKE = `mutation ($id: ID!) { makeTwins(integrationId: $id) { __typename ... on TwinsMade { made hasMore } ... on Refusal { code message } } }`
const CUSTOMER = `query ($id: ID!) { customer(id: $id) { id version mergedInto hubspotCompanyId identities { system accountId linkedBy } } }`
const UNLINK = `mutation ($id: ID!, $account: AccountInput!, $version: Int!) {
  unlinkIdentity(customerId: $id, account: $account, expectedVersion: $version) { __typename ... on Refusal { message } } }`

const stack = new AsyncDisposableStack()
let graph: AskedGraph
const take = (...events: Parameters<typeof takeAccounts>[2][number][]) =>
  graph.database.transaction(ORG, (tx) => takeAccounts(tx, ORG, events, graph.clock.now()))
/** Resolves once everybody has been looked at whether it is somebody else. */
const matched = () =>
  until(async () =>
    graph.database.read(
      ORG,
      async (tx) => (await tx.selectFrom('customers.identity_due').selectAll().execute()).length === 0,
    ),
  )
const id = () => graph.integrationId
const preview = async (more: object = {}) => (await graph.ask(PREVIEW, { id: id(), ...more })).previewTwins
const make = async () => (await graph.ask(MAKE, { id: id() })).makeTwins
const there = async (name: string) =>
  (await graph.records('companies')).filter(({ properties }) => properties.name === name)

beforeAll(async () => {
  graph = stack.use(await writingGraph({ companies: 4 }))
  await take(
    c3('a', 'Larkspur Instruments', 'larkspur-instruments.example'),
    c3('b', 'Maria Holm', null),
    c3('d', 'Maria Holm Antiques', 'gmail.com'),
    c3('e', 'Tollgate Bindery LLC', null),
  )
  await take(warp('W1', 'Ostrava Signals', 'ostrava-signals.example'))
  await matched()
})
afterAll(() => stack.disposeAsync())

it('makes no company while that is switched off, and shows of whom it would make one, and why not of others', async () => {
  expect(await preview()).toEqual({
    ...{ __typename: 'TwinPreview', isOn: false, total: 2 },
    customers: expect.arrayContaining([
      { id: customerOfAccount(ORG, 'C3', 'a') },
      { id: customerOfAccount(ORG, 'WARP', 'W1') },
    ]),
    others: expect.arrayContaining([
      { reason: 'NO_BUSINESS', customers: 2 },
      { reason: 'CONDITION', customers: 1 },
    ]),
  })
  // A legal form is no person's; whoever must have a billing account has one.
  expect(await preview({ conditions: [] })).toMatchObject({ total: 3 })
  expect(await preview({ conditions: ['BILLING'] })).toMatchObject({ total: 1 })
  expect(await make()).toMatchObject({ __typename: 'Invalid' })
  expect(await graph.outgoing()).toEqual([])
})

it('makes each customer a company once, whoever asks at the same time and however answers get lost', async () => {
  const set = async (version: number, more: object = {}) =>
    (await graph.ask(SET, { id: id(), version, isOn: true, ...more })).setTwinPolicy
  expect(await set(1, { systems: ['HUBSPOT'] })).toMatchObject({ __typename: 'Invalid' })
  expect(await set(1)).toMatchObject({
    integration: { twins: { version: 2, isOn: true, systems: ['C3', 'WARP'], conditions: ['DOMAIN'] } },
  })
  expect(await set(1)).toMatchObject({ code: 'STALE' })
  expect(await set(2)).toMatchObject({ integration: { twins: { version: 2 } } })

  // HubSpot makes them, and nobody hears of it.
  await graph.sim('faults', {
    list: [{ path: '/companies/batch', times: 1, play: { do: 'status', status: 502, afterCommit: true } }],
  })
  const both = await Promise.all([
    make(),
    graph.database.transaction(ORG, async (tx) => {
      const [portal] = await integrationsOf(tx, ORG, [id()])
      return makeSomeTwins(tx, changeRecords, portal!, graph.clock.now())
    }),
  ])
  expect(both.map((one) => one.made).sort()).toEqual([0, 2])
  expect(await make()).toMatchObject({ made: 0, hasMore: false })
  await written(graph)
  const [company, ...more] = await there('Larkspur Instruments')
  expect(more).toEqual([])
  expect(company?.properties).toMatchObject({ domain: 'larkspur-instruments.example' })
  expect(await there('Ostrava Signals')).toHaveLength(1)
  expect(await there('Maria Holm')).toEqual([])

  const of = customerOfAccount(ORG, 'C3', 'a')
  const { customer } = await graph.ask(CUSTOMER, { id: of })
  expect(customer).toMatchObject({
    ...{ id: of, mergedInto: null, hubspotCompanyId: company!.id },
    identities: [
      { system: 'HUBSPOT', accountId: company!.id, linkedBy: 'OPENED_FOR' },
      { system: 'C3', accountId: 'a' },
    ],
  })
  expect(await preview()).toMatchObject({ total: 0 })
  // Read again, it is the same company of the same customer.
  await graph.sync('FULL')
  expect((await graph.ask(CUSTOMER, { id: of })).customer).toEqual(customer)
  expect(await audited(graph, 'setTwinPolicy')).toHaveLength(1)
})

it('makes none again that somebody archived in HubSpot or took from the customer', async () => {
  const [larkspur, ostrava] = [await there('Larkspur Instruments'), await there('Ostrava Signals')]
  await graph.allowAll()
  await graph.sim('records/companies', { id: larkspur[0]!.id, archive: true })
  await graph.sync('FULL')
  const of = customerOfAccount(ORG, 'WARP', 'W1')
  const { customer } = await graph.ask(CUSTOMER, { id: of })
  const account = { system: 'HUBSPOT', accountId: ostrava[0]!.id }
  const { unlinkIdentity } = await graph.ask(UNLINK, { id: of, account, version: customer.version })
  expect(unlinkIdentity).toEqual({ __typename: 'TakenApart' })
  await matched()
  const { total, others } = await preview()
  expect({ total, others }).toMatchObject({
    ...{ total: 0, others: expect.arrayContaining([{ reason: 'MADE_BEFORE', customers: 1 }]) },
  })
  expect(await make()).toMatchObject({ made: 0 })
})

it('makes none where the portal has its namesake, somebody has to decide, or it would not take part', () => {
  const facts: TwinFacts = {
    ...{ id: 'c', name: 'Larkspur Instruments', domain: 'larkspur.example', wasMade: false },
    ...{ hasNamesake: false, isUndecided: false, hasBilling: true, hasRequest: true },
  }
  const against = (more: Partial<TwinFacts>, conditions: ('DOMAIN' | 'BILLING' | 'REQUEST')[] = ['DOMAIN']) =>
    reasonAgainst({ ...facts, ...more }, { conditions }, [])
  expect(against({})).toBeNull()
  expect(against({ hasNamesake: true })).toBe('NAMESAKE')
  expect(against({ isUndecided: true })).toBe('UNDECIDED')
  expect(against({ hasRequest: false }, ['DOMAIN', 'REQUEST'])).toBe('CONDITION')
  expect(against({ domain: 'gmail.com' })).toBe('NO_BUSINESS')
  expect(against({ domain: null, name: 'Larkspur Instruments GmbH' }, [])).toBeNull()
  const onlyPartners = [{ type: 'companies', by: 'PROPERTY', property: 'type', values: ['PARTNER'] } as const]
  expect(
    reasonAgainst(
      facts,
      NO_TWINS,
      onlyPartners.map((rule) => ({ ...rule, values: [...rule.values] })),
    ),
  ).toBe('NOT_TAKING_PART')
})

it('is nobody else’s to see or to do', async () => {
  const stranger = principal(OTHER_ORG)
  for (const answer of [
    (await graph.ask(PREVIEW, { id: id() }, stranger)).previewTwins,
    (await graph.ask(MAKE, { id: id() }, stranger)).makeTwins,
    (await graph.ask(SET, { id: id(), version: 1, isOn: true }, stranger)).setTwinPolicy,
  ])
    expect(answer).toMatchObject({ code: 'NOT_FOUND' })
})
