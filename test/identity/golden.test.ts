import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoggedEvent } from '#events/log.ts'
import { systemClock } from '#kernel/clock.ts'
import { event } from '#schema/events.ts'
import { followGoldenRules } from '#subgraphs/customers/commands/follow-golden-rules.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { customerOfAccount } from '#subgraphs/customers/domain/links.ts'
import { askFollowing } from '#subgraphs/customers/store/golden-rules.ts'
import { customersBed, ORG, OTHER_ORG, worker } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { principal } from '#test/kit/subgraph.ts'
import { eventsOf } from '../customers/rows.ts'
import { chance } from '../insights/facts.ts'

const AT = '2026-11-20T00:00:00.000Z'
let pos = 0
const logged = (made: ReturnType<typeof event>): LoggedEvent => ({
  ...{ ...made, pos: ++pos, orgId: ORG, occurredAt: new Date(AT) },
})
const c3 = (accountId: string, name: string, domain: string | null = null) =>
  logged(
    event('inventory.account.changed', accountId, {
      ...{ accountId, name, domain, integrationId: 'c3', deleted: false, observedAt: AT },
    }),
  )
const NOTHING = { amount: '0', currency: 'USD' }
const warp = (ban: string, name: string, domain: string | null = null) =>
  logged(
    event('telephony.account.changed', ban, {
      ...{ ban, name, domain, status: 'ACTIVE', tier: 'STARTER', mrr: NOTHING, creditLimit: NOTHING },
      ...{ paymentStatus: 'CURRENT', contractEnd: null, createdAt: AT, observedAt: AT },
    }),
  )

const RULES =
  'goldenRules { version rules { field choose systems isDecided } progress { total done moved endedAt } }'
const SET = `mutation ($version: Int!, $rules: [GoldenRuleInput!]!) { setGoldenRules(expectedVersion: $version, rules: $rules) {
  __typename ... on GoldenRulesSet { ${RULES} } ... on Refusal { code message } ... on Stale { currentVersion } } }`
const RESTORE = `mutation ($version: Int!, $to: Int!) { restoreGoldenRules(expectedVersion: $version, version: $to) {
  __typename ... on GoldenRulesSet { ${RULES} } ... on Refusal { code } ... on Stale { currentVersion } } }`
const PREVIEW = `query ($rules: [GoldenRuleInput!]!) { previewGoldenRules(rules: $rules) { __typename ... on Refusal { message }
  ... on GoldenPreview { customers isComplete moved byField { field moved } examples { customer { id } field before after } } } }`
const SOURCES = `query ($id: ID!, $fields: [CustomerField!]) { customer(id: $id) { name domain industry country phone owner { id }
  fieldSources(fields: $fields) { field value isPinned pinnedBy rule { choose systems isDecided } said { value system accountId observedAt }
    alternatives { value system accountId } } lineage(field: "name") { system record } } }`
const PINNED = `{ __typename ... on CustomerFieldPinned { customer { id name country phone industry employees annualRevenue { amount currency } }
  source { value isPinned pinnedBy } } ... on Refusal { code message } }`
const PIN = `mutation ($id: ID!, $field: CustomerField!, $value: String!) { pinCustomerField(customerId: $id, field: $field, value: $value) ${PINNED} }`
const UNPIN = `mutation ($id: ID!, $field: CustomerField!) { unpinCustomerField(customerId: $id, field: $field) ${PINNED} }`
const LINK = `mutation ($id: ID!, $account: AccountInput!, $version: Int!) {
  linkIdentity(customerId: $id, account: $account, expectedVersion: $version) { __typename ... on Refusal { message } } }`
const UNLINK = LINK.replace('linkIdentity(', 'unlinkIdentity(')

const NAME_BY_C3 = { field: 'NAME', choose: 'LEADING', systems: ['C3', 'HUBSPOT', 'WARP'] }

