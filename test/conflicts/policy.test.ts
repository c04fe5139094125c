import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fieldPolicy, moneyFields, NO_RULES, tableOf } from '#subgraphs/customers/domain/policy.ts'
import { ORG } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { type Contested, contested } from './contested.ts'

let bed: Contested
beforeAll(async () => {
  bed = await contested(10)
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const money = moneyFields({})
const word = (type: string, field: string) => {
  const { word, owner } = fieldPolicy(NO_RULES, money, type, field)
  return `${word} of ${owner}`
}

it('takes for granted that HubSpot keeps customers, WARP its set-up and usage, the hub what it works out, and a person the money', () => {
  expect([
    word('companies', 'name'),
    word('companies', 'warp_mtd_minutes'),
    word('contacts', 'warp_role'),
    word('companies', 'oppspot_score'),
    word('companies', 'cscx_health_score'),
    word('companies', 'ai_risk_score'),
    word('companies', 'c3_customer_id'),
    word('companies', 'warp_credit_limit'),
    word('companies', 'annualrevenue'),
    word('deals', 'amount'),
    word('deals', 'deal_currency_code'),
    word('deals', '@companies'),
    word('companies', 'lead_score'),
  ]).toEqual([
    'HUBSPOT of HUBSPOT',
    'WARP of WARP',
    'WARP of WARP',
    'HUB of HUB',
    'HUB of HUB',
    'HUB of HUB',
    'C3 of C3',
    'MANUAL of WARP',
    'MANUAL of HUBSPOT',
    'MANUAL of HUBSPOT',
    'MANUAL of HUBSPOT',
    'MERGE of HUBSPOT',
    'HUBSPOT of HUBSPOT',
  ])
  const table = tableOf({ version: 1, rules: NO_RULES })
  expect([table.of('companies', 'warp_ban'), table.of('companies', 'name')]).toEqual(['HUB', 'SOURCE'])
  expect(table.clockToleranceMs).toBe(2_000)
  expect(table.together('deals', 'deal_currency_code')).toEqual(['amount'])
  expect(table.ofDeletion('contacts')).toBe('SOURCE')
})

it('leaves the money to a person also where a portal keeps it under a name of its own', () => {
  const mapped = moneyFields({
    companies: { annualRevenue: { properties: ['umsatz'], transforms: [], direction: 'IN' } },
  })
  expect(fieldPolicy(NO_RULES, mapped, 'companies', 'umsatz').word).toBe('MANUAL')
  expect(fieldPolicy(NO_RULES, money, 'companies', 'umsatz').word).toBe('HUBSPOT')
})

it('merges links so that what either side took away stays away, with one of them the main one', () => {
  const { merge } = tableOf({ version: 1, rules: NO_RULES })
  const merged = (base: string[], theirs: string[], ours: string[]) =>
    merge('deals', '@companies', { base, theirs, ours })
  expect(merged(['1', '2'], ['1'], ['1', '2', '3'])).toEqual(['1', '3'])
  expect(merged(['1!', '2'], ['1!', '2', '4'], ['2!'])).toEqual(['2!', '4'])
  expect(merged(['1!', '2'], ['1', '2!'], ['1', '2', '3!'])).toEqual(['1', '2!', '3'])
  expect(merged(['1!'], [], ['1!', '2'])).toEqual(['2'])
})

describe('saving', () => {
  it('makes a version of each change and keeps the ones before; saving what holds makes none', async () => {
    expect(await bed.policy()).toMatchObject({ version: 1, savedAt: null, fields: [], rank: 100 })
    const fields = [
      { objectType: 'COMPANIES', field: 'city', policy: 'LAST_WRITE' },
      { objectType: 'DEALS', field: '@contacts', policy: 'HUBSPOT' },
    ]
    const saved = await bed.savePolicy({ fields, clockToleranceMs: 5_000 })
    expect(saved).toMatchObject({
      __typename: 'PolicySaved',
      policy: { version: 2, clockToleranceMs: 5_000 },
    })
    expect(saved.policy.fields).toEqual([
      { ...fields[0], owner: 'HUBSPOT', isDefault: false },
      { ...fields[1], owner: 'HUBSPOT', isDefault: false },
    ])
    expect((await bed.savePolicy({ fields })).policy.version).toBe(2)
    const back = await bed.savePolicy({
      fields: [{ objectType: 'DEALS', field: '@contacts', policy: null }],
      deletions: [{ objectType: 'CONTACTS', policy: 'MANUAL' }],
    })
    expect(back.policy.fields).toMatchObject([{ field: 'city' }])
    expect(back.policy.deletions[1]).toEqual({ objectType: 'CONTACTS', policy: 'MANUAL', isDefault: false })
    expect((await bed.policy(2)).fields).toHaveLength(2)
    const refs = [{ __typename: 'HubSpotIntegration', id: bed.integrationId }]
    const { _entities } = await bed.ask(
      `query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on HubSpotIntegration {
        policyVersions(first: 1) { nodes { version savedBy } pageInfo { hasNextPage } } } } }`,
      { refs },
    )
    expect(_entities[0].policyVersions).toEqual({
      nodes: [{ version: 3, savedBy: 'user:test' }],
      pageInfo: { hasNextPage: true },
    })
    const rows = await bed.database.read(ORG, (tx) =>
      tx
        .selectFrom('service.audit_log')
        .select('diff')
        .where('action', '=', 'savePolicy')
        .orderBy('id')
        .execute(),
    )
    expect(rows.map(({ diff }) => diff)).toMatchObject([
      { version: [1, 2], 'companies/city': [null, 'LAST_WRITE'], clockToleranceMs: [2000, 5000] },
      { version: [2, 3], 'contacts deleted': [null, 'MANUAL'] },
    ])
  })

  it('refuses what is stale, what no field is, what cannot be decided like this, and whoever may only look', async () => {
    const change = { fields: [{ objectType: 'COMPANIES', field: 'city', policy: 'HUB' }] }
    expect(await bed.savePolicy(change, 1)).toMatchObject({ __typename: 'Stale', currentVersion: 3 })
    const refused = async (objectType: string, field: string, policy: string) =>
      (await bed.savePolicy({ fields: [{ objectType, field, policy }] })).message
    expect(await refused('COMPANIES', 'a b', 'HUB')).toContain('small letters')
    expect(await refused('COMPANIES', '@deals', 'HUB')).toContain('no other field')
    expect(await refused('COMPANIES', 'city', 'MERGE')).toContain('lists of links')
    expect(await refused('DEALS', 'deal_currency_code', 'HUB')).toContain('decide about amount')
    expect(await bed.savePolicy({ clockToleranceMs: -1 })).toMatchObject({
      field: 'changes.clockToleranceMs',
    })
    expect(await bed.savePolicy({ rank: 0 })).toMatchObject({ field: 'changes.rank' })
    expect((await bed.policy()).version).toBe(3)
    const { errors } = await bed.answer(
      'mutation ($id: ID!) { savePolicy(integrationId: $id, expectedVersion: 3, changes: {}) { __typename } }',
      { id: bed.integrationId },
      principal(ORG, 'sync:read'),
    )
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
  })
})

describe('as a file', () => {
  const EXPORT = 'query ($id: ID!) { exportPolicy(integrationId: $id) { fileName document } }'
  const IMPORT = `mutation ($id: ID!, $document: String!, $dryRun: Boolean! = false) {
    importPolicy(integrationId: $id, document: $document, dryRun: $dryRun) {
      __typename ... on PolicyImported { dryRun changed policy { version fields { field policy } } } ... on Refusal { message } } }`
  const exported = async () =>
    (await bed.ask(EXPORT, { id: bed.integrationId })).exportPolicy.document as string
  const imported = async (document: string, dryRun = false) =>
    (await bed.ask(IMPORT, { id: bed.integrationId, document, dryRun })).importPolicy

  it('goes out and comes back the same, in the place of everything that was decided', async () => {
    const document = await exported()
    expect(JSON.parse(document)).toEqual({
      format: 'tributary-policy/1',
      fields: { companies: { city: 'LAST_WRITE' } },
      deletions: { contacts: 'MANUAL' },
      clockToleranceMs: 5000,
      rank: 100,
    })
    expect(await imported(document)).toMatchObject({ changed: 0, policy: { version: 3 } })
    const other = JSON.stringify({ ...JSON.parse(document), fields: { deals: { dealname: 'HUB' } } })
    expect(await imported(other, true)).toMatchObject({ dryRun: true, changed: 2, policy: { version: 3 } })
    expect(await imported(other)).toMatchObject({
      changed: 2,
      policy: { version: 4, fields: [{ field: 'dealname', policy: 'HUB' }] },
    })
    expect(await imported(document)).toMatchObject({ policy: { version: 5 } })
    expect(await exported()).toBe(document)
  })

  it('is refused as a whole when something in it cannot be', async () => {
    const wrong = async (document: string) => (await imported(document)).message
    expect(await wrong('nothing')).toContain('no JSON')
    expect(await wrong('{"format":"tributary-mappings/1"}')).toContain('tributary-policy/1, at format')
    const file = JSON.parse(await exported())
    expect(await wrong(JSON.stringify({ ...file, rank: 0 }))).toContain('rank')
    expect(await wrong(JSON.stringify({ ...file, fields: { deals: { amount: 'ME' } } }))).toContain(
      'fields.deals.amount',
    )
    expect((await bed.policy()).version).toBe(5)
  })
})

it('lets the portal of the lowest rank speak first for a customer that several know', async () => {
  const [one] = await bed.records('companies')
  const own = one!.properties.name
  const copied = (table: string, changes: object, where: string) =>
    bed.database.transaction(ORG, (tx) =>
      sql`insert into ${sql.table(table)} select (jsonb_populate_record(t, ${JSON.stringify(changes)}::jsonb)).*
        from ${sql.table(table)} t where ${sql.raw(where)}`.execute(tx),
    )
  const other = { id: randomUUID(), name: 'Other', portal_id: '2', rank: 50 }
  await copied('customers.integrations', other, `id = '${bed.integrationId}'`)
  const twin = { id: randomUUID(), integration_id: other.id, external_id: '2000', name: 'As the other says' }
  await copied('customers.companies', twin, `external_id = '${one!.id}'`)
  const account = { account_id: twin.id, source: other.id, name: twin.name }
  const same = `select id::text from customers.companies where external_id = '${one!.id}'`
  await copied('customers.identities', account, `system = 'HUBSPOT' and account_id in (${same})`)
  const shown = async () =>
    (await bed.ask('{ customers(first: 50) { nodes { name hubspotCompanyId } } }')).customers.nodes.find(
      ({ name }: { name: string }) => name === own || name === twin.name,
    ).name
  expect(await shown()).toBe(own)
  await bed.savePolicy({ rank: 60 })
  expect(await shown()).toBe(twin.name)
  await bed.savePolicy({ rank: 40 })
  expect(await shown()).toBe(own)
})
