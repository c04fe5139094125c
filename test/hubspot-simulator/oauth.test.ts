import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type {
  AccessTokenInfo,
  OAuthErrorBody,
  PrivateAppInfo,
  TokenGrant,
} from '#connectors/hubspot/app-wire.ts'
import {
  DEMO_CLIENT_ID,
  DEMO_CLIENT_SECRET,
  DEMO_PORTAL,
  DEMO_TOKEN,
  type HubSpotSimulatorOptions,
} from '#connectors/hubspot/simulator/index.ts'
import { TestClock } from '#kernel/clock.ts'
import { type OpenPortal, openPortal } from './portal.ts'

const BACK = 'http://localhost:4000/oauth/hubspot/callback'
const SCOPES = 'oauth crm.objects.companies.read'
const PAGE = '/crm/v3/objects/companies?limit=1'

const open = (options: Partial<HubSpotSimulatorOptions> = {}) =>
  openPortal({
    portals: [{ portalId: 9, name: 'Second', companies: 3, seed: 2 }],
    ...options,
  })

const asking = (extra: Record<string, string> = {}) =>
  `/oauth/authorize?${new URLSearchParams({ client_id: DEMO_CLIENT_ID, redirect_uri: BACK, scope: SCOPES, state: 's t&1', ...extra })}`

/** Follows the consent without a browser and answers where it leads. */
const consent = async (portal: OpenPortal, extra: Record<string, string> = {}): Promise<URL> => {
  const answer = await fetch(portal.url + asking({ auto: '9', ...extra }), { redirect: 'manual' })
  expect(answer.status).toBe(302)
  return new URL(answer.headers.get('location')!)
}

