import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import type { DB } from '#db/generated/telephony.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, type Principal, principalSeal } from '#kernel/principal.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { askSubgraph, DEMO, principal, SHARED_SECRET, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

export const DAY_MS = 86_400_000

/** A call or message as the platform sends it. */
export interface Sent {
  id: string
  trunkId: string
  kind: 'CALL' | 'MESSAGE'
  startedAt: string
  answered?: boolean
  seconds?: number
  class?: string
}

/** A telephony subgraph with two accounts that have two trunks each. */
export const usageBed = async ({
  clock = systemClock,
  worker = false,
}: {
  clock?: Clock
  /** Whether what is done by the clock, and when usage comes in, is done. Default: not, so that statements can be counted. */
  worker?: boolean
} = {}) => {
  await using stack = new AsyncDisposableStack()
  const test = stack.use(await testDatabase<DB>('telephony'))
  const statements: string[] = []
  const telephony = stack.use(
    await startTelephony(
      startWith(test.urls, { clock, worker, onStatement: (text) => statements.push(text) }),
    ),
  )
  const seal = principalSeal(SHARED_SECRET, clock)
  const askAll = async (text: string, variables: Record<string, unknown> = {}, caller = principal()) => {
    const { data, errors } = await askSubgraph(telephony.url, text, variables, caller, seal)
    if (errors) throw new Error(JSON.stringify(errors))
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
    return Object.values(data) as any[]
  }
  const ask = async (text: string, variables: Record<string, unknown> = {}, caller = principal()) =>
    (await askAll(text, variables, caller))[0]
  const trunk = (name: string, host: number) => ({
    name,
    ipAddresses: [`198.51.100.${host}`],
    concurrentCalls: 10,
    monthlyMinutes: 1000,
  })
  const open = async (name: string, host: number) => {
    const { account } = await ask(
      `mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) {
        ... on BillingAccountCreated { account { ban trunks { nodes { id } } } } } }`,
      { input: { name, trunks: [trunk('A', host), trunk('B', host + 1)] } },
    )
    const trunks: string[] = account.trunks.nodes.map(({ id }: { id: string }) => id)
    return { ban: account.ban as string, trunks }
  }
  const accounts = [await open('Harbor Dental', 10), await open('Alder Group', 20)]
  /** Posts lines as the platform would. */
  const post = async (
    lines: readonly unknown[],
    {
      caller = principal(),
      packed = false,
      broken = false,
    }: { caller?: Principal; packed?: boolean; broken?: boolean } = {},
  ) => {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
    const body = packed ? gzipSync(text) : Buffer.from(text)
    const response = await fetch(`${telephony.url}/usage/records`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-ndjson',
        ...(packed ? { 'content-encoding': 'gzip' } : {}),
        [PRINCIPAL_HEADER]: await seal.sign(caller),
      },
      body: broken ? body.subarray(0, body.length >> 1) : body,
    })
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return { status: response.status, body: (await response.json()) as any }
  }
  const rows = (text: string) =>
    test.database.read(
      DEMO,
      async (tx) => (await sql<Record<string, unknown>>`${sql.raw(text)}`.execute(tx)).rows,
    )
  /** Waits until somebody waits for a lock. */
  const waiting = () =>
    until(async () => {
      const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      return (await rows(waits)).length > 0
    })
  const all = stack.move()
  return {
    ...{
      test,
      database: test.database,
      url: telephony.url,
      clock,
      accounts,
      statements,
      ask,
      askAll,
      post,
      rows,
      waiting,
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type UsageBed = Awaited<ReturnType<typeof usageBed>>

/** What quarters, hours and days hold that a recount of the single records does not, and the other way round: nothing, when they are right. */
export const wrongSums = async (bed: UsageBed, timeZone: string): Promise<Record<string, unknown>[]> => {
  const recount = (slot: string) => `
    select org_id, ban, ${slot} as slot, trunk_id, class, count(*) filter (where kind = 1)::int as calls,
      count(*) filter (where answered)::int as completed, sum(seconds)::bigint as seconds, count(*) filter (where kind = 2)::int as messages
    from telephony.usage_records group by 1, 2, 3, 4, 5`
  const difference = (table: string, slot: string) => `
    (select '${table}' as t, * from telephony.${table} except select '${table}', x.* from (${recount(slot)}) x)
    union all (select '${table}', x.* from (${recount(slot)}) x except select '${table}', * from telephony.${table})`
  return bed.rows(
    [
      difference('usage_quarters', `date_bin('15 minutes', started_at, timestamptz '2000-01-01 00:00Z')`),
      difference('usage_hours', `date_trunc('hour', started_at, 'UTC')`),
      difference('usage_days', `date_trunc('day', started_at, '${timeZone}')`),
    ].join(' union all '),
  )
}

/** Records over some days until now, the same for the same seed. */
export const madeUp = (bed: UsageBed, count: number, { days = 10, prefix = 'r' } = {}): Sent[] => {
  const trunks = bed.accounts.flatMap((account) => account.trunks)
  const now = bed.clock.now().getTime()
  // A linear congruential generator (Numerical Recipes): chance that is the same each time.
  let state = 7
  const chance = () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
  return Array.from({ length: count }, (_, n) => {
    const isCall = chance() < 0.8
    const answered = isCall && chance() < 0.7
    return {
      id: `${prefix}-${n}`,
      trunkId: trunks[Math.floor(chance() * trunks.length)]!,
      kind: isCall ? ('CALL' as const) : ('MESSAGE' as const),
      startedAt: new Date(now - Math.floor(chance() * days * DAY_MS)).toISOString(),
      ...(isCall ? { answered, seconds: answered ? Math.floor(chance() * 900) : 0 } : {}),
      class: ['LOCAL', 'TOLLFREE', 'MOBILE', 'INTERNATIONAL'][Math.floor(chance() * 4)]!,
    }
  })
}
