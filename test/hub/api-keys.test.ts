import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, type PrincipalSeal, principalSeal } from '#kernel/principal.ts'
import { until } from '#test/kit/until.ts'
import { ask } from '#test/service/graph.ts'
import { admin, DEMO, EMPTY, identify, startTestHub, type TestHub } from './hub.ts'

const create = /* GraphQL */ `
  mutation ($name: String!, $scopes: [String!]!) {
    made: createApiKey(name: $name, scopes: $scopes) {
      ... on ApiKeyCreated { secret apiKey { id name prefix scopes lastUsedAt revokedAt } }
      ... on Refusal { code message }
      ... on Invalid { field }
    }
  }
`
const revoke =
  'mutation ($id: ID!) { revokeApiKey(id: $id) { ... on ApiKeyRevoked { apiKey { revokedAt } } ... on Missing { code } } }'

interface Made {
  secret: string
  apiKey: { id: string; prefix: string }
  code?: string
  field?: string
}
const makeKey = async (url: string, scopes = ['customers:read'], caller = admin()): Promise<Made> => {
  const { data, errors } = await ask(url, caller, create, { name: 'Shop', scopes })
  expect(errors).toBeUndefined()
  return (data as unknown as { made: Made }).made
}

it('shows a key once and keeps only its hash', async () => {
  await using hub = await startTestHub()
  const { secret, apiKey } = await makeKey(hub.url)
  expect(secret).toMatch(/^hub_[\w-]{43}$/)
  expect(secret.startsWith(apiKey.prefix)).toBe(true)
  const { data } = await ask(
    hub.url,
    admin(),
    '{ apiKeys { id name prefix scopes createdAt lastUsedAt revokedAt } }',
  )
  expect(data).toMatchObject({ apiKeys: [{ ...apiKey, lastUsedAt: null }] })
  // The whole database, read by the superuser: the key is nowhere, its hash is.
  const tables = ['hub.api_keys', 'hub.key_routes', 'service.audit_log', 'events.recorded']
  const everything = await session(hub.db.adminUrl, async (client) => {
    const texts = []
    for (const table of tables) texts.push((await client.query(`select t::text from ${table} t`)).rows)
    return JSON.stringify(texts)
  })
  expect(everything).not.toContain(secret)
  expect(everything).toContain(createHash('sha256').update(secret).digest('hex'))
})

it('knows a key by its text, with exactly the scopes it was made with', async () => {
  await using hub = await startTestHub()
  const { secret, apiKey } = await makeKey(hub.url, ['sync:read', 'customers:read'])
  expect(await identify(hub.url, { apiKey: secret })).toEqual({
    status: 200,
    body: {
      principal: { kind: 'key', id: apiKey.id, orgId: DEMO, scopes: ['sync:read', 'customers:read'] },
      name: 'Shop',
      roles: [],
      organisation: { id: DEMO, slug: 'demo', name: 'Tributary Demo' },
      limits: expect.objectContaining({ version: 0 }),
    },
  })
  expect((await identify(hub.url, { apiKey: `${secret}x` })).status).toBe(401)
})

it('notes when a key was last used, to the hour', async () => {
  const clock = new TestClock(
    new Date(Math.floor(systemClock.now().getTime() / 3_600_000) * 3_600_000 + 60_000),
  )
  const now = clock.now()
  await using hub = await startTestHub({ clock })
  const { secret } = await makeKey(hub.url)
  await identify(hub.url, { apiKey: secret })
  const { data } = await ask(hub.url, admin(), '{ apiKeys { lastUsedAt } }')
  expect(data).toEqual({ apiKeys: [{ lastUsedAt: new Date(now.getTime() - 60_000).toISOString() }] })
  const again = await hub.statementsOf(() => identify(hub.url, { apiKey: secret }))
  expect(again.filter((text) => !/^select/.test(text))).toEqual([])
})

