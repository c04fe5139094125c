import { afterAll, beforeAll, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { event } from '#schema/events.ts'
import { awaitPortalId } from '#subgraphs/customers/commands/await-portal-id.ts'
import type { Dump } from '#test/assets/bed.ts'
import { ORG } from '#test/kit/customers.ts'
import { searchDatabase } from '#test/kit/searching.ts'
import { until } from '#test/kit/until.ts'
import { eventsHere } from '#test/timeline/happening.ts'
import { account, alert, later, number, type OutwardBed, outwardBed, trunk } from './bed.ts'

const KINDS = [
  ...['payment_method_updated', 'numbers_purchased', 'numbers_ported', 'numbers_released', 'e911_updated'],
  ...['campaign_registered', 'first_call', 'usage_threshold_reached', 'invoice_generated'],
]
const stack = new AsyncDisposableStack()
let bed: OutwardBed
beforeAll(async () => {
  bed = stack.use(await outwardBed({ kinds: KINDS }))
}, 60_000)
afterAll(() => stack.disposeAsync())

const ours = async () =>
  (await bed.records('tickets')).filter(({ properties }) => properties.hub_external_key)
/** The portal's ticket, once it is linked to its company. */
const ticketOf = (trunkId: string) =>
  until(async () =>
    (await ours()).find(
      ({ properties, associations }) =>
        properties.warp_trunk_id === trunkId && associations.companies?.length,
    ),
  )
const done = () =>
  until(async () => {
    const rows = await bed.database.read(ORG, (tx) =>
      tx
        .selectFrom('customers.timeline_told')
        .select(['observed_at', 'placed_as_of'])
        .where('subject', '=', 'ALERT')
        .execute(),
    )
    return rows.every((row) => row.placed_as_of?.getTime() === row.observed_at.getTime())
  })

it('makes one ticket of an answer ratio that fell, with everything that telephony says of it, however often and in whatever order it is told', async () => {
  const { id, domain } = bed.companies[0]!
  const opened = alert('telephony.alert.opened', 'ALT-1', 'alert-1')
  await bed.tell([
    account('ALT-1', domain),
    opened,
    alert('telephony.alert.opened', 'ALT-1', 'alert-2', {
      ...{ measure: 'MINUTES', value: '80', bound: '80', limit: '100', percent: 80, trunkId: null },
    }),
  ])
  const ticket = await ticketOf('trunk_42')
  expect(ticket.properties).toMatchObject({
    ...{ subject: 'Too few calls are answered on trunk trunk_42', hs_ticket_priority: 'HIGH' },
    content: expect.stringContaining('32 % were answered (last hour). At least 50 %'),
    ...{ warp_category: 'voice', warp_subcategory: 'call_failures', warp_issue_type: 'voice' },
    ...{ warp_trunk_id: 'trunk_42', warp_severity: 'high' },
  })
  expect(new Date(ticket.properties.warp_sla_breach ?? '').toISOString()).toBe(later(14_400))
  expect(JSON.parse(ticket.properties.warp_technical_details ?? '')).toEqual({
    ...{ trigger: 'asr_below_threshold', trunk_id: 'trunk_42', current_asr: 0.32, threshold: 0.5 },
    period: 'last_hour',
  })
  expect(ticket.associations.companies?.map((each) => each.id)).toEqual([id])
  // Over, told before what it ended is told again; and one that was over before anybody heard of it.
  const closed = alert('telephony.alert.closed', 'ALT-1', 'alert-1', {
    ...{ value: '0.61', closedAt: later(600), observedAt: later(600) },
  })
  await bed.tell([closed, opened, closed])
  await bed.tell([
    alert('telephony.alert.closed', 'ALT-1', 'alert-3', {
      ...{ trunkId: 'trunk_43', closedAt: later(700), observedAt: later(700) },
    }),
  ])
  const notes = async () =>
    (await bed.records('notes', 'tickets')).filter((note) =>
      note.associations.tickets?.some((each) => each.id === ticket.id),
    )
  await until(async () => (await notes()).length > 0)
  await done()
  await bed.quiet()
  expect((await notes()).map(({ properties }) => properties.hs_note_body)).toEqual([
    expect.stringContaining('over trunk trunk_42, enough are answered again'),
  ])
  const [one, ...others] = await ours()
  expect([one?.id, others]).toEqual([ticket.id, []])
  // People close it: what was told once opens no other.
  await bed.sim('records/tickets', { id: ticket.id, properties: { hs_pipeline_stage: '4' } })
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: bed.integrationId })
  await bed.settled()
  await bed.tell([opened, closed])
  await bed.tell([alert('telephony.alert.opened', 'ALT-1', 'alert-4', { observedAt: later(900) })])
  await until(async () => (await ours()).length === 2)
  await done()
  expect(await ours()).toHaveLength(2)
})

