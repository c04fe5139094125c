import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TimelineEvent } from '#connectors/hubspot/app-wire.ts'
import { DEMO_APP_ID, DEMO_DEVELOPER_API_KEY } from '#connectors/hubspot/simulator/index.ts'
import { session } from '#db/session.ts'
import { TIMELINE_KINDS } from '#subgraphs/customers/domain/timeline-kinds.ts'
import { type ConnectionsBed, connectionsBed } from '#test/connections/bed.ts'
import { ORG } from '#test/kit/customers.ts'
import { freePorts } from '#test/kit/processes.ts'
import { NO_SIBLINGS } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import {
  account,
  beginHappening,
  companiesApart,
  eventsHere,
  later,
  number,
  take,
  trunk,
} from './happening.ts'

const developer = { appId: String(DEMO_APP_ID), apiKey: DEMO_DEVELOPER_API_KEY }
const stack = new AsyncDisposableStack()
let bed: ConnectionsBed
let companies: { id: string; domain: string }[]
let integrationId: string
beforeAll(async () => {
  beginHappening()
  const port = await freePorts(1)
  // It follows its own log.
  const siblings = { ...NO_SIBLINGS, customers: `http://127.0.0.1:${port}` }
  bed = stack.use(await connectionsBed({ companies: 40, customers: { developer, port, siblings } }))
  integrationId = await bed.connect()
  await bed.settled()
  await bed.approve(integrationId)
  const { results } = await bed.sim<{ results: Parameters<typeof companiesApart>[0] }>(
    'records/companies?limit=100',
  )
  companies = companiesApart(results)
  expect(companies.length).toBeGreaterThan(11)
  await bed.forgetJournal()
}, 60_000)
afterAll(() => stack.disposeAsync())

const there = async () => (await bed.sim<{ results: TimelineEvent[] }>('timeline')).results
const stateOf = async (kind: string) =>
  (await eventsHere(bed)).filter((row) => row.kind === kind).map(({ state }) => state)
const quiet = () =>
  until(async () => (await eventsHere(bed)).every(({ state }) => state !== 'WAITING' && state !== 'SENDING'))
const requests = async (part: string) => {
  const { entries } = await bed.journal()
  return entries.filter(({ path, method }) => method === 'POST' && path.includes(part)).length
}

it('shows what happens to accounts, trunks and numbers on the timeline of their company, each once however often it is told', async () => {
  const { id: company, domain } = companies[0]!
  const opened = [
    account('TL-1', domain),
    trunk('TL-1', 'trunk_1', { name: 'First', createdAt: later(0), observedAt: later(0) }),
    number('TL-1', 'number_1', { createdAt: later(0), observedAt: later(0) }),
  ]
  const happened = [
    trunk('TL-1', 'trunk_789'),
    number('TL-1', 'number_2'),
    number('TL-1', 'number_3', { type: 'TOLLFREE' }),
    trunk('TL-1', 'trunk_789', { concurrentCalls: 20, observedAt: later(30) }),
    account('TL-1', domain, { status: 'SUSPENDED', observedAt: later(40) }),
    account('TL-1', domain, { observedAt: later(50) }),
    account('TL-1', domain, { creditLimit: { amount: '7500.00', currency: 'USD' }, observedAt: later(55) }),
    trunk('TL-1', 'trunk_789', { concurrentCalls: 20, status: 'DELETED', observedAt: later(60) }),
  ]
  await take(bed, opened)
  await take(bed, happened)
  await quiet()
  const shown = async () => (await there()).filter((event) => event.objectId === company)
  const tokens = (await shown()).map((event) => event.tokens)
  expect(tokens).toHaveLength(8)
  expect(tokens).toEqual(
    expect.arrayContaining([
      { ban: 'TL-1', tier: 'growth' },
      { trunk_id: 'trunk_789', trunk_name: 'Production Trunk' },
      { ban: 'TL-1', number_count: '2', number_types: 'local, tollfree' },
      { trunk_id: 'trunk_789', trunk_name: 'Production Trunk', what_changed: 'concurrent calls' },
      { ban: 'TL-1', old_limit: '5000.00', new_limit: '7500.00', currency: 'USD' },
      { ban: 'TL-1' },
    ]),
  )
  expect((await eventsHere(bed)).map(({ kind, state }) => [kind, state])).toEqual(
    [
      ...['account_created', 'trunk_created', 'numbers_purchased', 'trunk_modified', 'account_suspended'],
      ...['account_reactivated', 'credit_limit_changed', 'trunk_deleted'],
    ].map((kind) => [kind, 'SENT']),
  )
  const sent = await requests('/timeline/v3/events')
  // Told again, from the beginning, in another order, and as a snapshot tells it: nothing.
  await take(bed, [...opened, ...happened])
  await take(bed, [...happened.toReversed()])
  await quiet()
  expect(await shown()).toHaveLength(8)
  expect(await requests('/timeline/v3/events')).toBe(sent)
})

