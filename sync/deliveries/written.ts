import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { DeliveryStatus, DeliveryTables } from './tables.ts'

/** What of one message concerned one connection, as it is written down. */
export interface NewDelivery {
  id: string
  integration_id: string
  received_at: Date
  oldest_event_at: Date | null
  attempt: number
  events: readonly object[]
  records: readonly (readonly [type: string, externalId: string])[]
  event_count: number
  ignored_count: number
  duplicate_count: number
  status: DeliveryStatus
  raw_sealed: string | null
  /** What only this system's deliveries have, by column. */
  own: Readonly<Record<string, string>>
}

/** How deliveries are written down. */
export const writtenDeliveries = ({ deliveries, events, days, own }: DeliveryTables) => {
  const names = sql.join(own.map((name) => sql.ref(name)))
  const typed = sql.join(own.map((name) => sql`${sql.ref(name)} text`))
  return {
    /**
     * Writes down events by their hashes: one statement.
     * @returns those that were not known, as `integration/hash`. Of two transactions that bring the same one, one is told so
     */
    noteEvents: async (
      tx: object,
      orgId: string,
      told: readonly { integration: string; hash: string; count: number }[],
      at: Date,
    ): Promise<Set<string>> => {
      // In one order, so that two who bring the same events wait for each other instead of for ever.
      const { rows } = await sql<{ integration: string; hash: string }>`
    with given as (
      select integration, decode(hash, 'hex') as hash, count
      from json_to_recordset(${JSON.stringify(told)}::json) as e(integration uuid, hash text, count integer)
    ), noted as (
      insert into ${events} as known (org_id, integration_id, hash, received_at, seen)
      select ${orgId}::uuid, integration, hash, ${at}::timestamptz, count from given order by integration, hash
      on conflict (integration_id, hash) do update set seen = known.seen + excluded.seen
      returning integration_id, hash, seen
    )
    select given.integration, encode(given.hash, 'hex') as hash from noted
    join given on given.integration = noted.integration_id and given.hash = noted.hash and given.count = noted.seen`.execute(
        over(tx),
      )
      return new Set(rows.map(({ integration, hash }) => `${integration}/${hash}`))
    },

    /** Writes down deliveries and counts them: one statement. @param at from when on their records wait to be read */
    writeDeliveries: async (
      tx: object,
      orgId: string,
      rows: readonly NewDelivery[],
      at: Date,
    ): Promise<void> => {
      if (rows.length === 0) return
      await sql`
    with written as (
      insert into ${deliveries} (org_id, id, integration_id, ${names}, received_at, oldest_event_at,
        attempt, events, records, event_count, ignored_count, duplicate_count, status, noted_at, raw_sealed)
      select ${orgId}::uuid, id, integration_id, ${names}, received_at, oldest_event_at,
        attempt, events, records, event_count, ignored_count, duplicate_count, status, ${at}::timestamptz, raw_sealed
      from json_to_recordset(${JSON.stringify(rows.map(({ own, ...row }) => ({ ...row, ...own })))}::json) as d(id uuid, integration_id uuid, ${typed},
        received_at timestamptz, oldest_event_at timestamptz, attempt integer, events jsonb, records jsonb, event_count integer,
        ignored_count integer, duplicate_count integer, status text, raw_sealed text)
      returning integration_id, received_at, event_count, ignored_count, duplicate_count
    )
    insert into ${days} as w (org_id, integration_id, day, deliveries, events, ignored, duplicates, applied, latency_ms)
    select ${orgId}::uuid, integration_id, (received_at at time zone 'UTC')::date, count(*),
      sum(event_count - duplicate_count), sum(ignored_count), sum(duplicate_count), 0, 0
    from written group by 2, 3 order by 2, 3
    on conflict (org_id, integration_id, day) do update set deliveries = w.deliveries + excluded.deliveries,
      events = w.events + excluded.events, ignored = w.ignored + excluded.ignored,
      duplicates = w.duplicates + excluded.duplicates`.execute(over(tx))
    },
  }
}
