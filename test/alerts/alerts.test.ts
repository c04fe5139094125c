import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodeCursor } from '#kernel/cursor.ts'
import { judgeAccounts } from '#subgraphs/telephony/commands/judge-accounts.ts'
import { judgeFreshUsage } from '#subgraphs/telephony/commands/judge-fresh-usage.ts'
import { tellState } from '#subgraphs/telephony/commands/tell-state.ts'
import { awaitWatching } from '#subgraphs/telephony/store/watched.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { subscriber } from '#test/kit/subscriber.ts'
import { until } from '#test/kit/until.ts'
import { usageBed } from '#test/usage/bed.ts'
import { type AlertsBed, alertsBed, HOUR_MS, MINUTE_MS } from './bed.ts'

let bed: AlertsBed
let ban: string
let trunks: readonly string[]
beforeAll(async () => {
  bed = await alertsBed()
  ;({ ban, trunks } = bed.accounts[0]!)
})
afterAll(() => bed[Symbol.asyncDispose]())

const ALERT =
  'id measure severity state value bound period account { ban } trunk { id } closedValue acknowledgedBy'
const list = async (filter: object, page: object = {}, caller = principal()) =>
  bed.ask(
    `query ($filter: TelephonyAlertFilter, $first: Int! = 50, $after: Cursor) {
      telephonyAlerts(filter: $filter, first: $first, after: $after) { nodes { ${ALERT} } pageInfo { endCursor hasNextPage } totalCount } }`,
    { filter, ...page },
    caller,
  )
const judged = () =>
  bed.database.transaction(DEMO, (tx) => judgeAccounts(tx, { orgId: DEMO, clock: bed.clock }, [ban]))

it('opens an alert of an answer ratio that falls as its calls come in, though nobody asks', async () => {
  await using live = await usageBed({ worker: true })
  const [trunkId] = live.accounts[0]!.trunks as [string]
  const began = performance.now()
  const startedAt = live.clock.now().toISOString()
  const call = (n: number, answered: boolean) => ({
    ...{ id: `live-${n}`, trunkId, kind: 'CALL', startedAt, answered, seconds: answered ? 30 : 0 },
  })
  const { body } = await live.post(Array.from({ length: 30 }, (_, n) => call(n, n < 14)))
  expect(body.accepted).toBe(30)
  const [opened] = await until(async () => {
    const rows = await live.rows(`select payload from events.recorded where name = 'telephony.alert.opened'`)
    return rows.length > 0 ? rows : undefined
  })
  // Nothing that waits for the clock could have told of it: that looks once a minute.
  expect(performance.now() - began).toBeLessThan(30_000)
  expect(opened!.payload).toMatchObject({
    ...{
      ban: live.accounts[0]!.ban,
      trunkId,
      measure: 'ANSWER_RATIO',
      severity: 'HIGH',
      value: '0.4667',
      bound: '0.5',
    },
    ...{ limit: null, percent: null, currency: null, period: 'last_hour', closedAt: null },
  })
})

it('judges what comes in while somebody else judges the organisation as soon as that is over', async () => {
  await using live = await usageBed({ worker: true })
  const [trunkId] = live.accounts[0]!.trunks as [string]
  const startedAt = live.clock.now().toISOString()
  const tried = Array.from({ length: 20 }, (_, n) => ({
    ...{ id: `held-${n}`, trunkId, kind: 'CALL', startedAt, answered: false, seconds: 0 },
  }))
  const opened = () => live.rows(`select from events.recorded where name = 'telephony.alert.opened'`)
  await live.database.transaction(DEMO, async (tx) => {
    await awaitWatching(tx, DEMO)
    await live.post(tried)
    await live.waiting()
    expect(await opened()).toEqual([])
  })
  const since = performance.now()
  await until(async () => (await opened()).length > 0)
  // Whoever gave way instead would look again after a minute.
  expect(performance.now() - since).toBeLessThan(30_000)
})

it('judges the answer ratio of the quarter under way and the three before, once there are calls enough', async () => {
  const open = async () => (await list({ state: 'OPEN', measures: ['ANSWER_RATIO'] })).nodes
  const [one, two] = trunks as [string, string]
  // Of an hour ago.
  await bed.calls(one, 50, { at: new Date(bed.clock.now().getTime() - 70 * MINUTE_MS), answered: false })
  await bed.calls(one, 19, { answered: false })
  // Too short to be many at once.
  const answered = { seconds: 0 }
  await bed.calls(two, 25, answered)
  await bed.judge()
  expect(await open()).toEqual([])
  await bed.calls(one, 1, { answered: false })
  expect(await bed.judge()).toBe(true)
  expect(await bed.judge()).toBe(false)
  expect(await open()).toMatchObject([
    { severity: 'HIGH', value: '0', bound: '0.5', period: 'LAST_HOUR', account: { ban }, trunk: { id: one } },
  ])
  // Better, and not yet by as much as it takes.
  await bed.calls(one, 23, answered)
  await bed.judge()
  expect(await open()).toHaveLength(1)
  await bed.calls(one, 3, answered)
  await bed.judge()
  expect(await open()).toEqual([])
  expect((await bed.told('alert.closed')).at(-1)).toMatchObject({ trunkId: one, value: '0.5652' })
})

