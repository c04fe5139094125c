import { afterAll, beforeAll, expect, it } from 'vitest'
import { severityOf } from '#subgraphs/customers/domain/auto-tickets.ts'
import type { AskedGraph } from '#test/customers/asked-graph.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { askSubgraph, principal } from '#test/kit/subgraph.ts'
import { audited, writingGraph, written } from './bed.ts'

const stack = new AsyncDisposableStack()
let graph: AskedGraph
let customer: { id: string; hubspotCompanyId: string }
beforeAll(async () => {
  graph = stack.use(await writingGraph({ companies: 5 }))
  const { customers } = await graph.ask('{ customers(first: 1) { nodes { id hubspotCompanyId } } }')
  customer = customers.nodes[0]
})
afterAll(() => stack.disposeAsync())

const OPEN = `mutation ($input: AutoTicketInput!) { openAutoTicket(input: $input) { __typename
  ... on AutoTicketOpened { isNew ticket { id subject priority category subcategory issueType severity warpTrunkId slaBreachAt isOpen
    technicalDetails createdAt customer { id } } }
  ... on Invalid { field } ... on Refusal { code message } } }`
const measured = (more: object = {}) => ({
  trigger: 'ASR_BELOW_THRESHOLD',
  customerId: customer.id,
  trunkId: 'trunk_42',
  currentAsr: 0.32,
  threshold: 0.5,
  period: 'last_hour',
  ...more,
})
const open = async (more: object = {}) => (await graph.ask(OPEN, { input: measured(more) })).openAutoTicket
const there = async (key: string) =>
  (await graph.records('tickets', '&associations=companies')).filter(
    ({ properties }) => properties.hub_external_key === key,
  )

it('opens a ticket with category, severity, trunk and SLA for a trunk whose calls fail, and HubSpot has it', async () => {
  const opened = await open()
  expect(opened).toMatchObject({
    __typename: 'AutoTicketOpened',
    isNew: true,
    ticket: {
      ...{
        category: 'VOICE',
        subcategory: 'CALL_FAILURES',
        issueType: 'VOICE',
        severity: 'HIGH',
        priority: 'HIGH',
      },
      ...{ warpTrunkId: 'trunk_42', isOpen: true, customer: { id: customer.id } },
    },
  })
  const { slaBreachAt, createdAt, technicalDetails } = opened.ticket
  expect(Date.parse(slaBreachAt) - Date.parse(createdAt)).toBe(4 * 3_600_000)
  expect(JSON.parse(technicalDetails)).toMatchObject({
    trunk_id: 'trunk_42',
    current_asr: 0.32,
    threshold: 0.5,
  })
  await written(graph)
  const [ticket, ...more] = await there(opened.ticket.id)
  expect(more).toEqual([])
  expect(ticket?.properties).toMatchObject({
    subject: 'Too few calls are answered on trunk trunk_42',
    content: expect.stringContaining('32 % were answered (last hour)'),
    hs_ticket_priority: 'HIGH',
    warp_category: 'voice',
    warp_subcategory: 'call_failures',
    warp_issue_type: 'voice',
    warp_trunk_id: 'trunk_42',
    warp_severity: 'high',
  })
})

it('opens one ticket for a trunk at a time, however often and by how many it is told, and another once that is closed', async () => {
  const first = await open()
  expect(first.isNew).toBe(false)
  const others = await Promise.all([1, 2, 3, 4].map(() => open({ trunkId: 'trunk_7', currentAsr: 0.1 })))
  expect(new Set(others.map(({ ticket }) => ticket.id)).size).toBe(1)
  expect(others.filter(({ isNew }) => isNew)).toHaveLength(1)
  expect(others[0].ticket).toMatchObject({ severity: 'CRITICAL', priority: 'URGENT' })
  await written(graph)
  const [ticket] = await there(first.ticket.id)
  await graph.sim('records/tickets', { id: ticket!.id, properties: { hs_pipeline_stage: '4' } })
  await graph.sync('INCREMENTAL')
  const next = await open()
  expect(next).toMatchObject({ isNew: true })
  expect(next.ticket.id).not.toBe(first.ticket.id)
  expect(await audited(graph, 'openAutoTicket')).toHaveLength(3)
})

it('refuses what is not below its threshold, makes no sense, or is about nobody of the organisation', async () => {
  expect(await open({ currentAsr: 0.6 })).toMatchObject({ __typename: 'Invalid', field: 'currentAsr' })
  expect(await open({ threshold: 50 })).toMatchObject({ __typename: 'Invalid', field: 'threshold' })
  expect(await open({ trunkId: '<script>' })).toMatchObject({ __typename: 'Invalid', field: 'trunkId' })
  expect(await open({ customerId: 'BAN-0' })).toMatchObject({ code: 'NOT_FOUND' })
  const stranger = await askSubgraph(graph.url, OPEN, { input: measured() }, principal(OTHER_ORG))
  expect(stranger.data.openAutoTicket).toMatchObject({ code: 'NOT_FOUND' })
  const reader = await askSubgraph(graph.url, OPEN, { input: measured() }, principal(ORG, 'customers:read'))
  expect(reader.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
})

it('says how bad it is by how far the measure is below its threshold', () => {
  const at = (currentAsr: number) =>
    severityOf({ trunkId: 't', currentAsr, threshold: 0.5, period: 'last_hour' })
  expect([0, 0.24, 0.25, 0.39, 0.4, 0.49, 0.5].map(at)).toEqual([
    ...['CRITICAL', 'CRITICAL', 'HIGH', 'HIGH', 'MEDIUM', 'MEDIUM', undefined],
  ])
})
