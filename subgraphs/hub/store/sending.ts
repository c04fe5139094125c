/** Who is sent to by whom, and what came of it. */
import { sql } from 'kysely'
import type { PartnerEventName } from '../domain/webhooks.ts'
import type { Transaction } from './transaction.ts'

/** Webhooks to which something is to be sent, the longest due first, but for those named. Asked as the relay. */
export const dueWebhooks = async (
  tx: Transaction,
  now: Date,
  { but, limit }: { but: readonly string[]; limit: number },
): Promise<{ orgId: string; id: string }[]> => {
  const { rows } = await sql<{ orgId: string; id: string }>`
    select org_id as "orgId", id from hub.partner_webhooks
    where state = 'ACTIVE' and due_at <= ${now}::timestamptz and (leased_until is null or leased_until <= ${now}::timestamptz)
      and not id = any (${but}::uuid[])
    order by due_at limit ${limit}`.execute(tx)
  return rows
}

/** How many webhooks are in each state, and since when the longest due one waits for its turn. Asked as the relay. */
export const webhooksByState = async (
  tx: Transaction,
  now: Date,
): Promise<{ state: string; count: number; dueSince: Date | null }[]> => {
  const { rows } = await sql<{ state: string; count: number; dueSince: Date | null }>`
    select state, count(*)::integer as count, min(due_at) filter (where state = 'ACTIVE' and due_at <= ${now}::timestamptz) as "dueSince"
    from hub.partner_webhooks group by state`.execute(tx)
  return rows
}

/** A webhook that this process sends to until its lease is over. */
export interface Leased {
  orgId: string
  id: string
  lease: string
  url: string
  /** Sealed. */
  secret: string
  formerSecret: string | null
  formerUntil: Date | null
  failures: number
  failingSince: Date | null
}

/** Takes a webhook, unless another process has it. */
export const takeLease = async (
  tx: Transaction,
  { orgId, id, lease }: Pick<Leased, 'orgId' | 'id' | 'lease'>,
  now: Date,
  until: Date,
): Promise<Leased | undefined> => {
  const { rows } = await sql<Leased>`
    update hub.partner_webhooks set lease = ${lease}, leased_until = ${until}
    where org_id = ${orgId} and id = ${id} and state = 'ACTIVE' and due_at <= ${now}::timestamptz
      and (leased_until is null or leased_until <= ${now}::timestamptz)
    returning org_id as "orgId", id, lease, url, secret, former_secret as "formerSecret", former_until as "formerUntil",
      failures, failing_since as "failingSince"`.execute(tx)
  return rows[0]
}

/** An event that is to be sent now. */
export interface Waiting {
  place: number
  key: string
  tries: number
  id: string
  event: PartnerEventName
  at: Date
  data: object
}

/** What is to be sent to a webhook, in order. What waits behind an event of its key that is tried again later is not among it. */
export const waitingFor = async (
  tx: Transaction,
  { orgId, id }: Pick<Leased, 'orgId' | 'id'>,
  now: Date,
  limit: number,
): Promise<Waiting[]> => {
  const { rows } = await sql<Waiting>`
    select d.place, d.key, d.tries, m.id, m.event, m.at, m.data
    from hub.partner_deliveries d join hub.partner_messages m using (org_id, place)
    where d.org_id = ${orgId} and d.webhook_id = ${id} and d.state = 'WAITING' and not exists (
      select from hub.partner_deliveries b where b.org_id = ${orgId} and b.webhook_id = ${id} and b.state = 'WAITING'
        and b.due_at > ${now}::timestamptz and b.key = d.key and b.place <= d.place)
    order by d.place limit ${limit}`.execute(tx)
  return rows
}

/** What came of one event that was sent. */
export interface SettledTry {
  place: number
  state: 'WAITING' | 'DELIVERED' | 'FAILED'
  dueAt: Date | null
  at: Date
  status: number | null
  ms: number
  answer: string | null
  error: string | null
}

/** What is known of a webhook after it was sent to. */
export interface SettledWebhook {
  failures: number
  failingSince: Date | null
  lastDeliveredAt: Date | null
  /** Until when nothing is sent to it. */
  restUntil: Date | null
  disabled: string | null
}

/** Whether the lease still counts; whoever asks holds the webhook until the transaction ends. */
export const holdsLease = async (
  tx: Transaction,
  { orgId, id, lease }: Pick<Leased, 'orgId' | 'id' | 'lease'>,
): Promise<boolean> => {
  const { rows } = await sql`
    select from hub.partner_webhooks where org_id = ${orgId} and id = ${id} and lease = ${lease} for no key update`.execute(
    tx,
  )
  return rows.length > 0
}

/** Writes what came of events that were sent: two statements, whatever their number. */
export const settleTries = async (
  tx: Transaction,
  { orgId, id }: Pick<Leased, 'orgId' | 'id'>,
  tries: readonly SettledTry[],
): Promise<void> => {
  if (tries.length === 0) return
  const given = sql`jsonb_to_recordset(${JSON.stringify(tries)}::jsonb) as t (
    place bigint, state text, "dueAt" timestamptz, at timestamptz, status integer, ms integer, answer text, error text)`
  await sql`
    insert into hub.partner_delivery_tries (org_id, webhook_id, place, at, number, status, ms, answer, error)
    select ${orgId}::uuid, ${id}::uuid, t.place, t.at, d.tries + 1, t.status, t.ms, t.answer, t.error
    from ${given} join hub.partner_deliveries d on d.org_id = ${orgId} and d.webhook_id = ${id} and d.place = t.place
    on conflict do nothing`.execute(tx)
  await sql`
    update hub.partner_deliveries d set state = t.state, due_at = t."dueAt", tries = d.tries + 1
    from ${given} where d.org_id = ${orgId} and d.webhook_id = ${id} and d.place = t.place`.execute(tx)
}

/**
 * Gives the lease back, and says when it is the webhook's turn again: at once when something waits that is not behind an event tried later.
 * Its row is locked since before what waits is read: whoever adds something meanwhile says so after this.
 */
export const settleWebhook = async (
  tx: Transaction,
  { orgId, id }: Pick<Leased, 'orgId' | 'id'>,
  { failures, failingSince, lastDeliveredAt, restUntil, disabled }: SettledWebhook,
  now: Date,
): Promise<void> => {
  await sql`
    with later as (
      select key, min(place) as place, min(due_at) as due_at from hub.partner_deliveries
      where org_id = ${orgId} and webhook_id = ${id} and state = 'WAITING' and due_at > ${now}::timestamptz group by key
    ), next as (
      select case when exists (
        select from hub.partner_deliveries d where d.org_id = ${orgId} and d.webhook_id = ${id} and d.state = 'WAITING'
          and not exists (select from later where later.key = d.key and later.place <= d.place)
      ) then ${now}::timestamptz else (select min(due_at) from later) end as due_at
    )
    update hub.partner_webhooks w set lease = null, leased_until = null, failures = ${failures}, failing_since = ${failingSince},
      last_delivered_at = coalesce(${lastDeliveredAt}::timestamptz, w.last_delivered_at), due_at = greatest(next.due_at, case when next.due_at is null then null else ${restUntil}::timestamptz end),
      state = case when ${disabled}::text is null then w.state else 'DISABLED' end, reason = coalesce(${disabled}::text, w.reason),
      changed_at = case when ${disabled}::text is null then w.changed_at else ${now}::timestamptz end
    from next where w.org_id = ${orgId} and w.id = ${id}`.execute(tx)
}