it('closes the alert of a trunk that is silent for an hour, and leaves it while there are too few calls to say', async () => {
  const [trunkId] = bed.accounts[1]!.trunks as [string]
  const mine = { trunkId, state: 'OPEN' }
  await bed.calls(trunkId, 20, { answered: false })
  await bed.judge()
  bed.clock.advance(50 * MINUTE_MS)
  await bed.calls(trunkId, 2)
  bed.clock.advance(10 * MINUTE_MS)
  await bed.tick()
  expect((await list(mine)).nodes).toHaveLength(1)
  bed.clock.advance(HOUR_MS)
  await bed.tick()
  expect((await list(mine)).nodes).toEqual([])
  expect((await list({ trunkId })).nodes[0]).toMatchObject({ state: 'CLOSED', closedValue: null })
})

it('fault 1 (telephony): judging that is broken off is done again by the next one, and told once', async () => {
  const [trunkId] = bed.accounts[1]!.trunks as [string]
  const before = (await bed.told('alert.opened')).length
  await bed.calls(trunkId, 20, { answered: false })
  const killed = bed.database.transaction(DEMO, async (tx) => {
    await judgeFreshUsage(tx, { orgId: DEMO, clock: bed.clock }, 500)
    throw new Error('killed')
  })
  await expect(killed).rejects.toThrow('killed')
  expect(await bed.told('alert.opened')).toHaveLength(before)
  await bed.judge()
  await bed.judge()
  expect(await bed.told('alert.opened')).toHaveLength(before + 1)
})

it.each([
  ['a trunk that is taken down', 'trunks', { status: 'DELETED' }],
  ['an account that leaves', 'billing_accounts', { status: 'CHURNED' }],
] as const)('closes the alerts of %s', async (_, table, change) => {
  const account = bed.accounts[1]!
  await bed.calls(account.trunks[0]!, 20, { answered: false })
  await bed.judge()
  const open = async () => (await list({ ban: account.ban, state: 'OPEN' })).nodes.length
  expect(await open()).toBe(1)
  const set = (values: { status: string }) =>
    bed.database.transaction(DEMO, (tx) =>
      tx.updateTable(`telephony.${table}`).set(values).where('ban', '=', account.ban).execute(),
    )
  await set(change)
  bed.clock.advance(5 * MINUTE_MS)
  await bed.tick()
  expect(await open()).toBe(0)
  await set({ status: 'ACTIVE' })
})

it('opens one alert however many judge at once, and tells of it once', async () => {
  const before = (await bed.told('alert.opened')).length
  const [, two] = trunks as [string, string]
  const at = bed.clock.now()
  await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      bed.report([{ trunkId: two, activeCalls: 10, at: new Date(at.getTime() + n) }]),
    ),
  )
  await Promise.all([judged(), judged(), bed.judge()])
  const told = (await bed.told('alert.opened')).slice(before)
  expect(told.map(({ severity }) => severity).sort()).toEqual(['HIGH', 'MEDIUM'])
  // Nothing but the table's own rule keeps a second one out where nobody waits for the other.
  await expect(
    bed.database.transaction(DEMO, (tx) =>
      tx
        .insertInto('telephony.alerts')
        .columns([
          'org_id',
          'id',
          'ban',
          'trunk_id',
          'measure',
          'severity',
          'value',
          'bound',
          'opened_at',
          'due_at',
        ])
        .expression((eb) =>
          eb
            .selectFrom('telephony.alerts')
            .select([
              'org_id',
              eb.fn<string>('gen_random_uuid').as('id'),
              'ban',
              'trunk_id',
              'measure',
              'severity',
            ])
            .select(['value', 'bound', 'opened_at', 'due_at'])
            .where('closed_at', 'is', null),
        )
        .execute(),
    ),
  ).rejects.toMatchObject({ code: '23505' })
})

