import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { searchDatabase, searchTexts } from '#test/kit/searching.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { ERASE, EXPORT, JANE, JANE_WORDS, LIFT, LOOK_UP, privacyBed, seedJane } from './bed.ts'

/** A portal with Jane in it, read into the hub; her double is merged into her, and one of her tickets changed once. */
const withJane = async () => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await privacyBed())
  const ids = await seedJane(bed)
  await bed.sync('INCREMENTAL')
  await bed.sim('records/tickets', { id: ids.ticket, properties: { content: 'now whispercanary again' } })
  const { results } = await bed.sim<{ results: { id: string }[] }>('records/contacts', {
    id: ids.jane,
    merge: ids.double,
  })
  await bed.sync('INCREMENTAL')
  const all = stack.move()
  return {
    ...bed,
    ids: { ...ids, survivor: results[0]!.id },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
type Bed = Awaited<ReturnType<typeof withJane>>

const hits = async (bed: Bed) =>
  // In which order they are found is up to the database.
  (await searchDatabase(bed.test.adminUrl, JANE_WORDS)).sort((a, b) =>
    `${a.place} ${a.word}`.localeCompare(`${b.place} ${b.word}`),
  )

it('fault 72: leaves nothing of an erased person in any store, nor takes the person in again, and keeps the act', async () => {
  await using bed = await withJane()
  const places = new Set((await hits(bed)).map(({ place }) => place))
  // So that finding nothing afterwards means something.
  for (const place of [
    'customers.contacts.email',
    'customers.contacts.properties',
    'customers.tickets.subject',
    'customers.tickets.properties',
    'customers.versions.properties',
    'customers.deals.name',
    'customers.companies.properties',
    'customers.notes.body',
    'customers.tasks.subject',
  ])
    expect(places).toContain(place)
  const erased = await bed.graph(ERASE, { subject: { email: JANE.email.toUpperCase() }, reference: 'GDPR-7' })
  expect(erased).toMatchObject({ __typename: 'PersonErased', preview: false })
  expect(erased.contactIds).toHaveLength(2)
  expect(await hits(bed)).toEqual([])

  // Everything is read again, all of it and what changed, also of records that nobody had seen before.
  await bed.sim('records/contacts', {
    id: bed.ids.survivor,
    properties: { jobtitle: 'Director whispercanary' },
  })
  await bed.sim('records/contacts', { properties: { phone: '00 1 555 867 5309', firstname: JANE.first } })
  await bed.sim('records/tickets', { id: bed.ids.ticket, properties: { content: 'whispercanary once more' } })
  const runs = [await bed.sync('INCREMENTAL'), await bed.sync('RECONCILE'), await bed.sync('FULL')]
  expect(runs.map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED'])
  expect(await hits(bed)).toEqual([])
  await bed.note('contacts', [bed.ids.jane, bed.ids.double, bed.ids.survivor])
  await bed.note('tickets', [bed.ids.ticket], { hasLinks: true })
  await until(async () => {
    const left = await bed.database.read(ORG, (tx) =>
      tx.selectFrom('sync.signals').select('external_id').execute(),
    )
    return left.length === 0
  })
  expect(await hits(bed)).toEqual([])
  // Under a new record she is recognised by her address alone.
  await bed.sim('records/contacts', { id: bed.ids.survivor, properties: { email: 'x@moved.example' } })
  await bed.sim('records/contacts', { properties: { email: JANE.email, firstname: JANE.first } })
  await bed.sync('INCREMENTAL')
  expect(await hits(bed)).toEqual([])

  // What is not about her alone stays, without her.
  const { deals, tickets } = await bed.database.read(ORG, async (tx) => ({
    deals: await tx
      .selectFrom('customers.deals')
      .select(['name', 'amount'])
      .where('external_id', '=', bed.ids.deal)
      .execute(),
    tickets: await tx
      .selectFrom('customers.tickets')
      .select(['subject', 'priority', 'is_open', 'company_external_id'])
      .where('external_id', '=', bed.ids.ticket)
      .execute(),
  }))
  expect(deals).toEqual([{ name: 'Order by [erased]', amount: '100' }])
  expect(tickets).toEqual([
    { subject: '[erased]', priority: 'HIGH', is_open: true, company_external_id: bed.ids.company },
  ])
  const acts = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('service.audit_log').selectAll().where('action', '=', 'erasePerson').execute(),
  )
  expect(acts).toHaveLength(1)
  expect(acts[0]).toMatchObject({
    who_id: 'user:test',
    subject_type: 'Erasure',
    subject_id: erased.erasureId,
  })
  expect(acts[0]?.diff).toMatchObject({
    reason: [null, 'ASKED_BY_PERSON'],
    reference: [null, 'GDPR-7'],
    contacts: [null, 2],
    hashes: [null, erased.hashes],
    'customers.contacts': [null, 2],
  })
})

it('leaves colleagues alone who share the number, and takes in a new person of another address', async () => {
  await using bed = await withJane()
  const colleague = { email: 'colleague@example.com', firstname: 'Coll', phone: JANE.phone }
  await bed.sim('records/contacts', { properties: colleague })
  await bed.sync('INCREMENTAL')
  await bed.graph(ERASE, { subject: { email: JANE.email } })
  await bed.sim('records/contacts', { properties: { ...colleague, email: 'second@example.com' } })
  expect(await bed.sync('FULL')).toMatchObject({ state: 'COMPLETED' })
  const rows = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('customers.contacts')
      .select(['email', 'phone'])
      .where('email', 'in', ['colleague@example.com', 'second@example.com'])
      .orderBy('email')
      .execute(),
  )
  expect(rows).toEqual([
    { email: 'colleague@example.com', phone: JANE.phone },
    { email: 'second@example.com', phone: JANE.phone },
  ])
})