const open = async () => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed({ companies: 6 }))
  const sync = async () => {
    await using _ = worker(bed)
    await bed.sync('FULL')
  }
  await sync()
  const take = (...events: LoggedEvent[]) =>
    bed.database.transaction(ORG, (tx) => takeAccounts(tx, ORG, events, systemClock.now()))
  await take(c3('a', 'Quillfeather Studios Incorporated', 'quillfeather.example'), c3('b', 'Umberwald Dairy'))
  await take(warp('A1', 'Quillfeather'), warp('B1', 'Umberwald', 'umberwald.example'))
  const graph = stack.use(await graphOf(bed.test))
  const all = stack.move()
  const linking = (text: string) => async (id: string, system: string, accountId: string) => {
    const { customer } = await graph.ask('query ($id: ID!) { customer(id: $id) { version } }', { id })
    const answer = await graph.ask(text, { id, version: customer.version, account: { system, accountId } })
    return Object.values(answer)[0] as { __typename: string; message?: string }
  }
  return {
    ...{ bed, graph, take, sync, link: linking(LINK), unlink: linking(UNLINK) },
    /** Lets all follow, some at a time. @returns how many batches it took */
    follow: async (batch = 3, at = systemClock.now()) => {
      for (let n = 1; ; n += 1)
        if (
          (await bed.database.transaction(ORG, (tx) => followGoldenRules(tx, ORG, at, batch))) === undefined
        )
          return n - 1
    },
    version: async (): Promise<number> => (await graph.ask(`{ ${RULES} }`)).goldenRules.version,
    /** What customers were told to have changed, oldest first. */
    told: async () =>
      (await eventsOf<{ customerId: string; changed: string[] }>(bed, 'customers.customer.changed')).map(
        ({ customerId, changed }) => ({ id: customerId, changed }),
      ),
    /** Has all looked at anew. */
    anew: () => bed.database.transaction(ORG, (tx) => askFollowing(tx, ORG, 2, systemClock.now())),
    rows: () =>
      bed.select<{ id: string }>(
        sql`select id, name, normal_name, domain, industry, lifecycle_stage, owner_id, lead_company_id, kind, gone_at is null as is_live
          from customers.customers order by id`,
      ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
let world: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  world = await open()
})
afterAll(() => world[Symbol.asyncDispose]())

const C3A = customerOfAccount(ORG, 'C3', 'a')

it('keeps what the leading account says while nobody decided otherwise, and says where each value comes from', async () => {
  const { graph, bed } = world
  const before = await world.rows()
  expect(await world.follow()).toBe(0)
  expect(await world.rows()).toEqual(before)
  const [company] = await bed.records('companies')
  const { customers } = await graph.ask(
    '{ customers(first: 20, filter: { system: HUBSPOT }) { nodes { id identities { accountId } } } }',
  )
  const of = (record: string): string =>
    customers.nodes.find((node: { identities: { accountId: string }[] }) =>
      node.identities.some(({ accountId }) => accountId === record),
    ).id
  const id = of(company!.id)
  expect(await world.link(id, 'C3', 'a')).toMatchObject({ __typename: 'Linked' })
  const { customer } = await graph.ask(SOURCES, { id, fields: ['NAME', 'DOMAIN', 'OWNER'] })
  const [name, domain, owner] = customer.fieldSources
  expect(name).toEqual({
    ...{ field: 'NAME', value: company!.properties.name, isPinned: false, pinnedBy: null },
    rule: { choose: 'LEADING', systems: ['HUBSPOT', 'C3', 'WARP'], isDecided: false },
    said: expect.objectContaining({
      value: company!.properties.name,
      system: 'HUBSPOT',
      accountId: company!.id,
    }),
    alternatives: [{ value: 'Quillfeather Studios Incorporated', system: 'C3', accountId: 'a' }],
  })
  expect(customer).toMatchObject({ name: name.value, domain: domain.value, lineage: { system: 'HUBSPOT' } })
  expect(domain.alternatives).toEqual([{ value: 'quillfeather.example', system: 'C3', accountId: 'a' }])
  expect(owner.value).toBe(customer.owner?.id ?? null)
  expect(await world.unlink(id, 'C3', 'a')).toMatchObject({ __typename: 'TakenApart' })
  expect(await world.rows()).toEqual(before)
})

