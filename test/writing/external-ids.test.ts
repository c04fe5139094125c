import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ORG, OTHER_ORG, worker } from '../kit/customers.ts'
import { CLEAN, checkLedger } from '../kit/ledger.ts'
import { principal } from '../kit/subgraph.ts'
import { type WritingBed, writingBed } from './bed.ts'

const stack = new AsyncDisposableStack()
let bed: WritingBed
beforeAll(async () => {
  bed = stack.use(await writingBed())
})
afterAll(() => stack.disposeAsync())

const SHOWN = {
  Company: 'customer { id name companyVersion }',
  Contact: 'contact { id email jobTitle version externalIds { system value } }',
  Deal: 'deal { id name version externalIds { system value } }',
  Ticket: 'ticket { id subject version externalIds { system value } }',
} as const
type Kind = keyof typeof SHOWN

interface More {
  expectedVersion?: number
  integrationId?: string
}
const put = (
  kind: Kind,
  system: string,
  value: string,
  input: object,
  more: More = {},
  caller = principal(ORG),
) =>
  bed.write(
    /* GraphQL */ `
      mutation ($system: String!, $value: ID!, $input: ${kind}Input!, $expectedVersion: Int, $integrationId: ID) {
        upsert${kind}(system: $system, value: $value, input: $input, expectedVersion: $expectedVersion, integrationId: $integrationId) {
          __typename
          ... on ${kind}Written { ${SHOWN[kind]} pending { operation } }
          ... on Invalid { field }
          ... on Stale { currentVersion }
          ... on ExternalIdTaken { recordId value }
          ... on Refusal { code message }
        }
      }`,
    { system, value, input, ...more },
    caller,
  )
const find = async (kind: Kind, system: string, value: string, caller = principal(ORG)) =>
  Object.values(
    await bed.ask(
      `query ($system: String!, $value: ID!) {
        found: ${kind.toLowerCase()}ByExternalId(system: $system, value: $value) { id externalIds { system value } } }`,
      { system, value },
      caller,
    ),
  )[0] as { id: string; externalIds: { system: string; value: string }[] } | null

const countOf = async (table: string): Promise<number> =>
  (
    await bed.rows<{ n: number }>(sql`select count(*)::integer as n from ${sql.table(`customers.${table}`)}`)
  )[0]!.n
const actsOn = async (id: string): Promise<string[]> =>
  (
    await bed.rows<{ action: string }>(
      sql`select action from service.audit_log where subject_id = ${id} order by id`,
    )
  ).map(({ action }) => action)

it('makes a person once, however often and by how many the same is sent, and HubSpot has it once', async () => {
  const input = { email: 'una@outside.example', jobTitle: 'Buyer' }
  const all = await Promise.all(
    ['erp', 'ERP', 'Erp', 'ERP'].map((system) => put('Contact', system, 'C-1', input)),
  )
  const [{ contact }] = all
  expect(contact).toMatchObject({
    jobTitle: 'Buyer',
    version: 1,
    externalIds: [{ system: 'ERP', value: 'C-1' }],
  })
  expect(all.map((one) => [one.__typename, one.contact.id, one.contact.version])).toEqual(
    all.map(() => ['ContactWritten', contact.id, 1]),
  )
  expect(await find('Contact', 'ERP', 'C-1')).toMatchObject({ id: contact.id })
  expect((await put('Contact', 'ERP', 'C-1', { jobTitle: 'Head of buying' })).contact).toMatchObject({
    ...{ id: contact.id, jobTitle: 'Head of buying', version: 2, email: 'una@outside.example' },
  })
  expect(await actsOn(contact.id)).toEqual(['createContact', 'upsertContact', 'updateContact'])
  await bed.pushed()
  const there = (await bed.records('contacts')).filter(
    ({ properties }) => properties.email === 'una@outside.example',
  )
  expect(there).toMatchObject([{ archived: false, properties: { jobtitle: 'Head of buying' } }])
  // HubSpot's own id finds and changes the same one.
  expect(await find('Contact', 'HubSpot', there[0]!.id)).toMatchObject({ id: contact.id })
  const changed = await put('Contact', 'HUBSPOT', there[0]!.id, { jobTitle: 'Owner' })
  expect(changed.contact).toMatchObject({ id: contact.id, jobTitle: 'Owner' })
  await bed.pushed()
  await using _ = worker(bed)
  await bed.sync('RECONCILE')
  expect(await checkLedger(bed)).toEqual(CLEAN)
})

