import { sql } from 'kysely'
import type { Lifecycle } from '../domain/lifecycle.ts'
import { normalNumber } from '../domain/part-numbers.ts'
import { beginsWith, beyond } from './beginning.ts'
import type { Transaction } from './transaction.ts'

/** A supplier that offers a part, by C3's id. */
export interface ComponentSourceRow {
  supplierId: string
  leadTimeDays: number
  /** Decimal, in `currency`. */
  unitCost: string
  /** Null where nothing tells. */
  currency: string | null
  minimumQuantity: number
}

/** A part as it is kept, with what lies there of it. */
export interface ComponentRow {
  id: string
  partNumber: string
  manufacturer: string
  description: string | null
  category: string | null
  family: string | null
  package: string | null
  lifecycle: Lifecycle | null
  parameters: { name: string; value: string; unit: string | null }[]
  sources: Omit<ComponentSourceRow, 'currency'>[]
  quantityAvailable: number
  quantityReserved: number
  /** Decimal; null while nothing lies there, or in several currencies. */
  averageCost: string | null
  /** Of what lies there; null while nothing does, or in several currencies. */
  currency: string | null
}

/** A part as far as advice goes. */
export const asStock = ({ averageCost, quantityAvailable, quantityReserved, ...part }: ComponentRow) => ({
  ...part,
  unitCost: averageCost,
  free: quantityAvailable - quantityReserved,
})

export interface ComponentChoice {
  /** What is looked for; null for all. */
  search: string | null
  category: string | null
  family: string | null
  manufacturer: string | null
  lifecycle: Lifecycle | null
  inStock: boolean | null
  isLow: boolean | null
}

const columns = sql`
  c.id, c.part_number as "partNumber", c.manufacturer, c.description, c.category, c.family, c.package, c.lifecycle, c.parameters,
  c.sources, coalesce(s.available, 0)::int as "quantityAvailable", coalesce(s.reserved, 0)::int as "quantityReserved",
  case when s.currencies = 1 and s.available > 0 then round(s.worth / s.available, 4)::text end as "averageCost",
  case when s.currencies = 1 then s.currency end as currency`

// What lies there, over all rows of a part.
const stocked = sql`
  left join lateral (
    select sum(i.quantity_available) as available, sum(i.quantity_reserved + i.quantity_promised) as reserved,
      sum(i.quantity_available * i.cost_per_unit) as worth, count(distinct i.currency) as currencies, min(i.currency) as currency
    from inventory.inventory i
    where i.org_id = c.org_id and i.component_id = c.id and i.deleted_at is null
  ) s on true`

/** The components with these ids, one statement for all. */
export const componentsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<ComponentRow[]> => {
  const { rows } = await sql<ComponentRow>`
    select ${columns} from inventory.components c ${stocked}
    where c.org_id = ${orgId} and c.id = any(${ids}::uuid[]) order by c.id`.execute(tx)
  return rows
}

/** A connection that has stock of each part; one statement. Parts of which there is none are absent. */
export const connectionsOfParts = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, string>> => {
  const { rows } = await sql<{ id: string; connectionId: string }>`
    select component_id as id, min(connection_id::text) as "connectionId" from inventory.inventory
    where org_id = ${orgId} and component_id = any(${ids}::uuid[]) and deleted_at is null group by component_id`.execute(
    tx,
  )
  return new Map(rows.map(({ id, connectionId }) => [id, connectionId]))
}

/** A component by its names. */
export interface ComponentNaming {
  id: string
  partNumber: string
  manufacturer: string
  base: string
}

/** Components whose number is one of these but for case, dashes and packing: whoever may be meant. One statement. */
export const componentsByBase = async (
  tx: Transaction,
  orgId: string,
  bases: readonly string[],
): Promise<ComponentNaming[]> => {
  if (bases.length === 0) return []
  const { rows } = await sql<ComponentNaming>`
    select id, part_number as "partNumber", manufacturer, base_number as base from inventory.components
    where org_id = ${orgId} and base_number = any(${bases})`.execute(tx)
  return rows
}

const conditions = (choice: ComponentChoice) => {
  const { category, family, manufacturer, lifecycle, inStock, isLow } = choice
  const low = sql`exists (
    select from inventory.stock_levels l where l.org_id = c.org_id and l.component_id = c.id and l.is_low)`
  const free = sql`exists (
    select 1 from inventory.inventory i where i.org_id = c.org_id and i.component_id = c.id and i.deleted_at is null
      and i.quantity_available > i.quantity_reserved + i.quantity_promised)`
  return sql.join(
    [
      sql`true`,
      ...(category === null ? [] : [sql`c.category = ${category}`]),
      ...(family === null ? [] : [sql`c.family = ${family}`]),
      ...(manufacturer === null ? [] : [sql`c.manufacturer = ${manufacturer}`]),
      ...(lifecycle === null ? [] : [sql`c.lifecycle = ${lifecycle}`]),
      ...(inStock === null ? [] : [inStock ? free : sql`not ${free}`]),
      ...(isLow === null ? [] : [isLow ? low : sql`not ${low}`]),
    ],
    sql` and `,
  )
}

