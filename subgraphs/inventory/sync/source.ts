import type { C3, C3ListOptions, Customer, Rfq, StockRow } from '#connectors/c3/index.ts'
import type { Source, SourcePage, SourceRecord, SourceType } from '#sync/source.ts'
import type { Values } from '#sync/values.ts'

/** C3's records in the field names that comparing, applying and policies use. */
export const valuesOf = {
  inventory: (row: StockRow): Values => ({
    partNumber: row.partNumber,
    manufacturer: row.manufacturer,
    description: row.description,
    location: row.location,
    quantityAvailable: row.quantityAvailable,
    quantityReserved: row.quantityReserved,
    costPerUnit: row.costPerUnit,
    currency: row.currency,
    dateCode: row.dateCode,
    lotCode: row.lotCode,
  }),
  rfqs: (rfq: Rfq): Values => ({
    customerId: rfq.customerId,
    number: rfq.rfqNumber,
    quoteId: rfq.quoteId,
    status: rfq.status,
    buyer: rfq.buyer,
    total: rfq.total,
    currency: rfq.currency,
    dueAt: rfq.dueAt,
    createdAt: rfq.createdAt,
    lineCount: rfq.lines.length,
    // Lines change as a whole: C3 gives them no ids of their own.
    lines: JSON.stringify(rfq.lines),
  }),
  customers: (customer: Customer): Values => ({
    name: customer.name,
    domain: customer.domain,
    phone: customer.phone,
    city: customer.city,
    country: customer.country,
  }),
}

const pages = async function* <T extends { deleted: boolean; updatedAt: string }>(
  listed: AsyncIterable<{ records: T[]; next: string | undefined }>,
  id: (record: T) => string,
  values: (record: T) => Values,
): AsyncGenerator<SourcePage> {
  for await (const page of listed)
    yield {
      next: page.next,
      records: page.records
        .filter((record) => !record.deleted)
        .map(
          (record): SourceRecord => ({
            externalId: id(record),
            values: values(record),
            modifiedAt: new Date(record.updatedAt),
          }),
        ),
      gone: page.records.filter((record) => record.deleted).map(id),
    }
}

/** C3 as the sync engine reads it: customers, requests for quotation and stock, each by (modified, id). */
export const c3Source = (c3: C3): Source => {
  const type = <T extends { deleted: boolean; updatedAt: string }>(
    name: string,
    list: (options: C3ListOptions) => AsyncIterable<{ records: T[]; next: string | undefined }>,
    id: (record: T) => string,
    values: (record: T) => Values,
  ): SourceType => ({
    type: name,
    list: (after) => pages(list({ after }), id, values),
    changes: ({ since, after }) => pages(list({ updatedSince: since, after }), id, values),
  })
  return {
    types: [
      type('customers', c3.customers, (customer) => customer.customerId, valuesOf.customers),
      type('rfqs', c3.rfqs, (rfq) => rfq.rfqId, valuesOf.rfqs),
      type('inventory', c3.inventory, (row) => row.stockId, valuesOf.inventory),
    ],
    calls: () => c3.requests.total,
  }
}