const token = async <T = TokenGrant>(
  portal: OpenPortal,
  fields: Record<string, string>,
  version = 'v1',
): Promise<{ status: number; body: T }> => {
  const answer = await fetch(`${portal.url}/oauth/${version}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: DEMO_CLIENT_ID,
      client_secret: DEMO_CLIENT_SECRET,
      redirect_uri: BACK,
      ...fields,
    }),
  })
  return { status: answer.status, body: (await answer.json()) as T }
}

const exchange = async (portal: OpenPortal, extra: Record<string, string> = {}): Promise<TokenGrant> => {
  const code = (await consent(portal, extra)).searchParams.get('code')!
  const { status, body } = await token(portal, { grant_type: 'authorization_code', code })
  expect(status).toBe(200)
  return body
}

const refresh = <T = TokenGrant>(portal: OpenPortal, refresh_token: string) =>
  token<T>(portal, { grant_type: 'refresh_token', refresh_token })

it('shows a page that names the portals and the scopes, and sends its form back with a code and the state', async () => {
  await using portal = await open()
  const path = asking({ optional_scope: 'tickets timeline' })
  const shown = await fetch(portal.url + path)
  expect(shown.headers.get('content-type')).toMatch(/text\/html/)
  const html = await shown.text()
  for (const word of ['44180277', 'Second', 'crm.objects.companies.read', 'timeline', 'Cancel'])
    expect(html).toContain(word)
  const posted = await fetch(portal.url + path, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ portal: '9', decision: 'allow', optional: 'tickets' }),
  })
  const to = new URL(posted.headers.get('location')!)
  expect(to.origin + to.pathname).toBe(BACK)
  expect(to.searchParams.get('state')).toBe('s t&1')
  const code = to.searchParams.get('code')!
  const { body } = await token(portal, { grant_type: 'authorization_code', code }, 'v3')
  expect(body).toMatchObject({ hub_id: 9, scopes: ['oauth', 'crm.objects.companies.read', 'tickets'] })
})

it('leads back without a code when the user says no', async () => {
  await using portal = await open()
  const back = await consent(portal, { auto: 'deny' })
  expect(Object.fromEntries(back.searchParams)).toMatchObject({ error: 'access_denied', state: 's t&1' })
  expect(back.searchParams.get('code')).toBeNull()
})

it('leads nowhere for a stranger, for an address that the app has not registered, or for a portal without the feature', async () => {
  await using portal = await open({ app: { redirectUris: [BACK] } })
  const ask = async (extra: Record<string, string>) =>
    (await fetch(portal.url + asking({ auto: '9', ...extra }), { redirect: 'manual' })).status
  expect(await ask({ client_id: 'stranger' })).toBe(400)
  expect(await ask({ redirect_uri: 'http://localhost:4000/elsewhere' })).toBe(400)
  expect(await ask({ scope: '' })).toBe(400)
  expect(await ask({ auto: '10' })).toBe(400)
  await portal.sim('faults', { withheldScopes: ['crm.objects.companies.read'] })
  expect(await ask({})).toBe(400)
})

it('gives a token for a code, which opens the portal that was chosen and tells whose it is', async () => {
  await using portal = await open()
  const grant = await exchange(portal)
  expect(Object.keys(grant).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
  expect(grant).toMatchObject({ expires_in: 1800, token_type: 'bearer' })
  const account = await portal.call('/account-info/v3/details', undefined, { token: grant.access_token })
  expect(account.json()).toMatchObject({ portalId: 9 })
  const info = await portal.call<AccessTokenInfo>(`/oauth/v1/access-tokens/${grant.access_token}`)
  expect(info.json()).toMatchObject({ hub_id: 9, token_type: 'access', scopes: SCOPES.split(' ') })
  const kept = await portal.call(`/oauth/v1/refresh-tokens/${grant.refresh_token}`)
  expect(kept.json()).toMatchObject({ hub_id: 9, client_id: DEMO_CLIENT_ID, token_type: 'refresh' })
})

it('takes a code once, soon, and with everything that belongs to it', async () => {
  const clock = new TestClock('2026-11-20T09:00:00Z')
  await using portal = await open({ clock })
  const code = async (extra = {}) => (await consent(portal, extra)).searchParams.get('code')!
  const status = async (fields: Record<string, string>) => {
    const answer = await token<OAuthErrorBody>(portal, { grant_type: 'authorization_code', ...fields })
    return answer.status === 200 ? 'granted' : `${answer.status} ${answer.body.error} ${answer.body.status}`
  }
  const once = await code()
  expect(await status({ code: once })).toBe('granted')
  expect(await status({ code: once })).toBe('400 invalid_grant BAD_AUTH_CODE')
  const late = await code()
  clock.advance(61_000)
  expect(await status({ code: late })).toBe('400 invalid_grant BAD_AUTH_CODE')
  expect(await status({ code: await code(), redirect_uri: 'http://localhost:1/' })).toMatch(
    /BAD_REDIRECT_URI/,
  )
  expect(await status({ code: await code(), client_id: 'x' })).toBe('400 invalid_client BAD_CLIENT_ID')
  expect(await status({ code: await code(), client_secret: 'x' })).toMatch(/BAD_CLIENT_SECRET/)
  expect(await status({ grant_type: 'password' })).toBe('400 unsupported_grant_type BAD_GRANT_TYPE')
  const code_challenge = createHash('sha256').update('secret words').digest('base64url')
  expect(await status({ code: await code({ code_challenge }) })).toMatch(/BAD_CODE_VERIFIER/)
  expect(await status({ code: await code({ code_challenge }), code_verifier: 'secret words' })).toBe(
    'granted',
  )
})

it('takes a form and nothing else', async () => {
  await using portal = await open()
  const answer = await portal.call('/oauth/v1/token', { grant_type: 'refresh_token' })
  expect(answer.status).toBe(415)
})

it('refuses an access token after its half hour and gives another for the refresh token, which stays', async () => {
  const clock = new TestClock('2026-11-20T09:00:00Z')
  await using portal = await open({ clock })
  const grant = await exchange(portal)
  const call = (token: string) => portal.call<{ category: string }>(PAGE, undefined, { token })
  clock.advance(1_799_000)
  expect((await call(grant.access_token)).status).toBe(200)
  clock.advance(76_000)
  const expired = await call(grant.access_token)
  expect(expired).toMatchObject({ status: 401 })
  expect(expired.json()).toMatchObject({
    category: 'EXPIRED_AUTHENTICATION',
    message: expect.stringContaining('75 second(s) ago'),
  })
  const { body } = await refresh(portal, grant.refresh_token!)
  expect(body.refresh_token).toBe(grant.refresh_token)
  expect((await call(body.access_token)).status).toBe(200)
})

it('rotates refresh tokens, or leaves them out, when told to', async () => {
  await using portal = await open()
  const grant = await exchange(portal)
  await portal.sim('faults', { rotateRefreshTokens: true, accessTokenSeconds: 5 })
  const rotated = await refresh(portal, grant.refresh_token!)
  expect(rotated.body.refresh_token).not.toBe(grant.refresh_token)
  expect(rotated.body.expires_in).toBe(5)
  expect((await refresh(portal, grant.refresh_token!)).status).toBe(400)
  await portal.sim('faults', { omitRefreshToken: true })
  const silent = await refresh(portal, rotated.body.refresh_token!)
  expect(silent).toMatchObject({ status: 200 })
  expect(silent.body).not.toHaveProperty('refresh_token')
})

it('lets an access token live on when its refresh token is revoked', async () => {
  await using portal = await open()
  const grant = await exchange(portal)
  const path = `/oauth/v1/refresh-tokens/${grant.refresh_token}`
  expect((await portal.call(path, undefined, { method: 'DELETE' })).status).toBe(204)
  expect((await portal.call(path)).status).toBe(404)
  const again = await refresh<OAuthErrorBody>(portal, grant.refresh_token!)
  expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant', status: 'BAD_REFRESH_TOKEN' } })
  expect((await portal.call(PAGE, undefined, { token: grant.access_token })).status).toBe(200)
})

it('kills every token when the app is taken out of a portal, until it is installed anew', async () => {
  await using portal = await open()
  const grant = await exchange(portal)
  const out = await portal.call('/appinstalls/v3/external-install', undefined, {
    method: 'DELETE',
    token: grant.access_token,
  })
  expect(out.status).toBe(204)
  expect((await portal.call(PAGE, undefined, { token: grant.access_token })).status).toBe(401)
  expect((await refresh(portal, grant.refresh_token!)).status).toBe(400)
  const anew = await exchange(portal)
  expect((await refresh(portal, anew.refresh_token!)).status).toBe(200)
  expect((await refresh(portal, grant.refresh_token!)).status).toBe(400)
  await portal.sim('oauth', { uninstall: 9 })
  expect((await refresh(portal, anew.refresh_token!)).status).toBe(400)
  const { installs } = await portal.sim<{ installs: { portal: string; uninstalledAt: number }[] }>('oauth')
  expect(installs).toMatchObject([{ portal: '9', uninstalledAt: expect.any(Number) }])
})

it('knows a refresh token again that it gave in an earlier life', async () => {
  const grant = await (async () => {
    await using before = await open()
    return await exchange(before)
  })()
  await using after = await open()
  expect((await refresh(after, grant.refresh_token!)).status).toBe(200)
  expect((await after.call(PAGE, undefined, { token: grant.access_token })).status).toBe(401)
})

it('refuses what was not granted and says which scope it takes', async () => {
  await using portal = await open()
  const { access_token } = await portal.sim<TokenGrant>('oauth', {
    install: 9,
    scopes: ['crm.objects.companies.read'],
  })
  const call = (path: string, body?: unknown) => portal.call(path, body, { token: access_token })
  expect((await call(PAGE)).status).toBe(200)
  expect((await call('/crm/v3/objects/companies/search', { limit: 1 })).status).toBe(200)
  const refused = await call('/crm/v3/objects/companies', { properties: { name: 'x' } })
  expect(refused.status).toBe(403)
  expect(refused.json()).toMatchObject({
    category: 'MISSING_SCOPES',
    errors: [{ context: { requiredGranularScopes: ['crm.objects.companies.write'] } }],
    links: { scopes: expect.any(String) },
  })
  const statuses = []
  for (const path of [
    '/crm/v3/objects/tasks',
    '/crm/v3/objects/0-5',
    '/crm/v3/owners/',
    '/crm/v3/pipelines/deals',
    '/crm/v3/properties/contacts',
    '/crm/v4/objects/companies/1/associations/contacts',
    '/integrators/timeline/v3/events/1/2',
  ])
    statuses.push((await call(path)).status)
  expect(statuses).toEqual([403, 403, 403, 403, 403, 403, 403])
  expect((await call('/crm/v3/properties/companies')).status).toBe(200)
  await portal.sim('oauth', { token: 'pat-na1-demo-tributary-simulator', scopes: ['tickets'] })
  expect((await portal.call(PAGE)).status).toBe(403)
})

it('counts an installed app by its own limit, and nothing by the day', async () => {
  const clock = new TestClock('2026-11-20T09:00:00Z')
  await using portal = await open({ clock })
  const { access_token } = await portal.sim<TokenGrant>('oauth', { install: 9 })
  const first = await portal.call(PAGE, undefined, { token: access_token })
  expect(first.headers.get('x-hubspot-ratelimit-max')).toBe('110')
  expect(first.headers.get('x-hubspot-ratelimit-daily')).toBeNull()
  for (let i = 1; i < 110; i += 1) await portal.call(PAGE, undefined, { token: access_token })
  const refused = await portal.call(PAGE, undefined, { token: access_token })
  expect(refused.json()).toMatchObject({ policyName: 'TEN_SECONDLY_ROLLING' })
})

it('takes scopes back from an app that is installed, until it is installed anew', async () => {
  await using portal = await open()
  const grant = await portal.sim<TokenGrant>('oauth', { install: 9 })
  await portal.sim('oauth', { narrow: 9, scopes: ['oauth', 'tickets'] })
  const status = async (token: string) => (await portal.call(PAGE, undefined, { token })).status
  expect(await status(grant.access_token)).toBe(403)
  expect(
    (await portal.call('/crm/v3/objects/tickets', undefined, { token: grant.access_token })).status,
  ).toBe(200)
  const again = await portal.sim<TokenGrant>('oauth', { install: 9 })
  expect(await status(again.access_token)).toBe(200)
})

it('tells what a portal’s own token may do, which is never to put events on timelines', async () => {
  await using portal = await open()
  const info = (tokenKey: string) =>
    portal.call<PrivateAppInfo>('/oauth/v2/private-apps/get/access-token-info', { tokenKey })
  const all = (await info(DEMO_TOKEN)).json()
  expect(all.scopes).toContain('crm.objects.companies.write')
  expect(all.scopes).not.toContain('timeline')
  await portal.sim('oauth', { token: DEMO_TOKEN, scopes: ['tickets'] })
  expect((await info(DEMO_TOKEN)).json()).toMatchObject({ hubId: DEMO_PORTAL, scopes: ['tickets'] })
  expect((await info('pat-unknown')).status).toBe(404)
})