/** What a search looks for: letters and digits at the beginning of a number, and words anywhere. */
interface Search {
  words: string
  /** Null when there are neither letters nor digits: no number begins so. */
  start: string | null
}

const searchOf = ({ search }: ComponentChoice): Search | null => {
  const words = search?.trim().toUpperCase()
  return words ? { words, start: normalNumber(words) || null } : null
}

const beginning = (search: Search | null) => {
  if (search === null) return sql`true`
  return search.start === null ? sql`false` : beginsWith(sql`c.normal_number`, search.start)
}

/** Ids of the parts that hold the words anywhere, without those whose number begins so. */
const holding = (
  { words, start }: Search,
  choice: ComponentChoice,
  { after, limit }: { after: readonly [number, string, string] | null; limit: number },
) => {
  const { search: _, ...narrowed } = choice
  return sql`inventory.parts_holding(${words}, ${start}, ${start === null ? null : beyond(start)}, ${JSON.stringify(narrowed)}::jsonb,
    ${after?.[1] ?? null}, ${after?.[2] ?? null}::uuid, ${limit}::integer)`
}

/**
 * A page of components: first those whose number begins with the search (rank 0), then those that contain it anywhere (rank 1), each by
 * part number. Both walk an index, and the second is only looked at when the first has too few.
 * @param after rank, number without signs, and id
 */
export const componentPage = async (
  tx: Transaction,
  orgId: string,
  choice: ComponentChoice,
  page: { limit: number; after: readonly [number, string, string] | null },
): Promise<(ComponentRow & { rank: number; normalNumber: string })[]> => {
  const { after, limit } = page
  const search = searchOf(choice)
  const begins = sql`${beginning(search)} and ${conditions(choice)}`
  const isFirst = after === null || after[0] === 0
  const first = isFirst ? await ranked(tx, orgId, { rank: 0, where: begins, after, limit }) : []
  if (!search || first.length === limit) return first
  const rest = { after: isFirst ? null : after, limit: limit - first.length }
  const where = sql`c.id in (select ${holding(search, choice, rest)})`
  return [...first, ...(await ranked(tx, orgId, { rank: 1, where, ...rest }))]
}

const ranked = async (
  tx: Transaction,
  orgId: string,
  asked: {
    rank: number
    where: ReturnType<typeof sql>
    after: readonly [number, string, string] | null
    limit: number
  },
) => {
  const { rank, where, after, limit } = asked
  const behind = after
    ? sql`and (c.normal_number ~>~ ${after[1]} or (c.normal_number = ${after[1]} and c.id > ${after[2]}::uuid))`
    : sql``
  const { rows } = await sql<ComponentRow & { rank: number; normalNumber: string }>`
    select ${columns}, ${rank}::int as rank, c.normal_number as "normalNumber"
    from (
      select c.* from inventory.components c
      where c.org_id = ${orgId} and c.normal_number is not null and ${where} ${behind}
      order by c.normal_number using ~<~, c.id limit ${limit}
    ) c ${stocked}
    order by c.normal_number using ~<~, c.id`.execute(tx)
  return rows
}

/** For each supplier, by C3's id, its page of what it offers, by part number; one statement for all. `after` is (number, id). */
export const componentPagesOf = async (
  tx: Transaction,
  orgId: string,
  supplierIds: readonly string[],
  page: { limit: number; after: readonly [string, string] | null },
): Promise<Map<string, (ComponentRow & { normalNumber: string })[]>> => {
  const { after, limit } = page
  const { rows } = await sql<ComponentRow & { normalNumber: string; offeredBy: string }>`
    select ${columns}, c.normal_number as "normalNumber", c.offered_by as "offeredBy"
    from (
      select o.supplier as offered_by, c.*
      from inventory.parts_offered_by(${supplierIds}, ${after?.[0] ?? null}, ${after?.[1] ?? null}::uuid, ${limit}::integer) o
      join inventory.components c on c.id = o.id and c.org_id = ${orgId}
    ) c ${stocked}
    order by c.offered_by, c.normal_number using ~<~, c.id`.execute(tx)
  return Map.groupBy(rows, (row) => row.offeredBy)
}

