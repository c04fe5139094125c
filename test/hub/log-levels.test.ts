import { afterEach, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { areaOf, openLog } from '#kernel/log.ts'
import { PRINCIPAL_HEADER, type Principal } from '#kernel/principal.ts'
import { type AreaLevel, followLevels, setLevels } from '#telemetry/log-levels.ts'
import { silentLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { ask, seal } from '#test/service/graph.ts'
import { admin, EMPTY, startTestHub, type TestHub } from './hub.ts'

afterEach(() => setLevels([]))

const NOW = new Date('2026-11-23T08:00:00Z')
const SET = `mutation ($area: String!, $level: LogLevel!, $until: DateTime!) {
  setLogLevel(area: $area, level: $level, until: $until) {
    __typename ... on LogLevelSet { setting { area level until } } ... on Invalid { field } } }`
const inMinutes = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000).toISOString()
const set = async (hub: TestHub, area: string, level: string, minutes = 10, caller = admin()) =>
  (await ask(hub.url, caller, SET, { area, level, until: inMinutes(minutes) })).data?.setLogLevel
const process_: Principal = { kind: 'system', id: 'system:log-levels', orgId: null, scopes: [] }
const levels = async (hub: TestHub, caller = process_): Promise<AreaLevel[]> => {
  const answer = await fetch(`${hub.url}/log-levels`, {
    headers: { [PRINCIPAL_HEADER]: await seal.sign(caller) },
  })
  if (!answer.ok) throw new Error(String(answer.status))
  return (await answer.json()) as AreaLevel[]
}

it('has an area tell more in a running process, and falls back by itself when the time is over', async () => {
  const clock = new TestClock(NOW)
  await using hub = await startTestHub({ clock })
  const lines: string[] = []
  const log = openLog('test', 'warn', { write: (line) => lines.push(JSON.parse(line).msg) })
  const [webhooks, jobs] = [areaOf(areaOf(log, 'customers'), 'webhooks'), areaOf(log, 'jobs')]
  const say = () => {
    lines.length = 0
    for (const one of [webhooks, jobs]) {
      one.debug(`${one === webhooks ? 'webhooks' : 'jobs'} debug`)
      one.warn('warn')
    }
    return [...lines]
  }
  await using _ = followLevels(() => levels(hub), { log: silentLog, everyMs: 20 })
  expect(say()).toEqual(['warn', 'warn'])
  expect(await set(hub, 'customers:*', 'DEBUG')).toEqual({
    __typename: 'LogLevelSet',
    setting: { area: 'customers:*', level: 'DEBUG', until: inMinutes(10) },
  })
  await until(() => say().length === 3)
  expect(say()).toEqual(['webhooks debug', 'warn', 'warn'])
  await set(hub, 'jobs', 'ERROR')
  await until(() => say().length === 2)
  expect(say()).toEqual(['webhooks debug', 'warn'])
  clock.advance(10 * 60_000)
  await until(() => say().length === 2 && !say().includes('webhooks debug'))
  expect(say()).toEqual(['warn', 'warn'])
  expect((await ask(hub.url, admin(), '{ logLevels { area } }')).data).toEqual({ logLevels: [] })
})

it('shows what was set to one’s own organisation, keeps the newest of an area, and writes down who set it', async () => {
  await using hub = await startTestHub({ clock: new TestClock(NOW) })
  await set(hub, 'jobs', 'INFO')
  await set(hub, 'jobs', 'DEBUG')
  const shown = async (caller: Principal) => (await ask(hub.url, caller, '{ logLevels { area level } }')).data
  expect(await shown(admin())).toEqual({ logLevels: [{ area: 'jobs', level: 'DEBUG' }] })
  expect(await shown(admin(EMPTY))).toEqual({ logLevels: [] })
  // Whoever of two wants more to be told is heard.
  await set(hub, 'jobs', 'ERROR', 10, admin(EMPTY))
  expect(await levels(hub)).toEqual([
    { area: 'jobs', level: 'debug' },
    { area: 'jobs', level: 'error' },
  ])
  const rows = await hub.db.database.read(admin().orgId as string, (tx) =>
    tx.selectFrom('service.audit_log').select(['action', 'diff']).orderBy('id').execute(),
  )
  expect(rows.map(({ action, diff }) => [action, (diff as Record<string, unknown>).level])).toEqual([
    ['setLogLevel', [null, 'info']],
    ['setLogLevel', ['info', 'debug']],
  ])
})

it('refuses what names no area, what is over, what lasts longer than a day, and everybody but administrators', async () => {
  await using hub = await startTestHub({ clock: new TestClock(NOW) })
  expect(await set(hub, 'No Area', 'DEBUG')).toMatchObject({ __typename: 'Invalid', field: 'area' })
  expect(await set(hub, 'jobs', 'DEBUG', 0)).toMatchObject({ __typename: 'Invalid', field: 'until' })
  expect(await set(hub, 'jobs', 'DEBUG', 24 * 60 + 1)).toMatchObject({
    __typename: 'Invalid',
    field: 'until',
  })
  const operator = { ...admin(), scopes: ['sync:write', 'audit:read'] }
  expect(await set(hub, 'jobs', 'DEBUG', 10, operator)).toBeUndefined()
  await expect(levels(hub, admin())).rejects.toThrow('401')
  expect(await levels(hub)).toEqual([])
})