it('refuses a revoked key from then on, tells those who remember it, and stays revoked', async () => {
  await using hub = await startTestHub()
  const { secret, apiKey } = await makeKey(hub.url)
  const first = await ask(hub.url, admin(), revoke, { id: apiKey.id })
  const again = await ask(hub.url, admin(), revoke, { id: apiKey.id })
  expect(again.data).toEqual(first.data)
  expect(await identify(hub.url, { apiKey: secret })).toMatchObject({
    status: 401,
    body: { code: 'UNAUTHENTICATED' },
  })
  const told = () =>
    hub.db.database.read(DEMO, async (tx) => {
      const { rows } = await sql<{
        name: string
        payload: unknown
      }>`select name, payload from events.event_log where name like 'hub.key.%'`.execute(tx)
      return rows.length > 0 && rows
    })
  expect(await until(told)).toEqual([{ name: 'hub.key.revoked', payload: { keyId: apiKey.id } }])
})

it('lets nobody make a key that may do more than they, or something unknown, or nothing', async () => {
  await using hub = await startTestHub()
  const limited = { ...admin(), scopes: ['admin', 'customers:read'] }
  expect(await makeKey(hub.url, ['customers:write'], limited)).toMatchObject({
    code: 'BEYOND_YOURS',
    field: 'scopes',
  })
  for (const scopes of [['*'], ['everything'], []])
    expect(await makeKey(hub.url, scopes)).toMatchObject({ code: 'INVALID', field: 'scopes' })
  const { data } = await ask(hub.url, admin(), create, { name: ' ', scopes: ['sync:read'] })
  expect(data).toMatchObject({ made: { code: 'INVALID', field: 'name' } })
})

it('lets only administrators see and make keys', async () => {
  await using hub = await startTestHub()
  const operator = { ...admin(), scopes: ['customers:read', 'sync:write'] }
  for (const [query, variables] of [
    ['{ apiKeys { id } }', {}],
    [create, { name: 'x', scopes: ['customers:read'] }],
  ] as const) {
    const answer = await ask(hub.url, operator, query, variables)
    expect(answer.data).toBeNull()
    expect(answer.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  }
})

it('shows an organisation nothing of another one’s keys, and lets it revoke none of them', async () => {
  await using hub = await startTestHub()
  const { secret, apiKey } = await makeKey(hub.url)
  const stranger = admin(EMPTY)
  expect((await ask(hub.url, stranger, '{ apiKeys { id } }')).data).toEqual({ apiKeys: [] })
  const refused = await ask(hub.url, stranger, revoke, { id: apiKey.id })
  expect(refused.data).toEqual({ revokeApiKey: { code: 'NOT_FOUND' } })
  const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on ApiKey { name } } }'
  const of = [{ __typename: 'ApiKey', id: apiKey.id }]
  expect((await ask(hub.url, stranger, entities, { of })).data).toEqual({ _entities: [null] })
  expect((await identify(hub.url, { apiKey: secret })).status).toBe(200)
})

it('writes an audit row with every change to a key, without the key', async () => {
  await using hub = await startTestHub()
  const { secret, apiKey } = await makeKey(hub.url)
  await ask(hub.url, admin(), revoke, { id: apiKey.id })
  const rows = await hub.db.database.read(DEMO, (tx) =>
    tx.selectFrom('service.audit_log').selectAll().orderBy('id').execute(),
  )
  expect(rows).toMatchObject([
    {
      action: 'createApiKey',
      who_kind: 'user',
      who_id: 'demo:admin',
      subject_type: 'ApiKey',
      subject_id: apiKey.id,
    },
    { action: 'revokeApiKey', diff: { revokedAt: [null, expect.any(String)] } },
  ])
  expect(JSON.stringify(rows)).not.toContain(secret)
})

const KEY = 'id state scopes customerIds expiresAt previousSecretUntil version'
const run = async (hub: Behind, query: string, variables: Record<string, unknown> = {}, caller = admin()) =>
  (await ask(hub.url, await hub.seal.sign(caller), query, variables)) as { data: Record<string, never> }
interface Behind {
  url: string
  seal: PrincipalSeal
}

