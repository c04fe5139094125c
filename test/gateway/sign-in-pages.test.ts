import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networkOf } from '#gateway/sign-in/pace.ts'
import { type HubBehind, startHubBehind } from './hub-behind.ts'
import { type Browser, CLIENT, openBrowser, startProvider, type TestProvider } from './provider.ts'

let behind: HubBehind
let provider: TestProvider
let url: string
beforeAll(async () => {
  behind = await startHubBehind()
  provider = await startProvider()
  const { audience, jwks } = behind.issuer
  const identity = { issuer: provider.issuer, audience, keys: { jwks }, client: CLIENT }
  url = (await behind.gateway({ identity })).url
  provider.serves(url)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await behind[Symbol.asyncDispose]()
})

const OWN = { 'sec-fetch-site': 'same-origin', 'x-hub-csrf': '1', 'content-type': 'application/json' }
const postTo = (browser: Browser, path: string, from = url) =>
  browser.request(`${from}${path}`, { method: 'POST', headers: OWN, body: '{}' })

describe('a page', () => {
  interface Standing {
    way: string | null
    person: { name: string; roles: string[]; organisation: { slug: string } } | null
  }
  const standing = async (browser: Browser, from = url): Promise<Standing> =>
    (
      await browser.request(`${from}/auth/session`, { headers: { 'sec-fetch-site': 'same-origin' } })
    ).json() as Promise<Standing>

  it('is told how one signs in, and who has, and nobody else’s page is', async () => {
    await behind.run(
      'mutation { addMember(personId: "frances", name: "Frances", roles: [OPERATOR]) { __typename } }',
    )
    expect(await standing(openBrowser())).toEqual({ way: 'PROVIDER', person: null })
    const browser = openBrowser()
    await browser.visit(`${url}/auth/sign-in`, 'frances')
    expect(await standing(browser)).toMatchObject({
      person: { name: 'Frances', roles: ['OPERATOR'], organisation: { slug: 'demo' } },
    })
    const elsewhere = { headers: { 'sec-fetch-site': 'cross-site' } }
    expect((await browser.request(`${url}/auth/session`, elsewhere)).status).toBe(403)
    await postTo(browser, '/auth/sign-out')
    expect(await standing(browser)).toEqual({ way: 'PROVIDER', person: null })
    const demo = await behind.gateway()
    const visitor = openBrowser()
    expect(await standing(visitor, demo.url)).toEqual({ way: 'DEMO', person: null })
    await postTo(visitor, '/auth/demo', demo.url)
    expect(await standing(visitor, demo.url)).toMatchObject({ person: { roles: ['ADMIN'] } })
    const { audience, jwks } = behind.issuer
    const programs = await behind.gateway({ identity: { issuer: provider.issuer, audience, keys: { jwks } } })
    expect(await standing(openBrowser(), programs.url)).toEqual({ way: null, person: null })
  })

  it('says to whom could not sign in why, and what to do, and loads nothing but its style', async () => {
    const stranger = openBrowser()
    const { last } = await stranger.visit(`${url}/auth/sign-in`, 'dorothy')
    const text = await last.text()
    expect([last.status, last.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8'])
    expect(last.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'")
    expect(text).toContain('you belong to no organisation here')
    expect(text).not.toMatch(/<script|dorothy/)
    const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1])
    expect(links).toEqual(['data:,', '/landing/page.css', '/auth/sign-in?as=another', '/'])
    // Whom the provider still knows could never be somebody else.
    const { places } = await stranger.visit(`${url}/auth/sign-in?as=another`, 'frances')
    expect(places.find((place) => place.startsWith(`${provider.issuer}/auth?`))).toContain('prompt=login')
    const lost = await openBrowser().request(`${url}/auth/callback?error=access_denied&state=%3Cb%3E`, {
      headers: { accept: 'text/html' },
    })
    const words = await lost.text()
    expect([lost.status, words.includes('Try again'), words.includes('<b>')]).toEqual([403, true, false])
    expect(words).toContain('SIGN_IN_REFUSED')
  })

  it.each(['/', '/graphiql'])('at %s leads to it', async (path) => {
    const html = await (await fetch(url + path)).text()
    expect(html).toContain('id="who"')
    const scripts = [...html.matchAll(/type="module" src="([^"]+)"/g)].map((match) => match[1]!)
    const texts = await Promise.all(scripts.map(async (script) => (await fetch(url + script)).text()))
    const using = scripts[texts.findIndex((text) => text.includes("from './session.js'"))]
    // As a browser finds it: beside the script that imports it.
    const session = await fetch(new URL('./session.js', url + using))
    expect([session.status, session.headers.get('content-type')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
    ])
    expect(await session.text()).not.toMatch(/localStorage|innerHTML/)
  })
})

describe('trying to sign in again and again', () => {
  it('is refused before the identity provider is asked, whatever is said of whence it comes, until the minute is over', async () => {
    const { audience, jwks } = behind.issuer
    const identity = { issuer: 'http://127.0.0.1:9', audience, keys: { jwks }, client: CLIENT }
    const { url: at } = await behind.gateway({ identity, signInsPerMinute: 3 })
    const begin = (n: number) =>
      fetch(`${at}/auth/sign-in`, { redirect: 'manual', headers: { 'x-forwarded-for': `192.0.2.${n}` } })
    for (const n of [1, 2, 3]) expect((await begin(n)).status).toBe(503)
    const refused = await begin(4)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_SIGN_INS' })
    expect((await fetch(`${at}/auth/callback`)).status).toBe(429)
    expect((await fetch(`${at}/auth/session`)).status).toBe(200)
    behind.clock.advance(60_000)
    expect((await begin(5)).status).toBe(503)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:7::1', '2001:db8:0:7::/64'],
    ['2001:db8:0:7:ffff:1:2:3', '2001:db8:0:7::/64'],
    ['::1', '0:0:0:0::/64'],
    ['what a proxy wrote', 'what a proxy wrote'],
  ])('counts %s as one of %s', (address, network) => expect(networkOf(address)).toBe(network))
})
