import { createHmac, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { loadSnapshot } from '#gateway/supergraph/snapshot.ts'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { type Graph, openGateway, post, startGraph, subscribe, supergraphSdl } from '#test/kit/gateway.ts'
import { API_KEY, DEMO, PART_NAMES, revoked } from '#test/kit/graph.ts'
import { until } from '#test/kit/until.ts'

const nobody = { ask: async () => ({ data: null }) }
const graphSchema = () =>
  loadSnapshot(supergraphSdl, Object.fromEntries(PART_NAMES.map((name) => [name, nobody])))

let graph: Graph
beforeAll(async () => {
  graph = await startGraph()
})
afterAll(() => graph[Symbol.asyncDispose]())

const VIEWER = '{ viewer { id scopes } }'
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = () => Math.floor(systemClock.now().getTime() / 1000)
const claims = (over: JWTPayload = {}): JWTPayload => ({
  sub: 'u1',
  org: 'demo',
  roles: ['admin'],
  iss: graph.issuer.issuer,
  aud: graph.issuer.audience,
  iat: seconds(),
  exp: seconds() + 600,
  ...over,
})
/** Signed by the real issuer's key, with claims of our choice. */
const genuine = async (payload: JWTPayload, header: object = {}) => {
  const key = JSON.parse(readFileSync(join(graph.home, 'issuer', 'key.json'), 'utf8'))
  const kid = graph.issuer.jwks.keys[0]!.kid!
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(key)
}

describe('fault 62: a token is refused with 401 when', () => {
  const kid = () => graph.issuer.jwks.keys[0]!.kid
  const forged: Record<string, () => Promise<string | null> | string | null> = {
    'there is none': () => null,
    'it is no token': () => 'aaa.bbb.ccc',
    'its algorithm is none': () => `${b64({ alg: 'none', kid: kid() })}.${b64(claims())}.`,
    'its algorithm is nOnE': () => `${b64({ alg: 'nOnE', kid: kid() })}.${b64(claims())}.`,
    'it is signed by HMAC with the public key as the secret': () => {
      const head = `${b64({ alg: 'HS256', kid: kid() })}.${b64(claims())}`
      const mac = createHmac('sha256', JSON.stringify(graph.issuer.jwks.keys[0]))
        .update(head)
        .digest('base64url')
      return `${head}.${mac}`
    },
    'another key signed it': async () => {
      const { privateKey } = await generateKeyPair('ES256')
      return new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid: kid()! }).sign(privateKey)
    },
    'it brings its own key': async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256')
      return new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES256', jwk: await exportJWK(publicKey) })
        .sign(privateKey)
    },
    'its key id is a path': async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      return new SignJWT(claims())
        .setProtectedHeader({ alg: 'RS256', kid: '../../../../dev/null' })
        .sign(privateKey)
    },
    'its payload was altered': async () => {
      const [head, , signature] = (await genuine(claims({ roles: ['readonly'] }))).split('.')
      return `${head}.${b64(claims())}.${signature}`
    },
    'it has expired': () => genuine(claims({ exp: seconds() - 60 })),
    'it never expires': () => genuine(claims({ exp: undefined })),
    'it is not valid yet': () => genuine(claims({ nbf: seconds() + 600 })),
    'it is for somebody else': () => genuine(claims({ aud: 'another' })),
    'another issuer made it': () => genuine(claims({ iss: 'https://elsewhere.example' })),
    'it names no organisation': () => genuine(claims({ org: undefined })),
    'it is huge': () => genuine(claims({ padding: 'x'.repeat(9_000) })),
    'it asks for a critical extension nobody knows': async () =>
      `${b64({ alg: 'ES256', crit: ['b64x'], b64x: true, kid: kid() })}.${b64(claims())}.AAAA`,
    'it is an unknown key': () => 'hub_aaaaaaaaaaaaaaaaaaaaaaaa',
  }
  it.each(Object.keys(forged))('%s', async (name) => {
    const { status, headers, body } = await post(
      `${graph.gateway.url}/graphql`,
      { query: VIEWER },
      await forged[name]!(),
    )
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe('Bearer')
    expect(body).toEqual({
      errors: [
        {
          message: 'Sign in or send a valid API key, then try again.',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    })
  })
})

describe('a caller', () => {
  it('is known by a token of the issuer', async () => {
    const { body } = await post(`${graph.gateway.url}/graphql`, { query: VIEWER }, await genuine(claims()))
    expect(body.data).toEqual({ viewer: { id: 'u1', scopes: ['*'] } })
  })

  it('is known by a key in either header', async () => {
    const response = await fetch(`${graph.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
      body: JSON.stringify({ query: VIEWER }),
    })
    expect(await response.json()).toMatchObject({ data: { viewer: { id: 'key-1' } } })
    expect((await graph.ask(VIEWER, {}, API_KEY)).body.data).toMatchObject({ viewer: { id: 'key-1' } })
  })

  it('is refused with 403 when the organisation does not know them', async () => {
    const { status, body } = await post(
      `${graph.gateway.url}/graphql`,
      { query: VIEWER },
      await genuine(claims({ org: 'elsewhere' })),
    )
    expect(status).toBe(403)
    expect(body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  it('does what their scopes allow, and nothing else', async () => {
    const readonly = await graph.token('readonly')
    const { body } = await graph.ask('mutation { cancelSync(runId: "r1") { __typename } }', {}, readonly)
    expect(body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  it('cannot vouch for themselves with a header of the hub’s own', async () => {
    const seal = principalSeal('another secret of another hub', systemClock)
    const principal = { kind: 'user', id: 'root', orgId: DEMO, scopes: ['*'] } as const
    const response = await fetch(`${graph.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-principal': await seal.sign(principal),
        authorization: `Bearer ${await graph.token('readonly')}`,
      },
      body: JSON.stringify({ query: VIEWER }),
    })
    expect(await response.json()).toMatchObject({ data: { viewer: { id: 'demo:readonly' } } })
  })

  it('cannot be checked while hub is down, which is our trouble and not theirs', async () => {
    await using alone = await openGateway(graph.issuer, {
      ...Object.fromEntries(Object.entries(graph.parts).map(([name, part]) => [name, part.url])),
      hub: 'http://127.0.0.1:9',
    })
    const { status, body } = await post(`${alone.url}/graphql`, { query: VIEWER }, await graph.token())
    expect(status).toBe(503)
    expect(body.errors?.[0]?.extensions.code).toBe('HUB_UNAVAILABLE')
  })
})

