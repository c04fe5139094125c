import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CLIENT, openBrowser, startProvider, type TestProvider } from '#test/gateway/provider.ts'
import { REPOSITORY, type RunningHub, startHub } from '#test/kit/hub.ts'
import { adminUrl } from '#test/kit/postgres.ts'
import { freePorts } from '#test/kit/processes.ts'
import { until } from '#test/kit/until.ts'

const stack = new AsyncDisposableStack()
let provider: TestProvider
let hub: RunningHub

beforeAll(async () => {
  provider = stack.use(await startProvider())
  const port = await freePorts(12)
  provider.serves(`http://127.0.0.1:${port}`)
  const { issuer } = provider
  hub = stack.use(
    await startHub({
      ...{ port, databaseUrl: adminUrl(), roles: ['hub gateway'], early: true, limits: true },
      env: {
        HUB_MODE: 'production',
        JWT_ISSUER: issuer,
        JWT_AUDIENCE: 'tributary',
        JWT_JWKS_URL: `${issuer}/jwks`,
        OIDC_CLIENT_ID: CLIENT.id,
        OIDC_CLIENT_SECRET: CLIENT.secret,
        PUBLIC_URL: `http://127.0.0.1:${port}`,
      },
    }),
  )
  await until(
    async () =>
      (await fetch(`http://127.0.0.1:${port + 5}/readyz`)).ok && (await fetch(`${hub.url}/healthz`)).ok,
    {
      timeoutMs: 60_000,
    },
  )
})
afterAll(() => stack.disposeAsync())

/** What whoever runs the hub gets in their terminal. */
const organisation = (...args: string[]) =>
  new Promise<{ code: unknown; said: string }>((resolve) => {
    const node = join(REPOSITORY, 'node_modules/.bin/node')
    execFile(node, ['organisation.ts', ...args], { cwd: REPOSITORY, env: hub.env }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, said: stdout + stderr }),
    )
  })
const ACME = ['--slug', 'acme', '--name', 'Acme Ltd', '--time-zone', 'Europe/Berlin']
const ADA = ['--admin', 'Ada Lovelace', '--email', 'Ada@company.example']
const rows = <T>(sql: string) => hub.rows<T>('hub', sql)

it('a fresh hub without the demo is taken into use: its operator makes an organisation, whose administrator signs in and has it', async () => {
  expect(await rows('select org_id from hub.organisations')).toEqual([])
  // Nobody is let in before: the provider alone gives nobody anything.
  const early = openBrowser()
  expect((await early.visit(`${hub.url}/auth/sign-in`, 'ada')).last.status).toBe(403)

  const made = await organisation('create', ...ACME, ...ADA)
  expect(made).toMatchObject({
    code: 0,
    said: expect.stringContaining('Acme Ltd (acme, Europe/Berlin) is made.'),
  })
  const link = /^ {2}(http\S+)$/m.exec(made.said)![1]!
  expect(link).toBe(`${hub.url}/auth/sign-in?org=acme`)

  const browser = openBrowser()
  const { places } = await browser.visit(link, 'ada')
  expect(places.at(-1)).toBe(`${hub.url}/`)
  const response = await browser.request(`${hub.url}/api/v2/viewer`, {
    headers: { 'sec-fetch-site': 'same-origin' },
  })
  expect(await response.json()).toMatchObject({ id: 'ada', roles: ['ADMIN'], organisation: { slug: 'acme' } })
  expect((await openBrowser().visit(link, 'eve')).last.status).toBe(403)
})

it('says to its operator what is refused and why, and by its exit code', async () => {
  const again = await organisation('create', ...ACME, ...ADA)
  expect(again).toMatchObject({ code: 0, said: expect.stringContaining('nothing was changed') })
  const other = ['--slug', 'acme', '--name', 'Acme of Elsewhere', '--time-zone', 'Europe/Berlin']
  const taken = await organisation('create', ...other, ...ADA)
  expect(taken).toEqual({ code: 1, said: 'Another organisation has this short name. Take another one.\n' })
  for (const args of [['create', ...ACME], ['create', ...ACME, '--nmae', 'x'], [...ADA]])
    expect(await organisation(...args)).toMatchObject({ code: 2, said: expect.stringContaining('Usage:') })
})
