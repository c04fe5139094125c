import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { sleep } from '#kernel/clock.ts'
import { definitions as customers } from '#subgraphs/customers/jobs/definitions.ts'
import { definitions as insights } from '#subgraphs/insights/jobs/definitions.ts'
import { definitions as inventory } from '#subgraphs/inventory/jobs/definitions.ts'
import { definitions as telephony } from '#subgraphs/telephony/jobs/definitions.ts'
import { until } from './until.ts'
import type { WholeHub } from './whole-hub.ts'

/** Of every table of every database: how many rows it has, and a digest of them. By `subgraph schema.table`. */
export type HubState = Record<string, { rows: number; digest: string }>

/** What moves while nobody changes anything: how far readers of the log have come, what an hour's judging came to, which days and months are closed, how much was asked, and pg-boss's own housekeeping. */
const BY_ITSELF = `('events.cursors', 'events.marks', 'insights.runs', 'telephony.nights', 'telephony.billed_months', 'hub.leases')`
/** Jobs that nobody asks for: each minute or hour there is another. What commands ask for is not among them. */
const JOBS_BY_THE_CLOCK = [...customers, ...inventory, ...telephony, ...insights]
  .filter(({ schedule }) => schedule)
  .map(({ name }) => name)

/** Everything a hub holds at the moment, so that a test can show that something changes nothing, or just this. */
export const stateOf = async (hub: Pick<WholeHub, 'databases'>): Promise<HubState> =>
  Object.assign(
    {},
    ...(await Promise.all(SUBGRAPHS.map((name) => stateOfOne(name, hub.databases[name].adminUrl)))),
  )

/** The state once nothing moves any more: all events are moved, and a while goes by without a difference. */
export const settled = async (hub: Pick<WholeHub, 'databases'>): Promise<HubState> => {
  let last = await stateOf(hub)
  let same = 0
  await until(async () => {
    const now = await stateOf(hub)
    const isSame = JSON.stringify(now) === JSON.stringify(last)
    const isMoved = Object.entries(now).every(([table, { rows }]) => !table.endsWith('.outbox') || rows === 0)
    same = isSame && isMoved ? same + 1 : 0
    last = now
    await sleep(100)
    return same >= 4
  })
  return last
}

const stateOfOne = (name: Subgraph, adminUrl: string): Promise<HubState> =>
  session(adminUrl, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(`
      select schemaname || '.' || tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema', 'pgboss')
        and schemaname || '.' || tablename not in ${BY_ITSELF}`)
    const { rows: jobs } = await client.query(`select to_regclass('pgboss.job') is not null as known`)
    const looks = tables.map(({ name }) => look(name, name))
    if (jobs[0].known)
      looks.push(
        look(
          'jobs',
          `pgboss.job where name !~ '^__' and name not in (${JOBS_BY_THE_CLOCK.map((name) => `'${name}'`).join(', ')})`,
        ),
      )
    const { rows } = await client.query<{ name: string; rows: number; digest: string }>(
      looks.join(' union all '),
    )
    return Object.fromEntries(rows.map(({ name: table, ...of }) => [`${name} ${table}`, of]))
  })

const look = (name: string, from: string): string => `
  select '${name}' as name, count(*)::integer as rows, md5(coalesce(string_agg(md5(r), '' order by md5(r)), '')) as digest
  from (select one::text as r from ${from.replace(/^(\S+)/, '$1 one')}) as every`
