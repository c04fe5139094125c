import { afterAll, beforeAll, expect, it } from 'vitest'
import { TICKET_CATEGORIES } from '#subgraphs/customers/domain/ticket-categories.ts'
import { ORG, type SimRecord } from '#test/kit/customers.ts'
import { defineProperty } from '#test/kit/portal.ts'
import { type AskedGraph, askedGraph } from './asked-graph.ts'

const COMPANIES = 60
/** The portal's, and one that is made. */
const ALL = COMPANIES + 1
const DAY_MS = 86_400_000
const KEY = 'sk_live_51HhubCanaryCanaryCanary'
const stack = new AsyncDisposableStack()
let graph: AskedGraph
/** The company whose people are told apart by how engaged they are, and they, most engaged first. */
let employer: string
let staff: string[]

/** What somebody at a portal calls the subcategories. */
const SAID: Readonly<Record<string, string>> = {
  CALL_QUALITY: 'Voice - Call quality',
  CALL_FAILURES: 'call failures',
  ROUTING_PROBLEMS: 'Routing Problems',
  CODEC_ISSUES: 'CODEC_ISSUES',
  SMS_DELIVERY_FAILURES: 'SMS delivery failures',
  TEN_DLC_REGISTRATION: '10DLC registration',
  MMS_PROBLEMS: 'MMS problems',
  CAMPAIGN_ISSUES: 'campaign_issues',
  INVOICE_DISPUTES: 'Billing: invoice disputes',
  PAYMENT_FAILURES: 'Payment failures',
  TAX_QUESTIONS: 'tax questions',
  RATE_INQUIRIES: 'Rate inquiries',
  API_ERRORS: 'API errors',
  INTEGRATION_HELP: 'integration help',
  CONFIGURATION_ASSISTANCE: 'Configuration assistance',
  NUMBER_PORTING: 'number porting',
}

beforeAll(async () => {
  graph = stack.use(
    await askedGraph({ companies: COMPANIES }, async (bed) => {
      await defineProperty(bed.portal, 'tickets', { name: 'warp_subcategory', label: 'Subcategory' })
      const tickets = await bed.records('tickets')
      await bed.sim('records/tickets', {
        list: Object.values(SAID).map((said, n) => ({
          id: tickets[n]!.id,
          properties: { warp_subcategory: said },
        })),
      })
      await bed.sim('records/tickets', {
        id: tickets.at(-1)!.id,
        properties: {
          warp_issue_type: 'voice',
          warp_severity: 'critical',
          warp_trunk_id: 'trk_17',
          warp_call_id: 'call_4f',
          warp_sla_breach: '2026-03-01T09:00:00.000Z',
          warp_technical_details: '{"mos":2.4}',
        },
      })
      await defineProperty(bed.portal, 'contacts', { name: 'warp_api_keys', label: 'Keys' })
      const made = async (type: string, changes: object[]) =>
        (await bed.sim<{ results: { id: string }[] }>(`records/${type}`, { list: changes })).results.map(
          ({ id }) => id,
        )
      const [company] = await made('companies', [{ properties: { name: 'Whose people are told apart' } }])
      employer = company!
      const ago = (days: number) => new Date(bed.clock.now().getTime() - days * DAY_MS).toISOString()
      const lively = {
        engagements_last_meeting_booked: ago(3),
        hs_email_replied: '4',
        hs_sales_email_last_replied: ago(2),
      }
      const people = [
        { lastname: 'Zorn', jobtitle: 'Chief Executive Officer', ...lively },
        { lastname: 'Young', jobtitle: 'Clerk', ...lively },
        { lastname: 'Xu', jobtitle: 'Clerk', hs_email_open: '2', num_notes: '3' },
        { lastname: 'Adams', warp_api_keys: KEY },
        { lastname: 'Brown' },
      ]
      staff = await made(
        'contacts',
        people.map((properties) => ({ properties, associate: { to: 'companies', id: employer } })),
      )
    }),
  )
})
afterAll(() => stack.disposeAsync())

const TICKETS = `query ($f: TicketFilter, $first: Int!, $after: Cursor) { tickets(filter: $f, first: $first, after: $after) {
  totalCount pageInfo { endCursor hasNextPage }
  nodes { hubspotTicketId category subcategory hubspotCategory issueType severity priority isOpen warpTrunkId warpCallId slaBreachAt
    technicalDetails createdAt closedAt owner { id hubspotOwnerId } contacts(first: 50) { nodes { hubspotContactId } } } } }`

