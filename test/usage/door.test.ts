import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { systemClock } from '#kernel/clock.ts'
import { startHub } from '#subgraphs/hub/index.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { openGateway } from '#test/kit/gateway.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { temporaryDirectory } from '#test/kit/server.ts'
import { DEMO, NO_SIBLINGS, SHARED_SECRET, startWith, TEST_KEY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

/** A gateway with the two subgraphs that usage concerns; nobody else is there. */
const open = async () => {
  const hubDatabase = stack.use(await testDatabase('hub'))
  const database = stack.use(await testDatabase('telephony'))
  const hub = stack.use(
    await startHub({ ...startWith(hubDatabase.urls), demo: true, encryptionKeys: [TEST_KEY] }),
  )
  const siblings = { ...NO_SIBLINGS, hub: hub.url! }
  const telephony = stack.use(await startTelephony({ ...startWith(database.urls), siblings }))
  const home = stack.use(await temporaryDirectory())
  const issuer = await openIssuer({ home: home.path, clock: systemClock })
  const subgraphs = { ...siblings, telephony: telephony.url! }
  const gateway = stack.use(await openGateway(issuer, subgraphs, { sharedSecret: SHARED_SECRET }))
  const token = (role: string) => issuer.issue({ role, org: 'demo' })
  const ask = async (query: string, variables: object = {}) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token('admin')}` },
      body: JSON.stringify({ query, variables }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
    const { data, errors } = (await response.json()) as { data: any; errors?: unknown }
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  const post = async (body: Buffer | string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/api/v1/usage/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...headers },
      body,
    })
    return { status: response.status, body: await response.json() }
  }
  return { database, token, ask, post }
}
let bed: Awaited<ReturnType<typeof open>>
let trunkId: string
beforeAll(async () => {
  bed = await open()
  const { createBillingAccount } = await bed.ask(
    `mutation { createBillingAccount(input: { name: "Harbor Dental", trunks: [{ name: "A", ipAddresses: ["198.51.100.10"], concurrentCalls: 10, monthlyMinutes: 100 }] }) {
      ... on BillingAccountCreated { account { trunks { nodes { id } } } } } }`,
  )
  trunkId = createBillingAccount.account.trunks.nodes[0].id
})

const YESTERDAY = new Date(Math.floor(systemClock.now().getTime() / 86_400_000) * 86_400_000 - 3_600_000)
const call = (id: string) => ({
  ...{ id, trunkId, kind: 'CALL', startedAt: YESTERDAY.toISOString() },
  ...{ answered: true, seconds: 90 },
})

it('takes packed lines from whoever may write, and answers by the organisation’s own days', async () => {
  const zone = async () => {
    const [row] = await bed.database.database.read(DEMO, (tx) =>
      tx
        .selectFrom('telephony.organisations' as never)
        .select('time_zone' as never)
        .execute(),
    )
    return (row as { time_zone: string } | undefined)?.time_zone
  }
  await until(async () => (await zone()) === 'Europe/Berlin')
  const lines = [call('a'), call('b'), { ...call('c'), kind: 'MESSAGE', seconds: 0 }]
  const packed = gzipSync(lines.map((line) => JSON.stringify(line)).join('\n'))
  const authorization = `Bearer ${await bed.token('admin')}`
  expect(await bed.post(packed, { authorization, 'content-encoding': 'gzip' })).toEqual({
    status: 200,
    body: { accepted: 3, known: 0, refused: [], refusedCount: 0 },
  })
  const { trunk } = await bed.ask(
    `query ($id: ID!, $from: DateTime!, $to: DateTime!) { trunk(id: $id) { usage(from: $from, to: $to) { from calls minutes messages } } }`,
    {
      id: trunkId,
      from: YESTERDAY.toISOString(),
      to: new Date(YESTERDAY.getTime() + 1000).toISOString(),
    },
  )
  // An hour before midnight of UTC it is another day in Berlin.
  const [point] = trunk.usage
  expect(trunk.usage).toHaveLength(1)
  expect(point).toMatchObject({ calls: 2, minutes: 3, messages: 1 })
  expect(new Date(point.from).getTime()).toBeGreaterThan(YESTERDAY.getTime() - 3_600_000 * 2)
})

it('takes nothing from strangers, nor from those who may only look', async () => {
  const line = JSON.stringify(call('d'))
  expect(await bed.post(line)).toMatchObject({ status: 401 })
  expect(await bed.post(line, { authorization: `Bearer ${await bed.token('readonly')}` })).toMatchObject({
    status: 403,
    body: { code: 'FORBIDDEN' },
  })
  expect(
    await bed.post(line, { authorization: `Bearer ${await bed.token('admin')}`, 'content-encoding': 'br' }),
  ).toMatchObject({ status: 400, body: { code: 'BAD_INPUT' } })
})
