/** `npm run bench -- judging`: how long it takes to judge all customers anew, and how soon a change is heard of. */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from 'graphql-ws'
import type pg from 'pg'
import { drained, openDatabases } from './draining.ts'
import { askGraph, openPlace, type Place } from './hub.ts'
import { quantile } from './measuring.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'
import { sampling } from './runs.ts'

const PARTS = ['hub', 'customers', 'telephony', 'insights'] as const
/** What is heard of before the first is measured: connections, prepared code. */
const WARMING = 20
const BAN = 'BENCH-HEARD'
/** 100,000 in a minute, however many there are. */
const JUDGED_A_SECOND = 100_000 / 60

interface Recompute {
  total: number
  done: number
  isComplete: boolean
}

/** Facts of each customer: kind, system, how many, and its columns from the number of the customer (c) and of the fact (n). */
const FACTS = [
  [
    'company',
    'HUBSPOT',
    1,
    `(c % 900) * 1000, 'USD', (array['lead','customer','opportunity'])[1 + c % 3], t.now - (c % 200) * t.day, null`,
  ],
  ['contact', 'HUBSPOT', 3, `null, null, null, t.now - ((c + n * 31) % 200) * t.day, null`],
  [
    'deal',
    'HUBSPOT',
    3,
    `(c % 90) * 500, 'USD', (array['won','lost','open'])[1 + (c + n) % 3], t.now - (c % 500) * t.day, case when (c + n) % 3 < 2 then t.now - (c % 400) * t.day end`,
  ],
  [
    'ticket',
    'HUBSPOT',
    2,
    `null, null, (array['LOW','HIGH'])[n], t.now - (c % 90 + 2) * t.day, case when (c + n) % 4 > 0 then t.now - (c % 90) * t.day end`,
  ],
  [
    'rfq',
    'C3',
    5,
    `(c % 50) * 90, 'USD', (array['OPEN','WON','LOST','EXPIRED','WON'])[n], t.now - ((c + n * 17) % 300) * t.day, null`,
  ],
  [
    'billing',
    'WARP',
    1,
    `(c % 60) * 100, 'USD', (array['CURRENT','CURRENT','PAST_DUE'])[1 + c % 3], t.now - 500 * t.day, null`,
  ],
  ['account-status', 'WARP', 1, `null, null, 'ACTIVE', null, null`],
  ['trunk', 'WARP', 2, `10, 'calls', (array['ACTIVE','PENDING'])[n], null, null`],
] as const

/** Writes customers of three accounts each, as if their facts had come by events long ago, each due. */
const furnish = async (insights: pg.Client, orgId: string, customers: number): Promise<number> => {
  const write = (text: string) => insights.query(text, [orgId, customers])
  await write(`insert into insights.customers (org_id, customer_id, identity_version)
    select $1, 'bench-' || c, 1 from generate_series(1, $2::int) c`)
  await write(`insert into insights.accounts (org_id, customer_id, system, account_id)
    select $1, 'bench-' || c, s, s || '-' || c from generate_series(1, $2::int) c, unnest(array['HUBSPOT', 'C3', 'WARP']) s`)
  let facts = 0
  for (const [kind, system, count, columns] of FACTS) {
    await write(`insert into insights.signals (org_id, system, kind, record_id, account_system, account_id, amount, unit, label, happened_at, ended_at, observed_at, source, source_pos)
      select $1, '${system}', '${kind}', c || '-' || n, '${system}', '${system}-' || c, ${columns}, t.now - (c % 100) * t.day, 'bench', 0
      from generate_series(1, $2::int) c, generate_series(1, ${count}) n, (values (now(), interval '1 day')) t (now, day)`)
    facts += count * customers
  }
  await insights.query('analyze')
  return facts
}

const ask = async <T>(place: Place, token: string, query: string): Promise<T> => {
  const { data, errors } = await askGraph<T>(place.url, token, { query })
  if (!data || errors) throw new Error(errors?.[0]?.message ?? 'There is no answer.')
  return data
}