it('lists alerts newest first, of an account, a trunk, a measure and a state, page by page', async () => {
  const all = await list({})
  expect(all.totalCount).toBe(all.nodes.length)
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const page: { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } } =
      await list({}, { first: 2, after })
    seen.push(...page.nodes.map(({ id }) => id))
    if (!page.pageInfo.hasNextPage) break
    after = page.pageInfo.endCursor
  }
  expect(seen).toEqual(all.nodes.map(({ id }: { id: string }) => id))
  expect(seen).toEqual([...seen].sort().reverse())
  expect((await list({ ban: bed.accounts[1]!.ban })).totalCount).toBeGreaterThan(2)
  expect((await list({ measures: ['CONCURRENCY'], state: 'OPEN' })).totalCount).toBe(2)
  expect((await list({ trunkId: 'main' })).nodes).toEqual([])
  expect(await list({}, {}, principal(EMPTY))).toMatchObject({ nodes: [], totalCount: 0 })
})

it('asks once for the alerts, thresholds and calls of many trunks and accounts', async () => {
  bed.statements.length = 0
  const { trunks: shown } = await bed.ask(
    `query ($ban: ID!) { billingAccount(ban: $ban) { alerts(state: OPEN, first: 5) { nodes { id } totalCount }
      trunks { nodes { id activeCalls alerts(first: 5) { nodes { state measure } totalCount } } } } }`,
    { ban },
  )
  const of = (id: string) => shown.nodes.find((node: { id: string }) => node.id === id).alerts
  expect(of(trunks[0]!)).toMatchObject({
    totalCount: 1,
    nodes: [{ state: 'CLOSED', measure: 'ANSWER_RATIO' }],
  })
  expect(of(trunks[1]!).totalCount).toBe(2)
  const asked = (table: string) => bed.statements.filter((text) => text.includes(table)).length
  // Pages and counts, each of accounts and of trunks.
  expect([asked('telephony.alerts'), asked('telephony.active_calls')]).toEqual([4, 1])
})

it('keeps who deals with an alert, the first who says so', async () => {
  const [alert] = (await list({ state: 'OPEN' })).nodes
  const acknowledge = (id: string, caller = principal()) =>
    bed.ask(
      `mutation ($id: ID!) { acknowledgeAlert(id: $id) { __typename
        ... on AlertAcknowledged { alert { acknowledgedBy acknowledgedAt state } } ... on Missing { code } } }`,
      { id },
      caller,
    )
  const first = await acknowledge(alert.id)
  expect(first).toMatchObject({ alert: { acknowledgedBy: 'user:test', state: 'OPEN' } })
  bed.clock.advance(MINUTE_MS)
  expect(await acknowledge(alert.id, { ...principal(), id: 'user:other' })).toEqual(first)
  expect(await acknowledge(alert.id, principal(EMPTY))).toMatchObject({ code: 'NOT_FOUND' })
  expect(await acknowledge('main')).toMatchObject({ code: 'NOT_FOUND' })
  expect(await bed.rows(`select who_id from service.audit_log where action = 'acknowledgeAlert'`)).toEqual([
    { who_id: 'user:test' },
  ])
})

it('tells subscribers of alerts of a customer that open and close, as each was then, and goes on after a break', async () => {
  await bed.database.transaction(DEMO, (tx) =>
    tx
      .insertInto('telephony.account_customers')
      .values({ org_id: DEMO, ban, customer_id: 'c-1', identity_version: 1 })
      .execute(),
  )
  const hear = async (count: number, after = encodeCursor([0])) => {
    await using hearing = await subscriber(
      bed.url!,
      `subscription ($customerId: ID, $after: Cursor) { telephonyAlert(customerId: $customerId, after: $after) { ${ALERT} closedAt } }`,
      { customerId: 'c-1', after },
      bed.clock,
    )
    await until(() => hearing.heard.length >= count)
    return hearing.heard
  }
  const mine = (await bed.told('alert.opened', 'alert.closed')).filter((one) => one.ban === ban)
  const heard = await hear(mine.length)
  expect(heard.map(({ data }) => data.telephonyAlert)).toMatchObject(
    mine.map((one) => ({
      ...{ id: one.alertId, measure: one.measure, state: one.closedAt === null ? 'OPEN' : 'CLOSED' },
      account: { ban },
    })),
  )
  const rest = await hear(mine.length - 1, heard[0]!.extensions!.cursor)
  expect(rest.map(({ data }) => data)).toEqual(heard.slice(1).map(({ data }) => data))
})

it('tells whoever starts anew which alerts stand and which accounts have called', async () => {
  const events = await bed.database.read(DEMO, async (tx) => {
    const found: { name: string; key: string }[] = []
    for await (const { name, key } of tellState(() => undefined)(tx, DEMO)) found.push({ name, key })
    return found
  })
  const count = (name: string) => events.filter((event) => event.name === `telephony.${name}`).length
  expect([count('account.changed'), count('alert.opened'), count('alert.closed')]).toEqual([2, 2, 0])
  expect(count('call.first')).toBe(2)
  // An account's come after the account.
  for (const { ban: of } of bed.accounts)
    expect(events.filter(({ key }) => key === of)[0]!.name).toBe('telephony.account.changed')
})
