import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { RunningGateway } from '#gateway/index.ts'
import { placeOf } from '#gateway/sign-in/place.ts'
import { until } from '#test/kit/until.ts'
import { type HubBehind, startHubBehind } from './hub-behind.ts'
import { type Browser, CLIENT, openBrowser, startProvider, type TestProvider } from './provider.ts'

let behind: HubBehind
let provider: TestProvider
let gateway: RunningGateway
let url: string
beforeAll(async () => {
  behind = await startHubBehind()
  provider = await startProvider()
  const { issuer } = provider
  const { audience, jwks } = behind.issuer
  gateway = await behind.gateway({
    identity: { issuer, audience, keys: { jwks }, client: CLIENT },
    // The clock stands still: all of these sign in within one minute.
    signInsPerMinute: 1_000,
  })
  url = gateway.url
  provider.serves(url)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await behind[Symbol.asyncDispose]()
})

const OWN = { 'sec-fetch-site': 'same-origin', 'x-hub-csrf': '1', 'content-type': 'application/json' }
const VIEWER = JSON.stringify({
  query: '{ viewer { id roles organisation { slug } memberships { slug isCurrent } } }',
})

interface Member {
  id: string
  version: number
}
const add = async (personId: string, role = 'AGENT'): Promise<Member> => {
  const { done } = await behind.run<{ done: { member: Member } }>(
    'mutation ($id: ID!, $roles: [Role!]!) { done: addMember(personId: $id, name: "Somebody", roles: $roles) { ... on MemberAdded { member { id version } } } }',
    { id: personId, roles: [role] },
  )
  return done.member
}
const signedIn = async (personId: string, from = url): Promise<Browser> => {
  const browser = openBrowser()
  await browser.visit(`${from}/auth/sign-in`, personId)
  expect(browser.cookies(from).has('tributary-session')).toBe(true)
  return browser
}
const whoIs = async (browser: Browser, from = url) => {
  const response = await browser.request(`${from}/graphql`, { method: 'POST', headers: OWN, body: VIEWER })
  return { status: response.status, body: (await response.json()) as { data?: { viewer: object } } }
}
const postTo = (browser: Browser, path: string, body: object = {}, from = url) =>
  browser.request(`${from}${path}`, { method: 'POST', headers: OWN, body: JSON.stringify(body) })

