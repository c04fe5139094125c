/** `npm run bench -- policy`: how long it takes to try another policy on the decisions of the past. */
import { parseArgs } from 'node:util'
import { openDatabases } from './draining.ts'
import { askGraph, openPlace } from './hub.ts'
import { openSampler } from './processes.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'
import { waitForRun } from './runs.ts'

const BAR_SECONDS = 10

/** Every fifth waits for a person; values, clocks and fields differ as they do in life. */
const RECORD = `
  insert into sync.decisions (org_id, id, connection_id, type, external_id, local_id, field, base, theirs, ours, theirs_at, ours_at,
    policy, policy_version, outcome, would, decided_at, closed_at)
  select n.org_id, gen_random_uuid(), n.id, 'companies', i::text, gen_random_uuid(),
    (array['city', 'annualrevenue', 'warp_ban', 'phone', 'name'])[1 + i % 5],
    jsonb_build_object('value', 'agreed ' || i), jsonb_build_object('value', 'of HubSpot ' || i),
    jsonb_build_object('value', case when i % 7 > 0 then 'of the hub ' || i end),
    at, case when i % 3 > 0 then at + make_interval(secs => i % 9 - 4) end,
    (array['HUBSPOT', 'MANUAL', 'WARP', 'HUBSPOT', 'HUBSPOT'])[1 + i % 5], 1,
    (array['theirs', 'open', 'ours', 'theirs', 'theirs'])[1 + i % 5], case when i % 5 = 1 then 'theirs' end, at, at
  from (select * from customers.integrations order by created_at limit 1) n
  cross join lateral (select i, now() - make_interval(secs => i * 100) as at from generate_series(1, $1::integer) i) made
  returning connection_id`

const SIMULATE = `query ($id: ID!, $changes: PolicyChangeInput!) {
  simulatePolicy(integrationId: $id, changes: $changes) { ... on PolicySimulation { looked differing differences { field count } } } }`
const CHANGES = {
  clockToleranceMs: 1_000,
  fields: [
    { objectType: 'COMPANIES', field: 'city', policy: 'LAST_WRITE' },
    { objectType: 'COMPANIES', field: 'annualrevenue', policy: 'HUBSPOT' },
    { objectType: 'COMPANIES', field: 'phone', policy: 'FILL_BLANK' },
  ],
}

interface Answer {
  simulatePolicy: { looked: number; differing: number; differences: { field: string; count: number }[] }
}

/** @returns the report of `npm run bench -- policy` @param args `--decisions`, `--times` */
export const benchPolicy = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: { decisions: { type: 'string', default: '50000' }, times: { type: 'string', default: '5' } },
  })
  const options = { decisions: Number(values.decisions), times: Number(values.times) }
  await using place = await openPlace(50, { simulatorsApart: false })
  const hub = await place.start()
  const token = await place.token()
  await using databases = await openDatabases(place)
  await waitForRun(databases.customers, hub)
  say(`records ${options.decisions} decisions`)
  const { rows } = await databases.customers.query<{ connection_id: string }>(RECORD, [options.decisions])
  await databases.customers.query('analyze sync.decisions')
  const count = async () =>
    (
      await databases.customers.query(
        'select count(*), md5(string_agg(outcome, null order by id)) from sync.decisions',
      )
    ).rows[0]
  const before = JSON.stringify(await count())
  const id = rows[0]!.connection_id
  const seconds: number[] = []
  let looked = 0
  const memory = openSampler(async () => [hub.pid])
  for (let n = 1; n <= options.times; n++) {
    const since = performance.now()
    const { data, errors } = await askGraph<Answer>(place.url, token, {
      query: SIMULATE,
      variables: { id, changes: CHANGES },
    })
    if (!data || errors) throw new Error(errors?.[0]?.message ?? 'There is no answer.')
    seconds.push((performance.now() - since) / 1000)
    looked = data.simulatePolicy.looked
    say(`${data.simulatePolicy.differing} of ${looked} would be others`)
  }
  const { maxMemoryMb } = await memory.end()
  const slowest = Math.max(...seconds)
  return reportOf('policy', options, {
    figures: [
      figure('decisions made again', looked),
      figure('quickest', Math.min(...seconds), 's'),
      figure('slowest', slowest, 's'),
      figure('hub memory, most', maxMemoryMb, 'MB'),
    ],
    bars: [
      bar('decisions left out', options.decisions - looked, 'at most', 0),
      bar('rows changed', before === JSON.stringify(await count()) ? 0 : 1, 'at most', 0),
      bar('slowest', slowest, 'at most', BAR_SECONDS, 's'),
    ],
    detail: { seconds },
  })
}