it('follows rules that somebody decides, tells of each customer that moves once, and goes back to an earlier version', async () => {
  const { graph, bed } = world
  const [company] = await bed.records('companies')
  const { customerOfAccount: found } = await graph.ask(
    'query ($id: ID!) { customerOfAccount(system: HUBSPOT, accountId: $id) { id } }',
    { id: company!.id },
  )
  const { id } = found
  await world.link(id, 'C3', 'a')
  const before = await world.rows()
  const from = (await world.told()).length

  const rules = [NAME_BY_C3, { field: 'PHONE', choose: 'FIRST', systems: ['C3'] }]
  const { previewGoldenRules } = await graph.ask(PREVIEW, { rules })
  expect(previewGoldenRules).toMatchObject({
    ...{ __typename: 'GoldenPreview', isComplete: true },
    byField: expect.arrayContaining([{ field: 'NAME', moved: 1 }]),
  })
  expect(previewGoldenRules.examples).toContainEqual({
    ...{ customer: { id }, field: 'NAME' },
    ...{ before: company!.properties.name, after: 'Quillfeather Studios Incorporated' },
  })
  expect(await world.rows()).toEqual(before)

  const { setGoldenRules } = await graph.ask(SET, { version: await world.version(), rules })
  expect(setGoldenRules).toMatchObject({
    goldenRules: { version: 2, progress: { done: 0, total: before.length - 1, endedAt: null } },
  })
  // Two processes at once, and one that comes later.
  await Promise.all([world.follow(), world.follow(2)])
  await world.follow()
  const { goldenRules } = await graph.ask(`{ ${RULES} }`)
  expect(goldenRules.progress).toMatchObject({
    done: before.length - 1,
    moved: 1,
    endedAt: expect.any(String),
  })
  expect((await world.told()).slice(from)).toEqual([{ id, changed: ['name'] }])
  const { customer } = await graph.ask(SOURCES, { id, fields: ['NAME'] })
  expect(customer).toMatchObject({
    ...{ name: 'Quillfeather Studios Incorporated', phone: null },
    ...{ lineage: { system: 'C3', record: 'a' } },
  })
  const { customers } = await graph.ask(
    '{ customers(filter: { text: "quillfeather studios" }) { nodes { id } } }',
  )
  expect(customers.nodes).toContainEqual({ id })

  // Who decides on what is not so any more is told; the same again changes nothing.
  expect((await graph.ask(SET, { version: 1, rules })).setGoldenRules).toMatchObject({
    ...{ code: 'STALE', currentVersion: 2 },
  })
  expect((await graph.ask(SET, { version: 2, rules })).setGoldenRules.goldenRules.version).toBe(2)
  expect((await graph.ask(RESTORE, { version: 2, to: 7 })).restoreGoldenRules.code).toBe('NOT_FOUND')
  const { restoreGoldenRules } = await graph.ask(RESTORE, { version: 2, to: 1 })
  expect(restoreGoldenRules.goldenRules).toMatchObject({
    version: 3,
    rules: expect.not.arrayContaining([{ isDecided: true }]),
  })
  await world.follow()
  expect(await world.rows()).toEqual(before)
  expect((await world.told()).slice(from)).toHaveLength(2)
  const { goldenRules: kept } = await graph.ask(
    '{ goldenRules { versions(first: 1) { nodes { version takenFrom setBy } pageInfo { endCursor hasNextPage } } } }',
  )
  expect(kept.versions).toMatchObject({
    nodes: [{ version: 3, takenFrom: 1, setBy: 'user user:test' }],
    pageInfo: { hasNextPage: true },
  })
  const audits = await bed.select<{ action: string }>(
    sql`select action from service.audit_log where subject_type = 'GoldenRules' order by at, action`,
  )
  expect(audits.map(({ action }) => action)).toEqual(['setGoldenRules', 'restoreGoldenRules'])
  await world.unlink(id, 'C3', 'a')
})

it('has a company that comes later say from its first moment what the rules have it say', async () => {
  const { graph, bed } = world
  const rules = [{ field: 'INDUSTRY', choose: 'LEADING', systems: ['WARP'] }]
  await graph.ask(SET, { version: await world.version(), rules })
  await world.follow()
  await bed.sim('records/companies', {
    properties: { name: 'Late Arrivals', domain: 'late.example', industry: 'AIRLINES_AVIATION' },
  })
  await world.sync()
  const { customers } = await graph.ask(
    '{ customers(filter: { text: "late arrivals" }) { nodes { name domain industry } } }',
  )
  expect(customers.nodes).toEqual([{ name: 'Late Arrivals', domain: 'late.example', industry: null }])
  await graph.ask(RESTORE, { version: await world.version(), to: 1 })
  await world.follow()
})

it('lets nobody else’s rules count, and shows them to nobody else', async () => {
  const { graph } = world
  const stranger = principal(OTHER_ORG)
  const ours = await graph.ask(`{ ${RULES} }`)
  const rules = [NAME_BY_C3]
  const theirs = await graph.ask(SET, { version: 1, rules }, stranger)
  expect(theirs.setGoldenRules.goldenRules.version).toBe(2)
  expect(await graph.ask(`{ ${RULES} }`)).toEqual(ours)
  expect(
    (await graph.ask(PREVIEW, { rules: [{ ...NAME_BY_C3, systems: ['C3'] }] }, stranger)).previewGoldenRules
      .customers,
  ).toBe(0)
  const pin = await graph.ask(PIN, { id: C3A, field: 'NAME', value: 'Ours now' }, stranger)
  expect(pin.pinCustomerField.code).toBe('NOT_FOUND')
})