describe('a browser', () => {
  it('signs in at the identity provider, goes where its person wanted, and holds a cookie that no script reads', async () => {
    await add('ada')
    const browser = openBrowser()
    const { places } = await browser.visit(`${url}/auth/sign-in?to=/docs%3Fpart=members`, 'ada')
    expect(places.at(-1)).toBe(`${url}/docs?part=members`)
    const asked = new URL(places.find((place) => place.startsWith(`${provider.issuer}/auth?`))!).searchParams
    expect(asked.get('code_challenge_method')).toBe('S256')
    for (const name of ['code_challenge', 'state', 'nonce']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/)
    const [[name, { value, attributes }]] = [...browser.cookies(url)] as [
      [string, { value: string; attributes: string }],
    ]
    // The sign-in's own is gone.
    expect(browser.cookies(url).size).toBe(1)
    expect([name, value]).toEqual(['tributary-session', expect.stringMatching(/^[\w-]{43}$/)])
    expect(attributes).toMatch(/HttpOnly/)
    expect(attributes).toMatch(/SameSite=Lax/)
    expect(await whoIs(browser)).toMatchObject({
      status: 200,
      body: { data: { viewer: { id: 'ada', roles: ['AGENT'], organisation: { slug: 'demo' } } } },
    })
  })

  it('is given a cookie for TLS and this host alone where the hub is reached by TLS', async () => {
    const edge = { publicUrl: 'https://hub.example', trustedProxies: 0 }
    const { issuer } = provider
    const { audience, jwks } = behind.issuer
    const behindTls = await behind.gateway({
      ...{ edge, identity: { issuer, audience, keys: { jwks }, client: CLIENT } },
    })
    const response = await fetch(`${behindTls.url}/auth/sign-in`, { redirect: 'manual' })
    const [cookie] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-tributary-sign-in=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    expect(new URL(response.headers.get('location')!).searchParams.get('redirect_uri')).toBe(
      'https://hub.example/auth/callback',
    )
  })

  it('of somebody whom no organisation knows gets no session, and joins by an invitation to a confirmed address only', async () => {
    const invite =
      'mutation ($email: String!) { inviteMember(email: $email, name: "Invited", roles: [READONLY]) { __typename } }'
    const stranger = openBrowser()
    expect((await stranger.visit(`${url}/auth/sign-in`, 'grace')).last.status).toBe(403)
    expect(stranger.cookies(url).size).toBe(0)
    for (const name of ['grace', 'xenia']) await behind.run(invite, { email: `${name}@company.example` })
    expect(await whoIs(await signedIn('grace'))).toMatchObject({
      body: { data: { viewer: { id: 'grace', roles: ['READONLY'] } } },
    })
    // The provider has not confirmed hers.
    expect((await openBrowser().visit(`${url}/auth/sign-in`, 'xenia')).last.status).toBe(403)
  })

  it('signs out here and is told where to sign out there; what it held is of no use any more', async () => {
    await add('linus')
    const browser = await signedIn('linus')
    const { value } = browser.cookies(url).get('tributary-session')!
    const { goTo } = (await (await postTo(browser, '/auth/sign-out')).json()) as { goTo: string }
    expect(goTo.startsWith(`${provider.issuer}/session/end?`)).toBe(true)
    expect(new URL(goTo).searchParams.get('post_logout_redirect_uri')).toBe(`${url}/`)
    expect(browser.cookies(url).size).toBe(0)
    browser.cookies(url).set('tributary-session', { value, attributes: '' })
    expect((await whoIs(browser)).status).toBe(401)
    expect((await postTo(browser, '/auth/sign-out')).status).toBe(200)
  })

  it('that signs in again has another session, and the one it had is over', async () => {
    await add('barbara')
    const browser = await signedIn('barbara')
    const former = browser.cookies(url).get('tributary-session')!
    await browser.visit(`${url}/auth/sign-in`, 'barbara')
    expect(browser.cookies(url).get('tributary-session')!.value).not.toBe(former.value)
    expect((await whoIs(browser)).status).toBe(200)
    browser.cookies(url).set('tributary-session', former)
    await until(async () => (await whoIs(browser)).status === 401)
  })

  it('has what it holds open closed as soon as its person is removed or signs out', async () => {
    const member = await add('ken')
    const [stays, leaves] = [await signedIn('ken'), await signedIn('ken')]
    const open = (browser: Browser) => {
      const cookie = `tributary-session=${browser.cookies(url).get('tributary-session')!.value}`
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers: { cookie, origin: url },
      })
      const seen = { acknowledged: false, closed: 0, socket }
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })))
      socket.on('message', (data) => (seen.acknowledged ||= String(data).includes('connection_ack')))
      socket.on('close', (code) => (seen.closed = code))
      return seen
    }
    const [kept, left] = [open(stays), open(leaves)]
    await until(() => kept.acknowledged && left.acknowledged)
    await postTo(leaves, '/auth/sign-out')
    await until(() => left.closed === 4401)
    expect(kept.closed).toBe(0)
    // The clock stands still: no look that is taken now and then helps.
    await behind.run(
      'mutation ($id: ID!, $version: Int!) { removeMember(id: $id, expectedVersion: $version) { __typename } }',
      { id: member.id, version: member.version },
    )
    await until(() => kept.closed !== 0)
    expect(kept.closed).toBe(4403)
    expect((await whoIs(stays)).status).toBe(403)
  })
})