/** Judges everybody anew. @returns seconds from asking until all are judged */
const recompute = async (place: Place, token: string): Promise<number> => {
  const since = performance.now()
  await ask(place, token, 'mutation { recomputeInsights { recompute { total } } }')
  const answered = (performance.now() - since) / 1000
  for (let shown = 0; ; ) {
    const { insightsRecompute: now } = await ask<{ insightsRecompute: Recompute }>(
      place,
      token,
      '{ insightsRecompute { total done isComplete } }',
    )
    if (now.isComplete) break
    if (now.done - shown > now.total / 4) {
      shown = now.done
      say(`${now.done} of ${now.total}; the mutation answered after ${answered.toFixed(1)} s`)
    }
    await setTimeout(200)
  }
  return (performance.now() - since) / 1000
}

/** Changes an account again and again. @returns milliseconds from each request to the news of its customer's health */
const hearing = async (place: Place, token: string, times: number): Promise<number[]> => {
  await ask(
    place,
    token,
    `mutation { createBillingAccount(input: { ban: "${BAN}", name: "Heard of" }) { __typename } }`,
  )
  let heard: () => void = () => undefined
  const client = createClient({
    url: `${place.url.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  })
  client.subscribe(
    { query: 'subscription { healthChanged { score customer { id } } }' },
    { next: () => heard(), error: () => undefined, complete: () => undefined },
  )
  await setTimeout(3000)
  const took: number[] = []
  for (let n = 0; n < times + WARMING; n++) {
    const news = new Promise<void>((resolve) => {
      heard = resolve
    })
    const since = performance.now()
    await ask(
      place,
      token,
      n % 2 === 0
        ? `mutation { suspendBillingAccount(ban: "${BAN}", reason: OTHER) { __typename } }`
        : `mutation { reactivateBillingAccount(ban: "${BAN}") { __typename } }`,
    )
    await news
    if (n >= WARMING) took.push(performance.now() - since)
  }
  await client.dispose()
  return took
}

/** @returns the report of `npm run bench -- judging` @param args `--customers`, `--changes`, `--profile` */
export const benchJudging = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: {
      customers: { type: 'string', default: '100000' },
      changes: { type: 'string', default: '300' },
      profile: { type: 'string' },
    },
  })
  const options = {
    customers: Number(values.customers),
    changes: Number(values.changes),
  }
  await using place = await openPlace(1)
  const simulators = await place.startSimulators()
  const profiled = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : []
  const hub = await place.start([...PARTS, 'gateway'], profiled)
  await using databases = await openDatabases(place, PARTS)
  const { rows } = await databases.hub.query<{ org_id: string }>(
    "select org_id from hub.organisation_routes where slug = 'demo'",
  )
  const facts = await furnish(databases.insights, rows[0]!.org_id, options.customers)
  say(`wrote ${facts} facts of ${options.customers} customers`)
  const token = await place.token()
  // Everybody has a score once: what is measured is what the hub does for the rest of its life.
  const first = await recompute(place, token)
  say(`judged for the first time in ${first.toFixed(1)} s`)
  // What the first time has set off is not what is measured.
  await drained(databases, PARTS)
  await databases.insights.query('vacuum analyze')
  const samplers = await sampling(place, hub, simulators)
  const seconds = await recompute(place, token)
  const [ours, postgres] = await Promise.all(samplers.map((sampler) => sampler.end()))
  say(`judged anew in ${seconds.toFixed(1)} s`)
  const took = await hearing(place, token, options.changes)
  const memory = ours!.memory.map(({ mb }) => mb)
  const half = Math.ceil(memory.length / 2)
  const grown = Math.max(...memory.slice(half)) - Math.max(...memory.slice(0, half))
  return reportOf(
    'judging',
    { ...options },
    {
      figures: [
        figure('customers', options.customers),
        figure('facts', facts),
        figure('judged for the first time in', first, 's'),
        figure('hub CPU', ours!.cpuSeconds, 's'),
        figure('PostgreSQL CPU', postgres!.cpuSeconds, 's'),
        figure('hub memory, most', ours!.maxMemoryMb, 'MB'),
        figure('hub memory, second half over first', grown, 'MB'),
        figure('PostgreSQL memory, most', postgres!.maxMemoryMb, 'MB'),
        figure('all judged anew in', seconds, 's'),
        figure('a change heard of, p50', quantile(took, 0.5), 'ms'),
      ],
      bars: [
        bar('customers judged anew', options.customers / seconds, 'at least', JUDGED_A_SECOND, '/s'),
        bar('a change heard of, p99', quantile(took, 0.99), 'at most', 250, 'ms'),
      ],
      detail: { took },
    },
  )
}