it('tells of numbers that are given back, and of none that never came', async () => {
  const { domain } = companies[10]!
  const [released, status] = [{ status: 'RELEASED', observedAt: later(60) }, 'PORTING_IN'] as const
  await take(bed, [
    ...[account('TL-10', domain), number('TL-10', 'number_10')],
    number('TL-10', 'number_11', { status, origin: 'PORTED' }),
    number('TL-10', 'number_10', released),
    number('TL-10', 'number_11', { ...released, origin: 'PORTED' }),
  ])
  await quiet()
  const shown = (await eventsHere(bed)).filter(({ tokens }) => JSON.stringify(tokens).includes('TL-10'))
  expect(shown.map(({ kind, tokens }) => [kind, tokens])).toEqual([
    ['account_created', { ban: 'TL-10', tier: 'growth' }],
    ['numbers_purchased', { ban: 'TL-10', number_count: '1', number_types: 'local' }],
    ['numbers_released', { ban: 'TL-10', number_count: '1' }],
  ])
})

it('tells of numbers that are bought or given back together as of one thing, also where a part of them comes later', async () => {
  const { domain } = companies[11]!
  const types: ('LOCAL' | 'TOLLFREE')[] = ['LOCAL', 'TOLLFREE']
  const [bought, back] = ['b', 'r'].map((id) => ({ together: { id, numbers: 3, types } }))
  const one = (n: number, more: object) => number('TL-11', `number_11${n}`, more)
  const released = { ...back, status: 'RELEASED', observedAt: later(60) }
  await take(bed, [account('TL-11', domain), one(1, bought!), one(2, bought!)])
  await take(bed, [one(3, { ...bought, type: 'TOLLFREE' }), one(2, released)])
  await take(bed, [one(1, released), one(3, released)])
  await quiet()
  const shown = (await eventsHere(bed)).filter(({ tokens }) => JSON.stringify(tokens).includes('TL-11'))
  expect(shown.map(({ kind, tokens }) => [kind, tokens]).slice(1)).toEqual([
    ['numbers_purchased', { ban: 'TL-11', number_count: '3', number_types: 'local, tollfree' }],
    ['numbers_released', { ban: 'TL-11', number_count: '3' }],
  ])
})

it('designs each kind of event once for the app, with its tokens', async () => {
  const { entries } = await bed.journal()
  const made = entries.filter(({ path, method }) => method === 'POST' && path.includes('event-templates'))
  expect(made).toHaveLength(new Set((await there()).map((event) => event.eventTemplateId)).size)
})

it('an event whose answer is lost is there once', async () => {
  const { id: company, domain } = companies[1]!
  await bed.sim('faults', { path: 'events/batch', nth: 1, play: { do: 'close', afterCommit: true } })
  await take(bed, [account('TL-2', domain)])
  await quiet()
  expect((await there()).filter((event) => event.objectId === company)).toHaveLength(1)
  const { entries } = await bed.journal()
  expect(entries.filter(({ path }) => path.includes('events/batch')).length).toBeGreaterThan(1)
})