it('opens the ticket of a customer whom nobody had met once there is one', async () => {
  const { id, domain } = bed.companies[1]!
  await bed.tell([alert('telephony.alert.opened', 'ALT-9', 'alert-9', { trunkId: null })])
  await bed.tell([account('ALT-9', domain)])
  const ticket = await until(async () =>
    (await ours()).find(
      ({ properties, associations }) =>
        properties.subject?.endsWith('on account ALT-9') && associations.companies?.length,
    ),
  )
  expect(ticket.associations.companies?.map((each) => each.id)).toEqual([id])
  expect(ticket.properties.warp_trunk_id ?? null).toBeNull()
})

const ASK = (trunkId: string) => ({
  trigger: 'asr_below_threshold',
  customer_id: 'ALT-1',
  data: { trunk_id: trunkId, current_asr: 0.2, threshold: 0.5, period: 'last_hour' },
})

it('answers the ticket that HubSpot has, or where to ask for it when HubSpot takes its time', async () => {
  const path = '/api/v1/support/auto-ticket'
  const first = await bed.rest('POST', path, ASK('trunk_51'))
  expect(first).toMatchObject({ status: 200, body: { created: true, ticket: { warp_trunk_id: 'trunk_51' } } })
  const there = await ticketOf('trunk_51')
  expect(first.body.ticket.hubspot_ticket_id).toBe(there.id)
  expect(await bed.rest('GET', `${path}/${first.body.ticket.id}`)).toMatchObject({
    ...{ status: 200, body: { open: true, ticket: first.body.ticket } },
  })
  await bed.sim('faults', { path: 'tickets/batch/upsert', play: { do: 'status', status: 503 } })
  const late = await bed.rest('POST', path, ASK('trunk_52'))
  expect([late.status, late.body.ticket.hubspot_ticket_id]).toEqual([202, null])
  const where = late.headers.get('location') ?? ''
  expect(where).toBe(`${path}/${late.body.ticket.id}`)
  const waiting = await bed.rest('GET', where)
  expect([waiting.status, waiting.headers.get('location')]).toEqual([202, where])
  await bed.sim('faults', undefined, 'DELETE')
  await bed.database.relay((tx) => tx.updateTable('sync.outgoing_lanes').set({ rest_until: null }).execute())
  const answered = await until(async () => {
    const answer = await bed.rest('GET', where)
    return answer.status === 200 ? answer : undefined
  })
  expect(answered.body.ticket.hubspot_ticket_id).toBe((await ticketOf('trunk_52')).id)
  expect((await bed.rest('GET', `${path}/00000000-0000-4000-8000-000000000009`)).status).toBe(404)
})

it('answers in time though HubSpot never does, and though a look at the hub’s own rows hangs', async () => {
  await bed.sim('faults', { path: 'tickets/batch/upsert', times: 1, play: { do: 'hold' } })
  const held = await bed.rest('POST', '/api/v1/support/auto-ticket', ASK('trunk_53'))
  expect([held.status, held.body.ticket.hubspot_ticket_id]).toEqual([202, null])
  await bed.sim('faults', undefined, 'DELETE')
  let lookedAt = 0
  // One look at rows that somebody keeps to himself; it ends when he lets go, and nobody has waited for it.
  await session(bed.test.adminUrl, async (client) => {
    await client.query('begin; lock table customers.tickets in access exclusive mode')
    const look = async () => {
      lookedAt++
      await bed.database.read(ORG, (tx) => tx.selectFrom('customers.tickets').select('id').limit(1).execute())
      return 'too late'
    }
    expect(await awaitPortalId(look, 300)).toBeNull()
    await client.query('rollback')
  })
  expect(lookedAt).toBe(1)
  expect((await ticketOf('trunk_53')).id).toBeTruthy()
})

