import { randomUUID } from 'node:crypto'
import { createServer, request as requestTo } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { PRINCIPAL_HEADER } from '#kernel/principal.ts'
import { forgetKeyedRequests } from '#subgraphs/hub/jobs/forget-keyed-requests.ts'
import { startProcess } from '#test/gateway/processes/start.ts'
import { freePorts } from '#test/kit/processes.ts'
import { DEMO, principal, SHARED_SECRET } from '#test/kit/subgraph.ts'
import { ACCOUNTS, account, type OnceBed, onceBed } from './bed.ts'

let bed: OnceBed
beforeAll(async () => {
  bed = await onceBed()
})
afterAll(() => bed[Symbol.asyncDispose]())

const create = (name: string, key: string, more: object = {}) =>
  bed.send(ACCOUNTS, { key, body: account(name), ...more })
const count = async (name: string, org?: string) =>
  (await bed.accounts(org)).filter((one) => one === name).length
const requests = () =>
  session(
    bed.hubDb.adminUrl,
    async (client) => (await client.query('select * from hub.keyed_requests')).rows as unknown[],
  )

/** A way to a part that can be closed, as when the part goes away. */
const stoppable = async (to: string) => {
  const server = createServer((request, response) => {
    const asked = requestTo(to + request.url, { method: request.method, headers: request.headers })
    asked.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    asked.on('error', () => response.destroy())
    request.pipe(asked)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

describe('a change with an Idempotency-Key', () => {
  it('is made once and answered the same each time, whichever way the same is written', async () => {
    const first = await create('Once', 'k1')
    expect(first).toMatchObject({ status: 201, isReplayed: false, body: { account: { name: 'Once' } } })
    const again = await create('Once', '"k1"')
    expect(again).toEqual({ ...first, isReplayed: true })
    const ordered = (input: object) => bed.send(ACCOUNTS, { key: 'k2', body: { input } })
    await ordered({ name: 'Ordered', tier: 'GROWTH' })
    expect(await ordered({ tier: 'GROWTH', name: 'Ordered' })).toMatchObject({
      status: 201,
      isReplayed: true,
    })
    expect([await count('Once'), await count('Ordered')]).toEqual([1, 1])
  })

  it('is refused with a key that was sent with another body, or to another address', async () => {
    await create('Mine', 'k3')
    const reused = {
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED', type: '/problems/idempotency-key-reused' },
    }
    expect(await create('Another', 'k3')).toMatchObject(reused)
    expect(await bed.send('/api/v2/rate-plans', { key: 'k3', body: account('Mine') })).toMatchObject({
      status: 400,
    })
    expect(await bed.send('/api/v2/billing-accounts/import', { key: 'k3', body: {} })).toMatchObject(reused)
    expect(await count('Another')).toBe(0)
  })

  it('is one of its own for another organisation and for another person', async () => {
    await create('Shared key', 'k4')
    expect(await create('Shared key', 'k4', { org: 'empty' })).toMatchObject({
      status: 201,
      isReplayed: false,
    })
    expect(await create('Shared key', 'k4', { subject: 'somebody-else' })).toMatchObject({
      isReplayed: false,
    })
    expect([await count('Shared key'), await count('Shared key', 'empty')]).toEqual([2, 1])
  })

  it('that is refused is refused the same way again', async () => {
    const close = () => bed.send(`${ACCOUNTS}/none/close`, { key: 'k5', body: {} })
    const first = await close()
    expect(first).toMatchObject({ status: 404, isReplayed: false, body: { type: '/problems/not-found' } })
    expect(await close()).toEqual({ ...first, isReplayed: true })
  })

  it('is made once though it is sent many times at once, through two gateways', async () => {
    await using other = await bed.gateway()
    bed.between.keep('requests')
    const sent = Array.from({ length: 8 }, (_, n) => create('At once', 'k6', n % 2 ? { url: other.url } : {}))
    await bed.between.kept(1)
    bed.between.letGo()
    const answers = await Promise.all(sent)
    expect(new Set(answers.map(({ body }) => body.account.ban)).size).toBe(1)
    expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1)
    expect(await count('At once')).toBe(1)
  })

  it('is waited for only so long while it is being made', async () => {
    await using hasty = await bed.gateway({ limits: { deadlineMs: 300 } })
    bed.between.keep('requests')
    const first = create('Slow', 'k7')
    await bed.between.kept(1)
    expect(await create('Slow', 'k7', { url: hasty.url })).toMatchObject({
      status: 409,
      body: { code: 'IDEMPOTENCY_KEY_BUSY' },
    })
    bed.between.letGo()
    expect(await first).toMatchObject({ status: 201 })
    expect(await count('Slow')).toBe(1)
  })

  it('is never made twice though the gateway is killed after the change and before its answer', async () => {
    const door = await startProcess(
      'gateway.ts',
      String(await freePorts(1)),
      bed.home,
      JSON.stringify(bed.subgraphs),
      SHARED_SECRET,
    )
    bed.between.keep('answers')
    const lost = create('Killed', 'k8', { url: door.url }).catch(() => 'lost')
    await bed.between.kept(1)
    await door.kill()
    bed.between.letGo()
    expect(await lost).toBe('lost')
    await using hasty = await bed.gateway({ limits: { deadlineMs: 300 } })
    const again = () => create('Killed', 'k8', { url: hasty.url })
    expect(await again()).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_BUSY' } })
    // The killed one's time is over: whoever comes now takes over, and finds that it was done.
    bed.clock.advance(30_000)
    for (const _ of [1, 2])
      expect(await again()).toMatchObject({
        status: 409,
        body: { code: 'ALREADY_DONE', detail: expect.stringContaining('Look at what it changed') },
      })
    expect(await count('Killed')).toBe(1)
  })

  it('that was not made, since its part did not answer, is made when it is sent again', async () => {
    const subgraphs = { ...bed.subgraphs, telephony: 'http://127.0.0.1:9' }
    await using broken = await bed.gateway({ subgraphs })
    expect(await create('Retried', 'k9', { url: broken.url })).toMatchObject({ status: 503 })
    expect(await create('Retried', 'k9')).toMatchObject({ status: 201, isReplayed: false })
    expect(await count('Retried')).toBe(1)
  })

  it('is refused with 503 before anything is done while hub cannot take its key, and is made by the same key once it can', async () => {
    const away = await stoppable(bed.subgraphs.hub)
    await using door = await bed.gateway({ subgraphs: { ...bed.subgraphs, hub: away.url } })
    // Known to the gateway from now on: whoever asks is not what hub is missing for.
    expect(await create('Before', 'k20', { url: door.url })).toMatchObject({ status: 201 })
    await away.stop()
    const refused = await create('Hub away', 'k21', { url: door.url })
    expect(refused).toMatchObject({
      status: 503,
      body: { type: '/problems/hub-unavailable', detail: expect.stringContaining('Making a change once') },
    })
    expect(await count('Hub away')).toBe(0)
    expect(await create('Hub away', 'k21')).toMatchObject({ status: 201, isReplayed: false })
    expect(await count('Hub away')).toBe(1)
  })

  it('is answered though hub goes away while it is made, and not made again when it is sent again', async () => {
    const away = await stoppable(bed.subgraphs.hub)
    await using door = await bed.gateway({ subgraphs: { ...bed.subgraphs, hub: away.url } })
    bed.between.keep('requests')
    const first = create('Hub left', 'k22', { url: door.url })
    await bed.between.kept(1)
    await away.stop()
    bed.between.letGo()
    expect(await first).toMatchObject({ status: 201, body: { account: { name: 'Hub left' } } })
    // The key stays with the first request until nobody can be at it any more.
    await using hasty = await bed.gateway({ limits: { deadlineMs: 300 } })
    const again = () => create('Hub left', 'k22', { url: hasty.url })
    expect(await again()).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_BUSY' } })
    bed.clock.advance(3_600_000)
    expect(await again()).toMatchObject({ status: 409, body: { code: 'ALREADY_DONE' } })
    expect(await count('Hub left')).toBe(1)
  })

  it('is made by one of two attempts that reach the subgraph together', async () => {
    const key = randomUUID()
    const attempt = async () => {
      const response = await fetch(`${bed.between.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [PRINCIPAL_HEADER]: await bed.seal.sign(principal(DEMO)),
          'x-hub-once': `${key}.${randomUUID()}`,
        },
        body: JSON.stringify({
          query: `mutation { createBillingAccount(input: { name: "Raced" }) { __typename } }`,
        }),
      })
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
      return errors?.[0]?.extensions.code ?? 'done'
    }
    const outcomes = await Promise.all(Array.from({ length: 4 }, attempt))
    expect(outcomes.sort()).toEqual(['ALREADY_DONE', 'ALREADY_DONE', 'ALREADY_DONE', 'done'])
    expect(await count('Raced')).toBe(1)
  })

  it('does not have a secret given out again, and makes it once', async () => {
    const make = () =>
      bed.send('/api/v2/api-keys', { key: 'k10', body: { name: 'Once only', scopes: ['sync:read'] } })
    expect((await make()).body.secret).toMatch(/^hub_/)
    expect(await make()).toMatchObject({ status: 409, body: { code: 'ANSWER_NOT_KEPT' } })
    const { body } = await bed.send('/api/v2/api-keys', {}, 'GET')
    expect(body.filter(({ name }: { name: string }) => name === 'Once only')).toHaveLength(1)
  })

  it('leaves nothing in hub that can be read without the key', async () => {
    await create('Secretive Limited', 'a-key-that-nobody-guesses')
    const rows = JSON.stringify(await requests())
    expect(rows).toContain('DONE')
    expect(rows).not.toMatch(/Secretive|a-key-that|hub_/)
  })

  it('is made once over GraphQL too, where a read has no need of a key', async () => {
    const query =
      'mutation ($name: String!) { createBillingAccount(input: { name: $name }) { __typename ... on Refusal { code } } }'
    const graph = (key: string, variables: object, more: object = {}) =>
      bed.send('/graphql', { key, body: { query, variables, ...more } })
    const first = await graph('g1', { name: 'Graph' })
    expect(first.body).toEqual({ data: { createBillingAccount: { __typename: 'BillingAccountCreated' } } })
    expect(await graph('g1', { name: 'Graph' })).toEqual({ ...first, isReplayed: true })
    expect(await graph('g1', { name: 'Other' })).toMatchObject({
      status: 422,
      body: { errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }] },
    })
    // By whichever door it was first sent.
    expect(await create('Other', 'g1')).toMatchObject({ status: 422 })
    const many = await Promise.all(Array.from({ length: 8 }, () => graph('g2', { name: 'Many' })))
    expect(many.filter(({ isReplayed }) => !isReplayed).length).toBe(1)
    expect([await count('Graph'), await count('Other'), await count('Many')]).toEqual([1, 0, 1])

    const read = { query: '{ viewer { id } }' }
    for (const _ of [1, 2])
      expect(await bed.send('/graphql', { key: 'g1', body: read })).toMatchObject({
        ...{ status: 200, isReplayed: false, body: { data: { viewer: expect.anything() } } },
      })
    const streamed = { headers: { accept: 'text/event-stream' }, key: 'g3' }
    expect(
      await bed.send('/graphql', { ...streamed, body: { query, variables: { name: 'Streamed' } } }),
    ).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'BAD_INPUT' } }] } })
    expect(await count('Streamed')).toBe(0)
  })

  it('over GraphQL does not have a secret given out again either', async () => {
    const key =
      'mutation { createApiKey(name: "graph", scopes: ["customers:read"]) { ... on ApiKeyCreated { secret } } }'
    const make = () => bed.send('/graphql', { key: 'g4', body: { query: key } })
    expect((await make()).body.data.createApiKey.secret).toMatch(/^hub_/)
    expect(await make()).toMatchObject({
      status: 409,
      body: { errors: [{ extensions: { code: 'ANSWER_NOT_KEPT' } }] },
    })
  })

  it('is not wanted of a plan, which changes nothing', async () => {
    const headers = { 'x-hub-plan': 'true' }
    const plan = await create('Planned', 'k11', { headers })
    expect(plan.body.plan.confirm.token).toBeTypeOf('string')
    const confirm = () =>
      create('Planned', 'k11', { headers: { 'x-hub-confirm': plan.body.plan.confirm.token } })
    const first = await confirm()
    expect(first).toMatchObject({ status: 201, isReplayed: false })
    expect(await confirm()).toEqual({ ...first, isReplayed: true })
    expect(await count('Planned')).toBe(1)
  })

  it.each(['', ' ', 'two words', 'x'.repeat(256), 'é'])('is refused with the key “%s”', async (key) => {
    const answer = await create('Never', key).catch(() => ({ status: 400 }))
    expect(answer.status).toBe(400)
    expect(await count('Never')).toBe(0)
  })

  it('is another one a day later, and hub has forgotten the first', async () => {
    await create('Yesterday', 'k12')
    bed.clock.advance(25 * 3_600_000)
    expect(await create('Yesterday', 'k12')).toMatchObject({ status: 201, isReplayed: false })
    expect(await count('Yesterday')).toBe(2)
    bed.clock.advance(25 * 3_600_000)
    const signal = AbortSignal.timeout(60_000)
    const around = { database: bed.hubDb.database, clock: bed.clock }
    await forgetKeyedRequests.run({}, around, { id: '1', number: 1, signal })
    expect(await requests()).toEqual([])
  })
})
