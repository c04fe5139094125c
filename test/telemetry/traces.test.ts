import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { asked } from '#telemetry/asked.ts'
import { openTraces, type Traces } from '#telemetry/opentelemetry.ts'
import { newTraceParent, readTraceParent, writeTraceParent } from '#telemetry/traceparent.ts'
import { asFollowing, asStep, beginStep, isTraced } from '#telemetry/traces.ts'
import { REPOSITORY } from '#test/kit/hub.ts'
import { until } from '#test/kit/until.ts'
import { startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'
import { type ReceivedSpan, startReceiver } from './receiver.ts'

let hub: WholeHub
let receiver: Awaited<ReturnType<typeof startReceiver>>
let traces: Traces
beforeAll(async () => {
  receiver = await startReceiver()
  hub = await startWholeHub({ companies: 3, isByTheClock: false })
  await hub.synced()
  traces = openTraces({ to: receiver.url, percent: 0 })
})
afterAll(async () => {
  await traces?.[Symbol.asyncDispose]()
  await hub?.[Symbol.asyncDispose]()
  await receiver?.[Symbol.asyncDispose]()
})

/** Runs an operation as a part of a trace that its caller keeps. @returns its spans, once they are all there */
const traced = async (body: object, until_: (spans: ReceivedSpan[]) => boolean) => {
  const parent = { ...newTraceParent(), isSampled: true }
  const answer = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await hub.token()}`,
      traceparent: writeTraceParent(parent),
    },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  const own = () => receiver.spans.filter(({ traceId }) => traceId === parent.traceId)
  await until(async () => {
    await traces.flush()
    return own().some((span) => span.parentSpanId === parent.spanId) && until_(own())
  })
  return { parent, text, spans: own() }
}

it('shows one request from its door through two parts down to SQL as one tree', async () => {
  const { parent, spans } = await traced(
    { query: '{ customers(first: 2) { nodes { name trunks(first: 2) { nodes { name } } } } }' },
    (all) => all.some(({ name }) => name === 'fetch telephony'),
  )
  const door = spans.find((span) => span.parentSpanId === parent.spanId)!
  expect(door).toMatchObject({
    name: 'GRAPHQL POST',
    said: { 'http.route': '/graphql', 'http.response.status_code': 200 },
  })
  const operation = spans.find((span) => span.parentSpanId === door.spanId)!
  expect(operation).toMatchObject({ name: 'operation', said: { 'hub.operation': 'free', 'hub.code': 'OK' } })
  for (const part of ['customers', 'telephony']) {
    const fetched = spans.find(({ name }) => name === `fetch ${part}`)!
    expect(fetched.parentSpanId).toBe(operation.spanId)
    const [served] = spans.filter((span) => span.parentSpanId === fetched.spanId)
    expect(served).toMatchObject({ name: part, said: { 'hub.part': part } })
    const sql = spans.filter((span) => span.parentSpanId === served!.spanId)
    expect(sql.length, part).toBeGreaterThan(0)
    for (const { name, said } of sql) {
      expect(name).toMatch(/^SQL (select|with)$/)
      expect(said).toMatchObject({ 'db.system': 'postgresql' })
    }
  }
  expect(receiver.below(door).length).toBe(spans.length - 1)
})

it('shows calls to other systems below the change that made them', async () => {
  const { spans, parent } = await traced({ operationName: 'ValidateCredentials' }, (all) =>
    all.some(({ name }) => name === 'HubSpot'),
  )
  const call = spans.find(({ name }) => name === 'HubSpot')!
  expect(spans.find(({ spanId }) => spanId === call.parentSpanId)).toMatchObject({ name: 'customers' })
  expect(spans.find(({ name }) => name === 'operation')?.said).toMatchObject({
    'hub.operation': 'ValidateCredentials',
  })
  expect(spans.every(({ traceId }) => traceId === parent.traceId)).toBe(true)
})

it('shows what a change led to behind its answer: what siblings did of its events, its jobs, and what was written at HubSpot', async () => {
  await session(hub.databases.customers.adminUrl, (client) =>
    client.query(`insert into sync.push_approvals (org_id, connection_id, approved_at)
      select org_id, id, '2026-01-01' from customers.integrations on conflict do nothing`),
  )
  const query = 'mutation { createNote(input: { body: "as agreed", customerId: $id }) { __typename } }'
  const { data } = await hub.ask('{ customers(first: 1) { nodes { id } } }')
  const [{ id }] = data.customers.nodes
  const { spans } = await traced({ query: query.replace('$id', `"${id}"`) }, (all) =>
    [/^write notes$/, /^HubSpot$/, /^events of customers$/].every((name) =>
      all.some((span) => name.test(span.name)),
    ),
  )
  const door = spans.find(({ name }) => name === 'GRAPHQL POST')!
  const led = receiver.below(door)
  const write = led.find(({ name }) => name === 'write notes')!
  expect(write.said).toMatchObject({ 'hub.records': 1 })
  expect(receiver.below(write).some(({ name }) => name === 'HubSpot')).toBe(true)
  const heard = led.filter(({ name }) => name === 'events of customers')
  expect(receiver.below(heard[0]!).some(({ name }) => name.startsWith('SQL'))).toBe(true)
  const training = await traced({ query: 'mutation { trainChurnModel { __typename } }' }, (all) =>
    all.some(({ name }) => name === 'job learn-churn'),
  )
  expect(training.spans.find(({ name }) => name === 'job learn-churn')?.said).toMatchObject({
    'hub.attempt': 1,
  })
})

it('links what many requests led to at once to each of them, and makes it a part of none', async () => {
  const [one, other] = [newTraceParent(), newTraceParent()].map((trace) => ({ ...trace, isSampled: true }))
  await using own = await startReceiver()
  await traces[Symbol.asyncDispose]()
  {
    await using _ = openTraces({ to: own.url, percent: 100 })
    const seen: (string | undefined)[] = []
    const look = async () => void seen.push(asked().trace?.traceId)
    await asFollowing(
      'both',
      [one, other, one].map((trace) => writeTraceParent(trace!)),
      {},
      look,
    )
    await asFollowing('one', [writeTraceParent(one!), null, 'no trace'], {}, look)
    expect(seen[0]).not.toBe(one?.traceId)
    expect(seen[1]).toBe(one?.traceId)
  }
  const both = own.spans.find(({ name }) => name === 'both')
  expect(both).toMatchObject({ links: [{ traceId: one?.traceId }, { traceId: other?.traceId }] })
  expect(both?.parentSpanId).toBeUndefined()
  expect(own.spans.find(({ name }) => name === 'one')).toMatchObject({ parentSpanId: one?.spanId })
  traces = openTraces({ to: receiver.url, percent: 0 })
})

it('lets nobody but who may read the audit have a trace kept, or name it', async () => {
  const sampled = { ...newTraceParent(), isSampled: true }
  const ask = async (role: string) =>
    hub.ask(
      '{ viewer { id } }',
      {},
      { token: await hub.token(role), headers: { traceparent: writeTraceParent(sampled) } },
    )
  for (const role of ['readonly', 'agent', 'partner']) await ask(role)
  await traces.flush()
  expect(receiver.spans.filter(({ traceId }) => traceId === sampled.traceId)).toEqual([])
  await ask('operator')
  await until(async () => {
    await traces.flush()
    return receiver.spans.some(({ traceId }) => traceId === sampled.traceId)
  })
})

it('keeps no trace that nobody asked to keep, and reads no header that is not as the standard wants it', async () => {
  const before = receiver.spans.length
  await hub.ask('{ viewer { id } }')
  await traces.flush()
  expect(receiver.spans.length).toBe(before)
  for (const header of [
    '',
    '00-0-0-01',
    `00-${'0'.repeat(32)}-${'a'.repeat(16)}-01`,
    `ff-${'a'.repeat(32)}-${'a'.repeat(16)}-01`,
    7,
  ])
    expect(readTraceParent(header)).toBeUndefined()
})

it('fault 71: no trace tells of a value, whatever is sent by which door', async () => {
  const canaries = [
    'ann.canary@example.com',
    '+4915112345678',
    '4111 1111 1111 1111',
    'sk_live_canary0123456789',
    'Canary Lane 7',
  ]
  const text = canaries.join(' ')
  const isDone = (all: ReceivedSpan[]) => all.some(({ name }) => name === 'operation')
  await traced(
    {
      query:
        'query Canary_sk_live_canary0123456789($n: String!) { customers(filter: { text: $n }) { nodes { id } } }',
      variables: { n: text },
    },
    isDone,
  )
  await traced({ query: `{ customers(filter: { text: "${text}" }) { nodes { id } } }` }, isDone)
  await traced(
    {
      query: 'mutation ($r: String!) { suspendBillingAccount(ban: $r, reason: $r) { __typename } }',
      variables: { r: text },
    },
    isDone,
  )
  // Refused before it is run, with its words in the body and in the address.
  await fetch(`${hub.url}/api/v2/api-keys?${encodeURIComponent(text)}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await hub.token()}`,
      traceparent: writeTraceParent({ ...newTraceParent(), isSampled: true }),
    },
    body: JSON.stringify({ name: text, scopes: [text] }),
  })
  await traces.flush()
  const sent = receiver.texts.join('\n')
  expect(sent).toContain('SQL select')
  for (const canary of [...canaries, 'Canary']) expect(sent.includes(canary), canary).toBe(false)
})

it('costs nothing while nobody wants traces: OpenTelemetry is loaded by one file, which is opened only then', async () => {
  const floors = [
    'telemetry',
    'kernel',
    'db',
    'connectors',
    'events',
    'sync',
    'service',
    'control',
    'gateway',
    'subgraphs',
  ]
  const inFloors = await Promise.all(
    floors.map(async (floor) =>
      (await readdir(join(REPOSITORY, floor), { recursive: true })).map((file) => `${floor}/${file}`),
    ),
  )
  const files = [...inFloors.flat().filter((file) => file.endsWith('.ts')), 'main.ts', 'config.ts']
  const opening: string[] = []
  const loading: string[] = []
  for (const file of files) {
    const source = await readFile(join(REPOSITORY, file), 'utf8')
    if (/from '@opentelemetry\//.test(source)) loading.push(file)
    if (/from '[^']*\/opentelemetry\.ts'/.test(source)) opening.push(file)
  }
  expect([loading, opening]).toEqual([['telemetry/opentelemetry.ts'], []])
  await traces[Symbol.asyncDispose]()
  await using other = await startReceiver()
  {
    await using _ = openTraces({ to: other.url, percent: 100 })
    expect(beginStep('seen', {})).toBeDefined()
  }
  expect([isTraced(), beginStep('unseen', {})]).toEqual([false, undefined])
  const work = async () => 7
  expect(await asStep('unseen', {}, work)).toBe(7)
  traces = openTraces({ to: receiver.url, percent: 0 })
})