describe('an identity provider', () => {
  it('publishes its keys at an address, RSA or elliptic, and is trusted for its own audience', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }] }
    const server = createServer((_, response) => response.end(JSON.stringify(keys)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    const parts = Object.fromEntries(Object.entries(graph.parts).map(([name, part]) => [name, part.url]))
    const identity = { issuer: 'https://login.example', audience: 'hub', keys: { url } }
    await using gateway = await openGateway(graph.issuer, parts, { identity })
    const sign = (over: JWTPayload) =>
      new SignJWT(claims({ iss: 'https://login.example', aud: 'hub', ...over }))
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .sign(privateKey)
    const ask = async (token: string) =>
      (await post(`${gateway.url}/graphql`, { query: VIEWER }, token)).status
    expect(await ask(await sign({}))).toBe(200)
    expect(await ask(await sign({ aud: 'tributary' }))).toBe(401)
    expect(await ask(await graph.token())).toBe(401)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('that does not answer is our trouble, not the caller’s', async () => {
    const parts = Object.fromEntries(Object.entries(graph.parts).map(([name, part]) => [name, part.url]))
    const identity = {
      issuer: 'https://login.example',
      audience: 'hub',
      keys: { url: 'http://127.0.0.1:9/keys' },
    }
    await using gateway = await openGateway(graph.issuer, parts, { identity })
    const token = await genuine(claims({ iss: 'https://login.example', aud: 'hub' }))
    expect((await post(`${gateway.url}/graphql`, { query: VIEWER }, token)).status).toBe(503)
  })
})

describe('while hub is down', () => {
  it('those it knew a minute ago are still let in, nobody else is, and after the minute nobody', async () => {
    let ahead = 0
    const clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
    await using own = await startGraph({ clock })
    const admin = await own.token()
    const key = async () => (await own.ask('{ portfolio(first: 1) { nodes { score } } }', {}, API_KEY)).status
    expect((await own.ask(VIEWER, {}, admin)).status).toBe(200)
    await own.down('hub')
    ahead += 20_000
    const { status, body } = await own.ask(`{ viewer { id } customer(id: "c1") { name } }`, {}, admin)
    expect(status).toBe(200)
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'HUB_UNAVAILABLE', part: 'hub' })
    expect(await key()).toBe(503)
    ahead += 60_000
    expect((await own.ask(VIEWER, {}, admin)).status).toBe(503)
  })

  it('a key that was taken back before is not let in', async () => {
    let ahead = 0
    const clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
    await using own = await startGraph({ clock })
    const ask = async () => (await own.ask('{ customer(id: "c1") { name } }', {}, API_KEY)).status
    expect(await ask()).toBe(200)
    revoked.add(API_KEY)
    try {
      ahead += 11_000
      expect(await ask()).toBe(401)
      await own.down('hub')
      ahead += 11_000
      expect(await ask()).toBe(503)
    } finally {
      revoked.delete(API_KEY)
    }
  })
})

describe('every door of the graph', () => {
  const { schema } = graphSchema()
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map((field) => `${type?.name} ${field.name}`),
  )
  it.each([...fields, 'Query _entities', 'Query _service', 'Query __schema'])(
    'is closed without a token: %s',
    async (name) => {
      const [type, field] = name.split(' ')
      const query = `${type === 'Mutation' ? 'mutation' : 'query'} { ${field} }`
      const { status, body } = await graph.ask(query, {}, null)
      expect([status, body.errors?.[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
    },
  )

  it.each(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}))(
    'is closed without a token: Subscription %s',
    async (field) => {
      await using client = subscribe(graph.gateway.url, null, `subscription { ${field} { __typename } }`)
      await until(() => client.closed.length === 1)
      expect(client.closed[0]).toMatchObject({ code: 4401 })
    },
  )

  it('has no internals of federation behind it', async () => {
    for (const field of ['_entities(representations: []) { __typename }', '_service { sdl }']) {
      const { body } = await graph.ask(`{ ${field} }`)
      expect(body.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
    }
  })
})

describe('the local issuer', () => {
  it('keeps one key in the home, for its owner only, however many open it at once', async () => {
    const home = mkdtempSync(join(tmpdir(), 'issuer-'))
    try {
      const issuers = await Promise.all(
        Array.from({ length: 5 }, () => openIssuer({ home, clock: systemClock })),
      )
      expect(new Set(issuers.map((i) => i.jwks.keys[0]?.kid)).size).toBe(1)
      expect(issuers[0]?.jwks.keys[0]).not.toHaveProperty('d')
      expect(statSync(join(home, 'issuer', 'key.json')).mode & 0o777).toBe(0o600)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})
