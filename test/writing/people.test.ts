import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ORG } from '../kit/customers.ts'
import { principal } from '../kit/subgraph.ts'
import { PENDING, type WritingBed, writingBed } from './bed.ts'

const stack = new AsyncDisposableStack()
let bed: WritingBed
beforeAll(async () => {
  bed = stack.use(await writingBed())
})
afterAll(() => stack.disposeAsync())

const CREATE = /* GraphQL */ `
  mutation ($input: ContactInput!, $key: String) {
    createContact(input: $input, idempotencyKey: $key) {
      __typename
      ... on ContactWritten { contact { id email version hubspotContactId } pending { ${PENDING} } receipt { position } }
      ... on Invalid { field code message }
      ... on Refusal { code message }
    }
  }`
const UPDATE = /* GraphQL */ `
  mutation ($id: ID!, $input: ContactInput!, $version: Int) {
    updateContact(id: $id, input: $input, expectedVersion: $version) {
      __typename
      ... on ContactWritten { contact { id email phone version pendingWrites { operation } } pending { ${PENDING} } }
      ... on Invalid { field code message }
      ... on Stale { currentVersion }
      ... on Refusal { code message }
    }
  }`
const DELETE = /* GraphQL */ `
  mutation ($id: ID!) { deleteContact(id: $id) { __typename ... on RecordDeleted { id pending { operation } } ... on Refusal { code } } }`
const there = async (email: string) =>
  (await bed.records('contacts')).filter(
    ({ properties, archived }) => properties.email === email && !archived,
  )
it('makes a person here at once and in HubSpot once, however often and by how many the same request is sent', async () => {
  const input = {
    email: 'Ann@Writing.example',
    firstName: 'Ann',
    lastName: 'Writer',
    phone: '+1 303 555 0100',
  }
  const twice = await Promise.all([1, 2].map(() => bed.write(CREATE, { input, key: 'one' })))
  expect(twice.map((each) => each.__typename)).toEqual(['ContactWritten', 'ContactWritten'])
  expect(twice[0].contact).toMatchObject({ email: 'ann@writing.example', version: 1, hubspotContactId: null })
  expect(twice[1].contact.id).toBe(twice[0].contact.id)
  expect(twice[0].pending).toMatchObject([
    { operation: 'CREATE', type: 'contacts', state: 'WAITING', attempts: 0, nextTryAt: null },
  ])
  expect(twice[0].pending[0].fields).toContainEqual({
    ...{ name: 'email', label: 'Email', from: null, to: 'ann@writing.example', masked: false },
  })
  const unseeing = principal(undefined, 'customers:read', 'customers:write')
  const again = await bed.write(CREATE, { input, key: 'one' }, unseeing)
  expect(again.pending[0].fields.find((field: { name: string }) => field.name === 'email')).toMatchObject({
    ...{ from: null, to: null, masked: true },
  })
  expect(JSON.stringify(twice)).not.toContain('new:')
  await bed.pushed()
  const [made, ...others] = await there('ann@writing.example')
  expect(others).toEqual([])
  expect(made?.properties).toMatchObject({ firstname: 'Ann', lastname: 'Writer', phone: '+1 303 555 0100' })
  const { contact } = await bed.ask(
    `query ($id: ID!) { contact(id: $id) { hubspotContactId version pendingWrites { operation } } }`,
    { id: twice[0].contact.id },
  )
  expect(contact).toEqual({ hubspotContactId: made?.id, version: 1, pendingWrites: [] })
})

it('changes and deletes the person there too; what was seen before somebody else’s change is refused', async () => {
  const made = await bed.write(CREATE, { input: { email: 'bea@writing.example', phone: '+1 303 555 0101' } })
  const { id } = made.contact
  const changed = await bed.write(UPDATE, { id, input: { phone: '+1 303 555 0199' }, version: 1 })
  expect(changed).toMatchObject({
    __typename: 'ContactWritten',
    contact: { version: 2, phone: '+1 303 555 0199' },
  })
  const late = await bed.write(UPDATE, { id, input: { phone: '+1 303 555 0111' }, version: 1 })
  expect(late).toMatchObject({ __typename: 'Stale', currentVersion: 2 })
  const same = await bed.write(UPDATE, {
    id,
    input: { phone: '+1 303 555 0199', email: 'BEA@writing.example' },
  })
  expect(same.contact.version).toBe(2)
  await bed.pushed()
  expect((await there('bea@writing.example')).map(({ properties }) => properties.phone)).toEqual([
    '+1 303 555 0199',
  ])
  const cleared = await bed.write(UPDATE, { id, input: { phone: null } })
  expect(cleared.contact.phone).toBeNull()
  expect(await bed.write(DELETE, { id })).toMatchObject({ __typename: 'RecordDeleted', id })
  expect((await bed.write(DELETE, { id })).__typename).toBe('RecordDeleted')
  await bed.pushed()
  expect(await there('bea@writing.example')).toEqual([])
  expect(await bed.write(UPDATE, { id, input: { phone: '+1 303 555 0100' } })).toMatchObject({
    code: 'NOT_FOUND',
  })
})

