import { type RawBuilder, sql } from 'kysely'
import type { LinkedRfq, Mention, RfqStatus } from '../domain/rfqs.ts'
import type { Transaction } from './transaction.ts'

/** A request for prices as inventory has told of it. */
export interface KeptRfq extends LinkedRfq {
  id: string
  accountId: string
  status: RfqStatus
  createdAt: string
  observedAt: string
  deleted: boolean
}

/** Nobody else decides which requests belong to which deals until the transaction ends. Taken before any record is. */
export const lockRfqs = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`rfqs of deals ${orgId}`}, 0))`.execute(tx)
}

/** Keeps what was told of requests: two statements. What is older than what is known is passed over. */
export const keepRfqs = async (
  tx: Transaction,
  orgId: string,
  rfqs: readonly KeptRfq[],
  at: Date,
): Promise<void> => {
  const [gone, live] = [rfqs.filter(({ deleted }) => deleted), rfqs.filter(({ deleted }) => !deleted)]
  if (live.length > 0)
    await sql`
      insert into customers.rfqs as t (org_id, id, account_id, number, c3_rfq_id, number_key, c3_key, status, total, currency,
        created_at, observed_at)
      select ${orgId}::uuid, r."id", r."accountId", r."number", r."c3RfqId", upper(r."number"), upper(r."c3RfqId"), r."status",
        r."total", r."currency", r."createdAt", r."observedAt"
      from json_to_recordset(${JSON.stringify(live)}::json) as r("id" uuid, "accountId" text, "number" text, "c3RfqId" text,
        "status" text, "total" numeric, "currency" text, "createdAt" timestamptz, "observedAt" timestamptz)
      on conflict (org_id, id) do update set account_id = excluded.account_id, number = coalesce(excluded.number, t.number),
        c3_rfq_id = coalesce(excluded.c3_rfq_id, t.c3_rfq_id), number_key = coalesce(excluded.number_key, t.number_key),
        c3_key = coalesce(excluded.c3_key, t.c3_key), status = excluded.status, total = excluded.total,
        currency = excluded.currency, created_at = excluded.created_at, observed_at = excluded.observed_at, gone_at = null
      where t.observed_at <= excluded.observed_at`.execute(tx)
  if (gone.length > 0)
    await sql`
      update customers.rfqs t set gone_at = ${at}::timestamptz, observed_at = r."observedAt"
      from json_to_recordset(${JSON.stringify(gone)}::json) as r("id" uuid, "observedAt" timestamptz)
      where t.org_id = ${orgId}::uuid and t.id = r."id" and t.observed_at <= r."observedAt"`.execute(tx)
}

/** A request that is there. */
export const findRfq = async (tx: Transaction, orgId: string, id: string): Promise<boolean> => {
  const { rows } = await sql`
    select from customers.rfqs where org_id = ${orgId}::uuid and id = ${id}::uuid and gone_at is null`.execute(
    tx,
  )
  return rows.length > 0
}

/** A deal that requests are, or were, linked to. */
export interface LinkableDeal {
  id: string
  integrationId: string
  goneAt: Date | null
  mergedInto: string | null
  /** What its record says under some names. */
  says: Record<string, unknown>
}

/** Deals by id, gone ones too: one statement. @param names properties to tell */
export const linkableDeals = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  names: readonly string[],
): Promise<LinkableDeal[]> => {
  const { rows } = await sql<LinkableDeal>`
    select id, integration_id as "integrationId", gone_at as "goneAt", merged_into as "mergedInto",
      (select coalesce(jsonb_object_agg(name, d.properties -> name), '{}') from unnest(${[...names]}::text[]) as name) as says
    from customers.deals d where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(tx)
  return rows
}

/** A mention with the deal whose record has it, and where in it: see `sourceOf`. */
export type Mentioned = Mention & { dealId: string; source: string }

/** What deals' records mentioned when they were last looked at: one statement. */
export const mentionsOf = async (
  tx: Transaction,
  orgId: string,
  dealIds: readonly string[],
): Promise<Mentioned[]> => {
  const { rows } = await sql<Mentioned>`
    select deal_id as "dealId", kind, name, source from customers.rfq_mentions
    where org_id = ${orgId}::uuid and deal_id = any(${dealIds}::uuid[]) order by name`.execute(tx)
  return rows
}

