import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { DeliveryStatus, DeliveryTables } from './tables.ts'

/** How a connection's webhooks are doing. */
export interface WebhookSummaryRow {
  integration_id: string
  last_received_at: Date
  waiting: number
  failed: number
  days: WebhookDayRow[]
}

/** One day of a connection's webhooks, as JSON holds it. */
export interface WebhookDayRow {
  day: string
  deliveries: number
  events: number
  ignored: number
  duplicates: number
  applied: number
  latency_ms: number
}

/** A connection of which somebody should know. */
export interface TroubledConnection {
  integration_id: string
  /** Deliveries that were tried so often before. */
  late: number
  /** Deliveries that came although it was ended. */
  ended: number
}

/** How long deliveries, their words and the hashes of their events are kept. */
export type Bounds = Record<'before' | 'wordsBefore' | 'hashesBefore' | 'daysBefore', Date>

/** What becomes of deliveries once they are written down. */
export const keptDeliveries = ({ deliveries, events, days }: DeliveryTables) => ({
  /** Organisations with deliveries that wait for their records to be read: for the relay. */
  unsettledOrganisations: async (tx: object, statuses: readonly DeliveryStatus[]): Promise<string[]> => {
    const { rows } = await sql<{ org_id: string }>`
    select distinct org_id from ${deliveries} where status = any(${statuses}::text[])`.execute(over(tx))
    return rows.map(({ org_id }) => org_id)
  },

  /**
   * Says of deliveries whose records have been read since that they are applied, or failed where one could not be stored; words
   * that are done with are forgotten. One statement.
   */
  settleDeliveries: async (
    tx: object,
    orgId: string,
    { statuses, at, limit }: { statuses: readonly DeliveryStatus[]; at: Date; limit: number },
  ): Promise<number> => {
    // Records are read in the order they were noted in, so a delivery is through once nothing of its kinds that was noted before it
    // waits any more: that costs nothing per record, however many wait.
    const { rows } = await sql<{ settled: number }>`
    with lanes as materialized (
      select connection_id, type, min(due_at) as oldest from sync.signals
      where org_id = ${orgId}::uuid and attempts = 0 group by connection_id, type
    ), through as (
      select d.id, d.integration_id, d.received_at, exists (
        select from jsonb_array_elements(d.records) r where exists (
          select from sync.signals s where s.org_id = d.org_id and s.connection_id = d.integration_id and s.type = r ->> 0
            and s.external_id = r ->> 1 and s.attempts > 0
        ) or exists (
          select from sync.dead_letters l where l.org_id = d.org_id and l.connection_id = d.integration_id and l.type = r ->> 0
            and l.external_id = r ->> 1 and l.direction = 'IN' and l.state = 'OPEN')) as fails
      from ${deliveries} d
      where d.org_id = ${orgId}::uuid and d.status = any(${statuses}::text[]) and not exists (
        select from jsonb_array_elements(d.records) r join lanes l
          on l.connection_id = d.integration_id and l.type = r ->> 0 and l.oldest <= d.noted_at)
      order by d.noted_at limit ${limit}
    ), settled as (
      update ${deliveries} d set status = case when t.fails then 'FAILED' else 'APPLIED' end,
        applied_at = case when t.fails then null else ${at}::timestamptz end,
        raw_sealed = case when t.fails then d.raw_sealed end
      from through t where d.id = t.id and d.status is distinct from case when t.fails then 'FAILED' else 'APPLIED' end
      returning d.integration_id, d.received_at, d.replayed_at, d.status
    ), counted as (
      insert into ${days} as w (org_id, integration_id, day, deliveries, events, ignored, duplicates, applied, latency_ms)
      select ${orgId}::uuid, integration_id, (received_at at time zone 'UTC')::date, 0, 0, 0, 0, count(*),
        sum(greatest(0, extract(epoch from ${at}::timestamptz - received_at) * 1000))::bigint
      from settled where status = 'APPLIED' and replayed_at is null group by 2, 3 order by 2, 3
      on conflict (org_id, integration_id, day) do update set
        applied = w.applied + excluded.applied, latency_ms = w.latency_ms + excluded.latency_ms
    )
    select count(*)::integer as settled from settled`.execute(over(tx))
    return rows[0]?.settled ?? 0
  },

  /** How the webhooks of connections are doing, by connection. Those that never got one are absent. */
  summariesOf: async (
    tx: object,
    orgId: string,
    integrationIds: readonly string[],
    since: Date,
  ): Promise<Map<string, WebhookSummaryRow>> => {
    const { rows } = await sql<WebhookSummaryRow>`
    select asked.id as integration_id, newest.received_at as last_received_at,
      (select count(*)::integer from ${deliveries} d
        where d.org_id = ${orgId}::uuid and d.integration_id = asked.id and d.status = 'RECEIVED') as waiting,
      (select count(*)::integer from ${deliveries} d
        where d.org_id = ${orgId}::uuid and d.integration_id = asked.id and d.status = 'FAILED') as failed,
      coalesce((select json_agg(w order by w.day desc) from ${days} w
        where w.org_id = ${orgId}::uuid and w.integration_id = asked.id and w.day >= ${since}::timestamptz::date), '[]') as days
    from unnest(${integrationIds}::uuid[]) as asked (id)
    cross join lateral (
      select received_at from ${deliveries} d
      where d.org_id = ${orgId}::uuid and d.integration_id = asked.id order by received_at desc, id desc limit 1) newest`.execute(
      over(tx),
    )
    return new Map(rows.map((row) => [row.integration_id, row]))
  },

  /** Forgets deliveries, words and hashes of events that are older: at most `limit` of each. @returns the most that went of one */
  forgetDeliveries: async (
    tx: object,
    orgId: string,
    {
      before,
      wordsBefore,
      hashesBefore,
      daysBefore,
      limit,
    }: Record<'before' | 'wordsBefore' | 'hashesBefore' | 'daysBefore', Date> & {
      limit: number
    },
  ): Promise<number> => {
    const gone = [
      await sql`delete from ${deliveries} where id in (
      select id from ${deliveries} where org_id = ${orgId}::uuid and received_at < ${before}::timestamptz
      order by received_at limit ${limit})`.execute(over(tx)),
      await sql`delete from ${events} where org_id = ${orgId}::uuid and (integration_id, hash) in (
      select integration_id, hash from ${events}
      where org_id = ${orgId}::uuid and received_at < ${hashesBefore}::timestamptz order by received_at limit ${limit})`.execute(
        over(tx),
      ),
      await sql`update ${deliveries} set raw_sealed = null where id in (
      select id from ${deliveries}
      where org_id = ${orgId}::uuid and raw_sealed is not null and received_at < ${wordsBefore}::timestamptz
      order by received_at limit ${limit})`.execute(over(tx)),
    ]
    await sql`delete from ${days} where org_id = ${orgId}::uuid and day < ${daysBefore}::timestamptz::date`.execute(
      over(tx),
    )
    return Math.max(...gone.map(({ numAffectedRows }) => Number(numAffectedRows ?? 0n)))
  },

  /** Organisations for which a delivery has come since: for the relay. */
  organisationsSince: async (tx: object, since: Date): Promise<string[]> => {
    const { rows } = await sql<{ org_id: string }>`
    select distinct org_id from ${deliveries} where received_at >= ${since}::timestamptz`.execute(over(tx))
    return rows.map(({ org_id }) => org_id)
  },

  /** Connections whose deliveries since then had been tried so often, or came although they were ended. */
  troubledConnections: async (
    tx: object,
    orgId: string,
    { since, attempt }: { since: Date; attempt: number },
  ): Promise<TroubledConnection[]> => {
    const { rows } = await sql<TroubledConnection>`
    select integration_id, count(*) filter (where attempt >= ${attempt})::integer as late,
      count(*) filter (where status = 'UNROUTABLE')::integer as ended
    from ${deliveries}
    where org_id = ${orgId}::uuid and received_at >= ${since}::timestamptz and (attempt >= ${attempt} or status = 'UNROUTABLE')
    group by integration_id order by integration_id`.execute(over(tx))
    return rows
  },

  /** Organisations that have deliveries: for the relay. */
  organisationsWithDeliveries: async (tx: object): Promise<string[]> => {
    const { rows } = await sql<{
      org_id: string
    }>`select distinct org_id from ${deliveries}`.execute(over(tx))
    return rows.map(({ org_id }) => org_id)
  },
})
