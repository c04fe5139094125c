import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openHubSpotOAuth } from '#connectors/hubspot/index.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { refreshPlace, tokenPlace } from '#subgraphs/customers/domain/links.ts'
import { openTokens } from '#subgraphs/customers/sync/tokens.ts'
import { ORG, TEST_KEY } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { type ConnectionsBed, connectionsBed } from './bed.ts'

const PROGRAM = fileURLToPath(new URL('./caller-process.ts', import.meta.url))

const callersIn = (bed: ConnectionsBed, integrationId: string, more: object) => {
  const place = { orgId: ORG, integrationId }
  const ask = { urls: bed.test.urls, app: bed.app, place, ...more }
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(ask)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    ready: lines.next(),
    go: () => void child.stdin.write('go\n'),
    outcome: async () => JSON.parse((await lines.next()).value ?? '{}'),
    exited: once(child, 'exit'),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

const tokenCalls = async (bed: ConnectionsBed) =>
  (await bed.journal()).entries.filter(({ path }) => path === '/oauth/v1/token').length

const tokensOf = (bed: ConnectionsBed, clock: Clock = systemClock) =>
  openTokens({
    ...{ database: bed.database, vault: openVault([TEST_KEY]), clock, log: silentLog },
    signIn: (baseUrl) => openHubSpotOAuth({ baseUrl, app: bed.app, clock }),
  })

it('fault 32: a token that ends in the middle of 200 callers’ work in four processes is renewed once, and no caller hears of it', async () => {
  await using bed = await connectionsBed({ worker: false })
  const integrationId = await bed.connect()
  using one = callersIn(bed, integrationId, { callers: 50, calls: 2 })
  using two = callersIn(bed, integrationId, { callers: 50, calls: 2 })
  using three = callersIn(bed, integrationId, { callers: 50, calls: 2 })
  using four = callersIn(bed, integrationId, { callers: 50, calls: 2 })
  const all = [one, two, three, four]
  await Promise.all(all.map(({ ready }) => ready))
  await bed.forgetJournal()
  const play = { do: 'trigger', name: 'expire-token', detail: {} }
  await bed.sim('faults', { list: [{ path: 'account-info', nth: 100, play }] })
  for (const { go } of all) go()
  const outcomes = await Promise.all(all.map(({ outcome }) => outcome()))
  expect(outcomes).toEqual(Array(4).fill({ failed: [] }))
  expect(await tokenCalls(bed)).toBe(1)
  const { entries } = await bed.journal()
  expect(entries.filter(({ status }) => status === 401).length).toBeGreaterThan(0)
  expect((await bed.credentials())[0]).toMatchObject({ generation: 2, renewal_id: null })
})

it('renews a token at four fifths of its life, once, although nobody asks', async () => {
  await using bed = await connectionsBed({ worker: false })
  await bed.sim('faults', { accessTokenSeconds: 3600 })
  const integrationId = await bed.connect()
  await bed.forgetJournal()
  const place = { orgId: ORG, integrationId }
  let ahead = 0
  const clock: Clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
  await using tokens = tokensOf(bed, clock)
  ahead = 2_870_000
  await tokens.renewIfDue(place)
  expect(await tokenCalls(bed)).toBe(0)
  ahead = 2_900_000
  await Promise.all(Array.from({ length: 20 }, () => tokens.renewIfDue(place)))
  expect(await tokenCalls(bed)).toBe(1)
})

it('fault 33: keeps the refresh token it has when the answer to a renewal brings none', async () => {
  await using bed = await connectionsBed({ worker: false })
  const integrationId = await bed.connect()
  const place = { orgId: ORG, integrationId }
  const vault = openVault([TEST_KEY])
  const held = async () => {
    const [row] = await bed.credentials()
    return vault.open(row?.refresh_sealed ?? '', refreshPlace(ORG, integrationId))
  }
  const before = await held()
  await bed.sim('faults', { omitRefreshToken: true })
  await using tokens = tokensOf(bed)
  const old = await tokens.current(place)
  await tokens.check(place)
  expect(await tokens.current(place)).not.toBe(old)
  expect(await held()).toBe(before)
  // It still counts.
  await tokens.check(place)
  expect((await bed.credentials())[0]).toMatchObject({ generation: 3 })
})

it('fault 34: a process that dies between HubSpot’s answer and its commit leaves its intent; with a dead refresh token one more try says that somebody has to connect again', async () => {
  await using bed = await connectionsBed({ worker: false })
  const integrationId = await bed.connect()
  const place = { orgId: ORG, integrationId }
  await bed.sim('faults', { rotateRefreshTokens: true })
  using dying = callersIn(bed, integrationId, { callers: 5, calls: 1, diesAfterRefresh: true })
  await dying.ready
  await bed.forgetJournal()
  await bed.sim('faults', {
    list: [{ path: 'account-info', nth: 1, play: { do: 'trigger', name: 'expire-token', detail: {} } }],
  })
  dying.go()
  await dying.exited
  expect(await tokenCalls(bed)).toBe(1)
  const [left] = await bed.credentials()
  expect(left?.renewal_id).not.toBeNull()
  expect(left?.generation).toBe(1)
  // Nobody rushes in while the dead one may still be at it.
  let ahead = 0
  const clock: Clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
  await using tokens = tokensOf(bed, clock)
  ahead = 31_000
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => tokens.check(place)))
  expect(
    outcomes.every((one) => one.status === 'rejected' && one.reason.code === 'HUB_CONNECTION_NEEDS_REAUTH'),
  ).toBe(true)
  expect(await tokenCalls(bed)).toBe(2)
  expect((await bed.integrations())[0]?.status).toBe('NEEDS_REAUTH')
  for (let again = 0; again < 5; again++) await tokens.current(place).catch(() => undefined)
  expect(await tokenCalls(bed)).toBe(2)
})

