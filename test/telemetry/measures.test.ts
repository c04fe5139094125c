import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify from 'fastify'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { session } from '#db/session.ts'
import { reading } from '#telemetry/measures.ts'
import { measuresDoor } from '#telemetry/measures-door.ts'
import { startMeasuresServer } from '#telemetry/measures-server.ts'
import { REPOSITORY } from '#test/kit/hub.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'

let hub: WholeHub
beforeAll(async () => {
  hub = await startWholeHub({ companies: 3, isByTheClock: false })
  await hub.synced()
})
afterAll(() => hub?.[Symbol.asyncDispose]())

/** `name{label="value"} number` as `[name{…}, number]`. */
const measures = async (url = hub.url): Promise<Map<string, number>> => {
  const answer = await fetch(`${url}/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  const lines = (await answer.text()).split('\n').filter((line) => line && !line.startsWith('#'))
  return new Map(
    lines.map((line): [string, number] => [line.replace(/ [^ ]+$/, ''), Number(/[^ ]+$/.exec(line)?.[0])]),
  )
}
const run = async (body: object, token?: string) =>
  fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token ?? (await hub.token())}` },
    body: JSON.stringify(body),
  })

it('counts operations by name, door and outcome; one that is not of the catalogue is free, whatever it calls itself', async () => {
  const count = async (operation: string, door: string, code: string) =>
    (await measures()).get(
      `hub_operation_seconds_count{operation="${operation}",door="${door}",code="${code}"}`,
    ) ?? 0
  const before = [
    await count('Viewer', 'GRAPHQL', 'OK'),
    await count('Viewer', 'REST', 'OK'),
    await count('free', 'GRAPHQL', 'OK'),
  ]
  await run({ operationName: 'Viewer' })
  await fetch(`${hub.url}/api/v2/viewer`, { headers: { authorization: `Bearer ${await hub.token()}` } })
  await run({ query: 'query Called_ann_example_com_4111111111111111 { viewer { id } }' })
  await run({ operationName: 'ApiKeys' }, await hub.token('readonly'))
  const after = [
    await count('Viewer', 'GRAPHQL', 'OK'),
    await count('Viewer', 'REST', 'OK'),
    await count('free', 'GRAPHQL', 'OK'),
  ]
  expect(after).toEqual(before.map((n) => n + 1))
  expect(await count('ApiKeys', 'GRAPHQL', 'FORBIDDEN')).toBe(1)
  const all = await measures()
  expect(all.get('hub_requests_total{door="REST",status="200"}')).toBeGreaterThan(0)
  expect(all.get('hub_fetch_seconds_count{part="hub",outcome="answered"}')).toBeGreaterThan(0)
})

it('shows how every part’s log, consumers, jobs, sync and pool are doing, and calls to other systems', async () => {
  await run({
    query: 'mutation { setCreditPerCall(perCall: "4") { __typename } trainChurnModel { __typename } }',
  })
  await until(async () => (await measures()).has('hub_job_seconds_count{job="learn-churn",outcome="done"}'))
  await until(async () => {
    const all = await measures()
    const of = (name: string) => all.get(name) ?? -1
    const lag =
      of('hub_log_position{part="telephony"}') - of('hub_consumer_position{part="hub",source="telephony"}')
    return of('hub_log_position{part="telephony"}') > 0 && lag === 0
  })
  const all = await measures()
  for (const part of ['customers', 'inventory', 'telephony', 'insights', 'hub']) {
    for (const name of ['hub_log_position', 'hub_log_waiting', 'hub_statements'])
      expect(all.has(`${name}{part="${part}"}`), `${name} of ${part}`).toBe(true)
    expect(all.get(`hub_pool_waiting{part="${part}",role="app"}`)).toBe(0)
    expect(all.get(`hub_sync_waiting{part="${part}",direction="in"}`)).toBeGreaterThanOrEqual(0)
  }
  expect(all.get('hub_vendor_call_seconds_count{vendor="HubSpot",outcome="answered"}')).toBeGreaterThan(0)
  expect(all.get('process_resident_memory_bytes')).toBeGreaterThan(0)
})

it('shows how far behind a connection is, and which subscriptions clients have open', async () => {
  const scheduled = (connection: string, due: Date) =>
    session(hub.databases.customers.adminUrl, (client) =>
      client.query(
        `insert into sync.schedules (org_id, connection_id, name, every_ms, next_at, look_at)
         select org_id, ${connection}, 'CHANGES', 300000, $1::timestamptz, $1 from customers.integrations`,
        [due],
      ),
    )
  await scheduled('id', new Date(4e12))
  const before = await measures()
  expect(before.get('hub_sync_lag_seconds{part="customers"}')).toBeGreaterThan(0)
  expect(before.get('hub_sync_lag_seconds{part="customers"}')).toBeLessThan(3600)
  // One that should have been read long ago, and never was.
  await scheduled('gen_random_uuid()', new Date(0))
  expect((await measures()).get('hub_sync_lag_seconds{part="customers"}')).toBeGreaterThan(1e9)
  const client = createClient({
    url: `${hub.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${await hub.token()}` },
    retryAttempts: 0,
  })
  const none = () => undefined
  const stop = client.subscribe(
    { query: 'subscription { syncEvents { __typename } }' },
    { next: none, error: none, complete: none },
  )
  const open = (before.get('hub_subscriptions') ?? 0) + 1
  await until(async () => (await measures()).get('hub_subscriptions') === open)
  stop()
  await until(async () => (await measures()).get('hub_subscriptions') === open - 1)
  await client.dispose()
})