/** Asks who a key is, as the gateway does, on a clock of the test's own. */
const identifyAt = async ({ url, seal }: Behind, apiKey: string) => {
  const gateway = { kind: 'system', id: 'system:gateway', orgId: null, scopes: ['*'] } as const
  const response = await fetch(`${url}/identify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [PRINCIPAL_HEADER]: await seal.sign(gateway) },
    body: JSON.stringify({ apiKey }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('a key that', () => {
  const clock = new TestClock('2026-03-01T08:00:00Z')
  const seal = principalSeal('a secret that only these tests know', clock)
  let hub: TestHub
  let behind: Behind
  beforeAll(async () => {
    hub = await startTestHub({ clock, seal })
    behind = { url: hub.url, seal }
  })
  afterAll(() => hub[Symbol.asyncDispose]())

  const make = async (wish: object): Promise<Made & { apiKey: { version: number } }> => {
    const query = `mutation ($name: String!, $scopes: [String!]!, $expiresAt: DateTime, $customerIds: [ID!]) {
      made: createApiKey(name: $name, scopes: $scopes, expiresAt: $expiresAt, customerIds: $customerIds) {
        ... on ApiKeyCreated { secret apiKey { prefix ${KEY} } } ... on Refusal { code message } ... on Invalid { field } } }`
    return (await run(behind, query, { name: 'Shop', scopes: ['customers:read'], ...wish })).data.made!
  }
  const rotate = async (id: string, overlapHours?: number, caller = admin()) => {
    const query = `mutation ($id: ID!, $overlapHours: Int! = 24) { rotateApiKey(id: $id, overlapHours: $overlapHours) {
      ... on ApiKeyRotated { secret apiKey { ${KEY} } } ... on Refusal { code } ... on Invalid { field } } }`
    const given = overlapHours === undefined ? { id } : { id, overlapHours }
    return (await run(behind, query, given, caller)).data.rotateApiKey as unknown as Made
  }
  const update = async (variables: object, caller = admin()) => {
    const query = `mutation ($id: ID!, $v: Int!, $name: String, $scopes: [String!], $expiresAt: DateTime, $customerIds: [ID!]) {
      updateApiKey(id: $id, expectedVersion: $v, name: $name, scopes: $scopes, expiresAt: $expiresAt, customerIds: $customerIds) {
        __typename ... on ApiKeyUpdated { apiKey { name ${KEY} } } ... on Refusal { code } ... on Invalid { field } } }`
    return (await run(behind, query, variables as Record<string, unknown>, caller)).data.updateApiKey
  }
  const statusOf = async (secret: string) => (await identifyAt(behind, secret)).status

  it('is given another secret works with both until the overlap is over, and then with the new one alone', async () => {
    const { secret, apiKey } = await make({})
    const rotated = await rotate(apiKey.id)
    expect(rotated.secret).not.toBe(secret)
    expect(rotated.apiKey).toMatchObject({ previousSecretUntil: '2026-03-02T08:00:00.000Z', version: 2 })
    expect([await statusOf(secret), await statusOf(rotated.secret)]).toEqual([200, 200])
    clock.advance(24 * 3_600_000 - 1)
    expect(await statusOf(secret)).toBe(200)
    clock.advance(1)
    expect([await statusOf(secret), await statusOf(rotated.secret)]).toEqual([401, 200])
    // One that is known to strangers ends at once, and an older one with it at the latest.
    const again = await rotate(apiKey.id, 24)
    const last = await rotate(apiKey.id, 0)
    const all = [rotated.secret, again.secret, last.secret]
    expect(await Promise.all(all.map(statusOf))).toEqual([401, 401, 200])
    expect(await rotate(apiKey.id, 169)).toMatchObject({ field: 'overlapHours' })
    expect(await rotate(apiKey.id, 1, admin(EMPTY))).toEqual({ code: 'NOT_FOUND' })
    const limited = { ...admin(), scopes: ['admin'] }
    expect(await rotate(apiKey.id, 1, limited)).toMatchObject({ code: 'BEYOND_YOURS' })
  })

  it('is given another secret by two at once has both, and neither is lost', async () => {
    const { secret, apiKey } = await make({})
    const both = await Promise.all([rotate(apiKey.id), rotate(apiKey.id)])
    const all = [secret, ...both.map((one) => one.secret)]
    expect(await Promise.all(all.map(statusOf))).toEqual([200, 200, 200])
  })

  it('has an end stops by itself, and says until when it lasts', async () => {
    const expiresAt = new Date(clock.now().getTime() + 60_000).toISOString()
    const { secret, apiKey } = await make({ expiresAt })
    expect(apiKey).toMatchObject({ state: 'ACTIVE', expiresAt })
    expect((await identifyAt(behind, secret)).body).toMatchObject({ expiresAt })
    clock.advance(60_000)
    expect(await statusOf(secret)).toBe(401)
    const { data } = await run(behind, `{ keys(filter: { state: EXPIRED }) { nodes { id state } } }`)
    expect(data).toEqual({ keys: { nodes: [{ id: apiKey.id, state: 'EXPIRED' }] } })
    expect(await rotate(apiKey.id)).toMatchObject({ code: 'EXPIRED' })
    expect(await update({ id: apiKey.id, v: 1, expiresAt: null })).toMatchObject({
      apiKey: { state: 'ACTIVE', expiresAt: null },
    })
    expect(await statusOf(secret)).toBe(200)
    expect(await make({ expiresAt: clock.now().toISOString() })).toMatchObject({ field: 'expiresAt' })
  })

  it('is changed may do exactly what was said, on the version that was read, and leaves the rest', async () => {
    const { secret, apiKey } = await make({})
    const { id } = apiKey
    const changed = await update({ id, v: 1, scopes: ['inventory:read'], name: 'Till' })
    expect(changed).toMatchObject({ apiKey: { name: 'Till', scopes: ['inventory:read'], version: 2 } })
    expect((await identifyAt(behind, secret)).body.principal).toMatchObject({ scopes: ['inventory:read'] })
    expect(await update({ id, v: 1, name: 'Late' })).toMatchObject({ code: 'STALE' })
    expect(await update({ id, v: 2, name: 'Till' })).toMatchObject({ apiKey: { version: 2 } })
    const limited = { ...admin(), scopes: ['admin', 'customers:read'] }
    expect(await update({ id, v: 2, scopes: ['inventory:write'] }, limited)).toMatchObject({
      code: 'BEYOND_YOURS',
    })
    expect(await update({ id, v: 2, name: 'x' }, admin(EMPTY))).toMatchObject({ code: 'NOT_FOUND' })
    await run(behind, revoke, { id })
    expect(await update({ id, v: 3, name: 'x' })).toMatchObject({ code: 'REVOKED' })
  })

  it('is for some customers says so to every part, and may only read', async () => {
    const customerIds = ['0197c8a4-3f00-8a11-9c00-00000000c001']
    const { secret } = await make({ customerIds })
    const { body } = await identifyAt(behind, secret)
    expect(body.principal).toMatchObject({ customers: customerIds })
    expect(await make({ customerIds, scopes: ['customers:write'] })).toMatchObject({ field: 'scopes' })
    expect(await make({ customerIds, scopes: ['customers:read', 'admin'] })).toMatchObject({
      field: 'scopes',
    })
    for (const wrong of [[], ['7'], Array.from({ length: 501 }, () => customerIds[0])])
      expect(await make({ customerIds: wrong })).toMatchObject({ field: 'customerIds' })
  })

  it('is looked for is found by name, state and scope, page by page', async () => {
    for (const n of [1, 2, 3]) await make({ name: `Findable ${n}`, scopes: ['telephony:read'] })
    const query = `query ($filter: ApiKeyFilter, $after: Cursor) { keys(filter: $filter, first: 2, after: $after) {
      nodes { name } pageInfo { endCursor hasNextPage } } }`
    const filter = { text: 'findable', scope: 'telephony:read', state: 'ACTIVE' }
    interface Page {
      nodes: { name: string }[]
      pageInfo: { endCursor: string; hasNextPage: boolean }
    }
    const page = async (after?: string) =>
      (await run(behind, query, { filter, after })).data.keys as unknown as Page
    const first = await page()
    const second = await page(first.pageInfo.endCursor)
    expect([first, second].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false])
    const names = [...first.nodes, ...second.nodes].map(({ name }) => name)
    expect(names.sort()).toEqual(['Findable 1', 'Findable 2', 'Findable 3'])
    const none = await run(behind, query, { filter: { scope: 'telephony:write' } })
    expect(none.data).toMatchObject({ keys: { nodes: [] } })
  })
})
