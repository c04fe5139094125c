import { type RawBuilder, sql } from 'kysely'
import { type Reservation, splitRfq } from '../domain/rfq-fields.ts'
import { asTransaction } from './transaction.ts'

/** Values by C3's field names; instants as ISO 8601 text, decimals as text. */
type Row = Record<string, string | number | boolean | null>

// The engine speaks of one organisation at a time: the transaction's own.
const org = sql`current_setting('hub.org_id')::uuid`

/** What the hub holds of one kind of record, in C3's field names and spelling. */
const held: Record<string, (ids: readonly string[]) => RawBuilder<{ id: string } & Row>> = {
  inventory: (ids) => sql`
    select i.id, i.part_number as "partNumber", c.manufacturer, coalesce(i.part, c.told)::text as part, i.location,
      i.quantity_available as "quantityAvailable", i.quantity_reserved as "quantityReserved",
      i.cost_per_unit::text as "costPerUnit", i.currency, i.date_code as "dateCode", i.lot_code as "lotCode",
      i.received_on::text as "receivedOn", i.price_breaks::text as "priceBreaks"
    from inventory.inventory i join inventory.components c on c.org_id = i.org_id and c.id = i.component_id
    where i.org_id = ${org} and i.id = any(${ids}::uuid[])`,
  rfqs: (ids) => sql`
    select id, c3_customer_id as "customerId", rfq_number as "number", c3_quote_id as "quoteId", c3_status as status, buyer, note,
      total::text as total, currency, due_at as "dueAt", created_at as "createdAt", line_count as "lineCount", lines, reservations
    from inventory.rfqs
    where org_id = ${org} and id = any(${ids}::uuid[])`,
  suppliers: (ids) => sql`
    select id, name, country, lead_time_days as "leadTimeDays", on_time::float8 as "onTime", is_approved as "isApproved"
    from inventory.suppliers where org_id = ${org} and id = any(${ids}::uuid[])`,
  transactions: (ids) => sql`
    select id, kind, c3_customer_id as "customerId", c3_supplier_id as "supplierId", c3_rfq_id as "rfqId", rfq_line as line,
      c3_stock_id as "stockId", part_number as "partNumber", manufacturer, quantity, unit_price::text as "unitPrice",
      unit_cost::text as "unitCost", currency, occurred_at as at
    from inventory.transactions where org_id = ${org} and id = any(${ids}::uuid[])`,
  customers: (ids) => sql`
    select id, name, domain, phone, city, country from inventory.c3_accounts
    where org_id = ${org} and id = any(${ids}::uuid[])`,
}

/** What a row keeps in one column and the engine compares piece by piece. */
const apart = (type: string, { lines, reservations, ...row }: Row): Row =>
  type === 'rfqs'
    ? {
        ...row,
        ...splitRfq(
          lines as unknown as { line: number; unitPrice: string | null }[],
          (reservations as unknown as Reservation[] | null) ?? [],
        ),
      }
    : row

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
      apart(type, Object.fromEntries(Object.entries(values).map(([k, v]) => [k, spelled(v)])) as Row),
    ]),
  )
}