it('holds to what somebody decided by hand, through every sync and link, until it is given back', async () => {
  const { graph } = world
  const id = C3A
  const before = await world.rows()
  const from = (await world.told()).length
  const pin = async (field: string, value: string) =>
    (await graph.ask(PIN, { id, field, value })).pinCustomerField
  expect(await pin('NAME', 'Quillfeather & Daughters')).toMatchObject({
    customer: { name: 'Quillfeather & Daughters' },
    source: { value: 'Quillfeather & Daughters', isPinned: true, pinnedBy: 'user user:test' },
  })
  await pin('NAME', 'Quillfeather & Daughters')
  expect(await pin('EMPLOYEES', '42')).toMatchObject({ customer: { employees: 42 } })
  expect(await pin('ANNUAL_REVENUE', '120000.50 EUR')).toMatchObject({
    customer: { annualRevenue: { amount: '120000.5', currency: 'EUR' } },
  })
  expect((await pin('OWNER', id)).message).toContain('colleague')
  expect((await pin('EMPLOYEES', 'many')).message).toContain('whole number')
  expect((await world.told()).slice(from)).toEqual([{ id, changed: ['name'] }])

  await world.take(c3('a', 'Quillfeather International', 'quillfeather.example'))
  const other = customerOfAccount(ORG, 'WARP', 'A1')
  await world.link(other, 'C3', 'a')
  const shown = async (of: string) => (await graph.ask(SOURCES, { id: of, fields: ['NAME'] })).customer
  // The customer that stays keeps its own name; what was decided of the other comes back with it.
  expect(await shown(other)).toMatchObject({ name: 'Quillfeather International' })
  await world.unlink(other, 'C3', 'a')
  expect(await shown(id)).toMatchObject({
    name: 'Quillfeather & Daughters',
    lineage: { system: 'HUB', record: null },
  })

  await world.take(c3('a', 'Quillfeather Studios Incorporated', 'quillfeather.example'))
  for (const field of ['NAME', 'EMPLOYEES', 'ANNUAL_REVENUE']) await graph.ask(UNPIN, { id, field })
  expect((await graph.ask(UNPIN, { id, field: 'NAME' })).unpinCustomerField.customer).toMatchObject({
    ...{ name: 'Quillfeather Studios Incorporated', employees: null },
  })
  expect((await world.told()).slice(from)).toHaveLength(2)
  expect(await world.rows()).toEqual(before)
})

it('comes to the same bit by bit as from nothing, whatever is linked, said and decided in between', async () => {
  const { graph } = world
  const random = chance(7)
  const die = (sides: number): number => Math.floor(random() * sides)
  const choices = ['LEADING', 'FIRST', 'NEWEST', 'LONGEST', 'MOST_SAID']
  const systems = [['C3', 'HUBSPOT'], ['WARP'], ['HUBSPOT', 'C3', 'WARP'], ['C3']]
  const anyOf = <T>(list: readonly T[]): T => list[die(list.length)] as T
  const { customers } = await graph.ask('{ customers(first: 50) { nodes { id } } }')
  const ids: string[] = customers.nodes.map(({ id }: { id: string }) => id)
  for (let turn = 0; turn < 40; turn += 1) {
    const id = anyOf(ids)
    const [system, account] = anyOf([
      ['C3', 'a'],
      ['C3', 'b'],
      ['WARP', 'A1'],
      ['WARP', 'B1'],
    ] as const)
    const field = anyOf(['NAME', 'DOMAIN', 'INDUSTRY'])
    await [
      () => world.link(id, system, account),
      () => world.unlink(id, system, account),
      () =>
        world.take(
          system === 'C3'
            ? c3(account, `Name ${die(5)}`, `d${die(3)}.example`)
            : warp(account, `Name ${die(5)} Ltd`, null),
        ),
      async () =>
        graph.ask(SET, {
          version: await world.version(),
          rules: [{ field, choose: anyOf(choices), systems: anyOf(systems) }],
        }),
      () => graph.ask(PIN, { id, field, value: `by-hand-${die(4)}.example` }),
      () => graph.ask(UNPIN, { id, field }),
    ][die(6)]!()
    // Sometimes they follow at once, sometimes several changes later.
    if (die(3) === 0) await world.follow()
  }
  await world.follow()
  const bitByBit = await world.rows()
  await world.anew()
  await world.follow()
  expect(await world.rows()).toEqual(bitByBit)
})

it('takes as many statements for many customers as for one', async () => {
  const { bed } = world
  const counted = async (batch: number) => {
    await world.anew()
    const from = bed.database.statements
    await bed.database.transaction(ORG, (tx) => followGoldenRules(tx, ORG, new Date(AT), batch))
    return bed.database.statements - from
  }
  // Nobody moves in either: what is written comes on top, one statement for all and one for the events.
  expect(await counted(8)).toBe(await counted(1))
})
