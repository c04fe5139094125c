/** Colleagues who own records at HubSpot. There are as many as a company has people who sell and help. */
import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A colleague who owns records in a portal. */
export interface OwnerRow {
  id: string
  external_id: string
  email: string | null
  name: string | null
  is_active: boolean
}

export interface OwnerFilter {
  /** Words that the name or the e-mail address holds, in any order. */
  search: string | null
  active: boolean | null
}

const NAME = sql<string>`lower(coalesce(o.name, o.email, ''))`

const among = (orgId: string, { search, active }: OwnerFilter): RawBuilder<unknown> => {
  const words = search?.toLowerCase().split(/\s+/).filter(Boolean) ?? []
  return sql`o.org_id = ${orgId}::uuid and (${active}::boolean is null or o.is_active = ${active})
    and not exists (select from unnest(${words}::text[]) w where position(w in lower(concat_ws(' ', o.name, o.email))) = 0)`
}

/** Owners by name, then id: one statement. `key` is what they are ordered by. */
export const listOwners = async (
  tx: Transaction,
  orgId: string,
  filter: OwnerFilter,
  page: { after: readonly [key: string, id: string] | null; limit: number },
): Promise<(OwnerRow & { key: string })[]> => {
  const [key = null, id = null] = page.after ?? []
  const { rows } = await sql<OwnerRow & { key: string }>`
    select o.id, o.external_id, o.email, o.name, o.is_active, ${NAME} as key from customers.owners o
    where ${among(orgId, filter)} and (${key}::text is null or (${NAME}, o.id) > (${key}::text, ${id}::uuid))
    order by ${NAME}, o.id limit ${page.limit}`.execute(tx)
  return rows
}

/** How many there are. */
export const countOwners = async (tx: Transaction, orgId: string, filter: OwnerFilter): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from customers.owners o where ${among(orgId, filter)}`.execute(tx)
  return rows[0]!.count
}

/** Owners by id: one statement. */
export const ownersById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, OwnerRow>> => {
  const rows = await tx
    .selectFrom('customers.owners')
    .select(['id', 'external_id', 'email', 'name', 'is_active'])
    .where('org_id', '=', orgId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}