it('an event is there once when the hub is killed between sending it and noting that', async () => {
  const { id: company, domain } = companies[2]!
  const alter = (text: string) => session(bed.test.adminUrl, (client) => client.query(text))
  // What would note it cannot: as far as the database knows, nobody came back.
  await alter(
    `alter table customers.timeline_events add constraint killed check (kind <> 'trunk_created' or state <> 'SENT') not valid`,
  )
  await take(bed, [account('TL-3', domain), trunk('TL-3', 'trunk_killed')])
  await until(async () => (await there()).some((event) => event.tokens.trunk_id === 'trunk_killed'))
  expect(await stateOf('trunk_created')).toContain('SENDING')
  await alter('alter table customers.timeline_events drop constraint killed')
  await quiet()
  const events = (await there()).filter((event) => event.objectId === company)
  expect(events.map((event) => Object.keys(event.tokens).length)).toHaveLength(2)
})

it('takes an event as HubSpot’s own timeline does, once, without what may not leave, and says what is wrong with others', async () => {
  const company = companies[3]!.id
  const key = ['sk', 'live', 'abcdefghijklmnop'].join('_')
  const event = {
    ...{ objectType: 'company', objectId: company, eventTemplateId: 'trunk_created' },
    tokens: { trunk_id: 'trunk_789', trunk_name: `Production ${key}` },
  }
  const first = await bed.rest('POST', '/api/v1/timeline/events', event)
  expect(first).toMatchObject({ status: 202, body: { eventTemplateId: 'trunk_created', isNew: true } })
  const again = await bed.rest('POST', '/api/v1/timeline/events', event)
  expect(again).toMatchObject({ status: 202, body: { id: first.body.id, isNew: false } })
  await quiet()
  expect((await there()).filter((each) => each.objectId === company)).toMatchObject([
    { id: first.body.id, tokens: { trunk_id: 'trunk_789', trunk_name: 'Production [key]' } },
  ])
  expect(JSON.stringify(await eventsHere(bed))).not.toContain(key)
  const wrong = async (more: object) => {
    const { status, body } = await bed.rest('POST', '/api/v1/timeline/events', { ...event, ...more })
    return [status, body.field ?? body.code]
  }
  expect(await wrong({ eventTemplateId: 'nothing' })).toEqual([422, 'eventTemplateId'])
  expect(await wrong({ objectType: 'contact' })).toEqual([422, 'objectType'])
  expect(await wrong({ tokens: { trunk_id: '1' } })).toEqual([422, 'tokens'])
  expect(await wrong({ tokens: { ...event.tokens, colour: 'red' } })).toEqual([422, 'tokens'])
  expect(await wrong({ objectId: '999999999' })).toEqual([404, 'NOT_FOUND'])
})

const LETTERS =
  '{ deadLetters(filter: {type: "timeline"}) { nodes { id direction state recordId attempts guidance } } }'
const REPLAY =
  'mutation { replayDeadLetters(filter: {type: "timeline"}) { __typename ... on DeadLettersReplayed { count } } }'
it('gives up an event that HubSpot refuses, says why, and sends it again when somebody asks', async () => {
  const company = companies[4]!.id
  const body = { eventTemplateId: 'first_call', tokens: { ban: 'TL-5' }, objectType: 'company' }
  await bed.sim('faults', {
    ...{ path: 'events/batch', nth: 1 },
    play: { do: 'status', status: 400, body: { category: 'VALIDATION_ERROR', message: 'No' } },
  })
  const { body: posted } = await bed.rest('POST', '/api/v1/timeline/events', { ...body, objectId: company })
  await quiet()
  const letters = async () => (await bed.ask(LETTERS)).data.deadLetters.nodes
  expect(await letters()).toMatchObject([{ direction: 'OUT', state: 'OPEN', recordId: posted.id }])
  expect(await stateOf('first_call')).toEqual(['REFUSED'])
  expect((await bed.ask(REPLAY)).data.replayDeadLetters).toMatchObject({ count: 1 })
  await until(async () => (await stateOf('first_call'))[0] === 'SENT')
  expect(await letters()).toMatchObject([{ state: 'RESOLVED' }])
  expect((await there()).filter((event) => event.objectId === company)).toHaveLength(1)
})

