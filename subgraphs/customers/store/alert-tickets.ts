import { sql } from 'kysely'
import type { AlertSighting, AlertState } from '../domain/alert-tickets.ts'
import type { Transaction } from './transaction.ts'

interface Row {
  id: string
  state: AlertState
  observed_at: Date
}

const sightingOf = ({ id, state, observed_at: at }: Row): AlertSighting => ({
  ...{ subject: 'ALERT', id, state, at: new Date(at).toISOString() },
})

/** How alerts stood when they were last told of, by id; nobody else changes them until the transaction ends. One statement. */
export const toldAlerts = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, AlertSighting>> => {
  const { rows } = await sql<Row>`
    select id, state, observed_at from customers.timeline_told
    where org_id = ${orgId}::uuid and subject = 'ALERT' and id = any(${ids}::text[]) order by id for update`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.id, sightingOf(row)]))
}

/** The next alert whose ticket is still to be written; nobody else takes it until the transaction ends. One statement. */
export const nextAlert = async (
  tx: Transaction,
  orgId: string,
  after: string,
): Promise<AlertSighting | undefined> => {
  const { rows } = await sql<Row>`
    select id, state, observed_at from customers.timeline_told
    where org_id = ${orgId}::uuid and subject = 'ALERT' and placed_as_of is distinct from observed_at and id > ${after}
    order by id limit 1 for update`.execute(tx)
  return rows[0] && sightingOf(rows[0])
}

/** Whether the tickets of alerts are still to be written: one statement. */
export const hasAlertsWaiting = async (tx: Transaction, orgId: string): Promise<boolean> => {
  const { rows } = await sql<{ waits: boolean }>`
    select exists (select from customers.timeline_told
      where org_id = ${orgId}::uuid and subject = 'ALERT' and placed_as_of is distinct from observed_at) as waits`.execute(
    tx,
  )
  return rows[0]?.waits ?? false
}

/** The ticket of an alert says what is known: one statement. */
export const noteAlertDone = async (tx: Transaction, orgId: string, id: string): Promise<void> => {
  await sql`
    update customers.timeline_told set placed_as_of = observed_at
    where org_id = ${orgId}::uuid and subject = 'ALERT' and id = ${id}`.execute(tx)
}

/** The ticket of an alert. */
export interface AlertTicketRow {
  integration_id: string
  ticket_id: string
  closed_noted_at: Date | null
}

/** The ticket that was opened for an alert: one statement. */
export const ticketOfAlert = async (
  tx: Transaction,
  orgId: string,
  alertId: string,
): Promise<AlertTicketRow | undefined> => {
  const { rows } = await sql<AlertTicketRow>`
    select integration_id, ticket_id, closed_noted_at from customers.alert_tickets
    where org_id = ${orgId}::uuid and alert_id = ${alertId}`.execute(tx)
  return rows[0]
}

/** Notes the ticket of an alert: one statement. */
export const keepAlertTicket = async (
  tx: Transaction,
  orgId: string,
  row: { alertId: string; integrationId: string; ticketId: string },
  at: Date,
): Promise<void> => {
  await sql`
    insert into customers.alert_tickets (org_id, alert_id, integration_id, ticket_id, opened_at)
    values (${orgId}::uuid, ${row.alertId}, ${row.integrationId}::uuid, ${row.ticketId}::uuid, ${at}::timestamptz)
    on conflict do nothing`.execute(tx)
}

/** Notes that the ticket was told that its alert is over: one statement. */
export const noteAlertOver = async (
  tx: Transaction,
  orgId: string,
  alertId: string,
  at: Date,
): Promise<void> => {
  await sql`
    update customers.alert_tickets set closed_noted_at = ${at}::timestamptz
    where org_id = ${orgId}::uuid and alert_id = ${alertId} and closed_noted_at is null`.execute(tx)
}
