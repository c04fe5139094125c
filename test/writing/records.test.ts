import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type SimRecord, worker } from '../kit/customers.ts'
import { CLEAN, checkLedger } from '../kit/ledger.ts'
import { PENDING, type WritingBed, writingBed } from './bed.ts'

const stack = new AsyncDisposableStack()
let bed: WritingBed
beforeAll(async () => {
  bed = stack.use(await writingBed())
})
afterAll(() => stack.disposeAsync())

const REFUSAL = '... on Invalid { field code message } ... on Refusal { code message }'
const mutation = (name: string, kind: string, args: string, passed: string, shows: string) =>
  `mutation (${args}) { ${name}(${passed}) { __typename ... on ${kind} { ${shows} pending { ${PENDING} } } ${REFUSAL} } }`
const making = (type: string, shows: string) => (input: object) =>
  bed.write(mutation(`create${type}`, `${type}Written`, `$input: ${type}Input!`, 'input: $input', shows), {
    input,
  })
const changing = (type: string, shows: string) => (id: string, input: object) =>
  bed.write(
    mutation(
      `update${type}`,
      `${type}Written`,
      `$id: ID!, $input: ${type}Input!`,
      `${type === 'Company' ? 'customerId' : 'id'}: $id, input: $input`,
      shows,
    ),
    { id, input },
  )
const COMPANY =
  'customer { id name domain companyVersion hubspotCompanyId identities { accountId } lineage(field: "name") { system record } }'
const companies = { make: making('Company', COMPANY), change: changing('Company', COMPANY) }
const contacts = { make: making('Contact', 'contact { id hubspotContactId customer { id } owner { id } }') }
const DEAL =
  'deal { id hubspotDealId stage pipeline isOpen isWon amount { amount currency } contacts(first: 5) { nodes { id } } customer { id } closeDate contractEnd }'
const deals = { make: making('Deal', DEAL), change: changing('Deal', DEAL) }
const TICKET =
  'ticket { id hubspotTicketId subject stage isOpen severity issueType customer { id } contacts(first: 5) { nodes { id } } }'
const tickets = { make: making('Ticket', TICKET), change: changing('Ticket', TICKET) }
const TASK =
  'task { id hubspotTaskId subject body status isOpen dueAt type customer { id } contact { id } deal { id } ticket { id } }'
const tasks = { make: making('Task', TASK), change: changing('Task', TASK) }
const NOTE = 'note { id hubspotNoteId body notedAt customer { id } contact { id } deal { id } ticket { id } }'
const notes = { make: making('Note', NOTE), change: changing('Note', NOTE) }

const linked = async (type: string, find: (record: SimRecord) => boolean) => {
  const found = (await bed.records(type, '&associations=companies,contacts,deals,tickets')).filter(
    (record) => !record.archived && find(record),
  )
  expect(found).toHaveLength(1)
  const { id, properties, associations = {} } = found[0]!
  const to = Object.fromEntries(
    Object.entries(associations).map(([kind, all]) => [kind, all.map((one) => one.id)]),
  )
  return { id, properties, to }
}