it('keeps out who was asked to be forgotten before ever arriving, until somebody lifts it', async () => {
  await using bed = await privacyBed()
  const subject = { email: JANE.email }
  expect(await bed.graph(ERASE, { subject })).toMatchObject({ hashes: 1, contactIds: [], stores: [] })
  await seedJane(bed)
  await bed.sync('INCREMENTAL')
  expect(await bed.graph(LOOK_UP, { subject })).toMatchObject({ total: 0, isSuppressed: true })
  expect(await bed.graph(LIFT, { subject: { email: 'nobody@example.com' } })).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await bed.graph(LIFT, { subject })).toMatchObject({ __typename: 'SuppressionLifted' })
  await bed.sync('FULL')
  expect(await bed.graph(LOOK_UP, { subject })).toMatchObject({
    isSuppressed: false,
    contactIds: [expect.anything()],
  })
})

it('lets come back, by any of the things that were known, all of a person', async () => {
  await using bed = await withJane()
  const { hashes, contactIds } = await bed.graph(ERASE, { subject: { email: JANE.email } })
  expect(await bed.graph(LOOK_UP, { subject: { contactId: contactIds[0] } })).toMatchObject({
    isSuppressed: true,
  })
  expect(await bed.graph(LIFT, { subject: { hubspotContactId: bed.ids.double } })).toMatchObject({
    lifted: hashes,
  })
  await bed.sync('FULL')
  expect(await bed.graph(LOOK_UP, { subject: { email: JANE.second } })).toMatchObject({
    isSuppressed: false,
    emails: [JANE.second, JANE.email].sort(),
  })
})

