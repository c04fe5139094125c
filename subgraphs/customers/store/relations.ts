import { sql } from 'kysely'
import { reached } from './children.ts'
import type { Transaction } from './transaction.ts'

/** So many other customers a map looks at beside its own. */
const MOST_NEAR = 25

export type RelatedKind = 'CUSTOMER' | 'ACCOUNT' | 'CONTACT' | 'DEAL' | 'RFQ'
export type RelationKind = 'ACCOUNT' | 'CANDIDATE' | 'SAME_DOMAIN' | 'PERSON' | 'DEAL' | 'RFQ' | 'RFQ_OF_DEAL'

/** A relation of two things: where it goes from and to, how sure it is and what that rests on. */
export interface RelationRow {
  rank: number
  kind: RelationKind
  from_kind: RelatedKind
  from_id: string
  from_label: string | null
  to_kind: RelatedKind
  to_id: string
  to_label: string | null
  confidence: number | null
  why: string | null
}

/** The place of a relation in its list. */
export const placeOfRelation = (row: RelationRow) => [row.rank, row.from_id, row.to_id] as const

/** A page of what a customer is related to: one statement. At depth 2 also what the customers near it are related to. */
export const relationsOf = async (
  tx: Transaction,
  orgId: string,
  ask: { id: string; depth: number; limit: number; after: readonly [number, string, string] | null },
): Promise<RelationRow[]> => {
  const org = sql`${orgId}::uuid`
  const { rows } = await sql<RelationRow>`
    with mine as (
      select i.* from customers.identities i where i.org_id = ${org} and i.customer_id = ${ask.id}::uuid and i.gone_at is null
    ), near as (
      select o.customer_id as id from mine m join customers.identities o on o.org_id = ${org} and o.match_domain = m.match_domain
      where o.gone_at is null and ${ask.depth} > 1
      union
      select o.customer_id from mine m
      join customers.identity_candidates c on c.org_id = ${org} and c.state = 'OPEN' and c.a_system = m.system and c.a_account_id = m.account_id
      join customers.identities o on o.org_id = ${org} and o.system = c.b_system and o.account_id = c.b_account_id
      where o.gone_at is null and ${ask.depth} > 1
      union
      select o.customer_id from mine m
      join customers.identity_candidates c on c.org_id = ${org} and c.state = 'OPEN' and c.b_system = m.system and c.b_account_id = m.account_id
      join customers.identities o on o.org_id = ${org} and o.system = c.a_system and o.account_id = c.a_account_id
      where o.gone_at is null and ${ask.depth} > 1
    ), who as (
      (select id from near where id <> ${ask.id}::uuid order by id limit ${MOST_NEAR}) union all select ${ask.id}::uuid
    ), held as (
      select i.* from who join customers.identities i on i.org_id = ${org} and i.customer_id = who.id and i.gone_at is null
    ), asked as (
      select c.* from held h
      join customers.identity_candidates c on c.org_id = ${org} and c.a_system = h.system and c.a_account_id = h.account_id
      union
      select c.* from held h
      join customers.identity_candidates c on c.org_id = ${org} and c.b_system = h.system and c.b_account_id = h.account_id
    ), requests as (
      select h.customer_id, r.id, coalesce(r.number, r.c3_rfq_id) as label from held h
      join customers.rfqs r on r.org_id = ${org} and r.account_id = h.account_id and r.gone_at is null where h.system = 'C3'
    ), relations as (
      select 1 as rank, 'ACCOUNT' as kind, 'CUSTOMER' as from_kind, h.customer_id::text as from_id, null as from_label,
        'ACCOUNT' as to_kind, h.system || ' ' || h.account_id as to_id, h.name as to_label,
        case when h.linked_by = 'MATCHED' then (
          select max(c.score) / 100 from asked c join held o on o.customer_id = h.customer_id
            and (o.system, o.account_id) in ((c.a_system, c.a_account_id), (c.b_system, c.b_account_id))
          where c.state = 'LINKED' and (o.system, o.account_id) <> (h.system, h.account_id)
            and (h.system, h.account_id) in ((c.a_system, c.a_account_id), (c.b_system, c.b_account_id))
        ) end::float8 as confidence, h.linked_by as why
      from held h
      union all
      select 2, 'CANDIDATE', 'ACCOUNT', c.a_system || ' ' || c.a_account_id, a.name, 'ACCOUNT', c.b_system || ' ' || c.b_account_id, b.name,
        (c.score / 100)::float8, array_to_string(c.kind || c.reasons, ' ')
      from asked c
      join customers.identities a on a.org_id = ${org} and a.system = c.a_system and a.account_id = c.a_account_id and a.gone_at is null
      join customers.identities b on b.org_id = ${org} and b.system = c.b_system and b.account_id = c.b_account_id and b.gone_at is null
      where c.state = 'OPEN'
      union all
      select 3, 'SAME_DOMAIN', 'CUSTOMER', least(h.customer_id, o.customer_id)::text, null, 'CUSTOMER',
        greatest(h.customer_id, o.customer_id)::text, null, null, min(o.match_domain)
      from held h join customers.identities o on o.org_id = ${org} and o.match_domain = h.match_domain and o.gone_at is null
      where o.customer_id <> h.customer_id group by 4, 7
      union all
      select 4, 'PERSON', 'CUSTOMER', p.customer_id::text, null, 'CONTACT', t.id::text,
        nullif(concat_ws(' ', t.first_name, t.last_name), ''), null, null
      from ${reached('customers', 'contacts')} where p.org_id = ${org} and p.customer_id in (select id from who) and p.gone_at is null
      union all
      select 5, 'DEAL', 'CUSTOMER', p.customer_id::text, null, 'DEAL', t.id::text, t.name, null, null
      from ${reached('customers', 'deals')} where p.org_id = ${org} and p.customer_id in (select id from who) and p.gone_at is null
      union all
      select 6, 'RFQ', 'CUSTOMER', r.customer_id::text, null, 'RFQ', r.id::text, r.label, null, null from requests r
      union all
      select 7, 'RFQ_OF_DEAL', 'DEAL', d.id::text, d.name, 'RFQ', r.id::text, r.label, null, l.linked_by
      from requests r
      join customers.rfq_deals l on l.org_id = ${org} and l.rfq_id = r.id and l.state = 'LINKED'
      join customers.deals d on d.org_id = ${org} and d.id = l.deal_id and d.gone_at is null
    ), page as (
      select distinct on (rank, from_id, to_id) * from relations
      where ${ask.after === null} or (rank, from_id, to_id) > (${ask.after?.[0] ?? 0}::integer, ${ask.after?.[1] ?? ''}, ${ask.after?.[2] ?? ''})
      order by rank, from_id, to_id limit ${ask.limit}
    )
    select page.rank, page.kind, page.from_kind, page.from_id, coalesce(page.from_label, f.name) as from_label, page.to_kind, page.to_id,
      coalesce(page.to_label, t.name) as to_label, page.confidence, page.why
    from page
    left join customers.customers f on f.org_id = ${org} and f.id = case when page.from_kind = 'CUSTOMER' then page.from_id::uuid end
    left join customers.customers t on t.org_id = ${org} and t.id = case when page.to_kind = 'CUSTOMER' then page.to_id::uuid end
    order by page.rank, page.from_id, page.to_id`.execute(tx)
  return rows
}