it('shows only the kinds that the connection wants', async () => {
  const { id: company, domain } = companies[5]!
  const { settings_version: version } = (await bed.integrations()).find(({ id }) => id === integrationId)!
  const change = (kinds: string[], expectedVersion: number) =>
    bed.ask(
      `mutation ($id: ID!, $kinds: [String!], $version: Int!) {
        changeConnection(integrationId: $id, input: {timelineKinds: $kinds}, expectedVersion: $version) {
          __typename ... on Invalid { field } ... on ConnectionChanged { integration { settings { timelineKinds } } } } }`,
      { id: integrationId, kinds, version: expectedVersion },
    )
  expect((await change(['nothing'], version)).data.changeConnection).toMatchObject({ field: 'timelineKinds' })
  const changed = await change(['trunk_created'], version)
  expect(changed.data.changeConnection.integration.settings.timelineKinds).toEqual(['trunk_created'])
  await take(bed, [account('TL-6', domain), trunk('TL-6', 'trunk_wanted')])
  await quiet()
  expect((await there()).filter((event) => event.objectId === company)).toMatchObject([
    { tokens: { trunk_id: 'trunk_wanted' } },
  ])
})

it('tells of tickets that are opened, raised and resolved, each once, and nothing of history', async () => {
  const [{ id: company }, { id: apart }] = [companies[8]!, companies[9]!]
  const { settings_version: version } = (await bed.integrations()).find(({ id }) => id === integrationId)!
  const settings = `/api/v2/integrations/hubspot/${integrationId}/settings`
  const timelineKinds = ['ticket_created', 'ticket_resolved', 'ticket_escalated']
  const set = { input: { timelineKinds }, expectedVersion: version }
  expect((await bed.rest('PATCH', settings, set)).status).toBe(200)
  const open = async (to: string, more: object = {}) => {
    const { results } = await bed.sim<{ results: { id: string }[] }>('records/tickets', {
      properties: {
        subject: 'No calls',
        hs_pipeline: '0',
        hs_pipeline_stage: '1',
        hs_ticket_priority: 'LOW',
        ...more,
      },
      associate: { to: 'companies', id: to },
    })
    return results[0]!.id
  }
  const change = (id: string, properties: object) => bed.sim('records/tickets', { id, properties })
  const sync = async () => {
    await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId })
    await bed.settled()
  }
  const shown = async (to: string) =>
    (await there()).filter((each) => each.objectId === to).map(({ tokens }) => tokens)
  const kinds = async () =>
    (await eventsHere(bed)).filter(({ kind }) => timelineKinds.includes(kind)).map(({ kind }) => kind)
  const before = (await kinds()).length
  const [ticket] = [await open(company), await open(apart, { createdate: '2020-01-01T00:00:00Z' })]
  await sync()
  await until(async () => (await kinds()).length === before + 1)
  await change(ticket, { hs_ticket_priority: 'HIGH' })
  await sync()
  await until(async () => (await kinds()).length === before + 2)
  await change(ticket, { content: 'Still none' })
  await change(ticket, { hs_pipeline_stage: '4' })
  await sync()
  await until(async () => (await kinds()).length === before + 3)
  await quiet()
  expect(await shown(company)).toEqual(Array(3).fill({ ticket_id: ticket, ticket_subject: 'No calls' }))
  expect(await shown(apart)).toEqual([])
  // Read again as a whole, and told again: nothing.
  await bed.rest('POST', '/api/v2/sync/hubspot/reconcile', { integrationId })
  await bed.settled()
  await change(ticket, { content: 'All is well' })
  await sync()
  await quiet()
  expect((await kinds()).length).toBe(before + 3)
})