it('makes a company and everything about it at once, before HubSpot has any of it, and HubSpot then has it linked alike', async () => {
  const made = await companies.make({
    ...{ name: 'Writing Works', domain: 'https://Writing-Works.example/about', phone: '+1 303 555 0123' },
    ...{ industry: 'TELECOMMUNICATIONS', employees: 12, annualRevenue: '1200000.50', city: 'Elko' },
  })
  expect(made).toMatchObject({
    customer: {
      ...{
        name: 'Writing Works',
        domain: 'writing-works.example',
        companyVersion: 1,
        hubspotCompanyId: null,
      },
      ...{ identities: [{ accountId: null }], lineage: { system: 'HUB', record: null } },
    },
    pending: [{ operation: 'CREATE', state: 'WAITING' }],
  })
  const customerId = made.customer.id
  const [owner] = await bed.rows<{ id: string; external_id: string }>(
    sql`select id, external_id from customers.owners where is_active limit 1`,
  )
  const contact = await contacts.make({ email: 'dora@writing-works.example', customerId, ownerId: owner?.id })
  expect(contact.contact).toMatchObject({
    hubspotContactId: null,
    customer: { id: customerId },
    owner: { id: owner?.id },
  })
  const contactId = contact.contact.id
  const deal = await deals.make({
    ...{
      name: 'Lines',
      stage: 'qualifiedtobuy',
      amount: '5000',
      currency: 'usd',
      customerId,
      contactIds: [contactId],
    },
    ...{ closeDate: '2026-12-24T10:00:00Z' },
  })
  expect(deal.deal).toMatchObject({
    ...{
      stage: 'qualifiedtobuy',
      pipeline: 'default',
      isOpen: true,
      amount: { amount: '5000', currency: 'USD' },
    },
    ...{ customer: { id: customerId }, contacts: { nodes: [{ id: contactId }] } },
  })
  const ticket = await tickets.make({
    ...{
      subject: 'No tone',
      stage: '1',
      severity: 'HIGH',
      issueType: 'VOICE',
      customerId,
      contactIds: [contactId],
    },
  })
  expect(ticket.ticket).toMatchObject({
    severity: 'HIGH',
    issueType: 'VOICE',
    isOpen: true,
    customer: { id: customerId },
  })
  const about = { customerId, contactId, dealId: deal.deal.id, ticketId: ticket.ticket.id }
  const task = await tasks.make({
    ...{
      subject: 'Call Dora',
      body: 'Ask:\n1 < 2 & "so"',
      dueAt: '2026-12-01T09:00:00Z',
      priority: 'HIGH',
      type: 'CALL',
    },
    ...about,
  })
  expect(task.task).toMatchObject({
    ...{ status: 'NOT_STARTED', isOpen: true, body: 'Ask:\n1 < 2 & "so"', customer: { id: customerId } },
    ...{ contact: { id: contactId }, deal: { id: about.dealId }, ticket: { id: about.ticketId } },
  })
  const note = await notes.make({ body: 'She is <b>in</b> on Mondays', ...about })
  expect(note.note).toMatchObject({ body: 'She is <b>in</b> on Mondays', deal: { id: about.dealId } })
  const everything = JSON.stringify([made, contact, deal, ticket, task, note])
  expect(everything).not.toContain('new:')

  await bed.pushed()
  const company = await linked('companies', ({ properties }) => properties.name === 'Writing Works')
  expect(company.properties).toMatchObject({
    ...{ domain: 'writing-works.example', numberofemployees: '12', annualrevenue: '1200000.5', city: 'Elko' },
  })
  const dora = await linked('contacts', ({ properties }) => properties.email === 'dora@writing-works.example')
  expect(dora.to.companies).toEqual([company.id])
  expect(dora.properties.hubspot_owner_id).toBe(owner?.external_id)
  const lines = await linked('deals', ({ properties }) => properties.dealname === 'Lines')
  expect(lines.to).toMatchObject({ companies: [company.id], contacts: [dora.id] })
  const tone = await linked('tickets', ({ properties }) => properties.subject === 'No tone')
  expect(tone.to).toMatchObject({ companies: [company.id], contacts: [dora.id] })
  expect(tone.properties).toMatchObject({ warp_severity: 'high', warp_issue_type: 'voice', hs_pipeline: '0' })
  const call = await linked('tasks', ({ properties }) => properties.hs_task_subject === 'Call Dora')
  expect(call.properties.hs_task_body).toBe('Ask:<br>1 &lt; 2 &amp; "so"')
  const all = { companies: [company.id], contacts: [dora.id], deals: [lines.id], tickets: [tone.id] }
  expect(call.to).toMatchObject(all)
  expect(
    (await linked('notes', ({ properties }) => properties.hs_note_body?.includes('Mondays') ?? false)).to,
  ).toMatchObject(all)

  // Nobody has changed anything since: what HubSpot adds by itself comes over, and nothing goes back.
  await using _ = worker(bed)
  await bed.sync('RECONCILE')
  expect(await bed.outgoing()).toEqual([])
  const shown = await bed.ask(
    `query ($id: ID!) { customer(id: $id) { hubspotCompanyId identities { accountId } lineage(field: "name") { record }
      contacts(first: 5) { nodes { id hubspotContactId } } deals(first: 5) { nodes { hubspotDealId } } tickets(first: 5) { nodes { hubspotTicketId } }
      tasks(first: 5) { nodes { hubspotTaskId } } notes(first: 5) { nodes { hubspotNoteId } } } }`,
    { id: customerId },
  )
  expect(shown.customer).toEqual({
    ...{
      hubspotCompanyId: company.id,
      identities: [{ accountId: company.id }],
      lineage: { record: company.id },
    },
    contacts: { nodes: [{ id: contactId, hubspotContactId: dora.id }] },
    deals: { nodes: [{ hubspotDealId: lines.id }] },
    tickets: { nodes: [{ hubspotTicketId: tone.id }] },
    tasks: { nodes: [{ hubspotTaskId: call.id }] },
    notes: { nodes: [{ hubspotNoteId: expect.stringMatching(/^\d+$/) }] },
  })
  expect(await checkLedger(bed)).toEqual(CLEAN)
})

