import { type RawBuilder, sql } from 'kysely'
import { asTransaction } from './transaction.ts'

/** Values by C3's field names; instants as ISO 8601 text, decimals as text. */
type Row = Record<string, string | number | null>

// The engine speaks of one organisation at a time: the transaction's own.
const org = sql`current_setting('hub.org_id')::uuid`

/** What the hub holds of one kind of record, in C3's field names and spelling. */
const held: Record<string, (ids: readonly string[]) => RawBuilder<{ id: string } & Row>> = {
  inventory: (ids) => sql`
    select i.id, i.part_number as "partNumber", c.manufacturer, c.description, i.location,
      i.quantity_available as "quantityAvailable", i.quantity_reserved as "quantityReserved",
      i.cost_per_unit::text as "costPerUnit", i.currency, i.date_code as "dateCode", i.lot_code as "lotCode"
    from inventory.inventory i join inventory.components c on c.org_id = i.org_id and c.id = i.component_id
    where i.org_id = ${org} and i.id = any(${ids}::uuid[])`,
  rfqs: (ids) => sql`
    select id, c3_customer_id as "customerId", rfq_number as "number", c3_quote_id as "quoteId", c3_status as status, buyer, total::text as total, currency, due_at as "dueAt",
      created_at as "createdAt", line_count as "lineCount", lines::text as lines
    from inventory.rfqs
    where org_id = ${org} and id = any(${ids}::uuid[])`,
  customers: (ids) => sql`
    select id, name, domain, phone, city, country from inventory.c3_accounts
    where org_id = ${org} and id = any(${ids}::uuid[])`,
}

const spelled = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value)

/** The values of these records as the hub holds them, one statement for all. */
export const currentValues = async (
  tx: object,
  type: string,
  ids: readonly string[],
): Promise<Map<string, Row>> => {
  const select = held[type]
  if (!select || ids.length === 0) return new Map()
  const { rows } = await select(ids).execute(asTransaction(tx))
  return new Map(
    rows.map(({ id, ...values }) => [
      id,
      Object.fromEntries(Object.entries(values).map(([k, v]) => [k, spelled(v)])) as Row,
    ]),
  )
}