const said = (n: number, address: object | null = null) => ({
  number: `+1303555${3000 + n}`,
  cnam: null,
  address: address as never,
})
const PLACE = {
  street: '12 Elm St',
  unit: null,
  city: 'Denver',
  state: 'CO',
  postalCode: '80202',
  country: 'US',
}

it('numbers show where they stand with emergency services, and are gone once they are given back or have left; streets go where they may, are taken back, and lie in no row in the open where they may not', async () => {
  const { domain } = bed.companies[2]!
  const shown = async (n: number): Promise<Dump['properties'] | undefined> =>
    (await bed.there('number')).find(({ properties }) => properties.number === said(n).number)?.properties
  const pending = { e911: { status: 'PENDING', hash: 'c'.repeat(64) } } as const
  await bed.tell([
    account('NUM-1', domain),
    number('NUM-1', 'e-1', said(1, PLACE), pending),
    number('NUM-1', 'e-2', said(2)),
    number('NUM-1', 'e-3', said(3)),
    number('NUM-1', 'e-4', said(4), { status: 'PORTING_IN', origin: 'PORTED' }),
  ])
  await until(async () => (await shown(1)) && (await shown(2)) && (await shown(3)))
  await bed.quiet()
  expect(await shown(1)).toMatchObject({ e911_status: 'pending', e911_hash: 'c'.repeat(64) })
  expect(await shown(4)).toBeUndefined()
  expect(JSON.stringify(await bed.there('number'))).not.toContain('Elm St')
  const streets = () => searchDatabase(bed.test.adminUrl, ['Elm St'])
  expect(await streets()).toEqual([])
  await bed.settle({ sendsAddresses: true })
  await bed.rest('POST', `/api/v2/integrations/hubspot/${bed.integrationId}/provision`)
  await until(async () => (await shown(1))?.e911_address === '12 Elm St, Denver, CO 80202, US')
  const registered = { e911: { status: 'REGISTERED', hash: 'd'.repeat(64) } } as const
  await bed.tell([
    number('NUM-1', 'e-1', said(1, { ...PLACE, unit: 'Unit 4' }), { ...registered, observedAt: later(30) }),
    number('NUM-1', 'e-2', said(2), { status: 'RELEASED', observedAt: later(30) }),
    number('NUM-1', 'e-3', said(3), { status: 'PORTED_OUT', observedAt: later(30) }),
    number('NUM-1', 'e-4', said(4), { origin: 'PORTED', observedAt: later(30) }),
  ])
  await until(async () => (await bed.there('number')).length === 2 && (await shown(4)) !== undefined)
  await until(async () => (await shown(1))?.e911_address === '12 Elm St, Unit 4, Denver, CO 80202, US')
  expect((await shown(1))?.e911_status).toBe('registered')
  await bed.settle({ sendsAddresses: false })
  await until(async () => !(await shown(1))?.e911_address)
  await bed.quiet()
  // What was written while it was allowed stays in the ledger of writes for as long as that is kept.
  expect((await streets()).filter(({ place }) => place !== 'sync.writes.fields')).toEqual([])
})

