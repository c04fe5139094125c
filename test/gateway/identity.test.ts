import { createHmac, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { systemClock } from '#kernel/clock.ts'
import { type Graph, openGateway, post, startGraph } from '#test/kit/gateway.ts'
import { API_KEY } from '#test/kit/graph.ts'

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