it('counts what came of telling partners, and shows their webhooks by state and how long one waits for its turn', async () => {
  const { data } = await hub.ask(
    'mutation { createPartnerWebhook(input: { name: "p", url: "https://partner.invalid/hook", events: [SYNC_COMPLETED] }) { ... on PartnerWebhookCreated { webhook { id } } } }',
  )
  const { id } = data.createPartnerWebhook.webhook
  await hub.ask(`mutation { sendTestEvent(id: "${id}") { __typename } }`)
  await until(async () => ((await measures()).get('hub_partner_tries_total{outcome="retried"}') ?? 0) > 0)
  await hub.ask(`mutation { pausePartnerWebhook(id: "${id}") { __typename } }`)
  const all = await measures()
  expect(all.get('hub_partner_webhooks{state="PAUSED"}')).toBe(1)
  // What is paused is not overdue.
  expect(all.get('hub_partner_overdue_seconds')).toBe(0)
  await session(hub.databases.hub.adminUrl, (client) =>
    client.query(
      `update hub.partner_webhooks set state = 'ACTIVE', due_at = $1, leased_until = $2, lease = $3`,
      [new Date(0), new Date(4e12), '00000000-0000-4000-8000-000000000001'],
    ),
  )
  expect((await measures()).get('hub_partner_overdue_seconds')).toBeGreaterThan(1e9)
})

it('serves exactly what the documentation lists, on every part’s port too', async () => {
  const page = await readFile(join(REPOSITORY, 'docs/observability.md'), 'utf8')
  const documented = [...page.matchAll(/^\| `(hub_\w+)` \| ([\w, ]*) \|/gm)].map(([, name, labels]) => [
    name,
    (labels ?? '').split(', ').filter(Boolean).sort().join(),
  ])
  const text = await (await fetch(`${hub.urls.telephony}/metrics`)).text()
  const served = [...text.matchAll(/^# TYPE (hub_\w+) /gm)].map(([, name]) => name)
  expect(served.sort()).toEqual(documented.map(([name]) => name).sort())
  for (const [name, labels] of documented)
    for (const [, found] of text.matchAll(new RegExp(`^${name}(?:_count|)\\{([^}]*)\\}`, 'gm')))
      expect(
        [...(found ?? '').matchAll(/(\w+)="/g)]
          .map(([, label]) => label)
          .sort()
          .join(),
        name,
      ).toBe(labels)
})

it('names no organisation, person, record or address in any label', async () => {
  const text = await (await fetch(`${hub.url}/metrics`)).text()
  expect(text).not.toContain(DEMO)
  expect(text).not.toContain('ann_example')
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|@|\+\d{7}|127\.0\.0\.1|"demo/)
  expect(text.split('\n').length).toBeLessThan(3000)
})

it('is shown to whoever has the token, else to this machine alone and not through a proxy, and a reading that fails is left out', async () => {
  await using _ = reading(() => Promise.reject(new Error('not now')))
  expect((await fetch(`${hub.url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(
    404,
  )
  expect((await fetch(`${hub.url}/metrics`)).status).toBe(200)
  await using guarded = await startMeasuresServer({
    port: 0,
    host: '127.0.0.1',
    token: 'a token of this test',
  })
  const ask = (url: string, token?: string) =>
    fetch(url, token ? { headers: { authorization: `Bearer ${token}` } } : {})
  const url = `http://127.0.0.1:${guarded.port}/metrics`
  const answers = [await ask(url), await ask(url, 'another'), await ask(url, 'a token of this test')]
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 200])
  const app = Fastify()
  measuresDoor(app as never, 'a token of this test')
  expect((await app.inject('/metrics')).statusCode).toBe(404)
  await app.close()
})

it('shows which part is spared because it does not answer', async () => {
  const open = async () => (await measures()).get('hub_part_open{part="insights"}')
  expect(await open()).toBe(0)
  await hub.stop('insights')
  await until(async () => {
    await run({ query: '{ insights(first: 1) { nodes { id } } }' })
    return ((await open()) ?? 0) > 0
  })
  expect((await measures()).get('hub_part_open{part="customers"}')).toBe(0)
})