it('shows what WARP notes of every ticket, who works on it and whom it is about, as the portal has it', async () => {
  const there = new Map(
    (await graph.records('tickets', '&associations=contacts')).map((record) => [record.id, record]),
  )
  const { tickets } = await graph.ask(TICKETS, { first: 200 })
  expect(tickets.totalCount).toBe(there.size)
  for (const ticket of tickets.nodes) {
    const { properties: p, associations } = there.get(ticket.hubspotTicketId)!
    expect(ticket).toMatchObject({
      issueType: p.warp_issue_type?.toUpperCase() ?? null,
      severity: p.warp_severity?.toUpperCase() ?? null,
      warpTrunkId: p.warp_trunk_id ?? null,
      warpCallId: p.warp_call_id ?? null,
      slaBreachAt: p.warp_sla_breach ?? null,
      technicalDetails: p.warp_technical_details ?? null,
      hubspotCategory: p.hs_ticket_category ?? null,
    })
    expect(ticket.owner?.hubspotOwnerId ?? null).toBe(p.hubspot_owner_id ?? null)
    expect(
      ticket.contacts.nodes.map((one: { hubspotContactId: string }) => one.hubspotContactId).sort(),
    ).toEqual([...new Set(associations?.contacts?.map(({ id }) => id) ?? [])].sort())
  }
  for (const field of ['warpTrunkId', 'warpCallId', 'slaBreachAt', 'technicalDetails'])
    expect(tickets.nodes.some((ticket: Record<string, unknown>) => ticket[field] !== null)).toBe(true)
})

it('sorts tickets into every category and subcategory by the portal’s own words', async () => {
  const { tickets } = await graph.ask(TICKETS, { first: 200 })
  const there = await graph.records('tickets')
  const pairs = Object.entries(TICKET_CATEGORIES).flatMap(([category, all]) =>
    all.map((sub) => [category, sub]),
  )
  expect(pairs).toHaveLength(16)
  for (const [category, subcategory] of pairs) {
    const { id } = there.find(({ properties }) => properties.warp_subcategory === SAID[subcategory!])!
    const shown = tickets.nodes.find((ticket: { hubspotTicketId: string }) => ticket.hubspotTicketId === id)
    expect(shown).toMatchObject({ category, subcategory })
  }
})

it('lists tickets by category, severity, part, priority, owner and whether they are open, each exactly', async () => {
  const { tickets } = await graph.ask(TICKETS, { first: 200 })
  type Shown = Record<string, unknown> & {
    hubspotTicketId: string
    createdAt: string
    owner: { id: string } | null
  }
  const all: Shown[] = tickets.nodes
  expect(all.map(({ createdAt }) => createdAt)).toEqual(
    all
      .map(({ createdAt }) => createdAt)
      .sort()
      .reverse(),
  )
  const expectList = async (f: Record<string, unknown>, keep: (ticket: Shown) => boolean) => {
    const expected = all.filter(keep).map(({ hubspotTicketId }) => hubspotTicketId)
    const seen: string[] = []
    for (let after: string | null = null; ; ) {
      const page: {
        nodes: Shown[]
        totalCount: number
        pageInfo: { hasNextPage: boolean; endCursor: string }
      } = (await graph.ask(TICKETS, { f, first: 3, after })).tickets
      expect(page.totalCount).toBe(expected.length)
      seen.push(...page.nodes.map(({ hubspotTicketId }) => hubspotTicketId))
      if (!page.pageInfo.hasNextPage) break
      after = page.pageInfo.endCursor
    }
    expect(seen).toEqual(expected)
    return expected.length
  }
  for (const category of ['VOICE', 'MESSAGING', 'BILLING', 'TECHNICAL'])
    expect(await expectList({ category }, (ticket) => ticket.category === category)).toBeGreaterThan(0)
  await expectList({ subcategory: 'API_ERRORS' }, (ticket) => ticket.subcategory === 'API_ERRORS')
  await expectList({ severity: 'HIGH' }, (ticket) => ticket.severity === 'HIGH')
  await expectList(
    { issueType: 'VOICE', open: true },
    (ticket) => ticket.issueType === 'VOICE' && ticket.isOpen === true,
  )
  await expectList(
    { priority: 'medium', open: false },
    (ticket) => ticket.priority === 'MEDIUM' && ticket.isOpen === false,
  )
  const { id } = all.find((ticket) => ticket.owner)!.owner!
  await expectList({ ownerId: id }, (ticket) => ticket.owner?.id === id)
})

