import { sql } from 'kysely'
import type { PartnerEventName, WebhookState } from '../domain/webhooks.ts'
import type { Transaction } from './transaction.ts'

/** A partner's webhook as it is shown: without its secrets. */
export interface PartnerWebhookRow {
  id: string
  name: string
  url: string
  events: PartnerEventName[]
  state: WebhookState
  reason: string | null
  version: number
  createdBy: string
  createdAt: Date
  changedAt: Date
  formerSecretUntil: Date | null
  failingSince: Date | null
  lastDeliveredAt: Date | null
}

const columns = sql`
  w.id, w.name, w.url, w.events, w.state, w.reason, w.version, w.created_by as "createdBy", w.created_at as "createdAt",
  w.changed_at as "changedAt", w.former_until as "formerSecretUntil", w.failing_since as "failingSince",
  w.last_delivered_at as "lastDeliveredAt"`

/** All webhooks of the organisation, newest first. */
export const webhooks = async (tx: Transaction, orgId: string): Promise<PartnerWebhookRow[]> => {
  const { rows } = await sql<PartnerWebhookRow>`
    select ${columns} from hub.partner_webhooks w where w.org_id = ${orgId} order by w.created_at desc, w.id desc`.execute(
    tx,
  )
  return rows
}

export const webhooksById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<PartnerWebhookRow[]> => {
  const { rows } = await sql<PartnerWebhookRow>`
    select ${columns} from hub.partner_webhooks w where w.org_id = ${orgId} and w.id = any (${ids}::uuid[])`.execute(
    tx,
  )
  return rows
}

/** The same of one, which nobody else changes until the transaction ends. */
export const lockWebhook = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<(PartnerWebhookRow & { secret: string }) | undefined> => {
  const { rows } = await sql<PartnerWebhookRow & { secret: string }>`
    select ${columns}, w.secret from hub.partner_webhooks w where w.org_id = ${orgId} and w.id = ${id} for no key update`.execute(
    tx,
  )
  return rows[0]
}

/** Locks the organisation's list, so that two do not make the last webhook that there may be. @returns how many there are */
export const countWebhooks = async (tx: Transaction, orgId: string): Promise<number> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`partner webhooks ${orgId}`}, 0))`.execute(tx)
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from hub.partner_webhooks where org_id = ${orgId}`.execute(tx)
  return rows[0]!.count
}

export const insertWebhook = async (
  tx: Transaction,
  orgId: string,
  webhook: Pick<PartnerWebhookRow, 'id' | 'name' | 'url' | 'events' | 'createdBy'> & { secret: string },
  at: Date,
): Promise<PartnerWebhookRow> => {
  const { id, name, url, events, createdBy, secret } = webhook
  const { rows } = await sql<PartnerWebhookRow>`
    insert into hub.partner_webhooks as w (org_id, id, name, url, events, state, secret, created_by, created_at, changed_at)
    values (${orgId}, ${id}, ${name}, ${url}, ${events}::text[], 'ACTIVE', ${secret}, ${createdBy}, ${at}, ${at})
    returning ${columns}`.execute(tx)
  return rows[0]!
}

/** What of a webhook may be written; left out stays. */
export interface WebhookChange {
  name?: string
  url?: string
  events?: readonly PartnerEventName[]
  state?: WebhookState
  reason?: string | null
  secret?: string
  formerSecret?: string | null
  formerUntil?: Date | null
}

/** Changes a webhook that is locked. Taken up again, it is tried at once, whatever it did before. */
export const updateWebhook = async (
  tx: Transaction,
  orgId: string,
  id: string,
  change: WebhookChange,
  at: Date,
): Promise<PartnerWebhookRow> => {
  const { name, url, events, state, reason, secret, formerSecret, formerUntil } = change
  const set = [
    ...(name === undefined ? [] : [sql`name = ${name}`]),
    ...(url === undefined ? [] : [sql`url = ${url}`]),
    ...(events === undefined ? [] : [sql`events = ${events}::text[]`]),
    ...(state === undefined ? [] : [sql`state = ${state}`]),
    ...(reason === undefined ? [] : [sql`reason = ${reason}`]),
    ...(secret === undefined ? [] : [sql`secret = ${secret}`]),
    ...(formerSecret === undefined ? [] : [sql`former_secret = ${formerSecret}`]),
    ...(formerUntil === undefined ? [] : [sql`former_until = ${formerUntil}`]),
    ...(state === 'ACTIVE' || url !== undefined
      ? [sql`failures = 0`, sql`failing_since = null`, sql`due_at = ${at}`]
      : []),
    sql`version = version + 1`,
    sql`changed_at = ${at}`,
  ]
  const { rows } = await sql<PartnerWebhookRow>`
    update hub.partner_webhooks w set ${sql.join(set)} where w.org_id = ${orgId} and w.id = ${id} returning ${columns}`.execute(
    tx,
  )
  return rows[0]!
}

/** Deletes a webhook with all that is known of its deliveries. @returns it as it was, or undefined when there is none */
export const deleteWebhook = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<PartnerWebhookRow | undefined> => {
  const { rows } = await sql<PartnerWebhookRow>`
    delete from hub.partner_webhooks w where w.org_id = ${orgId} and w.id = ${id} returning ${columns}`.execute(
    tx,
  )
  return rows[0]
}

/** How many events wait to be sent to each webhook, in one statement. */
export const waitingCounts = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ id: string; count: number }>`
    select webhook_id as id, count(*)::integer as count from hub.partner_deliveries
    where org_id = ${orgId} and webhook_id = any (${ids}::uuid[]) and state = 'WAITING' group by webhook_id`.execute(
    tx,
  )
  return new Map(rows.map(({ id, count }) => [id, count]))
}
