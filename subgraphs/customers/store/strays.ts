import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A kept delivery of a portal that nobody was connected to. */
export interface KeptStray {
  id: string
  portal_id: string
  receiver: string
  received_at: Date
  raw_sealed: string
}

/** Kept deliveries whose portal somebody is connected to by now, oldest first: for the relay. */
export const claimedStrays = async (tx: Transaction, limit: number): Promise<KeptStray[]> => {
  const { rows } = await sql<KeptStray>`
    select d.id, d.portal_id, d.receiver, d.received_at, d.raw_sealed from customers.unroutable_deliveries d
    where exists (select from customers.integrations i where i.portal_id = d.portal_id and i.disconnected_at is null)
    order by d.portal_id, d.received_at, d.id limit ${limit}`.execute(tx)
  return rows
}

/** Forgets kept deliveries: for the relay. */
export const dropStrays = async (tx: Transaction, ids: readonly string[]): Promise<void> => {
  await sql`delete from customers.unroutable_deliveries where id = any(${ids}::uuid[])`.execute(tx)
}

/** Forgets kept deliveries that are older: for the relay. */
export const forgetStrays = async (tx: Transaction, before: Date): Promise<void> => {
  await sql`delete from customers.unroutable_deliveries where received_at < ${before}::timestamptz`.execute(
    tx,
  )
}

/** A portal that nobody is connected to, and what has come for it. */
export interface StrayPortal {
  portal_id: string
  first_at: Date
  deliveries: number
  events: number
}

/** Portals for which something has come since it was last told, and which nobody was told of since `before`; told as of now. For the relay. */
export const untoldPortals = async (tx: Transaction, at: Date, before: Date): Promise<StrayPortal[]> => {
  const { rows } = await sql<StrayPortal>`
    update customers.unroutable_portals set alerted_at = ${at}::timestamptz
    where alerted_at is null or (alerted_at < ${before}::timestamptz and last_at > alerted_at)
    returning portal_id, first_at, deliveries, events`.execute(tx)
  return rows
}