/** In this order: the last one erases her. */
describe('of one person', () => {
  const stack = new AsyncDisposableStack()
  let bed: Bed
  beforeAll(async () => {
    bed = stack.use(await withJane())
  })
  afterAll(() => stack.disposeAsync())

  it('refuses who may not, and a reference that could name somebody', async () => {
    const subject = { email: JANE.email }
    for (const [document, scopes] of [
      [ERASE, ['customers:read', 'customers:write', 'pii:read', 'privacy:read']],
      [LIFT, ['customers:write', 'privacy:read']],
      [LOOK_UP, ['customers:read', 'pii:read', 'privacy:write']],
      [EXPORT, ['customers:read', 'pii:read', 'privacy:write']],
    ] as const) {
      const { errors } = await bed.raw(document, { subject }, principal(ORG, ...scopes))
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
    }
    for (const reference of [JANE.email, 'Jane Doe', '15558675309', 'x'.repeat(41)])
      expect(await bed.graph(ERASE, { subject, reference })).toMatchObject({ __typename: 'Invalid' })
    // Another organisation's administrator sees and erases nobody here.
    const stranger = principal(OTHER_ORG)
    expect(await bed.graph(LOOK_UP, { subject }, stranger)).toMatchObject({ total: 0 })
    expect(await bed.graph(ERASE, { subject }, stranger)).toMatchObject({ contactIds: [], stores: [] })
    expect(await bed.graph(LOOK_UP, { subject })).toMatchObject({
      isSuppressed: false,
      contactIds: [expect.anything(), expect.anything()],
    })
  })

  it('hands over everything that is held about a person, and writes down that it did, not what', async () => {
    const exported = await bed.graph(EXPORT, { subject: { email: JANE.email } })
    const document = JSON.parse(exported.content)
    expect(document).toMatchObject({
      format: 'tributary.person',
      version: 1,
      person: { emails: [JANE.second, JANE.email].sort(), phones: ['15558675309'] },
    })
    expect(document.person.records.map(({ contactId }: { contactId: string }) => contactId)).toEqual(
      expect.arrayContaining([bed.ids.jane, bed.ids.double]),
    )
    // Complete: every word of hers that lies in rows of hers is in it.
    for (const word of [
      JANE.email,
      JANE.second,
      JANE.phone,
      JANE.first,
      JANE.last,
      'now whispercanary again',
    ])
      expect(exported.content).toContain(word)
    const contact = document.stores['customers.contacts'].find(
      ({ email }: { email: string }) => email === JANE.email,
    )
    expect(contact).toMatchObject({
      job_title: 'Buyer whispercanary',
      properties: { jobtitle: 'Buyer whispercanary' },
    })
    expect(exported.fileName).toMatch(/^person-\d{4}-\d\d-\d\d\.json$/)
    const acts = await bed.database.read(ORG, (tx) =>
      tx.selectFrom('service.audit_log').selectAll().where('action', '=', 'exportPerson').execute(),
    )
    expect(acts).toHaveLength(1)
    expect(searchTexts('text', [JSON.stringify(acts)], JANE_WORDS)).toEqual([])
  })

  it('knows a person by address, record, id and own number, through merges and across portals', async () => {
    const all = await bed.graph(LOOK_UP, { subject: { email: JANE.email } })
    expect(all).toMatchObject({
      emails: [JANE.second, JANE.email].sort(),
      phones: ['15558675309'],
      isSuppressed: false,
    })
    for (const subject of [
      { email: ` ${JANE.second.toUpperCase()} ` },
      { phone: '001 555 867-5309' },
      { contactId: all.contactIds[0] },
      { contactId: all.contactIds[1] },
      { hubspotContactId: bed.ids.double },
    ])
      expect(await bed.graph(LOOK_UP, { subject })).toEqual(all)
    // Nobody, several, and what names nobody.
    await bed.sim('records/contacts', { properties: { email: 'colleague@example.com', phone: JANE.phone } })
    await bed.sync('INCREMENTAL')
    const refused = async (subject: object) => (await bed.graph(LOOK_UP, { subject })).message as string
    expect(await refused({ phone: JANE.phone })).toMatch(/More than one person/)
    expect(await refused({ contactId: 'x' })).toMatch(/not found/)
    expect(await refused({ hubspotContactId: '1' })).toMatch(/not found/)
    expect(await refused({})).toMatch(/exactly one/)
    expect(await refused({ email: JANE.email, phone: JANE.phone })).toMatch(/exactly one/)
    expect(await refused({ email: 'nonsense' })).toMatch(/no e-mail address/)
  })

  it('says beforehand what erasing would do, changes nothing, and then does just that', async () => {
    const before = await hits(bed)
    const preview = await bed.graph(ERASE, { subject: { email: JANE.email }, preview: true })
    expect(preview).toMatchObject({ preview: true, erasureId: null })
    expect(await hits(bed)).toEqual(before)
    const held = await bed.graph(LOOK_UP, { subject: { email: JANE.email } })
    expect(held).toMatchObject({ isSuppressed: false, contactIds: preview.contactIds })
    const done = await bed.graph(ERASE, { subject: { hubspotContactId: bed.ids.jane } })
    expect({ ...done, erasureId: null, preview: true }).toEqual(preview)
  })
})