it('lists deals by words of their names, in any order, with their sum', async () => {
  const { deals } = await graph.ask('query { deals(first: 200) { nodes { id name } } }')
  const all: { id: string; name: string }[] = deals.nodes
  const [first, second] = all[0]!.name.toUpperCase().split(' ')
  const found = await graph.ask(
    'query ($name: String) { deals(name: $name, first: 200) { totalCount nodes { id name } } }',
    { name: ` ${second}  ${first} ` },
  )
  const holding = all.filter(({ name }) =>
    [first, second].every((word) => name.toUpperCase().includes(word as string)),
  )
  expect(found.deals).toEqual({ totalCount: holding.length, nodes: holding })
  expect(holding.length).toBeLessThan(all.length)
  const none = await graph.ask('query { deals(name: "%", first: 5) { nodes { id } } }')
  expect(none.deals.nodes).toEqual([])
})

it('shows what WARP knows of a person, and never a key: it is neither asked for nor kept', async () => {
  const there = new Map((await graph.records('contacts')).map((record) => [record.id, record]))
  const { customers } = await graph.ask(
    `query { customers(first: 61) { nodes { contacts(first: 50) { nodes { hubspotContactId warpUserId warpRole warpTwoFactorEnabled
      warpLastLogin warpApiKeyCount warpLastApiCall } } } } }`,
  )
  const people: Record<string, unknown>[] = customers.nodes.flatMap(
    (customer: { contacts: { nodes: object[] } }) => customer.contacts.nodes,
  )
  expect(people.length).toBeGreaterThan(100)
  for (const person of people) {
    const { properties: p } = there.get(person.hubspotContactId as string)!
    expect(person).toMatchObject({
      warpUserId: p.warp_user_id ?? null,
      warpRole: p.warp_role?.toUpperCase() ?? null,
      warpTwoFactorEnabled: p.warp_2fa_enabled == null ? null : p.warp_2fa_enabled === 'true',
      warpLastLogin: p.warp_last_login ?? null,
      warpApiKeyCount: p.warp_api_key_count == null ? null : Number(p.warp_api_key_count),
      warpLastApiCall: p.warp_last_api_call ?? null,
    })
  }
  expect(people.filter(({ warpApiKeyCount }) => Number(warpApiKeyCount) > 0).length).toBeGreaterThan(0)
  expect([...there.values()].some(({ properties }) => properties.warp_api_keys === KEY)).toBe(true)
  const held = await graph.database.read(ORG, (tx) =>
    tx.selectFrom('customers.contacts').selectAll().execute(),
  )
  expect(JSON.stringify(held)).not.toContain('sk_live_')
  expect(JSON.stringify(await graph.journal())).not.toContain('warp_api_keys')
})

const STAKEHOLDERS = `query ($first: Int!, $each: Int!, $after: Cursor) { customers(first: $first) { nodes { hubspotCompanyId
  stakeholders(first: $each, after: $after) { totalCount pageInfo { endCursor hasNextPage }
    nodes { contact { hubspotContactId firstName lastName email phone jobTitle }
      engagement { score reason roleWeight parts { signal points most count lastAt } } } } } } }`

interface Shown {
  contact: {
    hubspotContactId: string
    firstName: string | null
    email: string | null
    jobTitle: string | null
    phone: string | null
  }
  engagement: {
    score: number | null
    reason: string | null
    roleWeight: number
    parts: { signal: string; points: number; most: number; count: number | null; lastAt: string }[]
  }
}

