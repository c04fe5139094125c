import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { landingOf } from '#subgraphs/customers/domain/inverting.ts'
import type { FieldMapping } from '#subgraphs/customers/domain/mapping.ts'
import type { Transform } from '#subgraphs/customers/domain/transforms.ts'
import { buryRecords } from '#sync/dead-letters.ts'
import { ORG } from '../kit/customers.ts'
import { PENDING, type WritingBed, writingBed } from './bed.ts'

const stack = new AsyncDisposableStack()
let bed: WritingBed
beforeAll(async () => {
  bed = stack.use(await writingBed())
})
afterAll(() => stack.disposeAsync())

const ANSWER = `__typename ... on ContactWritten { contact { id } pending { ${PENDING} } } ... on Invalid { field code message } ... on Refusal { code }`
const make = (input: object, integrationId?: string) =>
  bed.write(
    `mutation ($input: ContactInput!, $at: ID) { createContact(input: $input, integrationId: $at) { ${ANSWER} } }`,
    { input, at: integrationId },
  )
const change = (id: string, input: object) =>
  bed.write(
    `mutation ($id: ID!, $input: ContactInput!) { updateContact(id: $id, input: $input) { ${ANSWER} } }`,
    { id, input },
  )
const set = (columns: string) =>
  bed.database.transaction(ORG, (tx) =>
    sql`update customers.integrations set ${sql.raw(columns)} where id = ${bed.integrationId}::uuid`.execute(
      tx,
    ),
  )
const someone = async () =>
  (
    await bed.rows<{ id: string }>(
      sql`select id from customers.contacts where gone_at is null and external_id not like 'new:%' order by id limit 1`,
    )
  )[0]!.id

it('takes no change where a connection only reads, may not write, or is one of several; takes it where it is only held up', async () => {
  const id = await someone()
  await set("direction = 'IN'")
  expect(await change(id, { jobTitle: 'A' })).toMatchObject({
    field: 'integrationId',
    code: 'CONNECTION_ONLY_READS',
  })
  await set("direction = 'BIDIRECTIONAL', lacking_scopes = '{crm.objects.contacts.write}'")
  expect(await change(id, { jobTitle: 'A' })).toMatchObject({ code: 'CONNECTION_LACKS_SCOPES' })
  await set("lacking_scopes = '{}'")
  await bed.write(
    'mutation ($id: ID!) { pauseIntegration(integrationId: $id, direction: OUT) { __typename } }',
    { id: bed.integrationId },
  )
  const held = await change(id, { jobTitle: 'Held' })
  expect(held.pending).toMatchObject([
    {
      operation: 'UPDATE',
      state: 'HELD',
      guidance: expect.stringContaining('pause'),
      fields: [{ name: 'jobtitle', to: 'Held' }],
    },
  ])
  await bed.write(
    'mutation ($id: ID!) { resumeIntegration(integrationId: $id, direction: OUT) { __typename } }',
    { id: bed.integrationId },
  )
  const other = '00000000-0000-4000-8000-00000000aaaa'
  await bed.database.transaction(ORG, (tx) =>
    sql`insert into customers.integrations (id, org_id, name, base_url, created_at, updated_at)
      values (${other}::uuid, ${ORG}::uuid, 'Other', ${bed.portal.url}, now(), now())`.execute(tx),
  )
  expect(await make({ email: 'two@portals.example' })).toMatchObject({
    field: 'integrationId',
    code: 'INVALID',
  })
  expect((await make({ email: 'two@portals.example' }, bed.integrationId)).__typename).toBe('ContactWritten')
  // A record is changed where it is; what it names has to be there too.
  const [elsewhere] = await bed.rows<{ id: string }>(sql`select id from customers.customers limit 1`)
  expect(await make({ email: 'x@portals.example', customerId: elsewhere?.id }, other)).toMatchObject({
    field: 'customerId',
  })
  await bed.database.transaction(ORG, (tx) =>
    sql`delete from customers.integrations where id = ${other}::uuid`.execute(tx),
  )
  await bed.database.transaction(ORG, (tx) =>
    sql`update customers.portal_properties set archived_at = changed_at where name = 'hub_external_key' and type = 'contacts'`.execute(
      tx,
    ),
  )
  expect(await make({ email: 'three@portals.example' })).toMatchObject({ code: 'CONNECTION_KEY_MISSING' })
  expect((await change(id, { jobTitle: 'Changed' })).__typename).toBe('ContactWritten')
})

