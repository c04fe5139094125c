import { type RawBuilder, sql } from 'kysely'
import { over } from '#db/client.ts'
import type { DeliveryStatus, DeliveryTables } from './tables.ts'

/** A record to be read again, as a delivery remembers it. */
export type ToldRecord = readonly [type: string, externalId: string]

/**
 * A delivery as it is shown: what of one message concerned one connection.
 * @template Event an event as it is kept: without its value
 * @template Own columns that only this system's deliveries have
 */
export type ListedDelivery<Event = unknown, Own extends string = never> = Record<Own, string> & {
  id: string
  integration_id: string
  received_at: Date
  oldest_event_at: Date | null
  attempt: number
  events: Event[]
  records: ToldRecord[]
  event_count: number
  ignored_count: number
  duplicate_count: number
  status: DeliveryStatus
  applied_at: Date | null
  replayed_at: Date | null
}

export interface DeliveryFilter {
  integrationId?: string | null | undefined
  status?: readonly DeliveryStatus[] | null | undefined
  receivedFrom?: Date | null | undefined
  receivedBefore?: Date | null | undefined
}

/** How deliveries are looked at, and noted to be done again. */
export const listedDeliveries = <Row extends ListedDelivery>({ deliveries, own }: DeliveryTables) => {
  const columns = sql`id, integration_id, ${sql.join(own.map((name) => sql.ref(name)))}, received_at, oldest_event_at, attempt, events,
    records, event_count, ignored_count, duplicate_count, status, applied_at, replayed_at`
  return {
    /** Deliveries, newest first. `after` is the place of the last one of the page before. */
    listDeliveries: async (
      tx: object,
      orgId: string,
      { integrationId, status, receivedFrom, receivedBefore }: DeliveryFilter,
      { limit, after }: { limit: number; after: readonly [receivedAt: string, id: string] | null },
    ): Promise<Row[]> => {
      const narrow = (is: unknown, condition: RawBuilder<unknown>) => (is ? sql`and ${condition}` : sql``)
      const { rows } = await sql<Row>`
        select ${columns} from ${deliveries} where org_id = ${orgId}::uuid
          ${narrow(integrationId, sql`integration_id = ${integrationId}::uuid`)}
          ${narrow(status, sql`status = any(${status ?? []}::text[])`)}
          ${narrow(receivedFrom, sql`received_at >= ${receivedFrom}::timestamptz`)}
          ${narrow(receivedBefore, sql`received_at < ${receivedBefore}::timestamptz`)}
          ${narrow(after, sql`(received_at, id) < (${after?.[0]}::timestamptz, ${after?.[1]}::uuid)`)}
        order by received_at desc, id desc limit ${limit}`.execute(over(tx))
      return rows
    },

    /** A delivery, locked until the transaction ends. */
    lockDelivery: async (tx: object, orgId: string, id: string): Promise<Row | undefined> => {
      const { rows } = await sql<Row>`
        select ${columns} from ${deliveries} where org_id = ${orgId}::uuid and id = ${id}::uuid for update`.execute(
        over(tx),
      )
      return rows[0]
    },

    /** Notes that a delivery's records are to be read again. */
    noteReplay: async (tx: object, id: string, at: Date): Promise<void> => {
      await sql`update ${deliveries}
        set status = 'RECEIVED', replayed_at = ${at}::timestamptz, noted_at = ${at}::timestamptz, applied_at = null
        where id = ${id}::uuid`.execute(over(tx))
    },
  }
}
