import * as z from 'zod'
import type { Check } from '../http.ts'
import type {
  Account,
  C3Page,
  Customer,
  Kind,
  Kinds,
  Rfq,
  StockRow,
  Supplier,
  Transaction,
  Webhook,
  WriteResult,
} from './wire.ts'

/** Checks of what C3 answers: what we rely on must be there. An answer that fails its check counts as none. */
const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)))
const price = z.string().regex(/^\d+(\.\d+)?$/)
const maybe = z
  .string()
  .nullish()
  .transform((text) => text ?? null)
const maybePrice = price.nullish().transform((text) => text ?? null)
const id = z.string().min(1)
const maybeNumber = z
  .number()
  .nullish()
  .transform((number) => number ?? null)
const versioned = { version: z.int().min(1), updatedAt: instant, deleted: z.boolean().default(false) }
const currency = z.string().length(3)
// Words of C3 that a newer one may have more of: whoever reads them knows what to do with a stranger.
const word = <T extends string>() => z.string() as unknown as z.ZodType<T>

const stockRow = z.object({
  stockId: id,
  partNumber: z.string(),
  manufacturer: z.string(),
  description: z.string().default(''),
  category: maybe,
  family: maybe,
  package: maybe,
  lifecycle: word<StockRow['lifecycle']>(),
  parameters: z.array(z.object({ name: z.string(), value: z.string(), unit: maybe })).default([]),
  location: z.string(),
  quantityAvailable: z.int(),
  quantityReserved: z.int(),
  costPerUnit: price,
  currency,
  dateCode: maybe,
  lotCode: maybe,
  receivedOn: maybe,
  priceBreaks: z.array(z.object({ quantity: z.int(), unitPrice: price })).default([]),
  sources: z
    .array(z.object({ supplierId: id, leadTimeDays: z.int(), unitCost: price, minimumQuantity: z.int() }))
    .default([]),
  ...versioned,
})

const rfq = z.object({
  rfqId: id,
  rfqNumber: z.string(),
  quoteId: maybe,
  customerId: id,
  buyer: maybe,
  status: word<Rfq['status']>(),
  currency,
  total: maybePrice,
  note: maybe,
  dueAt: instant,
  createdAt: instant,
  lines: z.array(
    z.object({
      line: z.int(),
      partNumber: z.string(),
      manufacturer: z.string(),
      quantity: z.int(),
      targetPrice: maybePrice,
      unitPrice: maybePrice,
    }),
  ),
  reservations: z.array(z.object({ stockId: id, quantity: z.int() })).default([]),
  ...versioned,
})

const supplier = z.object({
  supplierId: id,
  name: z.string(),
  country: maybe,
  leadTimeDays: z.int(),
  onTime: maybeNumber,
  isApproved: z.boolean(),
  ...versioned,
})

const customer = z.object({
  customerId: id,
  name: z.string(),
  domain: maybe,
  phone: maybe,
  city: maybe,
  state: maybe,
  country: maybe,
  ...versioned,
})

const transaction = z.object({
  transactionId: id,
  kind: word<Transaction['kind']>(),
  customerId: maybe,
  supplierId: maybe,
  rfqId: maybe,
  line: maybeNumber,
  stockId: maybe,
  partNumber: z.string(),
  manufacturer: z.string(),
  quantity: z.int(),
  unitPrice: price,
  unitCost: maybePrice,
  currency,
  at: instant,
  ...versioned,
})

const pageOf = <T>(item: z.ZodType<T>): Check<C3Page<T>> => {
  const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() })
  return (body) => page.parse(body)
}

export const PAGES: { [K in Kind]: Check<C3Page<Kinds[K]>> } = {
  inventory: pageOf<StockRow>(stockRow),
  rfqs: pageOf<Rfq>(rfq),
  suppliers: pageOf<Supplier>(supplier),
  customers: pageOf<Customer>(customer),
  transactions: pageOf<Transaction>(transaction),
}

const account = z.object({
  accountId: id,
  name: z.string(),
  apiVersion: z.string(),
  timeZone: z.string(),
  permissions: z.array(z.string()),
  limits: z.object({ requests: z.int(), seconds: z.int() }),
  webhookEntities: z.array(word<Account['webhookEntities'][number]>()),
})
export const readAccount: Check<Account> = (body) => account.parse(body)

const results = z.object({
  results: z.array(
    z.object({
      key: z.string(),
      outcome: z.enum(['DONE', 'UNCHANGED', 'REFUSED']),
      id: maybe,
      version: maybeNumber,
      updatedAt: maybe,
      code: word<NonNullable<WriteResult['code']>>()
        .nullish()
        .transform((code) => code ?? null),
      message: maybe,
    }),
  ),
})

/** Results in the order of the keys that were written. Throws when they are not those. */
export const resultsFor =
  (keys: readonly string[]): Check<WriteResult[]> =>
  (body) => {
    const read = results.parse(body).results
    if (read.length !== keys.length || read.some(({ key }, i) => key !== keys[i]))
      throw new TypeError('the results are not those of what was written')
    return read
  }

const webhook = z.object({
  url: z.string(),
  entities: z.array(word<Webhook['entities'][number]>()),
  isActive: z.boolean(),
  since: instant,
})
export const readWebhook: Check<Webhook> = (body) => webhook.parse(body)
export const readNothing: Check<undefined> = () => undefined
