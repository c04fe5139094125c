import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import { outwardTries, type Reading, reading } from '#telemetry/measures.ts'

export { type Reading, reading }

/** Counts what came of tries to tell somebody outside: told, to be tried again, or given up. */
export const noteTries = (outcomes: readonly ('delivered' | 'retried' | 'failed')[]): void => {
  for (const outcome of outcomes) outwardTries.inc({ outcome })
}

/** Shows how a subgraph’s log, consumers, jobs, sync and pools are doing, as numbers over all organisations. */
export const measureSubgraph = (options: {
  part: string
  database: Database<unknown>
  clock: Clock
}): AsyncDisposable => {
  const { part, database, clock } = options
  return reading(async () => [
    ...database.pools.flatMap(({ role, total, idle, waiting }): Reading[] => [
      { name: 'hub_pool_connections', labels: { part, role, state: 'busy' }, value: total - idle },
      { name: 'hub_pool_connections', labels: { part, role, state: 'idle' }, value: idle },
      { name: 'hub_pool_waiting', labels: { part, role }, value: waiting },
    ]),
    { name: 'hub_statements', labels: { part }, value: database.statements },
    ...(await database.relay((tx) => fromTables(tx, part, clock.now()))),
  ])
}

/** One statement: looking must not become load. Tables that this subgraph has no use for are there, and empty. */
const fromTables = async (tx: object, part: string, now: Date): Promise<Reading[]> => {
  const { rows } = await sql<{ name: Reading['name']; labels: Record<string, string>; value: number }>`
    with jobs as (
      select name, count(*) as n, min(start_after) as since from ${await jobTable(tx)}
      where state < 'active' and start_after <= ${now} group by name
    ), reads as (
      select 'in' as direction, count(*) as n, min(due_at) as since from sync.signals where due_at <= ${now}
      union all
      select 'out', count(*), min(due_at) from sync.outgoing where due_at <= ${now}
    ), lags as (
      select extract(epoch from ${now}::timestamptz - min(coalesce(read.at, s.next_at))) as value
      from sync.schedules s left join lateral (
        select r.requested_at as at from sync.runs r
        where r.org_id = s.org_id and r.connection_id = s.connection_id and r.state = 'COMPLETED'
        order by r.requested_at desc, r.id desc limit 1
      ) read on true
      where s.name = 'CHANGES' and s.paused_because is null having count(*) > 0
    ), budgets as (
      select regexp_replace(b.bucket, '^.*:', '') as bucket, min(coalesce(b.remaining, b.max) - case when b.remaining is null then (
        select count(*) from sync.rate_log l where l.bucket = b.bucket
          and l.at > ${now}::timestamptz - make_interval(secs => b.interval_ms / 1000.0)
      ) else 0 end) as value
      from sync.rate_buckets b where b.max < 1000000000 or b.remaining is not null group by 1
    )
    select name, labels, value::float8 as value from (
      select 'hub_log_position' as name, '{}'::jsonb as labels, pos::numeric as value from events.head
      union all select 'hub_log_waiting', '{}', count(*) from events.outbox
      union all select 'hub_consumer_position', jsonb_build_object('source', source), coalesce(pos, 0) from events.cursors
      union all select 'hub_parked_events', jsonb_build_object('source', source), count(*) from events.parked group by source
      union all select 'hub_jobs_waiting', jsonb_build_object('job', name), n from jobs
      union all select 'hub_jobs_oldest_seconds', jsonb_build_object('job', name), extract(epoch from ${now}::timestamptz - since) from jobs
      union all select 'hub_sync_lag_seconds', '{}', greatest(value, 0) from lags
      union all select 'hub_sync_waiting', jsonb_build_object('direction', direction), n from reads
      union all select 'hub_sync_oldest_seconds', jsonb_build_object('direction', direction),
        coalesce(extract(epoch from ${now}::timestamptz - since), 0) from reads
      union all select 'hub_vendor_budget_left', jsonb_build_object('bucket', bucket), value from budgets
    ) as readings`.execute(over(tx))
  return rows.map(({ labels, ...row }) => ({ ...row, labels: { part, ...labels } }))
}

/** The jobs of a subgraph that has some; one that has none has no table of them. */
const jobTable = async (tx: object) => {
  const { rows } = await sql<{
    there: boolean
  }>`select to_regclass('pgboss.job') is not null as there`.execute(over(tx))
  return rows[0]?.there
    ? sql`pgboss.job`
    : sql`(select null::text as name, null::timestamptz as start_after, 'x' as state where false) none`
}