/** How many components each supplier offers, by C3's id of it; one statement for all. */
export const countOffered = async (
  tx: Transaction,
  supplierIds: readonly string[],
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ id: string; n: number }>`
    select supplier as id, n from inventory.count_offered_by(${supplierIds})`.execute(tx)
  return new Map(rows.map(({ id, n }) => [id, n]))
}

/** So many that a search finds are counted: of a word that very many hold nobody needs the number, and counting them takes long. */
const MOST_COUNTED = 1000

/** How many components a choice has. Null when a search finds more than a thousand. */
export const countComponents = async (
  tx: Transaction,
  orgId: string,
  choice: ComponentChoice,
): Promise<number | null> => {
  const search = searchOf(choice)
  const found = sql`from inventory.components c
    where c.org_id = ${orgId} and c.normal_number is not null and ${beginning(search)} and ${conditions(choice)}`
  if (!search) {
    const { rows } = await sql<{ n: number }>`select count(*) as n ${found}`.execute(tx)
    return rows[0]!.n
  }
  const limit = MOST_COUNTED + 1
  const { rows } = await sql<{ n: number }>`
    select case when b.n > ${MOST_COUNTED} then b.n
      else b.n + (select count(*) from ${holding(search, choice, { after: null, limit })}) end as n
    from (select count(*) as n from (select 1 ${found} limit ${limit}) as these) b`.execute(tx)
  const { n } = rows[0]!
  return n > MOST_COUNTED ? null : n
}

/** A component as a stock row tells of it. */
export interface WrittenComponent
  extends Omit<ComponentRow, 'quantityAvailable' | 'quantityReserved' | 'averageCost' | 'currency'> {
  normalNumber: string
  baseNumber: string
  searchText: string
  /** JSON text, as C3 told it. */
  told: string
}

/** Whether components are as they are told here, by the SHA-256 of the JSON text in hex; one statement for all. New ones are absent. */
export const areAsTold = async (
  tx: Transaction,
  orgId: string,
  told: ReadonlyMap<string, string>,
): Promise<Map<string, boolean>> => {
  const { rows } = await sql<{ id: string; isSame: boolean }>`
    select c.id, c.told is not null and encode(sha256(convert_to(c.told::text, 'UTF8')), 'hex') = k.hash as "isSame"
    from unnest(${[...told.keys()]}::uuid[], ${[...told.values()]}::text[]) as k(id, hash)
    join inventory.components c on c.org_id = ${orgId} and c.id = k.id`.execute(tx)
  return new Map(rows.map(({ id, isSame }) => [id, isSame]))
}

/** Keeps with their stock rows what components were told to be, before they become something else: one statement for all. */
export const keepTold = async (tx: Transaction, orgId: string, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  await sql`
    update inventory.inventory i set part = c.told from inventory.components c
    where c.org_id = ${orgId} and c.id = any(${ids}::uuid[]) and c.told is not null
      and i.org_id = c.org_id and i.component_id = c.id and i.part is null and i.deleted_at is null`.execute(
    tx,
  )
}

/** Writes components, one statement for all. */
export const upsertComponents = async (
  tx: Transaction,
  orgId: string,
  components: readonly WrittenComponent[],
): Promise<void> => {
  if (components.length === 0) return
  await sql`
    insert into inventory.components as c
      (org_id, id, part_number, manufacturer, description, category, family, package, lifecycle, parameters, sources, normal_number,
       base_number, search_text, told)
    select ${orgId}::uuid, r."id", r."partNumber", r."manufacturer", r."description", r."category", r."family", r."package",
      r."lifecycle", r."parameters", r."sources", r."normalNumber", r."baseNumber", r."searchText", r."told"::json
    from jsonb_to_recordset(${JSON.stringify(components)}::jsonb) as r(
      "id" uuid, "partNumber" text, "manufacturer" text, "description" text, "category" text, "family" text, "package" text,
      "lifecycle" text, "parameters" jsonb, "sources" jsonb, "normalNumber" text, "baseNumber" text, "searchText" text, "told" text)
    order by r."id"
    on conflict (org_id, id) do update set
      description = excluded.description, category = excluded.category, family = excluded.family, package = excluded.package,
      lifecycle = excluded.lifecycle, parameters = excluded.parameters, sources = excluded.sources,
      normal_number = excluded.normal_number, base_number = excluded.base_number, search_text = excluded.search_text,
      told = excluded.told`.execute(tx)
}

/** Lets searches find parts by an index that have come since: one statement, which takes as long as there are many of them. */
export const indexParts = async (tx: Transaction): Promise<void> => {
  await sql`select inventory.index_parts()`.execute(tx)
}