it('takes a person whom HubSpot knows by that address for the same one, whether the hub knows it yet or not', async () => {
  // Known here: HubSpot is told the change of the record it has.
  const [known] = (await bed.records('contacts')).filter(({ properties }) => properties.email?.includes('@'))
  const email = known?.properties.email ?? ''
  const met = await bed.write(CREATE, { input: { email, jobTitle: 'Known' } })
  expect(met.contact.hubspotContactId).toBe(known?.id)
  // Made there a moment ago, of which nobody has told.
  await bed.sim('records/contacts', { properties: { email: 'early@writing.example', firstname: 'Early' } })
  const made = await bed.write(CREATE, { input: { email: 'early@writing.example', jobTitle: 'Late' } })
  const { id } = made.contact
  await bed.pushed()
  const [one, ...others] = await there('early@writing.example')
  expect(others).toEqual([])
  const { contact } = await bed.ask(
    `query ($id: ID!) { contact(id: $id) { hubspotContactId firstName jobTitle } }`,
    { id },
  )
  expect(contact).toEqual({ hubspotContactId: one?.id, firstName: 'Early', jobTitle: 'Late' })
  expect(one?.properties).toMatchObject({ firstname: 'Early', jobtitle: 'Late' })
})

it('says which field cannot be used and why, and changes nothing', async () => {
  const counted = async () =>
    (
      await bed.rows<{ n: number }>(sql`select (select count(*)::integer from customers.contacts) +
      (select count(*)::integer from sync.outgoing) + (select count(*)::integer from service.audit_log) as n`)
    )[0]?.n
  const before = await counted()
  const made = (input: object) => bed.write(CREATE, { input })
  expect(await made({ email: 'no address' })).toMatchObject({ field: 'email', code: 'INVALID' })
  expect(await made({ email: 'a@b.example', phone: 'call me' })).toMatchObject({ field: 'phone' })
  expect(await made({ jobTitle: 'Nobody' })).toMatchObject({ field: 'email', code: 'REQUIRED' })
  expect(await made({ email: null })).toMatchObject({ field: 'email', code: 'REQUIRED' })
  expect(await made({ email: 'a@b.example', ownerId: bed.integrationId })).toMatchObject({
    ...{ field: 'ownerId', code: 'NOT_FOUND' },
  })
  expect(await made({ email: 'a@b.example', customerId: 'x' })).toMatchObject({ field: 'customerId' })
  const property = (name: string, value: string | null) =>
    made({ email: 'a@b.example', properties: [{ name, value }] })
  expect(await property('nowhere', 'x')).toMatchObject({ field: 'properties', code: 'PORTAL_REFUSES' })
  expect(await property('lifecyclestage', 'royalty')).toMatchObject({ field: 'properties' })
  expect(await property('hub_external_key', 'x')).toMatchObject({ code: 'NEVER_WRITTEN' })
  expect(await property('warp_api_keys', 'x')).toMatchObject({ code: 'NEVER_WRITTEN' })
  expect(await property('createdate', '2026-01-01')).toMatchObject({ field: 'properties' })
  expect(await bed.write(CREATE, { input: { email: 'a@b.example' }, key: '' })).toMatchObject({
    field: 'idempotencyKey',
  })
  expect(await counted()).toBe(before)
})

it('lets nobody of another organisation, and nobody without the right to write, change anything', async () => {
  const [row] = await bed.rows<{ id: string }>(
    sql`select id from customers.contacts where gone_at is null limit 1`,
  )
  const id = row?.id
  const stranger = principal(OTHER_ORG)
  expect(await bed.write(UPDATE, { id, input: { jobTitle: 'Taken' } }, stranger)).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await bed.write(DELETE, { id }, stranger)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await bed.write(CREATE, { input: { email: 'a@b.example' } }, stranger)).toMatchObject({
    code: 'NOT_FOUND',
  })
  const reader = principal(undefined, 'customers:read')
  await expect(bed.write(UPDATE, { id, input: { jobTitle: 'Taken' } }, reader)).rejects.toThrow()
  expect(await bed.rows(sql`select from customers.contacts where job_title = 'Taken'`)).toEqual([])
})

it('cuts cards and keys out of what is written, and shows no personal value in audits', async () => {
  const key = `sk_live_${'51'}CanaryWritten`
  await bed.write(CREATE, {
    input: { email: 'cara@writing.example', jobTitle: `Key ${key} 4242 4242 4242 4242` },
  })
  await bed.pushed()
  const [one] = await there('cara@writing.example')
  expect(one?.properties.jobtitle).toBe('Key [key] [card number]')
  const audits = await bed.rows<{ action: string; diff: object }>(
    sql`select action, diff from service.audit_log where subject_type = 'Contact' order by at desc, id desc`,
  )
  expect(audits[0]).toMatchObject({ action: 'createContact', diff: { email: [null, '[email]'] } })
  expect(JSON.stringify(audits)).not.toMatch(/writing\.example|555 01/)
})