it('tells of a change that was given up why, and what to do, and of no id that HubSpot never gave', async () => {
  await bed.pushed()
  const id = await someone()
  await set("direction = 'BIDIRECTIONAL'")
  await change(id, { jobTitle: 'Refused' })
  const [link] = await bed.rows<{ external_id: string }>(
    sql`select external_id from sync.links where local_id = ${id}::uuid`,
  )
  await bed.database.transaction(ORG, async (tx) => {
    await sql`delete from sync.outgoing`.execute(tx)
    const place = { orgId: ORG, connectionId: bed.integrationId, type: 'contacts', direction: 'OUT' as const }
    const told = {
      code: 'HUB_VENDOR_REFUSED',
      reason: 'HubSpot refused it.',
      guidance: 'Mend it.',
      attempts: 5,
    }
    await buryRecords(
      tx,
      place,
      [
        { externalId: link!.external_id, ...told },
        { externalId: `new:${id}`, ...told },
      ],
      bed.clock,
    )
  })
  const { contact, deadLetters } = await bed.ask(
    `query ($id: ID!) { contact(id: $id) { pendingWrites { ${PENDING} } } deadLetters(first: 5) { nodes { recordId } } }`,
    { id },
  )
  expect(contact.pendingWrites).toMatchObject([
    {
      operation: 'UPDATE',
      state: 'GIVEN_UP',
      attempts: 5,
      lastError: 'HubSpot refused it.',
      guidance: 'Mend it.',
    },
  ])
  const shown = deadLetters.nodes.map(({ recordId }: { recordId: string | null }) => recordId)
  expect(new Set(shown)).toEqual(new Set([null, link!.external_id]))
})

it('goes back through a mapping exactly, or says which mapping cannot be gone back', () => {
  const through = (text: string | null, mapping: Partial<FieldMapping>) =>
    landingOf('deals', 'amount', text, {
      overrides: { amount: { properties: ['sum'], transforms: [], direction: 'BOTH', ...mapping } },
      catalog: new Map(),
    })
  const cents = { kind: 'CURRENCY', decimal: ',', group: '.', unit: 'MINOR' } as const
  expect(through('12.5', { transforms: [cents] })).toEqual({ property: 'sum', text: '1250' })
  expect(through(null, { transforms: [cents] })).toEqual({ property: 'sum', text: null })
  expect(through('12.5', { direction: 'IN' })).toMatchObject({ code: 'FIELD_ONLY_READ' })
  expect(through('12.5', { properties: [] })).toMatchObject({ code: 'FIELD_UNMAPPED' })
  expect(through('12.5', { properties: ['sum', 'total'] })).toMatchObject({
    ...{ code: 'FIELD_NOT_INVERTIBLE', message: expect.stringContaining('sum, total') },
  })
  expect(through('12.5', { transforms: [{ kind: 'SPLIT', separator: '-', part: 1 }] })).toMatchObject({
    ...{ code: 'FIELD_NOT_INVERTIBLE', message: expect.stringContaining('SPLIT') },
  })
  const words: Transform = { kind: 'ENUM_MAP', options: [{ from: 'one', to: '1' }], otherwise: 'BLANK' }
  expect(through('1', { transforms: [words] })).toEqual({ property: 'sum', text: 'one' })
  expect(through('2', { transforms: [words] })).toMatchObject({ code: 'FIELD_NOT_INVERTIBLE' })
})
