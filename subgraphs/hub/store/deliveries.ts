import { sql } from 'kysely'
import type { PartnerEventName } from '../domain/webhooks.ts'
import { notify, wake } from './outward.ts'
import type { Transaction } from './transaction.ts'

export type DeliveryState = 'WAITING' | 'DELIVERED' | 'FAILED'

export interface PartnerDeliveryRow {
  webhookId: string
  place: number
  eventId: string
  event: PartnerEventName
  at: Date
  state: DeliveryState
  dueAt: Date | null
}

export interface PartnerDeliveryTryRow {
  at: Date
  status: number | null
  ms: number
  answer: string | null
  error: string | null
}

/** Which deliveries, and where the page starts. */
export interface DeliveriesPage {
  states: readonly DeliveryState[] | null
  events: readonly PartnerEventName[] | null
  from: string | null
  to: string | null
  limit: number
  after: readonly [at: string, place: number] | null
}

/** The same page of deliveries for each of several webhooks, newest first, in one statement. */
export const deliveryPages = async (
  tx: Transaction,
  orgId: string,
  webhookIds: readonly string[],
  { states, events, from, to, limit, after }: DeliveriesPage,
): Promise<Map<string, PartnerDeliveryRow[]>> => {
  const wanted = [
    ...(states ? [sql`and d.state = any (${states}::text[])`] : []),
    ...(events ? [sql`and d.event = any (${events}::text[])`] : []),
    ...(from ? [sql`and d.at >= ${from}::timestamptz`] : []),
    ...(to ? [sql`and d.at < ${to}::timestamptz`] : []),
    ...(after ? [sql`and (d.at, d.place) < (${after[0]}::timestamptz, ${after[1]}::bigint)`] : []),
    sql``,
  ]
  const { rows } = await sql<PartnerDeliveryRow>`
    select d.* from unnest(${webhookIds}::uuid[]) as asked (of) cross join lateral (
      select d.webhook_id as "webhookId", d.place, m.id as "eventId", d.event, d.at, d.state, d.due_at as "dueAt"
      from hub.partner_deliveries d join hub.partner_messages m using (org_id, place)
      where d.org_id = ${orgId} and d.webhook_id = asked.of ${sql.join(wanted, sql` `)}
      order by d.at desc, d.place desc limit ${limit}
    ) d order by d.at desc, d.place desc`.execute(tx)
  const pages = new Map<string, PartnerDeliveryRow[]>(webhookIds.map((id) => [id, []]))
  for (const row of rows) pages.get(row.webhookId)?.push(row)
  return pages
}

/** A delivery's id outside. */
export const deliveryId = ({ webhookId, place }: { webhookId: string; place: number }): string =>
  `${webhookId}.${place}`

const MOST_TRIES_SHOWN = 20

/** The newest tries of deliveries, by `deliveryId`, in one statement. */
export const triesOf = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, PartnerDeliveryTryRow[]>> => {
  const asked = ids.map((id) => {
    const [webhookId, place] = id.split('.')
    return { id, webhookId, place }
  })
  const { rows } = await sql<PartnerDeliveryTryRow & { of: string }>`
    select asked.id as of, t.* from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as asked (id text, "webhookId" uuid, place bigint)
    cross join lateral (
      select at, status, ms, answer, error from hub.partner_delivery_tries
      where org_id = ${orgId} and webhook_id = asked."webhookId" and place = asked.place
      order by at desc, number desc limit ${MOST_TRIES_SHOWN}
    ) t order by t.at desc`.execute(tx)
  const tries = new Map<string, PartnerDeliveryTryRow[]>(ids.map((id) => [id, []]))
  for (const { of, ...row } of rows) tries.get(of)?.push(row)
  return tries
}

/** Messages that a webhook is told of in any case: one that was asked for. */
export const insertForOne = async (
  tx: Transaction,
  orgId: string,
  webhookId: string,
  message: { place: number; id: string; event: PartnerEventName; key: string; data: object },
  at: Date,
): Promise<void> => {
  const { place, id, event, key, data } = message
  await sql`
    insert into hub.partner_messages (org_id, place, id, event, key, at, noted_at, data)
    values (${orgId}, ${place}, ${id}, ${event}, ${key}, ${at}, ${at}, ${JSON.stringify(data)}::jsonb)`.execute(
    tx,
  )
  await sql`
    insert into hub.partner_deliveries (org_id, webhook_id, place, event, key, at, state, due_at)
    values (${orgId}, ${webhookId}, ${place}, ${event}, ${key}, ${at}, 'WAITING', ${at})`.execute(tx)
  await sql`${wake(at)} where w.org_id = ${orgId} and w.id = ${webhookId}`.execute(tx)
  await notify(tx)
}

/** Has messages sent again, or for the first time where the webhook was not told of them. @returns how many */
export const replay = async (
  tx: Transaction,
  orgId: string,
  webhookId: string,
  { from, to, eventIds }: { from: Date | null; to: Date | null; eventIds: readonly string[] | null },
  at: Date,
): Promise<number> => {
  const which = eventIds
    ? sql`m.id = any (${eventIds}::text[]) and (m.event = any (w.events) or exists (
        select from hub.partner_deliveries d where d.org_id = m.org_id and d.webhook_id = w.id and d.place = m.place))`
    : sql`m.event = any (w.events) and m.at >= ${from}::timestamptz ${to ? sql`and m.at < ${to}::timestamptz` : sql``}`
  const { rows } = await sql<{ count: number }>`
    with again as (
      insert into hub.partner_deliveries as d (org_id, webhook_id, place, event, key, at, state, due_at)
      select m.org_id, w.id, m.place, m.event, m.key, m.at, 'WAITING', ${at}::timestamptz
      from hub.partner_messages m join hub.partner_webhooks w on w.org_id = m.org_id and w.id = ${webhookId}
      where m.org_id = ${orgId} and ${which}
      on conflict (org_id, webhook_id, place) do update set state = 'WAITING', due_at = ${at}::timestamptz, tries = 0
      returning d.place
    ), woken as (${wake(at)} where w.org_id = ${orgId} and w.id = ${webhookId} and exists (select from again))
    select count(*)::integer as count from again`.execute(tx)
  await notify(tx)
  return rows[0]!.count
}