it('moves a deal along its pipeline and its people to another customer, and says of a changed field that the hub has said it', async () => {
  const { customers } = await bed.ask(
    '{ customers(first: 10) { nodes { id name contacts(first: 1) { nodes { id } } } } }',
  )
  const [one, other] = customers.nodes.filter((each: { name: string }) => each.name !== 'Writing Works')
  const made = await deals.make({ name: 'Mover', stage: 'qualifiedtobuy', customerId: one.id })
  const { id } = made.deal
  await bed.pushed()
  const moved = await deals.change(id, { stage: 'closedwon', customerId: other.id, amount: '5000.00' })
  expect(moved.deal).toMatchObject({ isOpen: false, isWon: true, customer: { id: other.id } })
  await bed.pushed()
  const there = await linked('deals', ({ properties }) => properties.dealname === 'Mover')
  expect(there.properties).toMatchObject({ dealstage: 'closedwon', amount: '5000' })
  const known = await bed.ask('query ($id: ID!) { customer(id: $id) { hubspotCompanyId } }', { id: other.id })
  expect(there.to.companies).toEqual([known.customer.hubspotCompanyId])
  const renamed = await companies.change(one.id, { name: 'Renamed Here' })
  expect(renamed.customer).toMatchObject({ name: 'Renamed Here', lineage: { system: 'HUB' } })
  expect(renamed.pending).toMatchObject([
    { operation: 'UPDATE', fields: [{ name: 'name', to: 'Renamed Here' }] },
  ])
  const { customer } = await bed.ask(
    'query ($id: ID!) { customer(id: $id) { pendingWrites { operation } } }',
    { id: one.id },
  )
  expect(customer.pendingWrites).toEqual([{ operation: 'UPDATE' }])
  await bed.pushed()
})

it('lets a company go here as it goes when HubSpot deletes it: what was its stays, without it', async () => {
  const made = await companies.make({ name: 'Short Lived' })
  const customerId = made.customer.id
  const deal = await deals.make({ name: 'Left over', stage: 'qualifiedtobuy', customerId })
  await bed.pushed()
  const there = await linked('companies', ({ properties }) => properties.name === 'Short Lived')
  const gone = await bed.write(
    'mutation ($id: ID!) { deleteCompany(customerId: $id) { __typename ... on RecordDeleted { id pending { operation } } } }',
    { id: customerId },
  )
  expect(gone).toEqual({ __typename: 'RecordDeleted', id: customerId, pending: [{ operation: 'DELETE' }] })
  const shown = await bed.ask(
    'query ($id: ID!, $deal: ID!) { customer(id: $id) { id } deal(id: $deal) { name customer { id } } }',
    { id: customerId, deal: deal.deal.id },
  )
  expect(shown).toEqual({ customer: null, deal: { name: 'Left over', customer: null } })
  await bed.pushed()
  expect((await bed.records('companies')).find(({ id }) => id === there.id)?.archived).toBe(true)
  await using _ = worker(bed)
  await bed.sync('RECONCILE')
  expect(await checkLedger(bed)).toEqual(CLEAN)
})

