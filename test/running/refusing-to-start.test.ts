import { execFile } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cleanEnvironment } from '#test/kit/config.ts'
import { REPOSITORY } from '#test/kit/hub.ts'
import { adminUrl, temporaryDirectory } from '#test/kit/postgres.ts'
import { freePorts, processes } from '#test/kit/processes.ts'

const NOBODY = 65_534

/** Runs main.ts until it ends by itself. */
const run = (env: Record<string, string>, args: string[] = [], uid?: number) =>
  new Promise<{ code: unknown; said: string }>((resolve) => {
    const node = join(REPOSITORY, 'node_modules/.bin/node')
    const options = {
      cwd: REPOSITORY,
      env: { ...cleanEnvironment(), ...env },
      timeout: 50_000,
      ...(uid && { uid, gid: uid }),
    }
    execFile(node, ['main.ts', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, said: stdout + stderr }),
    )
  })

const refusal = async (env: Record<string, string>, args?: string[], uid?: number) => {
  await using home = await temporaryDirectory()
  const port = String(await freePorts(12))
  const { code, said } = await run({ PORT: port, TRIBUTARY_HOME: home.path, ...env }, args, uid)
  expect(said).not.toMatch(/^\s+at |node:internal|\.ts:\d/m)
  expect((await processes()).filter(({ command }) => command.includes(home.path))).toEqual([])
  expect(code).toBe(1)
  return said.trim().split('\n')
}

describe('a hub that cannot start says why, once, and ends with 1', () => {
  it('names every bad variable at once', async () => {
    const lines = await refusal({
      PORT: 'four thousand',
      DEMO_COMPANIES: '-3',
      LOG_LEVEL: 'loud',
      HUB_SECRET: 'short',
      HUB_ENCRYPTION_KEYS: 'abc',
      DATABASE_URL: 'mysql://somewhere',
      DATABASE_PREFIX: 'a-b',
      NATS_URL: 'nats://one:4222,http://two:4222',
      C3_URL: 'http://c3.example',
      JWT_ISSUER: 'https://issuer.example',
    })
    expect(lines[0]).toBe('The configuration is not usable:')
    expect(
      lines
        .slice(1)
        .map((line) => line.trim().split(':')[0])
        .sort(),
    ).toEqual(
      [
        ...['PORT', 'DEMO_COMPANIES', 'LOG_LEVEL', 'HUB_SECRET', 'HUB_ENCRYPTION_KEYS', 'DATABASE_URL'],
        ...['DATABASE_PREFIX', 'NATS_URL', 'C3_TOKEN', 'JWT_AUDIENCE', 'JWT_JWKS_URL'],
      ].sort(),
    )
  })

  it('never shows the value of a secret', async () => {
    const lines = await refusal({ HUB_SECRET: 'tiny-secret', C3_TOKEN: 'c3-secret' })
    expect(lines.join()).not.toMatch(/tiny-secret|c3-secret/)
    expect(lines).toHaveLength(3)
  })

  it('names a file of credentials that cannot be read', async () => {
    const lines = await refusal({
      NATS_URL: 'nats://127.0.0.1:4222',
      NATS_CREDENTIALS: '/nowhere/hub.creds',
      NATS_CA: '/nowhere/ca.pem',
    })
    expect(lines.slice(1)).toEqual([
      '  NATS_CREDENTIALS: is a file that cannot be read: /nowhere/hub.creds (ENOENT). Name a file that this user may read',
      '  NATS_CA: is a file that cannot be read: /nowhere/ca.pem (ENOENT). Name a file that this user may read',
    ])
  })

  it('names two servers that want one port', async () => {
    const port = await freePorts(12)
    const lines = await refusal({ PORT: String(port), INSIGHTS_PORT: String(port) })
    expect(lines[1]).toContain(`INSIGHTS_PORT: is ${port}, which is also PORT`)
  })

  it('names every port in use together with a database that does not answer', async () => {
    const port = await freePorts(12)
    const taken = [port, port + 3, port + 11].map((at) => createServer().listen(at, '127.0.0.1'))
    try {
      const dead = `postgres://postgres:never-shown@127.0.0.1:${await freePorts(1)}/postgres`
      const lines = await refusal({ PORT: String(port), DATABASE_URL: dead })
      expect(lines).toHaveLength(3)
      expect(lines[1]).toContain(
        `PORT: in use: ${port} (PORT), ${port + 3} (TELEPHONY_PORT), ${port + 11} (C3_SIMULATOR_PORT).`,
      )
      expect(lines[2]).toMatch(/DATABASE_URL: the server at 127\.0\.0\.1:\d+ does not answer/)
      expect(lines.join()).not.toContain('never-shown')
    } finally {
      for (const server of taken) server.close()
    }
  })

  it('names a database server that refuses the user', async () => {
    const url = new URL(adminUrl())
    url.password = 'wrong'
    expect((await refusal({ DATABASE_URL: url.href }))[1]).toContain('refuses this user or password')
  })

  it('names an address that this machine does not have', async () => {
    expect((await refusal({ HOST: '203.0.113.7' }))[1]).toContain(
      'HOST: this machine has no address 203.0.113.7',
    )
  })

  it('names a home that is a file, or that cannot be read', async () => {
    await using place = await temporaryDirectory()
    const file = join(place.path, 'file')
    await writeFile(file, '')
    expect((await refusal({ TRIBUTARY_HOME: file }))[1]).toContain(
      `TRIBUTARY_HOME: The data directory ${file} is not a directory`,
    )
    const closed = join(place.path, 'closed')
    await mkdir(closed)
    await chmod(closed, 0o000)
    // Root may read everything: nobody else is asked to.
    const uid = process.getuid?.() === 0 ? NOBODY : undefined
    expect((await refusal({ TRIBUTARY_HOME: closed }, [], uid))[1]).toContain(
      'cannot be read and written by this user',
    )
  })

  it('names unknown roles and options and the ones there are', async () => {
    const [line, ...more] = await refusal({}, ['gatekeeper', 'customers', '--apy'])
    expect(line).toContain('There is no role or option gatekeeper, --apy. Roles are all, gateway, customers')
    expect(more).toEqual([])
  })
})

it('migrates all databases and ends', async () => {
  await using home = await temporaryDirectory()
  const { code, said } = await run({ TRIBUTARY_HOME: home.path, PORT: String(await freePorts(12)) }, [
    'migrate',
  ])
  expect({ code, said }).toEqual({ code: 0, said: '' })
  expect((await processes()).filter(({ command }) => command.includes(home.path))).toEqual([])
})