describe('fault 69: a sign-in is refused when', () => {
  const begun = async () => {
    const browser = openBrowser()
    const { places } = await browser.visit(`${url}/auth/sign-in`, 'ada')
    return { browser, answer: places.find((place) => place.startsWith(`${url}/auth/callback`))! }
  }
  const refused = async (browser: Browser, answer: string) => {
    const response = await browser.request(answer)
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      403,
      'SIGN_IN_REFUSED',
    ])
    expect(browser.cookies(url).has('tributary-session')).toBe(false)
  }
  /** Begins, and keeps what the browser keeps until it comes back. */
  const waiting = async () => {
    const browser = openBrowser()
    await browser.request(`${url}/auth/sign-in`)
    return browser
  }

  it.each<[string, (answer: URL) => void]>([
    ['its state is missing', (answer) => answer.searchParams.delete('state')],
    ['its state is another', (answer) => answer.searchParams.set('state', 'x'.repeat(43))],
    ['its code is missing', (answer) => answer.searchParams.delete('code')],
    [
      'another issuer is said to answer',
      (answer) => answer.searchParams.set('iss', 'https://elsewhere.example'),
    ],
  ])('%s', async (_, change) => {
    const { answer } = await begun()
    const changed = new URL(answer)
    change(changed)
    await refused(await waiting(), changed.href)
  })

  it('another browser brings the answer, or the same one brings it again', async () => {
    const { browser, answer } = await begun()
    await refused(openBrowser(), answer)
    browser.cookies(url).delete('tributary-session')
    await refused(browser, answer)
  })

  it('what the browser kept is brought back with the answer that was taken before', async () => {
    const browser = openBrowser()
    const first = await browser.request(`${url}/auth/sign-in`)
    const kept = new Map(browser.cookies(url))
    const { places } = await browser.visit(first.headers.get('location')!, 'ada')
    const answer = places.find((place) => place.startsWith(`${url}/auth/callback`))!
    const thief = openBrowser()
    for (const [name, cookie] of kept) thief.cookies(url).set(name, cookie)
    await refused(thief, answer)
  })

  it('it took longer than ten minutes, or what the browser kept was altered', async () => {
    const { answer } = await begun()
    const altered = await waiting()
    const kept = altered.cookies(url).get('tributary-sign-in')!
    kept.value = `${kept.value.slice(0, -4)}AAAA`
    await refused(altered, answer)
    const late = await waiting()
    behind.clock.advance(601_000)
    await refused(late, answer)
  })

  it.each([
    '//elsewhere.example',
    'https://elsewhere.example',
    '/\\elsewhere.example',
    '/\t/elsewhere.example',
    '/.//elsewhere.example',
    '/..//elsewhere.example',
    'javascript:alert(1)',
    '%2F%2Felsewhere.example',
    '',
  ])('it would lead elsewhere afterwards: %s', (to) => expect(placeOf(to)).toBe('/'))
})