it('fault 34: recovers by itself where the refresh token still counts', async () => {
  await using bed = await connectionsBed({ worker: false })
  const integrationId = await bed.connect()
  using dying = callersIn(bed, integrationId, { callers: 1, calls: 1, diesAfterRefresh: true })
  await dying.ready
  await bed.sim('faults', {
    list: [{ path: 'account-info', nth: 1, play: { do: 'trigger', name: 'expire-token', detail: {} } }],
  })
  dying.go()
  await dying.exited
  const clock: Clock = { now: () => new Date(systemClock.now().getTime() + 31_000) }
  await using tokens = tokensOf(bed, clock)
  await tokens.check({ orgId: ORG, integrationId })
  expect((await bed.credentials())[0]).toMatchObject({ generation: 2, renewal_id: null })
  expect((await bed.integrations())[0]?.status).toBe('ACTIVE')
})

it('seals every token by the newest key while everything runs, and reads what the older one sealed until then', async () => {
  const newKey = Buffer.alloc(32, 9).toString('base64')
  await using bed = await connectionsBed({ customers: { encryptionKeys: [newKey, TEST_KEY] } })
  const integrationId = await bed.connect()
  const old = openVault([TEST_KEY])
  const ring = openVault([newKey, TEST_KEY])
  const [row] = await bed.credentials()
  const access = ring.open(row?.access_sealed ?? '', tokenPlace(ORG, integrationId))
  const sealedBefore = old.seal(access, tokenPlace(ORG, integrationId))
  await bed.database.transaction(ORG, async (tx) => {
    await tx.updateTable('customers.credentials').set({ access_sealed: sealedBefore }).execute()
    await tx
      .updateTable('customers.renewals')
      .set({ sealed_by: sealedBefore.split('.')[1] ?? '' })
      .execute()
  })
  const resealed = await until(async () => {
    const [now] = await bed.credentials()
    return now && now.access_sealed !== sealedBefore && !ring.isStale(now.access_sealed) && now
  })
  expect(openVault([newKey]).open(resealed.access_sealed, tokenPlace(ORG, integrationId))).toBe(access)
  expect(resealed.generation).toBe(row?.generation)
})
