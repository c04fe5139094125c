import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { until } from '#test/kit/until.ts'
import { ask } from '#test/service/graph.ts'
import { admin, DEMO, EMPTY, identify, startTestHub } from './hub.ts'

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