it('refuses what no record of the kind may say, and names the field', async () => {
  const refused = async (answer: Promise<{ field?: string; code: string }>) => {
    const { field, code } = await answer
    return [field, code]
  }
  const { customers } = await bed.ask('{ customers(first: 1) { nodes { id } } }')
  const [{ id }] = customers.nodes
  expect(await refused(companies.make({ city: 'Elko' }))).toEqual(['name', 'REQUIRED'])
  expect(await refused(companies.make({ name: 'X', domain: 'nowhere' }))).toEqual(['domain', 'INVALID'])
  expect(await refused(companies.make({ name: 'X', website: 'ftp://x.example' }))).toEqual([
    'website',
    'INVALID',
  ])
  expect(await refused(companies.make({ name: 'X', employees: -1 }))).toEqual(['employees', 'INVALID'])
  expect(await refused(companies.make({ name: 'X', annualRevenue: '-1' }))).toEqual([
    'annualRevenue',
    'INVALID',
  ])
  expect(await refused(companies.make({ name: 'X', lifecycleStage: 'royalty' }))).toEqual([
    'lifecycleStage',
    'PORTAL_REFUSES',
  ])
  expect(await refused(deals.make({ name: 'X' }))).toEqual(['stage', 'INVALID'])
  expect(await refused(deals.make({ stage: 'qualifiedtobuy' }))).toEqual(['name', 'REQUIRED'])
  expect(await refused(deals.make({ name: 'X', stage: 'nowhere' }))).toEqual(['stage', 'INVALID'])
  expect(await refused(deals.make({ name: 'X', stage: 'qualifiedtobuy', pipeline: 'none' }))).toEqual([
    'pipeline',
    'INVALID',
  ])
  expect(await refused(deals.make({ name: 'X', stage: 'qualifiedtobuy', currency: 'dollars' }))).toEqual([
    'currency',
    'INVALID',
  ])
  expect(await refused(deals.make({ name: 'X', stage: 'qualifiedtobuy', contactIds: [id] }))).toEqual([
    'contactIds',
    'NOT_FOUND',
  ])
  // No property of this portal says when a contract ends.
  expect(
    await refused(deals.make({ name: 'X', stage: 'qualifiedtobuy', contractEnd: '2027-01-31' })),
  ).toEqual(['contractEnd', 'PORTAL_REFUSES'])
  expect(await refused(tickets.make({ subject: 'X' }))).toEqual(['stage', 'INVALID'])
  expect(await refused(tickets.make({ subject: 'X', stage: '1', priority: 'NOW' }))).toEqual([
    'priority',
    'INVALID',
  ])
  expect(await refused(tasks.make({ subject: 'X' }))).toEqual(['dueAt', 'REQUIRED'])
  expect(await refused(tasks.make({ subject: 'X', dueAt: '2026-12-01T09:00:00Z', status: 'DONE' }))).toEqual([
    'status',
    'INVALID',
  ])
  expect(await refused(notes.make({ customerId: id }))).toEqual(['body', 'REQUIRED'])
  expect(await refused(companies.change(id, { name: null, domain: null }))).toEqual(['name', 'REQUIRED'])
  expect(await bed.outgoing()).toEqual([])
})

it('asks for what waits of any number of records with the same statements', async () => {
  const query =
    'query ($n: Int!) { customers(first: $n) { nodes { id pendingWrites { operation fields { to } } } } }'
  const { customers } = await bed.ask(query, { n: 10 })
  for (const { id } of customers.nodes) await companies.change(id, { country: 'Nevada' })
  const waiting = await bed.ask(query, { n: 3 })
  expect(waiting.customers.nodes.flatMap((each: { pendingWrites: object[] }) => each.pendingWrites)).toEqual(
    Array.from({ length: 3 }, () => ({ operation: 'UPDATE', fields: [{ to: 'Nevada' }] })),
  )
  expect(await bed.counting(query, { n: 3 })).toBe(await bed.counting(query, { n: 1 }))
})