it('tells on timelines what becomes of accounts, numbers, campaigns and limits, each once however often it is told', async () => {
  const { domain } = bed.companies[3]!
  const port = (status: 'SUBMITTED' | 'COMPLETED', direction: 'IN' | 'OUT' = 'IN') =>
    event('telephony.port.changed', 'TIM-1', {
      ...{ portOrderId: `p-${direction}`, ban: 'TIM-1', direction, status, numberIds: ['t-2', 't-3'] },
      ...{ agreedOn: null, observedAt: later(40) },
    })
  const campaign = (status: 'PENDING' | 'REGISTERED') =>
    event('telephony.campaign.changed', 'TIM-1', {
      ...{ campaignId: 'c-1', brandId: 'b-1', ban: 'TIM-1', tcrCampaignId: 'CTCR1', useCase: 'MARKETING' },
      ...{ status, observedAt: later(41) },
    })
  const invoice = (status: 'ISSUED' | 'PAID') =>
    event('telephony.invoice.changed', 'TIM-1', {
      ...{ invoiceId: 'i-1', number: 'INV-202611-TIM-1', ban: 'TIM-1', month: '2026-11', status },
      ...{ total: { amount: '12.3400', currency: 'USD' }, issuedAt: later(42), dueOn: '2026-12-30' },
      ...{ paidAt: null, observedAt: later(42) },
    })
  const called = { ban: 'TIM-1', trunkId: 'tim-1', calledAt: later(15), observedAt: later(15) }
  const none = { e911: { status: 'NONE', hash: null } } as const
  const happened = [
    account('TIM-1', domain, { paymentMethod: 'CARD' }),
    trunk('TIM-1', 'tim-1'),
    event('telephony.call.first', 'TIM-1', called),
    number('TIM-1', 't-1', said(11), none),
    number('TIM-1', 't-2', said(12), { status: 'PORTING_IN', origin: 'PORTED' }),
    number('TIM-1', 't-1', said(11), {
      ...{ e911: { status: 'REGISTERED', hash: 'e'.repeat(64) }, observedAt: later(30) },
    }),
    ...[port('SUBMITTED'), number('TIM-1', 't-2', said(12), { origin: 'PORTED', observedAt: later(40) })],
    ...[port('COMPLETED'), port('COMPLETED', 'OUT'), campaign('PENDING'), campaign('REGISTERED')],
    alert('telephony.alert.opened', 'TIM-1', 'alert-80', {
      ...{ measure: 'MINUTES', value: '81', bound: '80', limit: '100', percent: 80, trunkId: null },
    }),
    ...[invoice('ISSUED'), invoice('PAID')],
    account('TIM-1', domain, { paymentMethod: 'WIRE', observedAt: later(50) }),
    number('TIM-1', 't-1', said(11), { ...none, status: 'RELEASED', observedAt: later(60) }),
  ]
  await bed.tell(happened)
  const told = async () => {
    const all = await eventsHere(bed)
    const first = all.find(
      ({ kind, tokens }) => kind === 'first_call' && Object.values(tokens ?? {}).includes('TIM-1'),
    )
    return all.filter(({ company_id }) => company_id === first?.company_id)
  }
  await until(async () => (await told()).some(({ kind }) => kind === 'numbers_released'))
  await bed.tell(happened)
  await bed.quiet()
  expect((await told()).map(({ kind, tokens }) => [kind, tokens]).toSorted()).toEqual(
    [
      ['first_call', { ban: 'TIM-1' }],
      ['numbers_purchased', { ban: 'TIM-1', number_count: '1', number_types: 'local' }],
      ['e911_updated', { e911_status: 'registered' }],
      ['numbers_ported', { ban: 'TIM-1', number_count: '2' }],
      ['campaign_registered', { campaign_id: 'CTCR1', campaign_use: 'MARKETING' }],
      ['usage_threshold_reached', { ban: 'TIM-1', measure: 'minutes a month', percent: '80', limit: '100' }],
      ['invoice_generated', { invoice_id: 'INV-202611-TIM-1', amount: '12.3400', currency: 'USD' }],
      ['payment_method_updated', { ban: 'TIM-1', payment_method: 'wire' }],
      ['numbers_released', { ban: 'TIM-1', number_count: '1' }],
    ].toSorted(),
  )
})

it('fault 70 (telephony): words that would be markup or commands elsewhere stay words, and what makes no sense opens nothing', async () => {
  const { domain } = bed.companies[4]!
  const before = (await ours()).length
  const { customer_id: openedFor } = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('customers.companies')
      .select('customer_id')
      .where('domain', '=', domain)
      .executeTakeFirstOrThrow(),
  )
  const campaign = event('telephony.campaign.changed', 'INJ-1', {
    ...{ campaignId: 'c-70', brandId: 'b-70', ban: 'INJ-1', tcrCampaignId: null, status: 'REGISTERED' },
    ...{ useCase: '<img src=x onerror=alert(1)>=HYPERLINK("x")', observedAt: later(41) },
  })
  await bed.tell([
    account('INJ-1', domain, { name: '<script>alert(1)</script>', openedFor }),
    alert('telephony.alert.opened', 'INJ-1', 'alert-70', { trunkId: "'); drop table customers.tickets; --" }),
    campaign,
  ])
  const note = await until(async () =>
    (await bed.records('notes')).find(({ properties }) => properties.hs_note_body?.includes('c-70')),
  )
  expect(note.properties.hs_note_body).toContain(
    '&lt;img src=x onerror=alert(1)&gt;=HYPERLINK(&quot;x&quot;)',
  )
  await done()
  expect(await ours()).toHaveLength(before)
})