it('takes every event of usage and support that is posted, and checks what each carries', async () => {
  const { id: company } = companies[7]!
  const posted = TIMELINE_KINDS.filter(({ group }) => group === 'USAGE' || group === 'SUPPORT')
  expect(posted.map(({ name }) => name)).toEqual([
    ...['first_call', 'daily_usage_summary', 'daily_usage_corrected', 'usage_threshold_reached'],
    ...['invoice_generated'],
    ...['ticket_created', 'ticket_resolved', 'ticket_escalated', 'chat_started', 'article_viewed'],
  ])
  for (const { name, tokens } of posted) {
    const event = { objectType: 'company', objectId: company, eventTemplateId: name }
    const values = Object.fromEntries(
      tokens.map((each) => [each.name, each.type === 'number' ? '80' : each.name]),
    )
    const answer = await bed.rest('POST', '/api/v1/timeline/events', { ...event, tokens: values })
    expect(answer).toMatchObject({ status: 202, body: { isNew: true } })
    const [first] = tokens
    const lacking = { ...values, [first!.name]: '' }
    expect((await bed.rest('POST', '/api/v1/timeline/events', { ...event, tokens: lacking })).status).toBe(
      422,
    )
    for (const each of tokens.filter(({ type }) => type === 'number')) {
      const wrong = { ...values, [each.name]: 'eighty' }
      expect((await bed.rest('POST', '/api/v1/timeline/events', { ...event, tokens: wrong })).status).toBe(
        422,
      )
    }
  }
  await quiet()
  const shown = (await there()).filter((each) => each.objectId === company)
  expect(shown.map(({ tokens }) => Object.keys(tokens).sort().join())).toEqual(
    expect.arrayContaining(
      posted.map(({ tokens }) =>
        tokens
          .map(({ name }) => name)
          .sort()
          .join(),
      ),
    ),
  )
  expect(shown).toHaveLength(posted.length)
})

it('keeps what it has to tell until somebody has approved the connection’s first writes, and goes on as a note when the timeline is taken away', async () => {
  const company = companies[6]!.id
  const event = {
    ...{ objectType: 'company', objectId: company, eventTemplateId: 'trunk_created' },
    tokens: { trunk_id: 'trunk_held', trunk_name: 'Held' },
  }
  const approvals = sql`delete from sync.push_approvals where org_id = ${ORG}::uuid`
  await bed.database.transaction(ORG, (tx) => approvals.execute(tx))
  await bed.rest('POST', '/api/v1/timeline/events', event)
  await until(async () => (await heldLanes()) > 0)
  expect((await eventsHere(bed)).filter(({ state }) => state === 'WAITING')).toHaveLength(1)
  expect((await there()).filter((each) => each.objectId === company)).toEqual([])
  await bed.database.transaction(ORG, async (tx) => {
    await sql`update customers.integrations set lacking_scopes = array['timeline']`.execute(tx)
    // As a portal says it that was provisioned.
    await sql`update customers.portal_properties set name = 'hub_external_key'
      where type = 'companies' and name = 'zip'`.execute(tx)
  })
  await bed.approve(integrationId)
  await bed.database.transaction(ORG, (tx) =>
    sql`update sync.outgoing_lanes set rest_until = null`.execute(tx),
  )
  await quiet()
  expect(
    (await eventsHere(bed)).find(({ tokens }) => JSON.stringify(tokens).includes('trunk_held')),
  ).toMatchObject({
    ...{ state: 'NOTED', way: 'NOTE' },
  })
  expect((await there()).filter((each) => each.objectId === company)).toEqual([])
})

const heldLanes = async (): Promise<number> => {
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{
      n: number
    }>`select count(*)::int as n from sync.outgoing_lanes where type = 'timeline' and rest_until is not null`.execute(
      tx,
    ),
  )
  return rows[0]?.n ?? 0
}
