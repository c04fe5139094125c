import { sql } from 'kysely'

/**
 * delivery  one message by which the other system tells what has changed, or what of it concerns one connection
 * event     one thing that it tells: which records to look at again. How they are now is never taken from it
 */

/** What became of a delivery. */
export type DeliveryStatus = 'RECEIVED' | 'APPLIED' | 'FAILED' | 'IGNORED' | 'UNROUTABLE'

/**
 * The tables that a subgraph keeps deliveries in: all of one shape.
 * @param schema where they are
 * @param own text columns that only this system's deliveries have
 */
export const deliveryTables = (schema: string, own: readonly string[]) => ({
  deliveries: sql.table(`${schema}.webhook_deliveries`),
  events: sql.table(`${schema}.webhook_events`),
  days: sql.table(`${schema}.webhook_days`),
  own,
  /** What the words of a delivery are sealed for: this row and no other. */
  placeOf: (orgId: string, id: string): string => `${orgId}:${schema}.webhook_deliveries:${id}`,
})
export type DeliveryTables = ReturnType<typeof deliveryTables>