it.each([
  ['Company', { name: 'Outside Works', domain: 'outside-works.example' }, { name: 'Outside Works Ltd' }],
  ['Deal', { name: 'Outside lines', stage: 'qualifiedtobuy' }, { name: 'Outside lines, second' }],
  ['Ticket', { subject: 'Outside noise', stage: '1' }, { subject: 'Outside noise again' }],
] as const)('makes and changes a %s by an id of another program', async (kind, input, changes) => {
  const table = { Company: 'companies', Deal: 'deals', Ticket: 'tickets' }[kind]
  const before = await countOf(table)
  const twice = await Promise.all([1, 2].map(() => put(kind, 'ERP', 'X.1', input)))
  expect(twice.map((one) => one.__typename)).toEqual([`${kind}Written`, `${kind}Written`])
  const found = await find(kind, 'ERP', 'X.1')
  expect(found?.externalIds).toEqual([{ system: 'ERP', value: 'X.1' }])
  expect(Object.values((await put(kind, 'ERP', 'X.1', changes)) as object)).toContainEqual(
    expect.objectContaining(changes),
  )
  expect(await countOf(table)).toBe(before + 1)
  // Ids of other kinds, programs and letters are other ids.
  expect(await find(kind, 'ERP', 'x.1')).toBeNull()
  expect(await find(kind, 'ERP2', 'X.1')).toBeNull()
  expect(await find('Contact', 'ERP', 'X.1')).toBeNull()
})

it('takes the person with the same address and the company with the same domain for the one that is meant, and refuses a second id of a program for it', async () => {
  const made = await bed.write(
    'mutation ($input: ContactInput!) { createContact(input: $input) { ... on ContactWritten { contact { id } } } }',
    { input: { email: 'vera@outside.example' } },
  )
  const vera = { email: 'Vera@outside.example', jobTitle: 'Chief' }
  expect((await put('Contact', 'ERP', 'V-1', vera)).contact).toMatchObject({
    id: made.contact.id,
    jobTitle: 'Chief',
  })
  expect((await put('Contact', 'SHOP', '17', vera)).contact).toMatchObject({
    ...{ id: made.contact.id, version: 2 },
    externalIds: [
      { system: 'ERP', value: 'V-1' },
      { system: 'SHOP', value: '17' },
    ],
  })
  expect(await put('Contact', 'ERP', 'V-2', { ...vera, jobTitle: 'Nobody' })).toMatchObject({
    ...{ __typename: 'ExternalIdTaken', code: 'EXTERNAL_ID_TAKEN', recordId: made.contact.id, value: 'V-1' },
  })
  const { contact } = await bed.ask('query ($id: ID!) { contact(id: $id) { jobTitle version } }', {
    id: made.contact.id,
  })
  expect(contact).toEqual({ jobTitle: 'Chief', version: 2 })
  expect(await find('Contact', 'ERP', 'V-2')).toBeNull()

  const firm = await put('Company', 'ERP', 'F-1', { name: 'Firm', domain: 'firm-outside.example' })
  const same = await put('Company', 'SHOP', '9', {
    domain: 'www.firm-outside.example',
    phone: '+1 303 555 0177',
  })
  expect(same.customer.id).toBe(firm.customer.id)
})