/** Keeps what deals' records mention now, in place of what they did: two statements. */
export const setMentions = async (
  tx: Transaction,
  orgId: string,
  dealIds: readonly string[],
  mentions: readonly Mentioned[],
): Promise<void> => {
  await sql`delete from customers.rfq_mentions where org_id = ${orgId}::uuid and deal_id = any(${dealIds}::uuid[])`.execute(
    tx,
  )
  if (mentions.length === 0) return
  await sql`
    insert into customers.rfq_mentions (org_id, deal_id, kind, name, source)
    select ${orgId}::uuid, "dealId", kind, name, source from ${recordsOf(mentions)} on conflict do nothing`.execute(
    tx,
  )
}

const recordsOf = (mentions: readonly Mentioned[]): RawBuilder<unknown> =>
  sql`json_to_recordset(${JSON.stringify(mentions)}::json) as m("dealId" uuid, kind text, name text, source text)`

/** Mentions with the requests that go by them: `m` and `r`. */
const known = (orgId: string, mentions: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  (select m."dealId", m.kind, m.name, r.id, r.account_id from ${mentions}
     join customers.rfqs r on r.org_id = ${orgId}::uuid and r.number_key = m.name and r.gone_at is null where m.kind = 'NUMBER'
   union all
   select m."dealId", m.kind, m.name, r.id, r.account_id from ${mentions}
     join customers.rfqs r on r.org_id = ${orgId}::uuid and r.c3_key = m.name and r.gone_at is null where m.kind = 'C3_ID')`

/** What is to be linked, or no longer. */
export interface RfqOfDeal {
  rfqId: string
  dealId: string
}

/**
 * The requests that mentions mean: one statement. Where several go by one name it is that of the deal's own customer, and none when that
 * does not tell which.
 */
export const meantBy = async (
  tx: Transaction,
  orgId: string,
  mentions: readonly Mentioned[],
): Promise<RfqOfDeal[]> => {
  if (mentions.length === 0) return []
  const { rows } = await sql<RfqOfDeal>`
    select distinct "rfqId", "dealId" from (
      select k.id as "rfqId", k."dealId", coalesce(i.customer_id = co.customer_id, false) as is_own,
        count(*) over one as all_of_name, count(*) filter (where i.customer_id = co.customer_id) over one as own_of_name
      from ${known(orgId, recordsOf(mentions))} k
      join customers.deals d on d.org_id = ${orgId}::uuid and d.id = k."dealId" and d.gone_at is null
      left join customers.companies co on co.org_id = d.org_id and co.integration_id = d.integration_id
        and co.external_id = d.company_external_id
      left join customers.identities i on i.org_id = d.org_id and i.system = 'C3' and i.account_id = k.account_id
      window one as (partition by k."dealId", k.kind, k.name)
    ) found where all_of_name = 1 or (is_own and own_of_name = 1)`.execute(tx)
  return rows
}

/** What deals' records mentioned, as it was last looked at, of these requests: one statement. */
export const mentioning = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
): Promise<Mentioned[]> => {
  const { rows } = await sql<Mentioned>`
    select m.deal_id as "dealId", m.kind, m.name, m.source from customers.rfq_mentions m
    join customers.rfqs r on r.org_id = m.org_id and r.id = any(${rfqIds}::uuid[])
      and m.name = case m.kind when 'NUMBER' then r.number_key else r.c3_key end
    where m.org_id = ${orgId}::uuid`.execute(tx)
  return rows
}

/** Of what deals' records mention, that by which no request goes, as far as the hub knows: one statement. */
export const unknownMentions = async (
  tx: Transaction,
  orgId: string,
  dealIds: readonly string[],
): Promise<Mentioned[]> => {
  const { rows } = await sql<Mentioned>`
    select m.deal_id as "dealId", m.kind, m.name, m.source from customers.rfq_mentions m
    where m.org_id = ${orgId}::uuid and m.deal_id = any(${dealIds}::uuid[])
      and not exists (select from customers.rfqs r where r.org_id = m.org_id and m.kind = 'NUMBER' and r.number_key = m.name)
      and not exists (select from customers.rfqs r where r.org_id = m.org_id and m.kind = 'C3_ID' and r.c3_key = m.name)
    order by m.name`.execute(tx)
  return rows
}

/**
 * Links requests to deals: one statement.
 * @param again also those that somebody has taken away
 * @returns the deals to which one was linked that was not
 */
export const linkRfqs = async (
  tx: Transaction,
  orgId: string,
  links: readonly RfqOfDeal[],
  { by, again, at }: { by: 'PROPERTY' | 'MANUAL'; again: boolean; at: Date },
): Promise<string[]> => {
  if (links.length === 0) return []
  const { rows } = await sql<{ deal_id: string }>`
    insert into customers.rfq_deals as x (org_id, rfq_id, deal_id, state, linked_by, linked_at)
    select distinct ${orgId}::uuid, "rfqId", "dealId", 'LINKED', ${by}, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(links)}::json) as r("rfqId" uuid, "dealId" uuid)
    on conflict (org_id, rfq_id, deal_id) do update set state = 'LINKED', linked_by = excluded.linked_by, linked_at = excluded.linked_at
    where x.state = 'UNLINKED' and ${again}
    returning deal_id`.execute(tx)
  return rows.map((row) => row.deal_id)
}

/** Takes requests away from deals, for good: one statement. @returns the deals that had one of them */
export const unlinkRfqs = async (
  tx: Transaction,
  orgId: string,
  links: readonly RfqOfDeal[],
  { by, at }: { by: 'PROPERTY' | 'MANUAL'; at: Date },
): Promise<string[]> => {
  if (links.length === 0) return []
  const { rows } = await sql<{ deal_id: string }>`
    update customers.rfq_deals x set state = 'UNLINKED', linked_by = ${by}, linked_at = ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(links)}::json) as r("rfqId" uuid, "dealId" uuid)
    where x.org_id = ${orgId}::uuid and x.rfq_id = r."rfqId" and x.deal_id = r."dealId" and x.state = 'LINKED'
    returning x.deal_id`.execute(tx)
  return rows.map((row) => row.deal_id)
}

/** The same for those that go by names that deals' records no longer mention. */
export const unlinkMentioned = async (
  tx: Transaction,
  orgId: string,
  mentions: readonly Mentioned[],
  at: Date,
): Promise<string[]> => {
  if (mentions.length === 0) return []
  const { rows } = await sql<{ deal_id: string }>`
    update customers.rfq_deals x set state = 'UNLINKED', linked_by = 'PROPERTY', linked_at = ${at}::timestamptz
    from ${known(orgId, recordsOf(mentions))} k
    where x.org_id = ${orgId}::uuid and x.rfq_id = k.id and x.deal_id = k."dealId" and x.state = 'LINKED'
    returning x.deal_id`.execute(tx)
  return rows.map((row) => row.deal_id)
}

/** What was linked to deals that were merged away is linked to those they were merged into: two statements. */
export const moveRfqs = async (
  tx: Transaction,
  orgId: string,
  merged: readonly { from: string; into: string }[],
): Promise<void> => {
  if (merged.length === 0) return
  const list = JSON.stringify(merged)
  await sql`
    insert into customers.rfq_deals as x (org_id, rfq_id, deal_id, state, linked_by, linked_at)
    select distinct on (o.rfq_id, m."into") o.org_id, o.rfq_id, m."into", o.state, o.linked_by, o.linked_at
    from json_to_recordset(${list}::json) as m("from" uuid, "into" uuid)
    join customers.rfq_deals o on o.org_id = ${orgId}::uuid and o.deal_id = m."from" and o.state = 'LINKED'
    order by o.rfq_id, m."into", o.linked_at
    on conflict (org_id, rfq_id, deal_id) do nothing`.execute(tx)
  await sql`
    delete from customers.rfq_deals o using json_to_recordset(${list}::json) as m("from" uuid, "into" uuid)
    where o.org_id = ${orgId}::uuid and o.deal_id = m."from"`.execute(tx)
}

/** The requests that belong to deals, newest first: one statement. */
export const rfqsOfDeals = async (
  tx: Transaction,
  orgId: string,
  dealIds: readonly string[],
): Promise<(LinkedRfq & { id: string; dealId: string })[]> => {
  const { rows } = await sql<LinkedRfq & { id: string; dealId: string }>`
    select r.id, x.deal_id as "dealId", r.number, r.c3_rfq_id as "c3RfqId", r.status, r.total, r.currency
    from customers.rfq_deals x join customers.rfqs r on r.org_id = x.org_id and r.id = x.rfq_id and r.gone_at is null
    where x.org_id = ${orgId}::uuid and x.deal_id = any(${dealIds}::uuid[]) and x.state = 'LINKED'
    order by r.created_at desc, r.id desc`.execute(tx)
  return rows
}

/** The deals that requests belong to: one statement. */
export const dealsOfRfqs = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
): Promise<string[]> => {
  const { rows } = await sql<{ deal_id: string }>`
    select distinct deal_id from customers.rfq_deals
    where org_id = ${orgId}::uuid and rfq_id = any(${rfqIds}::uuid[]) and state = 'LINKED'`.execute(tx)
  return rows.map((row) => row.deal_id)
}