it('orders the people of a customer by how engaged they are, and says what counted', async () => {
  const { customers } = await graph.ask(STAKEHOLDERS, { first: ALL, each: 100 })
  const of = (customer: { stakeholders: { nodes: Shown[] } }) => customer.stakeholders.nodes
  const mine = customers.nodes.find(
    (node: { hubspotCompanyId: string }) => node.hubspotCompanyId === employer,
  )
  const people = of(mine)
  expect(people.map(({ contact }) => contact.hubspotContactId)).toEqual(staff)
  expect(mine.stakeholders.totalCount).toBe(staff.length)
  const [chief, clerk, reader, ...silent] = people.map(({ engagement }) => engagement)
  expect(chief!.roleWeight).toBe(1)
  expect(clerk!.roleWeight).toBe(0.8)
  expect(chief!.parts.map(({ signal }) => signal).sort()).toEqual(['MAIL_ANSWERED', 'MEETING'])
  expect(chief!.score! - clerk!.score!).toBeCloseTo(chief!.score! * 0.2, 0)
  expect(reader!.parts.map(({ signal }) => signal).sort()).toEqual(['ACTIVITY', 'MAIL_OPENED'])
  for (const none of silent) {
    expect(none).toMatchObject({ score: null, parts: [] })
    expect(none.reason).toMatch(/HubSpot/)
  }
  for (const customer of customers.nodes) {
    const scores = of(customer).map(({ engagement }) => engagement.score ?? -1)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    for (const { engagement } of of(customer)) {
      const sum = engagement.parts.reduce((all, { points }) => all + points, 0)
      expect(Math.abs((engagement.score ?? 0) - sum)).toBeLessThanOrEqual(0.3)
      expect(engagement.score ?? 0).toBeLessThanOrEqual(100)
    }
  }
})

it('pages through those who have a say, each once, and takes as many statements for sixty customers as for twenty-five', async () => {
  const { customers } = await graph.ask('{ customers(first: 61) { nodes { id hubspotCompanyId } } }')
  const { id } = customers.nodes.find(
    (node: { hubspotCompanyId: string }) => node.hubspotCompanyId === employer,
  )
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const { customer } = await graph.ask(
      `query ($id: ID!, $after: Cursor) { customer(id: $id) { stakeholders(first: 2, after: $after) { pageInfo { endCursor hasNextPage }
        nodes { contact { hubspotContactId } } } } }`,
      { id, after },
    )
    seen.push(...customer.stakeholders.nodes.map((one: Shown) => one.contact.hubspotContactId))
    if (!customer.stakeholders.pageInfo.hasNextPage) break
    after = customer.stakeholders.pageInfo.endCursor
  }
  expect(seen).toEqual(staff)
  const few = await graph.counting(STAKEHOLDERS, { first: 25, each: 10 })
  expect(await graph.counting(STAKEHOLDERS, { first: 60, each: 10 })).toBe(few)
})

it('shows a person’s deals and tickets and a deal’s people, as the portal links them', async () => {
  const linked = async (type: string) => {
    const pairs = (await graph.records(type, '&associations=contacts')).flatMap((record: SimRecord) =>
      [...new Set(record.associations?.contacts?.map(({ id }) => id) ?? [])].map(
        (id) => `${record.id} ${id}`,
      ),
    )
    return pairs.sort()
  }
  const { customers } = await graph.ask(
    `{ customers(first: 61) { nodes { contacts(first: 50) { nodes { hubspotContactId deals(first: 50) { nodes { hubspotDealId
        contacts(first: 50) { nodes { hubspotContactId } } } } tickets(first: 50) { nodes { hubspotTicketId } } } } } } }`,
  )
  // biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
  const people = customers.nodes.flatMap((customer: any) => customer.contacts.nodes) as any[]
  const pairs = (kind: 'deals' | 'tickets', key: string) => [
    ...new Set(
      people.flatMap((p) =>
        p[kind].nodes.map((node: Record<string, string>) => `${node[key]} ${p.hubspotContactId}`),
      ),
    ),
  ]
  const here = new Set(people.map((p) => p.hubspotContactId))
  const ofThese = (all: string[]) => all.filter((pair) => here.has(pair.split(' ')[1]!))
  expect(pairs('deals', 'hubspotDealId').sort()).toEqual(ofThese(await linked('deals')))
  expect(pairs('tickets', 'hubspotTicketId').sort()).toEqual(ofThese(await linked('tickets')))
  for (const person of people)
    for (const deal of person.deals.nodes)
      expect(deal.contacts.nodes.map((one: { hubspotContactId: string }) => one.hubspotContactId)).toContain(
        person.hubspotContactId,
      )
})