describe('fault 69: what a browser sends with its cookie is refused when', () => {
  let browser: Browser
  beforeAll(async () => {
    await add('mallory', 'ADMIN')
    browser = await signedIn('mallory')
  })
  const change = JSON.stringify({
    query: 'mutation { createApiKey(name: "stolen", scopes: ["customers:read"]) { __typename } }',
  })
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const TEXT = { 'content-type': 'application/json' }
  const reads = encodeURIComponent('{ viewer { id } }')
  const requests: Record<string, { path: string; init?: object }> = {
    'a change over GraphQL': { path: '/graphql', init: { method: 'POST', headers: TEXT, body: change } },
    'a query over GraphQL by GET': { path: `/graphql?query=${reads}` },
    'a stream over GraphQL': {
      path: `/graphql?query=${encodeURIComponent('subscription { syncEvents { id } }')}`,
      init: { headers: { accept: 'text/event-stream' } },
    },
    'a change over REST': {
      path: '/api/v2/api-keys',
      init: { method: 'POST', headers: TEXT, body: '{"name":"stolen","scopes":["customers:read"]}' },
    },
    'a read over REST': { path: '/api/v2/viewer' },
    'a stream of events': { path: '/api/v2/events/SyncEvents' },
    'a call of an assistant': {
      path: '/mcp',
      init: {
        method: 'POST',
        headers: { ...TEXT, accept: 'application/json, text/event-stream' },
        body: JSON.stringify(call),
      },
    },
    'a sentence to the chat': {
      path: '/chat',
      init: { method: 'POST', headers: TEXT, body: '{"text":"list the trunks"}' },
    },
    'records of usage': {
      path: '/api/v1/usage/records',
      init: { method: 'POST', headers: TEXT, body: '{}' },
    },
    'a sign-out': { path: '/auth/sign-out', init: { method: 'POST', headers: TEXT, body: '{}' } },
    'another organisation': {
      path: '/auth/organisation',
      init: { method: 'POST', headers: TEXT, body: '{"slug":"empty"}' },
    },
  }
  const foreign: Record<string, Record<string, string>> = {
    'another origin sends it': { origin: 'https://elsewhere.example', 'x-hub-csrf': '1' },
    'another port of this machine sends it': { origin: 'http://127.0.0.1:9', 'x-hub-csrf': '1' },
    'a page without an origin sends it': { origin: 'null', 'x-hub-csrf': '1' },
    'another site sends it': { 'sec-fetch-site': 'cross-site', 'x-hub-csrf': '1' },
    'a neighbouring site sends it': { 'sec-fetch-site': 'same-site', 'x-hub-csrf': '1' },
    'nothing says who sends it': { 'x-hub-csrf': '1' },
  }
  const send = async (name: string, headers: Record<string, string>) => {
    const { path, init = {} } = requests[name]!
    const own = (init as { headers?: object }).headers
    const response = await browser.request(url + path, { ...init, headers: { ...own, ...headers } })
    const text = response.status >= 400 ? await response.text() : ''
    await response.body?.cancel().catch(() => undefined)
    return { status: response.status, text }
  }
  const keys = async () => (await behind.run<{ apiKeys: object[] }>('{ apiKeys { id } }')).apiKeys.length

  it.each(Object.keys(foreign))('%s', async (who) => {
    const before = await keys()
    for (const name of Object.keys(requests)) {
      const { status, text } = await send(name, foreign[who]!)
      expect([name, status]).toEqual([name, 403])
      expect(text).toMatch(/FOREIGN_ORIGIN|OWN_PAGE_UNPROVEN/)
    }
    expect(await keys()).toBe(before)
  })

  it('a page of the hub’s own sends what may change something without the header that a form cannot send', async () => {
    for (const [name, { init }] of Object.entries(requests)) {
      const streams = JSON.stringify(init ?? {}).includes('"accept":"text/event-stream"')
      const { status } = await send(name, { origin: url, 'sec-fetch-site': 'same-origin' })
      const isFree = streams || name === 'a read over REST' || name === 'a stream of events'
      expect([name, status]).toEqual([name, isFree ? 200 : 403])
    }
  })

  it('a socket is opened by another origin’s page, or by nobody knows whom', async () => {
    const cookie = `tributary-session=${browser.cookies(url).get('tributary-session')!.value}`
    const closed = async (headers: Record<string, string>) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers: { cookie, ...headers },
      })
      let code = 0
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })))
      socket.on('close', (given) => (code = given))
      await until(() => code !== 0)
      return code
    }
    expect(await closed({ origin: 'https://elsewhere.example' })).toBe(4403)
    expect(await closed({ 'sec-fetch-site': 'same-origin' })).toBe(4403)
  })

  it('and is answered when a page of the hub’s own sends it', async () => {
    expect((await send('a read over REST', { 'sec-fetch-site': 'none' })).status).toBe(200)
    for (const name of ['a query over GraphQL by GET', 'a change over GraphQL', 'a change over REST']) {
      const preflighted = { 'apollo-require-preflight': '1' }
      expect((await send(name, { ...OWN, ...preflighted })).status).toBeLessThan(300)
    }
    expect(
      await browser
        .request(`${url}/auth/demo`, { method: 'POST', headers: OWN, body: '{}' })
        .then(({ status }) => status),
    ).toBe(404)
  })

  it('while a token or a key needs no page at all', async () => {
    const { made } = await behind.run<{ made: { secret: string } }>(
      'mutation { made: createApiKey(name: "program", scopes: ["customers:read"]) { ... on ApiKeyCreated { secret } } }',
    )
    const response = await browser.request(`${url}/api/v2/viewer`, {
      headers: { authorization: `Bearer ${made.secret}`, origin: 'https://elsewhere.example' },
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ kind: 'KEY' })
  })
})

describe('the demo', () => {
  it('signs in by itself, says so, and goes to no other organisation that has not let it in', async () => {
    const demo = await behind.gateway()
    const browser = openBrowser()
    const answer = (await (await postTo(browser, '/auth/demo', {}, demo.url)).json()) as { says: string }
    expect(answer.says).toContain('without a password')
    expect(await whoIs(browser, demo.url)).toMatchObject({
      body: { data: { viewer: { id: 'demo:admin', roles: ['ADMIN'], memberships: [{ slug: 'demo' }] } } },
    })
    const move = await postTo(browser, '/auth/organisation', { slug: 'empty' }, demo.url)
    // It belongs there when somebody there says so.
    expect(move.status).toBe(403)
  })
})