it('refuses what is no id, what HubSpot does not have, and a version that has passed', async () => {
  const before = await countOf('contacts')
  const input = { email: 'wim@outside.example' }
  const refused = async (system: string, value: string, more?: More) => {
    const { __typename, field, code } = await put('Contact', system, value, input, more)
    return [__typename, field ?? code]
  }
  expect(await refused('E R P', '1')).toEqual(['Invalid', 'system'])
  expect(await refused('WARP', '1')).toEqual(['Invalid', 'system'])
  expect(await refused('ERP', 'wim@outside.example')).toEqual(['Invalid', 'value'])
  expect(await refused('ERP', '')).toEqual(['Invalid', 'value'])
  expect(await refused('HUBSPOT', '999999999')).toEqual(['Missing', 'NOT_FOUND'])
  expect(await refused('HUBSPOT', 'new:1')).toEqual(['Invalid', 'value'])
  // A version is of something that is there.
  expect(await refused('ERP', 'W-1', { expectedVersion: 1 })).toEqual(['Missing', 'NOT_FOUND'])
  expect(await countOf('contacts')).toBe(before)
  await put('Contact', 'ERP', 'W-1', input)
  expect(await put('Contact', 'ERP', 'W-1', { jobTitle: 'A' }, { expectedVersion: 7 })).toMatchObject({
    ...{ __typename: 'Stale', currentVersion: 1 },
  })
  expect(await find('Contact', 'no such', '1')).toBeNull()
})

it('is of its organisation alone: another one finds and changes nothing by the same id', async () => {
  await put('Contact', 'ERP', 'O-1', { email: 'ona@outside.example' })
  const stranger = principal(OTHER_ORG)
  expect(await find('Contact', 'ERP', 'O-1', stranger)).toBeNull()
  expect(await put('Contact', 'ERP', 'O-1', { jobTitle: 'Thief' }, {}, stranger)).toMatchObject({
    __typename: 'Missing',
  })
  const { integrationId } = bed
  expect(
    await put('Contact', 'ERP', 'O-1', { jobTitle: 'Thief' }, { integrationId }, stranger),
  ).toMatchObject({
    __typename: 'Missing',
  })
})

it('finds for a caller who may see some customers only what is theirs, and tells none of the other ids', async () => {
  const [mine, other] = [
    await put('Company', 'ERP', 'R-1', { name: 'Mine' }),
    await put('Company', 'ERP', 'R-2', { name: 'Another' }),
  ]
  await put('Contact', 'ERP', 'R-1', { email: 'mine@outside.example', customerId: mine.customer.id })
  await put('Contact', 'ERP', 'R-2', { email: 'another@outside.example', customerId: other.customer.id })
  const caller = { ...principal(ORG, 'customers:read'), rows: [mine.customer.id as string] }
  const found = async (kind: Kind, value: string) => (await find(kind, 'ERP', value, caller))?.externalIds
  for (const kind of ['Company', 'Contact'] as const) {
    expect(await found(kind, 'R-1')).toEqual([{ system: 'ERP', value: 'R-1' }])
    expect(await found(kind, 'R-2')).toBeUndefined()
  }
})

it('follows a record that HubSpot merged into another, and makes a new one in the place of one that was deleted', async () => {
  const [one, two] = [
    await put('Deal', 'ERP', 'M-1', { name: 'Merged away', stage: 'qualifiedtobuy' }),
    await put('Deal', 'ERP', 'M-2', { name: 'Survivor', stage: 'qualifiedtobuy' }),
  ]
  await bed.database.transaction(ORG, (tx) =>
    sql`update customers.deals set gone_at = valid_from, merged_into = ${two.deal.id}::uuid where id = ${one.deal.id}::uuid`.execute(
      tx,
    ),
  )
  expect(await find('Deal', 'ERP', 'M-1')).toMatchObject({ id: two.deal.id })
  expect((await put('Deal', 'ERP', 'M-1', { name: 'By the old id' })).deal).toMatchObject({
    ...{ id: two.deal.id, name: 'By the old id' },
  })
  await bed.write('mutation ($id: ID!) { deleteDeal(id: $id) { __typename } }', { id: two.deal.id })
  expect(await find('Deal', 'ERP', 'M-2')).toBeNull()
  const anew = await put('Deal', 'ERP', 'M-2', { name: 'Anew', stage: 'qualifiedtobuy' })
  expect(anew.deal.id).not.toBe(two.deal.id)
  expect(await find('Deal', 'ERP', 'M-2')).toMatchObject({ id: anew.deal.id })
})
